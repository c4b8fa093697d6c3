"""Random variation of sound: speed, room, background noise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.errors import DataError
from edge.evaluation.index import read_index
from edge.evaluation.sound import Samples, read_sound
from edge.vocabulary import SAMPLE_RATE

_LONGEST: Final = 20 * SAMPLE_RATE
_FEWEST: Final = 2


@dataclass(frozen=True, eq=False)
class Background:
    """Noises, room impulse responses, and scenes: real backgrounds that may hold distant voices, so that they
    are mixed into speech but do not stand for the absence of it. Float32, 16 kHz."""

    noises: list[Samples]
    rooms: list[Samples]
    scenes: list[Samples] = field(default_factory=list)

    def digest(self) -> str:
        """A hash of all sounds."""
        found = hashlib.sha256()
        for sound in (*self.noises, *self.rooms, *self.scenes):
            found.update(sound.tobytes())
        return found.hexdigest()[:16]

    def split(self, seed: int, share: float = 0.2) -> tuple[Background, Background]:
        """Two disjoint halves by file: for training, which gets the scenes, and for measuring robustness."""
        generator = np.random.default_rng(seed)
        kept, held = _divide(self.noises, share, generator)
        rooms, held_rooms = _divide(self.rooms, share, generator)
        return Background(kept, rooms, self.scenes), Background(held, held_rooms)


def _divide(
    sounds: list[Samples], share: float, generator: np.random.Generator
) -> tuple[list[Samples], list[Samples]]:
    order = generator.permutation(len(sounds))
    cut = max(int(len(sounds) * share), min(1, len(sounds) - 1))
    return [sounds[i] for i in order[cut:]], [sounds[i] for i in order[:cut]]


def load_background(data: Path) -> Background:
    """The noises of `DATA/noise`, scenes in folders of it, and the natural rooms of `DATA/rir`.

    Raises DataError when either is missing, or there are too few noises to hold one out.
    """
    noises = [read_sound(path)[:_LONGEST] for path, _ in _indexed(data / "noise")]
    rooms = [read_sound(path) for path, _ in _rooms(data)]
    loud = [noise for noise in noises if noise.std() > 1e-5]
    if len(loud) < _FEWEST:
        raise DataError(
            f"{len(loud)} noises under {data / 'noise'}: one to train with, another to measure with"
        )
    scenes = [read_sound(path)[:_LONGEST] for path, _ in _scenes(data)]
    return Background(loud, rooms, [scene for scene in scenes if scene.std() > 1e-5])


def background_terms(data: Path) -> list[tuple[str, str]]:
    """What the background sounds are, and the licences that their indices name.

    Raises DataError when an index is missing.
    """
    kinds = {
        "background sounds": _indexed(data / "noise"),
        "scenes": _scenes(data),
        "room impulse responses": _rooms(data),
    }
    return [(f"{len(found)} {kind}", _terms(found)) for kind, found in kinds.items() if found]


def _terms(found: list[tuple[Path, dict[str, str]]]) -> str:
    return "; ".join(sorted({row.get("licence") or "terms unknown" for _, row in found}))


def _scenes(data: Path) -> list[tuple[Path, dict[str, str]]]:
    """Without screams, which are voices."""
    folders = sorted(index.parent for index in (data / "noise").glob("*/index.csv"))
    return [each for folder in folders for each in _indexed(folder) if each[1].get("kind") != "scream"]


def _rooms(data: Path) -> list[tuple[Path, dict[str, str]]]:
    return [each for each in _indexed(data / "rir") if each[1].get("natural", "1") == "1"]


def _indexed(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    index = folder / "index.csv"
    if not index.is_file():
        raise DataError(f"no background sounds at {folder}: it needs index.csv with the column file")
    return [(folder / row["file"], row) for row in read_index(index, "file")]


def change_speed(samples: Samples, factor: float) -> Samples:
    """Faster and higher for a factor above one, by resampling."""
    return np.asarray(
        soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE, quality="MQ"), dtype=np.float32
    )


def in_room(samples: Samples, room: Samples) -> Samples:
    """As heard in a room; same length, the direct sound not delayed."""
    from scipy.signal import fftconvolve

    wet = fftconvolve(samples, room)
    start = int(np.argmax(np.abs(room)))
    return np.asarray(wet[start : start + len(samples)], dtype=np.float32)


def with_noise(samples: Samples, noise: Samples, snr: float, generator: np.random.Generator) -> Samples:
    """With a random stretch of the noise, looped when short, `snr` dB below the speech."""
    start = int(generator.integers(len(noise)))
    stretch = np.take(noise, np.arange(start, start + len(samples)), mode="wrap")
    level = np.float32(rms(samples) / max(rms(stretch), 1e-7) * 10 ** (-snr / 20))
    return np.asarray(samples + stretch * level, dtype=np.float32)


def rms(samples: NDArray[np.float32]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.square(samples, dtype=np.float64).mean()))


class Augment(Protocol):
    """A random variation of an utterance; its `repr` names everything that it depends on."""

    def __call__(self, samples: Samples, background: Background, generator: np.random.Generator) -> Samples:
        """One variation, 16 kHz."""
        ...


@dataclass(frozen=True)
class SoundAugment:
    """Chances and ranges of each variation; `snr` in dB."""

    speed: float = 0.12
    room: float = 0.4
    noise: float = 0.5
    snr: tuple[float, float] = (5.0, 25.0)

    def __call__(self, samples: Samples, background: Background, generator: np.random.Generator) -> Samples:
        """One random variation of an utterance."""
        varied = change_speed(samples, float(np.exp(generator.uniform(-self.speed, self.speed))))
        if background.rooms and generator.random() < self.room:
            varied = in_room(varied, background.rooms[int(generator.integers(len(background.rooms)))])
        noises = [*background.noises, *background.scenes]
        if noises and generator.random() < self.noise:
            noise = noises[int(generator.integers(len(noises)))]
            varied = with_noise(varied, noise, float(generator.uniform(*self.snr)), generator)
        return varied


__all__ = [
    "Augment",
    "Background",
    "SoundAugment",
    "background_terms",
    "change_speed",
    "in_room",
    "load_background",
    "rms",
    "with_noise",
]
