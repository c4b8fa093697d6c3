from pathlib import Path

import pytest

from edge.capture.video.open import first_camera
from edge.capture.video.v4l2 import VideoDevice, video_devices
from edge.errors import CaptureError

META = VideoDevice("/dev/video1", "C920", "uvcvideo", captures=False)
WEBCAM = VideoDevice("/dev/video2", "C920", "uvcvideo", captures=True)
SENSOR = VideoDevice("/dev/video0", "vi-output, imx219", "tegra-video", captures=True)
LOCKED = VideoDevice("/dev/video3", "", "", captures=None)


def test_nodes_are_listed_in_the_order_of_their_numbers_with_name_and_stable_links(tmp_path: Path) -> None:
    dev, sys = tmp_path / "dev", tmp_path / "sys"
    (dev / "v4l/by-id").mkdir(parents=True)
    for number in (10, 2):
        (dev / f"video{number}").touch()
        (sys / f"video{number}").mkdir(parents=True)
        (sys / f"video{number}/name").write_text(f"Camera {number}\n")
    (dev / "v4l/by-id/usb-cam-index0").symlink_to("../../video2")
    found = video_devices(dev, sys)
    assert [device.name for device in found] == ["Camera 2", "Camera 10"]
    assert found[0].links == (str(dev / "v4l/by-id/usb-cam-index0"),)
    assert found[1].links == ()
    assert found[0].captures is False


def test_auto_passes_over_nodes_that_do_not_capture() -> None:
    assert first_camera([META, WEBCAM]).address == "/dev/video2"


def test_auto_reads_a_jetson_sensor_through_csi() -> None:
    chosen = first_camera([SENSOR, WEBCAM])
    assert (chosen.kind, chosen.address, chosen.label) == ("csi", "0", "csi://0")


def test_no_camera_and_a_forbidden_camera_are_told_apart() -> None:
    with pytest.raises(CaptureError, match="plug one in"):
        first_camera([META])
    with pytest.raises(CaptureError, match="group video"):
        first_camera([META, LOCKED])
