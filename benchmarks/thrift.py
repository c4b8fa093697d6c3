"""`python -m benchmarks.thrift FILM…`: what the face path saves by doing less, and whether the moods agree.

Each film is looked at as a camera would deliver it (640 pixels wide at most, 15 pictures a second), once with
everything detected and judged and once as the daemon does it, in turns, by CPU seconds of the process.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.files.media_file import MediaFile
from edge.capture.video.pixels import Size
from edge.config import Config
from edge.errors import EdgeError
from edge.inference.classifier import Classifier
from edge.inference.directories import model_directory
from edge.inference.engine import Batch
from edge.mood.parameters import read_parameters
from edge.mood.room import RoomMood
from edge.perception.detector import Detector, Face, Framing
from edge.perception.face import FacePipeline
from edge.perception.inputs import FACE_ITEM
from edge.perception.open import open_detector
from edge.perception.pixels import Image
from edge.vocabulary import Frame

_FPS: Final = 15.0
_SIZE: Final = Size(640, 480)


@dataclass
class Run:
    """One way through one film."""

    cpu: float = 0.0
    pictures: int = 0
    calls: dict[str, int] = field(default_factory=lambda: {"detections": 0, "judged faces": 0})
    moods: dict[int, str] = field(default_factory=dict)
    """Mood in force at the end of each tenth of a second."""
    first: float | None = None
    visits: int = 0


def pictures(path: Path) -> Iterator[Frame]:
    """Frames at no more than 15 a second, stamped with the film's time."""
    due = 0.0
    for item in MediaFile(path).part():
        if isinstance(item, Frame) and item.captured_at >= due - 1e-6:
            due += 1 / _FPS
            yield Frame(_shrunk(item.image), item.captured_at)


def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON document: 0 fine, 1 when a film or a model cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thrift", description=__doc__)
    parser.add_argument("films", nargs="+", type=Path)
    arguments = parser.parse_args(argv)
    try:
        print(json.dumps([_compared(path, Config()) for path in arguments.films], indent=1))
    except EdgeError as error:
        print(f"thrift: {error}", file=sys.stderr)
        return 1
    return 0


def _compared(path: Path, config: Config) -> dict[str, Any]:
    shown = list(pictures(path))
    full, thrifty = _watch(shown, config, thrift=False), _watch(shown, config, thrift=True)
    agree = [full.moods[at] == thrifty.moods[at] for at in full.moods]
    return {
        "film": path.name,
        "pictures": full.pictures,
        "cpu_share": round(thrifty.cpu / full.cpu, 3),
        "cpu_ms_a_picture": [round(1000 * run.cpu / run.pictures, 2) for run in (full, thrifty)],
        "calls": [full.calls, thrifty.calls],
        "moods_agree": round(float(np.mean(agree)), 3) if agree else None,
        "first_mood_s": [full.first, thrifty.first],
        "people": [full.visits, thrifty.visits],
    }


def _watch(shown: Sequence[Frame], config: Config, *, thrift: bool) -> Run:
    run = Run()
    room = RoomMood(
        config=config,
        parameters=read_parameters(model_directory(config.engines), config.fusion, config.engines),
        now=0.0,
    )
    numbers: set[int] = set()
    with _pipeline(config, run, thrift=thrift) as pipeline:
        for frame in shown:
            before = time.process_time()
            seen = pipeline.process(frame)
            run.cpu += time.process_time() - before
            run.pictures += 1
            room.see(seen, frame.captured_at)
            numbers |= {person.number for person in room.people}
            if room.mood.emotion != "none" and run.first is None:
                run.first = round(frame.captured_at, 2)
            run.moods[int(frame.captured_at * 10)] = room.mood.emotion
    run.visits = len(numbers)
    return run


class _Detector:
    """A detector that counts."""

    def __init__(self, detector: Detector, run: Run) -> None:
        self._detector, self._run = detector, run
        self.framing: Framing = detector.framing

    def detect(self, image: Image) -> list[Face]:
        self._run.calls["detections"] += 1
        return self._detector.detect(image)

    def close(self) -> None:
        self._detector.close()


class _Classifier(Classifier):
    """A classifier that counts."""

    run: Run

    def probabilities(self, batch: Batch) -> NDArray[np.float64]:
        self.run.calls["judged faces"] += len(batch)
        return super().probabilities(batch)


def _pipeline(config: Config, run: Run, *, thrift: bool) -> FacePipeline:
    classifier = _Classifier.open("face", config=config.engines, item=FACE_ITEM)
    classifier.run = run
    return FacePipeline(
        detector=_Detector(open_detector(config.camera, engines=config.engines), run),
        classifier=classifier,
        config=config.camera,
        clock=lambda: 0.0,
        thrift=thrift,
    )


def _shrunk(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = min(1.0, _SIZE.width / width, _SIZE.height / height)
    if scale == 1.0:
        return image
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    sys.exit(main())
