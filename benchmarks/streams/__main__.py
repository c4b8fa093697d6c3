"""`python -m benchmarks.streams FACES.npz`: time to the right mood, and false moods of a neutral room."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.streams.building import Crop, Held, expressive, frames, neutral_room
from benchmarks.streams.fitting import fitted, worth
from benchmarks.streams.scoring import Probabilities, false_moods, moods, reached
from edge.config import Config
from edge.config.loading import load_config
from edge.errors import EdgeError
from edge.evaluation.faces import Faces, load_faces
from edge.inference.classifier import Classifier
from edge.inference.directories import model_directory
from edge.mood.parameters import read_parameters
from edge.perception.attention import Attention
from edge.perception.face_input import face_input
from edge.perception.inputs import FACE_ITEM

_BATCH: Final = 8


def main(argv: Sequence[str] | None = None) -> int:
    """Build and judge: 0 fine, 1 when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("faces", type=Path, help="labelled crops, as for `emotion-edge evaluate face`")
    parser.add_argument("--split", default="PublicTest", help="whose pictures (PublicTest)")
    parser.add_argument("--model", help="a face engine (name or path) instead of the configured one")
    parser.add_argument("--config", type=Path, help="a configuration, for its smoothing (else the default)")
    parser.add_argument("--trials", type=int, default=15, help="times that each emotion is shown (15)")
    parser.add_argument("--minutes", type=float, default=30.0, help="of a neutral room (30)")
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument(
        "--thrift",
        action="store_true",
        help="judge as the daemon does, when a face changed (with --fps 15)",
    )
    parser.add_argument("--fit", action="store_true", help="also fit the smoothing on these streams")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    try:
        config = load_config(arguments.config, env=os.environ).config if arguments.config else Config()
        print(json.dumps(_measure(arguments, config), indent=1))
    except EdgeError as error:
        print(f"streams: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(arguments: argparse.Namespace, config: Config) -> dict[str, Any]:
    faces = load_faces(arguments.faces).split(arguments.split or None)
    shown = expressive(faces, arguments.trials, arguments.seed)
    still = neutral_room(faces, arguments.minutes, arguments.seed)
    engines = config.engines
    with Classifier.open("face", config=engines, name=arguments.model, item=FACE_ITEM) as classifier:
        read = [_readings(faces, plan, classifier, arguments) for plan in (shown, still)]
    parameters = read_parameters(model_directory(engines), config.fusion, engines)

    def figures(judged: Config) -> dict[str, Any]:
        changes = [moods(times, rows, judged, parameters) for times, rows in read]
        return {
            "emotions": reached(shown, changes[0], arguments.fps),
            "neutral_room": false_moods(changes[1], arguments.minutes),
        }

    if not arguments.fit:
        return figures(config)
    best = fitted(config, lambda judged: worth(**figures(judged)))
    smoothing = best.smoothing.model_dump(exclude_none=True)
    return {**figures(config), "fitted": {"smoothing": smoothing, **figures(best)}}


def _readings(
    faces: Faces, plan: list[Held], classifier: Classifier, arguments: argparse.Namespace
) -> tuple[Sequence[float], Probabilities]:
    times, crops = zip(*frames(faces, plan, arguments.fps, arguments.seed), strict=True)
    if arguments.thrift:
        return times, _when_due(times, crops, classifier)
    batches = [np.stack(crops[start : start + _BATCH]) for start in range(0, len(crops), _BATCH)]
    rows = [classifier.probabilities(face_input(batch)) for batch in batches]
    return times, np.concatenate(rows)


def _when_due(times: Sequence[float], crops: Sequence[Crop], classifier: Classifier) -> Probabilities:
    """One face that never goes: judged when it is due, its last scores in between."""
    attention, rows = Attention(), []
    for at, crop in zip(times, crops, strict=True):
        if attention.due(1, crop, 1.0, at):
            attention.judged(1, crop, 1.0, at, classifier.probabilities(face_input(crop))[0])
        rows.append(attention.scores(1))
    return np.stack(rows)


if __name__ == "__main__":
    sys.exit(main())
