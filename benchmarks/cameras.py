"""`python -m benchmarks.cameras FACES.npz`: what bad cameras and light cost, from whole pictures on.

Every labelled face is shown 150 pixels wide on a picture of 640 x 480, the *whole picture* is spoiled, and
the daemon's own way of looking finds, refuses or judges the face. By condition: the share judged, how many of
those are right, and what the condition costs the faces that are judged with and without it. `--directory`
names the engines' folder: two runs with the same seed compare two engines on the same pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config import Config
from edge.errors import EdgeError
from edge.evaluation.faces import Faces, load_faces
from edge.perception.face import FacePipeline
from edge.vocabulary import LABELS, Frame

Picture = NDArray[np.uint8]
Guesses = NDArray[np.int64]
"""Emotions (n,), -1 where the face was not judged."""
Spoil = Callable[[Picture, np.random.Generator], Picture]
_SIZE: Final = (640, 480)
_FACE: Final = 150
_GREY: Final = 110
_APART: Final = 60.0
"""Seconds between two pictures, so that nobody is followed from one to the next."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure: 0 fine, 1 when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cameras", description=__doc__)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--split", default="PublicTest")
    parser.add_argument("--model", default="face", help="name of the engine (face)")
    parser.add_argument("--directory", type=Path, help="folder of the engines (the packaged ones)")
    parser.add_argument("--each", type=int, default=20, help="faces of each emotion (20)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    config = Config.model_validate({"engines": {"face": arguments.model, "directory": arguments.directory}})
    try:
        faces = chosen(load_faces(arguments.faces).split(arguments.split), arguments.each, arguments.seed)
        print(json.dumps(measured(faces, config, arguments.seed), indent=1))
    except EdgeError as error:
        print(f"cameras: {error}", file=sys.stderr)
        return 1
    return 0


def chosen(faces: Faces, each: int, seed: int) -> Faces:
    """As many faces of every emotion, drawn at random."""
    generator = np.random.default_rng(seed)
    rows = [np.flatnonzero(faces.labels == label) for label in range(len(LABELS))]
    return faces.take(np.concatenate([generator.permutation(part)[:each] for part in rows]))


def measured(faces: Faces, config: Config, seed: int) -> dict[str, Any]:
    """Figures by condition, the pictures as they are first."""
    with FacePipeline.open(config, clock=lambda: 0.0, confirm=1) as pipeline:
        guesses = {name: _guesses(pipeline, faces, spoil, seed) for name, spoil in CONDITIONS.items()}
    good = guesses["as it is"]
    return {name: figures(found, good, faces.labels) for name, found in guesses.items()}


def figures(found: Guesses, good: Guesses, labels: Guesses) -> dict[str, float]:
    """The share judged (n,), how many of those are right, and `cost`: how many fewer than without the
    condition are right among the faces judged with and without it, as those that are refused are others."""
    judged, both = found >= 0, (found >= 0) & (good >= 0)
    shares = {
        "judged": _share(judged),
        "accuracy": _share((found == labels)[judged]),
        "cost": _share((good == labels)[both]) - _share((found == labels)[both]),
    }
    return {name: round(share, 3) for name, share in shares.items()}


def _share(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _guesses(pipeline: FacePipeline, faces: Faces, spoil: Spoil, seed: int) -> Guesses:
    generator = np.random.default_rng(seed)
    pictures = (spoil(shown(face), generator) for face in faces.images)
    return np.array([_guess(pipeline, picture, at) for at, picture in enumerate(pictures)])


def shown(face: Picture) -> Picture:
    """A face enlarged on grey: with its border drawn out to the sides the detector misses half of them."""
    large = cv2.resize(face, (_FACE, _FACE), interpolation=cv2.INTER_CUBIC)
    across, along = (_SIZE[0] - _FACE) // 2, (_SIZE[1] - _FACE) // 2
    whole = cv2.copyMakeBorder(large, along, along, across, across, cv2.BORDER_CONSTANT, value=_GREY)
    return np.repeat(whole[:, :, None], 3, axis=2).astype(np.uint8)


def _guess(pipeline: FacePipeline, picture: Picture, number: int) -> int:
    """The emotion of the one face, -1 when none was judged."""
    pipeline.begin()
    seen = pipeline.process(Frame(picture, number * _APART))
    if seen.subject is None:
        return -1
    return int(np.argmax(seen.subject.probabilities))


def _as_it_is(picture: Picture, _: np.random.Generator) -> Picture:
    return picture


def _noisy(levels: float) -> Spoil:
    def spoil(picture: Picture, generator: np.random.Generator) -> Picture:
        return _clipped(picture + generator.normal(0, levels, picture.shape))

    return spoil


def _blurred(pixels: float) -> Spoil:
    return lambda picture, _: np.asarray(cv2.GaussianBlur(picture, (0, 0), pixels), np.uint8)


def _compressed(quality: int) -> Spoil:
    def spoil(picture: Picture, _generator: np.random.Generator) -> Picture:
        _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)

    return spoil


def _dark(gain: float, noise: float) -> Spoil:
    """Too little light, and the noise of a camera that makes the most of it."""

    def spoil(picture: Picture, generator: np.random.Generator) -> Picture:
        return _clipped(picture * gain + generator.normal(0, noise, picture.shape))

    return spoil


def _backlit(haze: float) -> Spoil:
    """A lamp behind: less contrast on a bright veil."""
    return lambda picture, _: _clipped(picture * (1 - haze) * 0.5 + 255 * haze)


def _clipped(values: NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


CONDITIONS: Final[dict[str, Spoil]] = {
    "as it is": _as_it_is,
    "noise 12 levels": _noisy(12),
    "noise 30 levels": _noisy(30),
    "blur 3 px": _blurred(3),
    "blur 5 px": _blurred(5),
    "JPEG 15": _compressed(15),
    "JPEG 6": _compressed(6),
    "a tenth of the light": _dark(0.1, 3),
    "lamp behind": _backlit(0.4),
}
"""Pixels are those of the whole picture, of which the face is 150 wide."""

if __name__ == "__main__":
    sys.exit(main())
