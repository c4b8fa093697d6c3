from pathlib import Path

import av
import numpy as np
import pytest

from edge.analysis.packed import FaceReadings
from edge.analysis.people import people
from edge.analysis.recording import Recording
from edge.analysis.report.drawing import annotate
from edge.analysis.report.film import write_film
from edge.analysis.timeline import Timeline
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.errors import CaptureError, EdgeError
from edge.samples import sample_clip
from edge.vocabulary import AudioChunk, Frame, Reading

SURE_HAPPY = np.array([0.01, 0.01, 0.01, 0.94, 0.01, 0.01, 0.01])


def recording(file: Path) -> Recording:
    found = Recording(Timeline(str(file)), {}, {})
    found.timeline.face = [
        Reading("face", SURE_HAPPY, 0.9, t, box=(0.25, 0.25, 0.5, 0.5), track=2) for t in np.arange(0, 4, 0.1)
    ]
    found.people = people(FaceReadings(found.timeline.face), Config().smoothing, 0.1)
    return found


def test_a_box_is_drawn_and_the_picture_itself_is_left_alone() -> None:
    grey = np.full((120, 160, 3), 90, np.uint8)
    drawn = annotate(grey, [(1, (0.25, 0.5, 0.5, 0.25), "angry", 0.8)])
    assert (grey == 90).all()
    assert drawn[60:90, 40, 2].min() > 150
    assert (drawn[:30] == 90).all()


def test_the_film_has_all_pictures_the_boxes_and_the_sound(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    write_film(recording(sample_clip()), target)
    before, after = MediaFile(sample_clip()), MediaFile(target)
    assert after.duration == pytest.approx(before.duration, abs=0.3)
    frames = [item for item in after if isinstance(item, Frame)]
    assert len(frames) == sum(isinstance(item, Frame) for item in before)
    assert sum(isinstance(item, AudioChunk) for item in MediaFile(target, pictures=False)) > 100
    height, width = frames[20].image.shape[:2]
    edge = frames[20].image[height // 2 - 20 : height // 2 + 20, width // 4]
    assert edge[:, 2].mean() > edge[:, 0].mean() + 80
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_become_a_film_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="cannot write the film"):
        write_film(recording(sample_clip()), tmp_path / "missing" / "out.mp4")
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(sample_clip().read_bytes())
    with pytest.raises(EdgeError, match="the recording itself"):
        write_film(recording(copy), copy)
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.int16), format="s16", layout="mono")
        silence.sample_rate = 16_000
        out.mux(stream.encode(silence))
    with pytest.raises(CaptureError, match="no moving pictures"):
        write_film(recording(tmp_path / "a.wav"), tmp_path / "out.mp4")
