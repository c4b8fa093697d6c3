"""`python -m benchmarks.recordings truth DATA`, `... echo DATA` and `... folder DATA FOLDER`: built calls."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from benchmarks.calls.building import Call, Kind, build_call, pairs_of
from benchmarks.recordings.echoes import echoes
from benchmarks.recordings.scoring import Score, score
from edge.analysis.analyze import analyze
from edge.config import Config
from edge.errors import EdgeError
from edge.evaluation.clips import Clip, find_clips
from edge.evaluation.speakers import ONLY_TRAINED
from edge.vocabulary import SAMPLE_RATE

_TELEPHONE: Final = 8000


def main(argv: Sequence[str] | None = None) -> int:
    """Measure: 0 fine, 1 when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recordings", description=__doc__)
    parser.add_argument("what", choices=("truth", "echo", "folder"))
    parser.add_argument("data", type=Path, help="data folder with speech/CORPUS")
    parser.add_argument("folder", type=Path, nargs="?", help="where the calls of `folder` are written")
    parser.add_argument("--corpus", action="append", default=[], help="only this one (may be given again)")
    parser.add_argument("--calls", type=int, default=2, metavar="N", help="calls a corpus, or of the folder")
    parser.add_argument("--turns", type=int, default=24, help="turns of a call (24)")
    parser.add_argument("--seconds", type=int, default=360, help="length of each call of `folder` (360)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    try:
        print(json.dumps(_MEASURES[arguments.what](arguments), indent=1))
    except EdgeError as error:
        print(f"recordings: {error}", file=sys.stderr)
        return 1
    return 0


def _truth(arguments: argparse.Namespace) -> dict[str, Any]:
    """Stereo by channel, and mono both as one voice and told apart."""
    found: dict[str, list[Score]] = {"stereo": [], "mono": [], "mono, --speakers 2": []}
    for clips in _corpora(arguments.data / "speech", arguments.corpus):
        for number, pair in enumerate(pairs_of(clips)[: arguments.calls]):
            for line in ("stereo", "mono") if pair[0] != pair[1] else ():
                call = build_call(
                    clips, pair, Kind("natural", line, arguments.turns), arguments.seed + number
                )
                found[line].append(_judged(call, 1))
                if line == "mono":
                    found["mono, --speakers 2"].append(_judged(call, 2))
    return {kind: Score.joined(scores).document() for kind, scores in found.items()}


def _echo(arguments: argparse.Namespace) -> dict[str, Any]:
    """Sides that hear each other, by turns and both at once."""
    return echoes(_corpora(arguments.data / "speech", arguments.corpus), arguments.seed)


def _folder(arguments: argparse.Namespace) -> dict[str, Any]:
    """Stereo calls, mu-law at 8 kHz, as a call recorder writes them."""
    arguments.folder.mkdir(parents=True, exist_ok=True)
    corpora = _corpora(arguments.data / "speech", arguments.corpus)
    seconds = 0.0
    for number in range(arguments.calls):
        clips = corpora[number % len(corpora)]
        pair = pairs_of(clips)[number // len(corpora) % len(pairs_of(clips))]
        call = build_call(clips, pair, Kind("natural", "stereo", arguments.turns), arguments.seed + number)
        length = arguments.seconds * SAMPLE_RATE
        sound = np.stack([np.resize(channel, length) for channel in call.channels], axis=1)
        soundfile.write(arguments.folder / f"{number:03}.wav", sound[::2], _TELEPHONE, subtype="ULAW")
        seconds += length / SAMPLE_RATE
    return {"calls": arguments.calls, "seconds": seconds}


def _judged(call: Call, speakers: int) -> Score:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "call.wav"
        soundfile.write(file, np.stack(call.channels, axis=1), SAMPLE_RATE)
        return score(call, analyze(file, Config(), speakers=speakers))


def _corpora(folder: Path, wanted: list[str]) -> list[list[Clip]]:
    names = wanted or sorted(path.parent.name for path in folder.glob("*/index.csv"))
    return list(_with_two(folder, [name for name in names if name not in ONLY_TRAINED]))


def _with_two(folder: Path, names: list[str]) -> Iterator[list[Clip]]:
    """Validation clips of corpora with at least two such speakers."""
    for name in names:
        clips = [one for one in find_clips(folder / name) if one.split == "valid" and one.label is not None]
        if len({one.speaker for one in clips}) > 1:
            yield clips


_MEASURES: Final = {"truth": _truth, "echo": _echo, "folder": _folder}


if __name__ == "__main__":
    sys.exit(main())
