from pathlib import Path

import numpy as np
import soundfile

from edge.capture.files.media_file import MediaFile
from edge.capture.sound.channels import Channel, one_channel
from edge.vocabulary import AudioChunk


def stereo(path: Path) -> Path:
    t = np.arange(16000) / 16000
    soundfile.write(path, np.stack([0.5 * np.sin(2 * np.pi * 200 * t), np.zeros_like(t)], 1), 16000)
    return path


def loudness(path: Path, channel: Channel) -> float:
    clip = MediaFile(path, channel=channel)
    sound = np.concatenate([item.samples for item in clip if isinstance(item, AudioChunk)])
    return float(np.sqrt(np.mean(sound**2)))


def test_one_channel_is_taken_and_the_other_dropped() -> None:
    both = np.array([[1.0, 0.0], [1.0, 0.5]], np.float32)
    assert one_channel("left")(both).tolist() == [1.0, 1.0]
    assert one_channel("right")(both).tolist() == [0.0, 0.5]
    assert one_channel("mix")(both).tolist() == [0.5, 0.75]


def test_a_file_gives_the_side_asked_for(tmp_path: Path) -> None:
    file = stereo(tmp_path / "call.wav")
    assert MediaFile(file).channels == 2
    assert loudness(file, "left") > 0.3
    assert loudness(file, "right") == 0.0
    assert 0.1 < loudness(file, "mix") < loudness(file, "left")
