"""`python -m benchmarks.calls DATA`: calls built from validation speakers, judged by the speech pipeline."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from benchmarks.calls.building import Call, Kind, Line, Shares, build_call, pairs_of
from benchmarks.calls.scoring import BASELINES, Baseline, Judged, listen, scored, summary
from edge.config import Config
from edge.config.models import EnginesConfig
from edge.errors import DataError, EdgeError
from edge.evaluation.clips import Clip, find_clips
from edge.evaluation.speakers import ONLY_TRAINED
from edge.perception.speech import SpeechPipeline
from edge.vocabulary import LABELS, SAMPLE_RATE

_KINDS: Final[tuple[tuple[Shares, Line], ...]] = (
    ("natural", "stereo"),
    ("natural", "mono"),
    ("balanced", "stereo"),
    ("balanced", "mono"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Build and judge: 0 fine, 1 when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument("data", type=Path, help="data folder with speech/CORPUS")
    parser.add_argument("--corpus", action="append", default=[], help="only this one (may be given again)")
    parser.add_argument("--model", type=Path, help="a speech engine instead of the shipped one")
    parser.add_argument("--speakers", type=int, default=4, metavar="N", help="calls a corpus at most (4)")
    parser.add_argument("--turns", type=int, default=16, help="turns of a call (16)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the calls and their truth there")
    arguments = parser.parse_args(argv)
    try:
        print(json.dumps(_measure(arguments), indent=1))
    except EdgeError as error:
        print(f"calls: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(arguments: argparse.Namespace) -> dict[str, Any]:
    corpora = _corpora(arguments.data / "speech", arguments.corpus)
    engines = EnginesConfig(speech=str(arguments.model)) if arguments.model else EnginesConfig()
    judged: dict[str, dict[Baseline, list[Judged]]] = {
        f"{shares} {line}": {baseline: [] for baseline in BASELINES} for shares, line in _KINDS
    }
    with SpeechPipeline.open(Config(engines=engines), clock=lambda: 0.0) as pipeline:
        offset = 0.0
        for clips in corpora:
            for number, speakers in enumerate(pairs_of(clips)[: arguments.speakers]):
                for shares, line in _KINDS:
                    seed = arguments.seed * 1000 + number
                    call = build_call(clips, speakers, Kind(shares, line, arguments.turns), seed)
                    for heard in listen(call, pipeline, offset):
                        for baseline in BASELINES:
                            judged[f"{shares} {line}"][baseline] += scored(heard, baseline)
                    offset += 3600.0
                    if arguments.keep:
                        _keep(call, arguments.keep / f"{call.corpus}-{number}-{shares}-{line}")
    return {
        kind: {baseline: summary(windows) for baseline, windows in own.items()}
        for kind, own in judged.items()
    }


def _corpora(folder: Path, wanted: list[str]) -> list[list[Clip]]:
    """Validation clips with one of the seven emotions, corpus by corpus. Raises DataError without any."""
    names = wanted or sorted(path.parent.name for path in folder.glob("*/index.csv"))
    found = [
        [clip for clip in find_clips(folder / name) if clip.split == "valid" and clip.label is not None]
        for name in names
        if name not in ONLY_TRAINED
    ]
    if not any(found):
        raise DataError(f"no clip of a validation speaker under {folder}")
    return [clips for clips in found if clips]


def _keep(call: Call, stem: Path) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    if len(call.channels) == 1:
        soundfile.write(stem.with_suffix(".wav"), call.channels[0], SAMPLE_RATE, subtype="ULAW")
    else:
        soundfile.write(stem.with_suffix(".wav"), np.stack(call.channels, axis=1), SAMPLE_RATE)
    lines = [f"{t.start:.3f},{t.end:.3f},{t.channel},{t.speaker},{LABELS[t.label]}" for t in call.turns]
    stem.with_suffix(".csv").write_text("\n".join(["start,end,channel,speaker,emotion", *lines]) + "\n")


if __name__ == "__main__":
    sys.exit(main())
