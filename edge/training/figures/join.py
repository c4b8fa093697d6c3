"""An ear's run and a convolutional network's put beside each other in one network."""

from __future__ import annotations

from typing import Final

from edge.errors import DataError
from edge.training.figures.judge import score
from edge.training.figures.strangers import judge_strangers, speech_strangers
from edge.training.models.ear import EarNet
from edge.training.recipes.protocols import StrangersOut
from edge.training.recipes.row import SpeechRow
from edge.training.recipes.rows import find_speech
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.provenance import joined_files, write_start
from edge.training.runs.record import record

PARTS: Final = ("speech/ear", "speech/plain")
"""The rows whose runs are joined: what hears, and what looks at pictures of sound."""


def join(lab: Lab, row: SpeechRow) -> float:
    """Make the weights of both parts' runs the row's best; returns its score on the validation.

    With a corpus left out, the last weights of both are taken, and the strangers are judged, too. Raises
    DataError when the row has no such parts, or one of them was not trained.
    """
    network = row.build()
    if not isinstance(network, EarNet):
        raise DataError(f"{row.name} is of one piece: only speech/ours is joined")
    which = "best" if lab.protocol.chooses else "last"
    parts = [find_speech(name) for name in PARTS]
    heard, pictures = (trained_network(lab, part, which) for part in parts)
    network.heard.load_state_dict(heard.state_dict())
    network.pictures.load_state_dict(pictures.state_dict())
    found = score(lab, row, network.eval())
    own, runs = record(lab, row), [record(lab, part) for part in parts]
    minutes = sum(run.log[-1]["minutes"] + run.earlier_minutes for run in runs)
    write_start(own.folder, joined_files([run.folder for run in runs]))
    own.made_at_once(network, {"minutes": minutes, row.metric: found})
    if isinstance(lab.protocol, StrangersOut):
        judge_strangers(lab, row)
        speech_strangers(lab, row)
    return found


__all__ = ["PARTS", "join"]
