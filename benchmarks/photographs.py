"""`python -m benchmarks.photographs FACES.npz FILM...`: faces in photographs, judged as by `analyze`.

Each labelled face takes the place of the one of a person in a film, in the colours, light and size of a
photograph, tilted as people hold their heads, and somewhere in a larger picture. A photograph's path then
has to find it, cut it out and judge it. By size: how many are found, judged and right, beside the same faces
given to the model as they are; what is refused and why; what neutral faces are called.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.cameras import chosen
from edge.analysis.photograph import for_photograph
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.errors import EdgeError
from edge.evaluation.faces import Faces, load_faces
from edge.inference.classifier import Classifier
from edge.perception.crop import crop_square
from edge.perception.detector import Face
from edge.perception.face import FacePipeline
from edge.perception.face_input import face_batch
from edge.perception.inputs import FACE_ITEM
from edge.perception.observation import FaceObservation
from edge.perception.open import open_detector
from edge.perception.tracker import overlap
from edge.vocabulary import LABELS, Frame

Picture = NDArray[np.uint8]
_SIZE: Final = (1280, 960)
_SIZES: Final = (30, 45, 70, 110, 200, 300)
"""Sides of a face's box in pixels of the picture."""
_LOOSE: Final = 1.13
"""Side of FER2013's square in sides of the detector's box."""
_EVERY: Final = 20
_APART: Final = 60.0
"""Seconds between two pictures, so that nobody is followed from one to the next."""
_FILM: Final = Config.model_validate({"camera": {"detector": {"longer_side": 640}}})


class Person(NamedTuple):
    """Someone in a picture (h, w, 3), and the square that a labelled face takes there: left, top, side."""

    picture: Picture
    square: tuple[int, int, int]


@dataclass(frozen=True)
class Answer:
    """What became of a photograph: the likeliest emotion, -1 where the face was not judged, and why not."""

    found: bool
    guess: int
    why: tuple[str, ...] = ()


def main(argv: Sequence[str] | None = None) -> int:
    """Measure: 0 fine, 1 when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photographs", description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("films", type=Path, nargs="+")
    parser.add_argument("--split", default="PublicTest")
    parser.add_argument("--each", type=int, default=10, help="faces of each emotion and size (10)")
    parser.add_argument("--tilt", type=float, default=12.0, help="degrees, deviation of the heads' tilt (12)")
    parser.add_argument("--directory", type=Path, help="folder of the engines (the packaged ones)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    config = Config.model_validate({"engines": {"directory": arguments.directory}})
    try:
        faces = load_faces(arguments.faces).split(arguments.split)
        people = list(hosts(arguments.films))
        print(json.dumps(measured(faces, people, for_photograph(config), arguments), indent=1))
    except EdgeError as error:
        print(f"photographs: {error}", file=sys.stderr)
        return 1
    return 0


def hosts(films: Sequence[Path]) -> Iterator[Person]:
    """People of the films, each alone in a picture. Raises CaptureError and ModelError."""
    detector = open_detector(_FILM.camera, engines=_FILM.engines)
    for film in films:
        for number, frame in enumerate(MediaFile(film, sound=False).frames()):
            found = detector.detect(frame.image) if number % _EVERY == 0 else []
            if len(found) == 1:
                yield Person(frame.image.copy(), crop_square(found[0], detector.framing))
    detector.close()


def measured(
    faces: Faces, people: Sequence[Person], config: Config, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Figures by size, and over all sizes."""
    generator = np.random.default_rng(arguments.seed)
    parts = [chosen(faces, arguments.each, arguments.seed + number) for number in range(len(_SIZES))]
    direct = [as_they_are(part, config) for part in parts]
    with FacePipeline.open(config, clock=lambda: 0.0, confirm=1) as pipeline:
        answers = [
            [
                _judged(pipeline, *photograph(face, people, size, arguments.tilt, generator), at * _APART)
                for at, face in enumerate(part.images)
            ]
            for size, part in zip(_SIZES, parts, strict=True)
        ]
    rows = {
        f"{size} px": figures(part.labels, own, found)
        for size, part, own, found in zip(_SIZES, parts, direct, answers, strict=True)
    }
    labels = np.concatenate([part.labels for part in parts])
    every = figures(labels, np.concatenate(direct), list(chain.from_iterable(answers)))
    return {"people": len(people), "all": every, **rows}


def as_they_are(faces: Faces, config: Config) -> NDArray[np.int64]:
    """What the model makes of the pictures themselves (n,)."""
    classifier = Classifier.open("face", config=config.engines, item=FACE_ITEM)
    parts = [
        classifier.probabilities(face_batch(faces.images[at : at + 8], classifier.card))
        for at in range(0, len(faces.labels), 8)
    ]
    classifier.close()
    return np.asarray(np.concatenate(parts).argmax(1), np.int64)


def photograph(
    face: Picture, people: Sequence[Person], size: int, tilt: float, generator: np.random.Generator
) -> tuple[Picture, Face]:
    """A picture of 1280 x 960 with the face on somebody, and where the detector should find it."""
    person = people[int(generator.integers(len(people)))]
    left, top, side = person.square
    scale = _LOOSE * size / side
    worn = wearing(person, face)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    shown = cv2.resize(worn, None, fx=scale, fy=scale, interpolation=method)
    middle = (left + side / 2) * scale, (top + side / 2) * scale
    turn = cv2.getRotationMatrix2D(middle, float(generator.normal(0, tilt)), 1.0)
    room = [min(0.45 * length, 0.8 * size) for length in _SIZE]
    place = [generator.uniform(room[axis], _SIZE[axis] - room[axis]) for axis in (0, 1)]
    turn[:, 2] += np.array(place) - np.array(middle)
    back = cv2.resize(cv2.GaussianBlur(person.picture[-person.picture.shape[0] // 5 :], (0, 0), 3), _SIZE)
    picture = cv2.warpAffine(
        shown, turn, _SIZE, dst=back, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    noise = generator.standard_normal(picture.shape, np.float32) * generator.uniform(0, 5)
    box = Face(place[0] - size / 2, place[1] - size / 2, size, size, 1.0)
    return np.asarray(np.clip(np.rint(picture + noise), 0, 255), np.uint8), box


def wearing(person: Person, face: Picture) -> Picture:
    """The person with another face, faded in, as light as the one before."""
    left, top, side = person.square
    pad = side
    picture = cv2.copyMakeBorder(person.picture, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    part = picture[top + pad : top + pad + side, left + pad : left + pad + side]
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    middle = slice(side // 4, side - side // 4)
    before = part[middle, middle].mean(axis=(0, 1)) / max(1.0, float(large[middle, middle].mean()))
    mask = cv2.GaussianBlur(
        np.pad(np.ones((side - 2 * (side // 16),) * 2, np.float32), side // 16), (0, 0), side / 32
    )
    coloured = large[..., None] * before
    part[:] = np.clip(mask[..., None] * coloured + (1 - mask[..., None]) * part, 0, 255)
    return np.asarray(picture[pad:-pad, pad:-pad])


def _judged(pipeline: FacePipeline, picture: Picture, truth: Face, at: float) -> Answer:
    pipeline.begin()
    seen: FaceObservation = pipeline.process(Frame(picture, at))
    height, width = picture.shape[:2]
    for one in seen.detected:
        x, y, w, h = one.box
        if overlap(truth, Face(x * width, y * height, w * width, h * height, 1.0)) > 0.3:
            reading = next((reading for reading in seen.readings if reading.track == one.track), None)
            guess = -1 if reading is None else int(np.argmax(reading.probabilities))
            return Answer(found=True, guess=guess, why=one.reasons)
    return Answer(found=False, guess=-1)


def figures(
    labels: NDArray[np.int64], direct: NDArray[np.int64], answers: Sequence[Answer]
) -> dict[str, Any]:
    """Shares of the faces that are found, judged and right, and of those that are right as they are."""
    guesses = np.array([answer.guess for answer in answers])
    judged = guesses >= 0
    neutral = labels == LABELS.index("neutral")
    called = Counter(LABELS[guess] for guess in guesses[neutral & judged])
    return {
        "faces": len(labels),
        "found": _share(np.array([answer.found for answer in answers])),
        "judged": _share(judged),
        "right": _share(guesses == labels),
        "right_of_judged": _share((guesses == labels)[judged]),
        "as_they_are": _share(direct == labels),
        "as_they_are_of_judged": _share((direct == labels)[judged]),
        "right_by_emotion": {
            name: [_share((guesses == labels)[labels == at]), _share((direct == labels)[labels == at])]
            for at, name in enumerate(LABELS)
        },
        "neutral_called": dict(called.most_common()),
        "refused": dict(Counter(why for answer in answers for why in answer.why).most_common()),
    }


def _share(values: NDArray[np.bool_]) -> float:
    return round(float(values.mean()), 3) if len(values) else 0.0


if __name__ == "__main__":
    sys.exit(main())
