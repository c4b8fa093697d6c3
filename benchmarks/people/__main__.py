"""`python -m benchmarks.people films CLIP…` and `… pictures FACES.npz`: two and four people side by side.

Films: everybody followed and judged together, against the same film alone in the same place and size.
Pictures: the same, and against the labels, a second before each face gives way to the next. Numbers and moods
are those of the daemon's own people, at 15 pictures a second of 1280 x 720.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.people.building import FPS, Picture, beside, film, held, labelled
from benchmarks.people.watching import Place, agreement, joined, tracked, watch
from benchmarks.streams.building import Held
from edge.config import Config
from edge.errors import EdgeError
from edge.evaluation.faces import load_faces
from edge.vocabulary import LABELS

Tiles = Callable[[], Iterator[Picture]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure: 0 fine, 1 when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people", description=__doc__)
    parser.add_argument("what", choices=("films", "pictures"))
    parser.add_argument("files", nargs="+", type=Path, help="films, or one file of labelled faces")
    parser.add_argument("--people", type=int, action="append", help="how many side by side (2 and 4)")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each composition (30)")
    parser.add_argument("--hold", type=float, default=6.0, help="seconds of each labelled face (6)")
    parser.add_argument("--rounds", type=int, default=2, help="compositions of labelled faces (2)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    measure = _films if arguments.what == "films" else _pictures
    try:
        print(
            json.dumps({count: measure(arguments, count) for count in arguments.people or (2, 4)}, indent=1)
        )
    except EdgeError as error:
        print(f"people: {error}", file=sys.stderr)
        return 1
    return 0


def _films(arguments: argparse.Namespace, count: int) -> dict[str, Any]:
    """Each film with those that follow it in the list."""
    files, parts, agree = arguments.files, [], []
    for first in range(0, len(files), count):
        shown = [
            _tiles_of_film(files[(first + number) % len(files)], arguments.seconds) for number in range(count)
        ]
        together, alone = _both(shown)
        parts.append(tracked(together))
        agree.append(agreement(together, alone))
    return {**joined(parts), "moods_as_alone": _mean(agree)}


def _pictures(arguments: argparse.Namespace, count: int) -> dict[str, Any]:
    faces = load_faces(arguments.files[0]).split("PublicTest")
    parts, agree, right = [], [], np.zeros((2, 2))
    for turn in range(arguments.rounds):
        seeds = [arguments.seed + 100 * turn + number for number in range(count)]
        plans = [held(faces, arguments.seconds, arguments.hold, seed) for seed in seeds]
        shown: list[Tiles] = [
            partial(labelled, faces, plan, seed) for plan, seed in zip(plans, seeds, strict=True)
        ]
        together, alone = _both(shown)
        parts.append(tracked(together))
        agree.append(agreement(together, alone))
        right += [_right(together, plans), _right(alone, plans)]
    (good, judged), (good_alone, judged_alone) = right.tolist()
    return {
        **joined(parts),
        "moods_as_alone": _mean(agree),
        "right": round(good / max(1.0, judged), 3),
        "right_alone": round(good_alone / max(1.0, judged_alone), 3),
        "judged": [int(judged), int(judged_alone)],
    }


def _tiles_of_film(path: Path, seconds: float) -> Tiles:
    return lambda: film(path, seconds)


def _both(shown: Sequence[Tiles]) -> tuple[list[Place], list[Place]]:
    """Everybody together, and each alone in the same place."""
    count = len(shown)
    together = watch(
        (beside(tiles) for tiles in zip(*(one() for one in shown), strict=False)), count, Config()
    )
    alone = []
    for number, one in enumerate(shown):
        row = [None] * count
        pictures = (beside([*row[:number], tile, *row[number + 1 :]]) for tile in one())
        alone.append(watch(pictures, count, Config())[number])
    return together, alone


def _right(places: Sequence[Place], plans: Sequence[list[Held]]) -> tuple[int, int]:
    """How many faces have a mood a second before the next begins to show, the right ones first."""
    good = judged = 0
    for place, plan in zip(places, plans, strict=True):
        end = 0.0
        for one in plan:
            end += int(one.seconds * FPS) / FPS
            mood = place.moods[round((end - 1.0) * FPS)]
            judged += mood is not None
            good += mood == LABELS[one.label]
    return good, judged


def _mean(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return round(float(np.mean(known)), 3) if known else None


if __name__ == "__main__":
    sys.exit(main())
