"""The talking clips of the data folder, decoded with picture and sound."""

import os
from pathlib import Path

import numpy as np
import pytest

from edge.capture.files.media_file import MediaFile
from edge.vocabulary import Frame

DATA = os.environ.get("EMOTION_EDGE_DATA")
CLIPS = sorted(Path(DATA, "clips").glob("*.m*")) if DATA else []


@pytest.mark.skipif(not DATA, reason="EMOTION_EDGE_DATA does not name the data folder")
def test_the_clips_are_there() -> None:
    assert len(CLIPS) >= 6


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.name)
def test_a_talking_clip_gives_picture_and_sound_on_one_clock(path: Path) -> None:
    clip = MediaFile(path)
    items = list(clip)
    frames = [item for item in items if isinstance(item, Frame)]
    chunks = [item for item in items if not isinstance(item, Frame)]
    assert clip.duration is not None
    assert [item.captured_at for item in items] == sorted(item.captured_at for item in items)
    assert len(frames) == pytest.approx(25 * clip.duration, abs=2)
    assert frames[0].captured_at == pytest.approx(0, abs=0.05)
    assert frames[-1].captured_at == pytest.approx(clip.duration, abs=0.1)
    assert chunks[-1].captured_at == pytest.approx(clip.duration, abs=0.1)
    samples = np.concatenate([chunk.samples for chunk in chunks])
    assert len(samples) == pytest.approx(16_000 * clip.duration, abs=1600)
    level = 20 * np.log10(np.sqrt(np.mean(samples**2)))
    assert -30 < level < -12
    assert not clip.damaged
