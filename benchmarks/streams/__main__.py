"""`python -m benchmarks.streams FACES.npz`: time to the right mood, and false moods of a neutral room."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.streams.building import Held, arriving, chosen, expressive, frames, neutral_room
from benchmarks.streams.films import films
from benchmarks.streams.fitting import FITTED_ON, fitted, worth
from benchmarks.streams.keeping import keep, kept
from benchmarks.streams.reading import Readings, read
from benchmarks.streams.replay import Stretches, cut, replayed
from benchmarks.streams.scoring import Change, false_moods, moods, reached
from edge.config import Config
from edge.config.loading import load_config
from edge.errors import EdgeError
from edge.evaluation.faces import Faces, load_faces
from edge.inference.classifier import Classifier
from edge.inference.directories import model_directory
from edge.mood.parameters import read_parameters
from edge.perception.head import HeadModel
from edge.perception.inputs import FACE_ITEM
from edge.perception.observation import FaceObservation


@dataclass(frozen=True)
class _Scene:
    """A stream that was read, and what its moods are worth."""

    seen: Sequence[FaceObservation]
    score: Callable[[Sequence[Change]], dict[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Build and judge: 0 fine, 1 when it could not run."""
    arguments = _parser().parse_args(argv)
    try:
        config = load_config(arguments.config, env=os.environ).config if arguments.config else Config()
        print(json.dumps(_measure(arguments, config), indent=1))
    except EdgeError as error:
        print(f"streams: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("faces", type=Path, help="labelled crops, as for `emotion-edge evaluate face`")
    parser.add_argument("--split", default="PublicTest", help="whose pictures (PublicTest)")
    parser.add_argument(
        "--part", choices=("all", "fit", "report"), default="all", help="every second picture"
    )
    parser.add_argument(
        "--agreed", action="store_true", help="only pictures whose label FER+'s taggers share"
    )
    parser.add_argument("--model", help="a face engine (name or path) instead of the configured one")
    parser.add_argument("--config", type=Path, help="a configuration, for its smoothing (else the default)")
    parser.add_argument("--trials", type=int, default=15, help="times that each emotion is shown (15)")
    parser.add_argument("--minutes", type=float, default=30.0, help="of a neutral room (30)")
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--film", type=Path, action="append", default=[], help="neutral people who talk")
    parser.add_argument(
        "--thrift",
        action="store_true",
        help="judge as the daemon does, when a face changed (with --fps 15)",
    )
    parser.add_argument("--fit", action="store_true", help="also fit expectations and smoothing on them")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE.npz", help="keep what the models read there, and use it if it is"
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _measure(arguments: argparse.Namespace, config: Config) -> dict[str, Any]:
    scenes = _scenes(arguments, config)
    parameters = read_parameters(model_directory(config.engines), config.fusion, config.engines)

    def figures(judged: Config) -> dict[str, Any]:
        return {name: scene.score(moods(scene.seen, judged, parameters)) for name, scene in scenes.items()}

    if not arguments.fit:
        return figures(config)
    absence = config.smoothing.absence
    stretches = {name: cut(scene.seen, absence) for name, scene in scenes.items() if name in FITTED_ON}
    best = fitted(config, partial(_worths, scenes, stretches))
    chosen_by = {
        "fusion": best.fusion.model_dump(exclude_none=True),
        "smoothing": best.smoothing.model_dump(exclude_none=True),
    }
    return {**figures(config), "fitted": {**chosen_by, **figures(best)}}


def _worths(
    scenes: Mapping[str, _Scene], stretches: Mapping[str, Stretches], configs: Sequence[Config]
) -> list[float]:
    """What each configuration is worth on the streams of faces."""
    changes = {name: replayed(each, configs) for name, each in stretches.items()}
    return [
        worth({name: scenes[name].score(each[number]) for name, each in changes.items()})
        for number in range(len(configs))
    ]


def _scenes(arguments: argparse.Namespace, config: Config) -> Mapping[str, _Scene]:
    faces = load_faces(arguments.faces).split(arguments.split or None)
    faces = chosen(faces, arguments.part, agreed=arguments.agreed)
    trials, seed, fps = arguments.trials, arguments.seed, arguments.fps
    plans = {
        "emotions": expressive(faces, trials, seed),
        "arriving": arriving(faces, trials, seed),
        "neutral_room": neutral_room(faces, arguments.minutes, seed),
    }
    read = {name: one.observations() for name, one in _readings(faces, plans, arguments, config).items()}
    still = read.pop("neutral_room")
    scenes = {name: _Scene(seen, partial(reached, plans[name], fps=fps)) for name, seen in read.items()}
    scenes["neutral_room"] = _Scene(still, partial(false_moods, minutes=still[-1].captured_at / 60))
    if arguments.film:
        talking, minutes = films(arguments.film, config)
        scenes["talking"] = _Scene(talking, partial(false_moods, minutes=minutes))
    return scenes


def _readings(
    faces: Faces, plans: Mapping[str, list[Held]], arguments: argparse.Namespace, config: Config
) -> dict[str, Readings]:
    """What the models say to every stream, from the file that keeps it if there is one."""
    engines, limit = config.engines, config.camera.quality.max_lowered
    with (
        Classifier.open("face", config=engines, name=arguments.model, item=FACE_ITEM) as classifier,
        HeadModel.open(engines) as head,
    ):
        options = ("split", "part", "agreed", "trials", "minutes", "fps", "thrift", "seed")
        made_of = {name: getattr(arguments, name) for name in options}
        made_of |= {"faces": len(faces.labels), "model": classifier.card.sha256, "max_lowered": limit}
        before = kept(arguments.keep, made_of) if arguments.keep else None
        if before is not None:
            return {name: before[name] for name in plans}
        found = {
            name: read(
                list(frames(faces, plan, arguments.fps, arguments.seed)),
                classifier,
                head,
                limit=limit,
                thrift=arguments.thrift,
            )
            for name, plan in plans.items()
        }
    if arguments.keep:
        keep(arguments.keep, made_of, found)
    return found


if __name__ == "__main__":
    sys.exit(main())
