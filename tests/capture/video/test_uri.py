import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.video.uri import csi_pipeline, mask, parse_video
from edge.errors import CaptureError


@pytest.mark.parametrize(
    ("text", "kind", "address"),
    [
        ("auto", "auto", ""),
        ("AUTO", "auto", ""),
        ("device:0", "device", "/dev/video0"),
        ("device://2", "device", "/dev/video2"),
        ("3", "device", "/dev/video3"),
        ("/dev/video1", "device", "/dev/video1"),
        ("device:/dev/v4l/by-id/usb-cam", "device", "/dev/v4l/by-id/usb-cam"),
        (
            "/dev/v4l/by-id/usb-Logitech_C920-video-index0",
            "device",
            "/dev/v4l/by-id/usb-Logitech_C920-video-index0",
        ),
        ("csi://1", "csi", "1"),
        ("rtsp://camera.local/stream", "network", "rtsp://camera.local/stream"),
        ("HTTP://camera/video", "network", "HTTP://camera/video"),
        ("udp://@:5000", "network", "udp://@:5000"),
        ("film.mp4", "file", "film.mp4"),
        ("/home/me/a film.mkv", "file", "/home/me/a film.mkv"),
        ("file:///home/me/a%20film.mkv", "file", "/home/me/a film.mkv"),
        ("file:film.mp4", "file", "film.mp4"),
        ("12:30 recording.mp4", "file", "12:30 recording.mp4"),
        ("talk: part 1.mp4", "file", "talk: part 1.mp4"),
    ],
)
def test_every_form_of_source_is_understood(text: str, kind: str, address: str) -> None:
    source = parse_video(text)
    assert (source.kind, source.address) == (kind, address)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("rstp://camera/stream", "did you mean rtsp://"),
        ("gopher://camera/", "give auto"),
        ("device:front", "device:0"),
        ("csi://left", "csi://0"),
        ("rtsp:camera", "no host"),
        ("http://", "no host"),
    ],
)
def test_what_is_no_source_is_refused_with_a_remedy(text: str, message: str) -> None:
    with pytest.raises(CaptureError, match=message):
        parse_video(text)


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:hunter2@10.0.0.5:554/stream1",
        "http://10.0.0.5/video.cgi?user=admin&password=hunter2",
        "rtsp://10.0.0.5:554/user=admin_password=hunter2_channel=1_stream=0.sdp",
        "http://cam/flv?port=1935&app=bcs&stream=0&user=admin&pwd=hunter2",
        "https://cam/live.m3u8?token=hunter2#t",
        "rtsp://admin:hun@ter2hunter2@cam/",
        "connection to rtsp://admin:hunter2@cam/ failed",
        "rtmp://cam/bcs/channel0?Auth=hunter2",
    ],
)
def test_no_password_is_ever_shown(text: str) -> None:
    assert "hunter2" not in mask(text)
    assert "***" in mask(text)


def test_what_is_no_secret_stays_readable() -> None:
    assert mask("rtsp://u:p@cam:554/live?channel=1") == "rtsp://***@cam:554/live?channel=1"
    assert mask("http://cam/monkey=1/keyboard=2") == "http://cam/monkey=1/keyboard=2"


@given(st.text(st.characters(exclude_characters="/?#@ \n", categories=["L", "N", "P"]), min_size=1))
def test_no_password_survives_in_a_label(password: str) -> None:
    label = parse_video(f"rtsp://user:{password}@camera/stream").label
    assert label == "rtsp://***@camera/stream"


def test_even_a_refused_source_hides_its_password() -> None:
    with pytest.raises(CaptureError) as caught:
        parse_video("rstp://admin:hunter2@camera/stream")
    assert "hunter2" not in str(caught.value)


def test_csi_cameras_are_read_through_gstreamer() -> None:
    pipeline = csi_pipeline(parse_video("csi://1?flip=2"), 640, 480, 15.0)
    assert "nvarguscamerasrc sensor-id=1" in pipeline
    assert "flip-method=2" in pipeline
    assert "width=(int)640, height=(int)480" in pipeline
    assert "framerate=(fraction)15/1" in pipeline
    assert pipeline.endswith("appsink drop=true max-buffers=1 sync=false")


@pytest.mark.parametrize("space", [" ", "\n", "\t", "\0", "\r"])
def test_a_space_in_the_credentials_is_refused_without_showing_them(space: str) -> None:
    with pytest.raises(CaptureError, match="write %20 for a space") as refused:
        parse_video(f"rtsp://me:my{space}secret@cam.local/1")
    assert "secret" not in str(refused.value)
