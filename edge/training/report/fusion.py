"""The report's part on fusion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from edge.evaluation.metrics import Metrics
from edge.training.engines.fuse import SIMULATED, cross_study
from edge.training.report.markdown import Lines, percent, table, text
from edge.training.runs.lab import Lab

_CASES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("face by bi-LSTM on action units", {}),
    ("face by MLP on action units", {"visual": "visual2"}),
    ("face degraded", {"blur": 1.5}),
    ("speech degraded", {"noise": 3.0}),
)


def fusion(lab: Lab, folder: Path) -> Lines:
    """The shipped weights on our own readings, and the rules on published posteriors where at hand."""
    lines = ["## Fusion", "", *_own(folder)]
    path = lab.data / "fusion" / "ravdess_posteriors.npz"
    if not path.is_file():
        return lines
    lines += text(
        "Published posteriors of RAVDESS: real audio-visual pairs, actors 01-20; rules fitted on "
        "four folds of actors,",
        "tested on the fifth; calm added to neutral. Degraded: Gaussian noise on the log "
        "probabilities of that sense,",
        "which is optimistic about independence. A missing sense drops out: the figure is then that "
        "of the other alone.",
    )
    for title, options in _CASES:
        lines += [f"**{title}**", "", *_rules(cross_study(path, **options))]
    return lines


def _own(folder: Path) -> Lines:
    path = folder / "fusion.json"
    if not path.is_file():
        return text("Own validation readings: not run.")
    document = json.loads(path.read_text(encoding="utf-8"))
    scores = {name: value for name, value in document["metrics"].items() if isinstance(value, dict)}
    return [
        *text(
            f"Shipped: log-linear pooling, weights face {document['face_weight']} and speech",
            f"{document['speech_weight']}, fitted on {SIMULATED}. The emotions are equally frequent "
            "in these pairs, unlike",
            "in FER2013; stacking, which has a bias for each emotion, learns that and profits: not a "
            "gain to expect",
            "in a room.",
        ),
        *_rules(scores),
        *_degraded(document.get("metrics_degraded", {})),
    ]


def _degraded(results: dict[str, dict[str, Metrics]]) -> Lines:
    """The same pairs with one sense's input made worse, rules as fitted on good input."""
    titles = {
        "face": "**Our pairs, pictures blurred (1.5 pixels) and noisy (16 grey levels)**",
        "speech": "**Our pairs, speech at 5 dB of unseen noise**",
    }
    return [line for sense, scores in results.items() for line in (titles[sense], "", *_rules(scores))]


def _rules(scores: dict[str, Metrics]) -> Lines:
    head = ["rule", "accuracy %", "UAR %", "NLL", "ECE %"]
    return table(
        head,
        [
            [name, percent(s["accuracy"]), percent(s["uar"]), f"{s['nll']:.3f}", percent(s["ece"])]
            for name, s in scores.items()
        ],
    )


__all__ = ["fusion"]
