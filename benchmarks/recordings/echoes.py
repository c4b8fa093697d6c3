"""Stereo calls in which each side hears the other: what counts as own words then, and what of them stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calls.building import pairs_of
from edge.analysis.bleeding import bleeding
from edge.analysis.hearing import Heard, hear
from edge.analysis.turns import Mask, stretches, voiced, within
from edge.config import Config
from edge.evaluation.clips import Clip
from edge.evaluation.sound import read_sound, trim
from edge.perception.segmenter import VoiceActivity
from edge.perception.vad import Vad
from edge.vocabulary import SAMPLE_RATE, AudioChunk

__all__ = ["echoes"]

Samples = NDArray[np.float32]

_LEVEL: Final = 0.05
_TURNS: Final = 10
_PATHS: Final = {
    "none": None,
    "-20 dB": (20.0, 0.0, False),
    "-12 dB, 120 ms late": (12.0, 0.12, False),
    "-6 dB, 120 ms late": (6.0, 0.12, False),
    "-16 dB, 400 ms late": (16.0, 0.4, False),
    "-12 dB, 60 ms late, through a room": (12.0, 0.06, True),
    "-6 dB, 240 ms late, through a room": (6.0, 0.24, True),
}


def echoes(corpora: Sequence[Sequence[Clip]], seed: int) -> dict[str, Any]:
    """For each share of a turn that the next one speaks into, and each path: shares of frames."""
    config = Config()
    found: dict[str, Any] = {}
    with Vad.open(config.engines) as vad:
        for into in (-0.15, 0.3, 0.6):
            calls = [_call(clips, pairs_of(clips)[0], seed + n, into) for n, clips in enumerate(corpora)]
            truth = [_listened(call, vad, config) for call in calls]
            for name, path in _PATHS.items():
                counts = sum(
                    _counted(call, own, path, vad, config)
                    for call, (_, own) in zip(calls, truth, strict=True)
                )
                found[f"{name}, into {max(into, 0):.0%}"] = _shares(np.asarray(counts))
    return found


def _call(clips: Sequence[Clip], pair: tuple[str, str], seed: int, into: float) -> list[Samples]:
    """Both channels; a turn is two clips, and the next begins when a share of it is still to come."""
    random = np.random.default_rng(seed)
    parts: tuple[list[tuple[int, Samples]], ...] = ([], [])
    at = SAMPLE_RATE // 2
    for number in range(_TURNS):
        own = [clip for clip in clips if clip.speaker == pair[number % 2]]
        words = [_levelled(own[int(random.integers(len(own)))]) for _ in range(2)]
        turn = np.concatenate([words[0], np.zeros(SAMPLE_RATE // 5, np.float32), words[1]])
        parts[number % 2].append((at, turn))
        at += int(len(turn) * (1 - into))
    length = max(start + len(turn) for side in parts for start, turn in side) + SAMPLE_RATE
    return [_laid(side, length) for side in parts]


def _laid(side: Sequence[tuple[int, Samples]], length: int) -> Samples:
    channel = np.zeros(length, np.float32)
    for start, turn in side:
        channel[start : start + len(turn)] += turn
    return channel


def _levelled(clip: Clip) -> Samples:
    samples = trim(read_sound(clip.path))
    level = float(np.sqrt(np.mean(np.square(samples)))) or 1.0
    return np.asarray(np.clip(samples * (_LEVEL / level), -1, 1), np.float32)


def _echo(sound: Samples, weaker: float, late: float, room: bool) -> Samples:
    if room:
        n = int(0.12 * SAMPLE_RATE)
        tail = np.random.default_rng(1).standard_normal(n) * np.exp(-np.arange(n) / (0.03 * SAMPLE_RATE))
        tail[0] = 3.0
        sound = np.convolve(sound, tail / np.sqrt(np.sum(tail**2)))[: len(sound)]
    delayed = np.pad(sound, (int(late * SAMPLE_RATE), 0))[: len(sound)]
    return np.asarray(delayed * 10 ** (-weaker / 20), np.float32)


def _listened(
    channels: Sequence[Samples], vad: VoiceActivity, config: Config
) -> tuple[list[Heard], list[Mask]]:
    random = np.random.default_rng(5)
    noisy = [channel + 1e-4 * random.standard_normal(len(channel)).astype(np.float32) for channel in channels]
    heard = [hear(_chunks(channel), vad) for channel in noisy]
    return heard, [voiced(one.speech, config.microphone.vad.threshold) for one in heard]


def _chunks(sound: Samples) -> Iterator[AudioChunk]:
    for start in range(0, len(sound), SAMPLE_RATE):
        part = sound[start : start + SAMPLE_RATE]
        yield AudioChunk(part, (start + len(part)) / SAMPLE_RATE)


def _counted(
    call: Sequence[Samples],
    own: Sequence[Mask],
    path: tuple[float, float, bool] | None,
    vad: VoiceActivity,
    config: Config,
) -> NDArray[np.int64]:
    """Frames: one alone, of these kept; both, of these kept; the other alone, of these counted as own."""
    mixed = [call[side] if path is None else call[side] + _echo(call[1 - side], *path) for side in (0, 1)]
    heard, masks = _listened(mixed, vad, config)
    counts = np.zeros(6, np.int64)
    for side in (0, 1):
        theirs = heard[1 - side], masks[1 - side]
        left = masks[side] & ~bleeding(heard[side], masks[side], *theirs)
        kept = within(stretches(left, heard[side].ends), heard[side].ends)
        mine, other = own[side], own[1 - side]
        kinds = (mine & ~other, mine & other, ~mine & other)
        counts += [number for kind in kinds for number in (kind.sum(), (kind & kept).sum())]
    return counts


def _shares(counts: NDArray[np.int64]) -> dict[str, float | None]:
    names = ("own_kept", "own_kept_both_speaking", "others_counted")
    pairs = zip(counts[::2].tolist(), counts[1::2].tolist(), strict=True)
    return {
        name: round(part / all_, 3) if all_ else None for name, (all_, part) in zip(names, pairs, strict=True)
    }
