"""What is no speech, to the daemon's ears: `python -m benchmarks.foreign DATA` (with noise/index.csv).

Plays every noise, and the tones of a telephone's keys, at the level of speech, and prints by kind how many
minutes there were and how many windows a minute were read as an emotion. Every one is a false alarm.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config import Config
from edge.evaluation.sound import read_sound
from edge.perception.segmenter import VoiceActivity
from edge.perception.speech import Hearing
from edge.perception.vad import Vad
from edge.vocabulary import SAMPLE_RATE, AudioChunk

Sound = NDArray[np.float32]

_LEVEL: Final = 0.05
_SHORTEST: Final = 2 * SAMPLE_RATE
_LONGEST: Final = 60 * SAMPLE_RATE
_KEYS: Final = ((697, 1209), (770, 1336), (852, 1477), (941, 1336))
"""Hz of 1, 5, 9 and 0."""


def main() -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.foreign", description=__doc__)
    parser.add_argument("data", type=Path)
    found: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    config = Config()
    with Vad.open(config.engines) as vad:
        for kind, sound in _sounds(parser.parse_args().data / "noise"):
            found[kind].append((len(sound) / SAMPLE_RATE / 60, _read(sound, vad, config)))
    figures = {kind: _rate(heard) for kind, heard in sorted(found.items())}
    everything = _rate([one for heard in found.values() for one in heard])
    print(json.dumps({"kinds": figures, "all": everything}, indent=1))
    return 0


def _sounds(folder: Path) -> Iterator[tuple[str, Sound]]:
    with (folder / "index.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sound = read_sound(folder / row["file"])[:_LONGEST]
            yield row["kind"], _loud(np.tile(sound, -(-_SHORTEST // max(1, len(sound)))))
    yield "keys of a telephone", _loud(_keys())


def _keys() -> Sound:
    t = np.arange(SAMPLE_RATE // 10) / SAMPLE_RATE
    tones = [np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t) for low, high in _KEYS]
    return np.asarray(np.concatenate([np.append(tone, 0 * t) for tone in tones * 25]), np.float32)


def _loud(sound: Sound) -> Sound:
    level = float(np.sqrt(np.mean(np.square(sound)))) or 1.0
    return np.asarray(np.clip(sound * (_LEVEL / level), -1, 1), np.float32)


def _read(sound: Sound, vad: VoiceActivity, config: Config) -> int:
    """Windows that would be judged."""
    hearing, step = Hearing(vad=vad, config=config.microphone.vad), SAMPLE_RATE // 10
    starts = range(0, len(sound) - step + 1, step)
    chunks = (AudioChunk(sound[at : at + step], (at + step) / SAMPLE_RATE) for at in starts)
    return sum(len(hearing.take(chunk)) for chunk in chunks)


def _rate(heard: list[tuple[float, int]]) -> dict[str, float]:
    minutes = sum(one for one, _ in heard)
    return {"minutes": round(minutes, 2), "read_a_minute": round(sum(n for _, n in heard) / minutes, 3)}


if __name__ == "__main__":
    sys.exit(main())
