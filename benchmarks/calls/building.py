"""Calls of two people put together from labelled clips, with pauses, and their truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from edge.evaluation.channels import telephone
from edge.evaluation.clips import Clip
from edge.evaluation.sound import read_sound, trim
from edge.vocabulary import LABELS, SAMPLE_RATE

Samples = NDArray[np.float32]
Shares = Literal["natural", "balanced"]
Line = Literal["stereo", "mono"]

_NEUTRAL: Final = LABELS.index("neutral")
_MOSTLY: Final = 0.7
"""Share of neutral turns in a natural call."""
_LEVEL: Final = 0.05
"""Root mean square of every turn: a line's own control of level."""


@dataclass(frozen=True)
class Turn:
    """Who speaks from when to when (s) on which channel, and with which emotion (class id)."""

    start: float
    end: float
    channel: int
    speaker: str
    label: int


@dataclass(frozen=True, eq=False)
class Call:
    """Sound of each channel (n,), 16 kHz, and the turns; a mono call has all turns on channel 0."""

    corpus: str
    channels: tuple[Samples, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Kind:
    """Natural calls are neutral to 70 %, balanced ones have every emotion equally often.

    A stereo call has one speaker a channel, as recorded, a mono one both through one telephone (G.711).
    """

    shares: Shares = "natural"
    line: Line = "stereo"
    turns: int = 16


def build_call(clips: Sequence[Clip], speakers: tuple[str, str], kind: Kind, seed: int) -> Call:
    """Two speakers of one corpus in turn, with pauses of 0.3 to 1.2 s."""
    generator = np.random.default_rng(seed)
    sides: list[list[Samples]] = [[], []]
    truth, at = [], SAMPLE_RATE // 2
    for number in range(kind.turns):
        side = number % 2
        clip = _drawn([c for c in clips if c.speaker == speakers[side]], kind.shares, generator)
        sound = _levelled(trim(read_sound(clip.path)))
        pause = int(generator.uniform(0.3, 1.2) * SAMPLE_RATE)
        channel = side if kind.line == "stereo" else 0
        end = at + len(sound)
        truth.append(Turn(at / SAMPLE_RATE, end / SAMPLE_RATE, channel, clip.speaker, _label(clip)))
        sides[side].append(np.pad(sound, (at, 0)))
        at = end + pause
    heard = [_mixed(sounds, at, generator) for sounds in sides]
    channels = tuple(heard) if kind.line == "stereo" else (telephone(heard[0] + heard[1], seed),)
    return Call(clips[0].corpus, channels, tuple(truth))


def _mixed(sounds: Sequence[Samples], length: int, generator: np.random.Generator) -> Samples:
    """Sounds that begin together, over the hiss of a line."""
    mixed = np.asarray(1e-4 * generator.standard_normal(length), dtype=np.float32)
    for sound in sounds:
        mixed[: len(sound)] += sound
    return mixed


def _drawn(clips: Sequence[Clip], shares: Shares, generator: np.random.Generator) -> Clip:
    labels = sorted({_label(clip) for clip in clips})
    others = [label for label in labels if label != _NEUTRAL]
    if shares == "natural" and _NEUTRAL in labels and (not others or generator.random() < _MOSTLY):
        label = _NEUTRAL
    else:
        choices = others if shares == "natural" and others else labels
        label = choices[int(generator.integers(len(choices)))]
    fitting = [clip for clip in clips if _label(clip) == label]
    return fitting[int(generator.integers(len(fitting)))]


def _label(clip: Clip) -> int:
    assert clip.label is not None
    return clip.label


def _levelled(samples: Samples) -> Samples:
    level = float(np.sqrt(np.mean(np.square(samples)))) or 1.0
    return np.asarray(np.clip(samples * (_LEVEL / level), -1, 1), dtype=np.float32)


def pairs_of(clips: Sequence[Clip]) -> list[tuple[str, str]]:
    """Every speaker once as the first, with the next one of the corpus (alone: with themselves)."""
    names = sorted({clip.speaker for clip in clips})
    return [(name, names[(index + 1) % len(names)]) for index, name in enumerate(names)]


__all__ = ["Call", "Kind", "Line", "Shares", "Turn", "build_call", "pairs_of"]
