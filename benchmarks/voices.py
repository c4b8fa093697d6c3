"""Does a voice go to the right face? `python -m benchmarks.voices CLIP CLIP... [--seconds 6]`.

Puts each two of the clips (one talking face with sound each) side by side, looped, with the sound of one of
them, and lets the product's own detector, tracker, voice activity and models say for every judged window of
speech whose voice it is. Three cases: both faces talk, each its own words; the other is silent (its pictures
without voice, forwards and backwards); the other is silent and the one who is heard is not in the picture.
Prints the shares of windows given to the right face, to nobody, and to the wrong one, as JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.mood.speaker import Speaker
from edge.perception.face import FacePipeline
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.perception.speech import SpeechPipeline
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

_HEIGHT: Final = 288
_CHUNK: Final = 512
_FPS: Final = 15.0

Pictures = list[NDArray[np.uint8]]
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Pictures at `_FPS`, sound at 16 kHz, and those of the pictures in which nothing is heard."""

    pictures: Pictures
    sound: Samples
    silent: Pictures

    @classmethod
    def read(cls, path: Path, config: Config) -> Clip:
        """All of a short file."""
        pictures: Pictures = []
        sound: list[Samples] = []
        for item in MediaFile(path, pictures=True, sound=True, fps=_FPS):
            if isinstance(item, Frame):
                width = round(item.image.shape[1] * _HEIGHT / item.image.shape[0])
                pictures.append(np.asarray(cv2.resize(item.image, (width, _HEIGHT)), np.uint8))
            else:
                sound.append(item.samples)
        samples = np.concatenate(sound)
        return cls(pictures, samples, _silent(pictures, samples, config))


def _silent(pictures: Pictures, samples: Samples, config: Config) -> Pictures:
    """Longest run of pictures at least 0.2 s away from any voice."""
    changes = [(one.captured_at, one.speaking) for one in heard(samples, 0.0, config)]
    voiced = np.zeros(len(pictures), bool)
    for (begin, speaking), (end, _) in itertools.pairwise([*changes, (1e9, False)]):
        at = np.arange(len(pictures)) / _FPS
        voiced |= speaking & (at > begin - 0.3) & (at < end + 0.2)
    runs = [
        list(run)
        for is_voice, run in itertools.groupby(range(len(pictures)), voiced.__getitem__)
        if not is_voice
    ]
    return [pictures[index] for index in max(runs, key=len, default=[])]


def heard(samples: Samples, seconds: float, config: Config) -> list[SpeechObservation]:
    """What the product hears in the sound, looped to at least so many seconds."""
    sound = np.resize(samples, max(len(samples), round(seconds * SAMPLE_RATE)))
    found: list[SpeechObservation] = []
    with SpeechPipeline.open(config, clock=time.monotonic) as pipeline:
        for begin in range(0, len(sound) - _CHUNK, _CHUNK):
            chunk = sound[begin : begin + _CHUNK]
            found += pipeline.process(AudioChunk(chunk, (begin + _CHUNK) / SAMPLE_RATE))
    return found


def seen(
    left: Sequence[NDArray[np.uint8]], right: Sequence[NDArray[np.uint8]], config: Config
) -> list[FaceObservation]:
    """What the product sees of two streams of pictures side by side."""
    with FacePipeline.open(config, clock=time.monotonic) as pipeline:
        return [
            pipeline.process(Frame(np.hstack(pair), index / _FPS))
            for index, pair in enumerate(zip(left, right, strict=True))
        ]


def given(faces: Sequence[FaceObservation], voice: Sequence[SpeechObservation]) -> Iterator[str | None]:
    """For each judged window: left, right, or None for nobody."""
    speaker, ahead = Speaker(), iter(faces)
    middles: dict[int, float] = {}
    picture = next(ahead, None)
    for one in voice:
        while picture is not None and picture.captured_at <= one.captured_at:
            for face in picture.detected:
                middles[face.track] = face.box[0] + face.box[2] / 2
            mouths = {face.track: face.mouth for face in picture.detected if face.mouth is not None}
            speaker.see(mouths, picture.captured_at)
            picture = next(ahead, None)
        speaker.hear(one.speaking, one.captured_at)
        if one.reading is not None:
            number = speaker.find(one.captured_at)
            yield None if number is None else "left" if middles[number] < 0.5 else "right"


def looped(pictures: Pictures, count: int, *, there_and_back: bool = False) -> Pictures:
    """So many pictures."""
    once = pictures + pictures[-2:0:-1] if there_and_back else pictures
    return [once[index % len(once)] for index in range(count)]


def measure(clips: Sequence[Clip], seconds: float, config: Config) -> dict[str, Counter[str]]:
    """Windows by case and by who they were given to."""
    count = round(seconds * _FPS)
    found = {case: Counter[str]() for case in ("both_talk", "other_silent", "heard_is_absent")}
    voices = [heard(clip.sound, seconds, config) for clip in clips]
    blank = np.zeros((_HEIGHT, _HEIGHT, 3), np.uint8)
    for a, b in itertools.permutations(range(len(clips)), 2):
        talking, other = looped(clips[a].pictures, count), clips[b]
        if a < b:
            both = seen(talking, looped(other.pictures, count), config)
            for voice, right in ((voices[a], "left"), (voices[b], "right")):
                found["both_talk"].update(_verdict(who, right) for who in given(both, voice))
        if len(other.silent) < _FPS / 2:
            continue
        listening = looped(other.silent, count, there_and_back=True)
        pair = seen(talking, listening, config)
        found["other_silent"].update(_verdict(who, "left") for who in given(pair, voices[a]))
        alone = seen([blank] * count, listening, config)
        found["heard_is_absent"].update(_verdict(who, None) for who in given(alone, voices[a]))
    return found


def _verdict(who: str | None, right: str | None) -> str:
    if who == right:
        return "right" if right else "nobody"
    return "wrong" if who else "nobody"


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    config = Config()
    found = measure([Clip.read(path, config) for path in arguments.clips], arguments.seconds, config)
    result = {
        case: {"windows": counts.total()}
        | {who: round(counts[who] / max(counts.total(), 1), 3) for who in ("right", "nobody", "wrong")}
        for case, counts in found.items()
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
