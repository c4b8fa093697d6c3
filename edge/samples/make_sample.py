"""Makes `sample.mp4`: a public-domain portrait, moved and zoomed, with synthetic speech.

The picture is NASA's portrait of the astronaut Eileen Collins, in the public domain, as scikit-image ships
it; the voice is espeak-ng's. Needs `pip install scikit-image` and the program espeak-ng:

    python -m edge.samples.make_sample [OUTPUT.mp4]
"""

from __future__ import annotations

import importlib
import io
import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import av
import cv2
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from edge.samples import sample_clip

__all__ = [
    "FPS",
    "SECONDS",
    "SENTENCES",
    "SIZE",
    "VIEWS",
    "Picture",
    "Sentence",
    "Sound",
    "View",
    "main",
    "portrait",
    "say",
    "shot",
    "speech",
    "view_at",
    "write",
]

Picture = NDArray[np.uint8]
Sound = NDArray[np.float32]

SECONDS: Final = 15
FPS: Final = 15
SIZE: Final = (640, 480)
_RATE: Final = 48_000
_ROOM_NOISE: Final = 10 ** (-62 / 20)


class View(NamedTuple):
    """Which part of the portrait is seen at a moment: centre and width in its pixels."""

    at: float
    x: float
    y: float
    width: float


class Sentence(NamedTuple):
    """What is said from a moment on, and how: espeak-ng's pitch (0..99), words a minute and amplitude."""

    at: float
    text: str
    pitch: int
    speed: int
    amplitude: int


VIEWS: Final = (
    View(0.0, 226, 150, 360),
    View(2.5, 232, 140, 300),
    View(5.0, 250, 160, 400),
    View(7.0, 200, 160, 400),
    View(8.5, 215, 140, 280),
    View(10.0, 240, 170, 420),
    View(10.8, 300, 400, 250),
    View(11.8, 300, 400, 250),
    View(12.6, 240, 170, 420),
    View(15.0, 226, 150, 360),
)
"""The face is out of the picture for about a second and a half after 10.5 s; the end meets the beginning."""

SENTENCES: Final = (
    Sentence(0.4, "Hello! It is so good to see you here today!", 75, 175, 130),
    Sentence(4.2, "I do not know what I should think of that.", 30, 125, 80),
    Sentence(8.0, "Listen to me! This has to stop, right now!", 55, 200, 190),
    Sentence(11.6, "Well then. Let us have a cup of tea.", 45, 150, 100),
)


def main() -> None:
    """Write the clip to the path given, or into the package."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else sample_clip()
    write(output, portrait(), speech())
    print(f"{output}: {output.stat().st_size} bytes")


def portrait() -> Picture:
    """The photograph as RGB."""
    return np.asarray(importlib.import_module("skimage.data").astronaut(), dtype=np.uint8)


def view_at(second: float) -> View:
    """The view between its key moments, eased in and out."""
    for before, after in itertools.pairwise(VIEWS):
        if second <= after.at:
            share = (second - before.at) / (after.at - before.at)
            eased = (1 - np.cos(np.pi * share)) / 2
            return View(*(float(a + (b - a) * eased) for a, b in zip(before, after, strict=True)))
    return VIEWS[-1]


def shot(picture: Picture, view: View) -> Picture:
    """The part of the picture that the view shows, in the clip's size; never beyond its edges."""
    width, height = SIZE
    scale = view.width / width
    half_width, half_height = view.width / 2, view.width * height / width / 2
    x = np.clip(view.x, half_width, picture.shape[1] - half_width) - half_width
    y = np.clip(view.y, half_height, picture.shape[0] - half_height) - half_height
    matrix = np.array([[scale, 0, x], [0, scale, y]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(picture, matrix, SIZE, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, dtype=np.uint8)


def say(sentence: Sentence) -> Sound:
    """A spoken sentence, mono at _RATE."""
    manner = ["-p", str(sentence.pitch), "-s", str(sentence.speed), "-a", str(sentence.amplitude)]
    spoken = subprocess.run(
        ["espeak-ng", "-v", "en-us", *manner, "--stdout", sentence.text], check=True, capture_output=True
    )
    samples, rate = soundfile.read(io.BytesIO(spoken.stdout), dtype="float32")
    return np.asarray(soxr.resample(samples, rate, _RATE), dtype=np.float32)


def speech() -> Sound:
    """All sentences in their places over a quiet room."""
    sound = np.random.default_rng(1).normal(0, _ROOM_NOISE, SECONDS * _RATE).astype(np.float32)
    for sentence in SENTENCES:
        said = say(sentence)
        begin = round(sentence.at * _RATE)
        sound[begin : begin + len(said)] += 0.5 * said[: len(sound) - begin]
    return np.clip(sound, -1, 1)


def write(output: Path, picture: Picture, sound: Sound) -> None:
    """Encode picture and sound, interleaved second by second so that players need not seek."""
    with av.open(str(output), mode="w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "23", "preset": "slow"})
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=_RATE, layout="mono")
        audio.bit_rate = 64_000
        for second in range(SECONDS):
            for index in range(second * FPS, (second + 1) * FPS):
                frame = av.VideoFrame.from_ndarray(shot(picture, view_at(index / FPS)), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, FPS)
                container.mux(video.encode(frame))
            part = sound[second * _RATE : (second + 1) * _RATE]
            heard = av.AudioFrame.from_ndarray(part[None, :], format="fltp", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = _RATE, second * _RATE, Fraction(1, _RATE)
            container.mux(audio.encode(heard))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


if __name__ == "__main__":
    main()
