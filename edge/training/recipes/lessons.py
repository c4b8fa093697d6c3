"""What Whisper hears in clips, at the moments of an ear's tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from edge.evaluation.clips import Clip
from edge.evaluation.sound import Samples, read_sound, trim
from edge.perception.features import FRAME, FRAMES
from edge.perception.features import HOP as STEP
from edge.training.data.fronts import Stretch
from edge.training.data.whisper_mel import HOP, whisper_mel
from edge.training.models.whisper import Whisper, between
from edge.vocabulary import SAMPLE_RATE

_LONGEST: Final = 8 * SAMPLE_RATE
"""Of a clip that Whisper hears, as smart-turn has it."""
_SHORTEST: Final = SAMPLE_RATE // 10
_MOMENTS: Final = (FRAME / 2 + STEP * np.arange(FRAMES)) / SAMPLE_RATE
"""Seconds of the frames' middles from the beginning of their window."""
_MELS: Final = 2 * (round(float(_MOMENTS[-1]) * SAMPLE_RATE / HOP / 2) + 2)
"""Whisper's frames that a window has."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """Of each clip one window: where it lies, what Whisper's convolutions hear in it and what its first block
    makes of that, (clips, tokens, width) in half precision, and its spectrogram (clips, frames, 80)."""

    places: list[Stretch]
    sounds: NDArray[np.float16]
    tokens: NDArray[np.float16]
    mels: NDArray[np.float16]


def moments(stride: int) -> Tensor:
    """The middles of an ear's tokens among Whisper's, which are 20 ms apart."""
    return torch.from_numpy(_MOMENTS[::stride] * SAMPLE_RATE / HOP / 2).float()


@torch.no_grad()
def whisper_lessons(
    whisper: Whisper, clips: Sequence[Clip], stride: int, *, seed: int = 0, batch: int = 16
) -> Lessons:
    """A random window of each clip; shorter ones start over, as the daemon fills its window."""
    generator, at = np.random.default_rng(seed), moments(stride)
    places: list[Stretch] = []
    found: tuple[list[Tensor], list[Tensor], list[Tensor]] = ([], [], [])
    for some in tqdm(list(_batches(clips, batch)), desc="what Whisper hears", leave=False):
        windows = [_window(_sound(clip), generator) for clip in some]
        places += [place for place, _ in windows]
        mels = torch.from_numpy(np.stack([mel for _, mel in windows]))
        heard = whisper(mels.transpose(1, 2))
        for kept, each in zip(found, (*(_at(part, at, stride) for part in heard), mels), strict=True):
            kept.append(each.half())
    sounds, tokens, mel = (torch.cat(each).numpy() for each in found)
    return Lessons(places, sounds, tokens, mel)


def _batches(clips: Sequence[Clip], size: int) -> Iterable[Sequence[Clip]]:
    return (clips[start : start + size] for start in range(0, len(clips), size))


def _sound(clip: Clip) -> Samples:
    samples = trim(read_sound(clip.path))
    return np.pad(samples, (0, max(0, _SHORTEST - len(samples))))


def _window(samples: Samples, generator: np.random.Generator) -> tuple[Stretch, NDArray[np.float32]]:
    """Its place among the clip's frames, and Whisper's spectrogram of it (frames, 80)."""
    length, heard = (1 + max(0, size - FRAME) // STEP for size in (len(samples), min(len(samples), _LONGEST)))
    kept = min(heard, FRAMES)
    start = int(generator.integers(heard - kept + 1))
    times = np.arange(_MELS) * HOP
    if kept < FRAMES:
        turns = np.floor((times - FRAME / 2) / STEP / kept + 0.5 / kept)
        times = times - (turns * kept * STEP).astype(int)
    mel = whisper_mel(samples[:_LONGEST])
    rows = np.clip(np.rint((start * STEP + times) / HOP).astype(int), 0, len(mel) - 1)
    return Stretch(start / length, kept, 0), mel[rows]


def _at(tokens: Tensor, at: Tensor, stride: int) -> Tensor:
    """Tokens (n, t, width) at other moments, each the mean over the time that it stands for."""
    wide = stride // 2 * 2 - 1
    smooth = functional.avg_pool1d(
        tokens.transpose(1, 2), wide, 1, wide // 2, count_include_pad=False
    ).transpose(1, 2)
    return torch.stack([between(each, at) for each in smooth])


__all__ = ["Lessons", "moments", "whisper_lessons"]
