"""Speech for tests, spoken by espeak-ng."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from edge.vocabulary import SAMPLE_RATE

Sound = NDArray[np.float32]

SENTENCE = (
    "This is a rather long sentence that was spoken by a machine, so that there is enough voice to listen "
    "to, and then some more."
)


def say(file: Path, text: str = SENTENCE, voice: str = "en-us") -> Sound:
    """The text spoken into a wav file of 16 kHz mono, and its samples; skips the test without espeak-ng."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng; apt install espeak-ng")
    raw = file.with_suffix(".raw.wav")
    subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(raw), text], check=True, timeout=60)
    samples, rate = soundfile.read(raw, dtype="float32")
    sound = np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32)
    soundfile.write(file, sound, SAMPLE_RATE, subtype="PCM_16")
    raw.unlink()
    return sound
