"""`evaluate face|speech`: a model of the daemon on labelled data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config.models import EnginesConfig
from edge.errors import DataError
from edge.evaluation.channels import find_channel
from edge.evaluation.clips import Clip, find_clips
from edge.evaluation.faces import load_faces
from edge.evaluation.metrics import Ids, Matrix, Metrics, abstention, by_group, metrics, trusted_from
from edge.evaluation.sound import Samples, read_sound, trim
from edge.inference.classifier import Classifier
from edge.perception.face_input import face_batch
from edge.perception.features import WINDOW_SECONDS, speech_features
from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM
from edge.vocabulary import LABELS, SAMPLE_RATE, softmax

_BATCH: Final = 8
_THRESHOLDS: Final = (0.4, 0.5, 0.6, 0.7, 0.8)
_RIGHT: Final = (0.7, 0.8, 0.9)
Progress = Callable[[int, int], None]
"""Called with the items done and all items."""


def evaluate_face(
    data: Path,
    model: str | None = None,
    split: str | None = None,
    *,
    config: EnginesConfig | None = None,
    progress: Progress | None = None,
) -> Metrics:
    """Figures of a face model (name or path; the configured one if left out) on labelled crops.

    Raises DataError for data that are missing, half there or of an unknown layout, ModelError and
    EngineError for a model that cannot be used.
    """
    faces = load_faces(data).split(split)
    with Classifier.open("face", config=config or EnginesConfig(), name=model, item=FACE_ITEM) as classifier:
        started = time.perf_counter()
        logits = []
        for start in range(0, len(faces.labels), _BATCH):
            batch = face_batch(faces.images[start : start + _BATCH], classifier.card)
            logits.append(classifier.logits(batch))
            _tell(progress, start + _BATCH, len(faces.labels))
        elapsed = time.perf_counter() - started
        p = softmax(np.concatenate(logits).astype(np.float64) / classifier.card.temperature)
        name = classifier.card.name
    return _report("face", name, split=split, p=p, labels=faces.labels, elapsed=elapsed) | {
        "skipped": faces.skipped,
        "by_group": {},
    }


def evaluate_speech(
    data: Path,
    model: str | None = None,
    split: str | None = None,
    *,
    config: EnginesConfig | None = None,
    channels: Sequence[str] = (),
    progress: Progress | None = None,
) -> Metrics:
    """Figures of a speech model on labelled clips, one label a clip: the mean over its 3 s windows.

    `channels` (names of `edge.evaluation.channels`) adds those of the same clips through each.

    Raises as `evaluate_face` does, and DataError for an unknown channel.
    """
    clips, skipped = labelled_clips(data, split)
    ways = {name: find_channel(name) for name in channels}
    worse: dict[str, list[NDArray[np.float32]]] = {name: [] for name in ways}
    with Classifier.open(
        "speech", config=config or EnginesConfig(), name=model, item=SPEECH_ITEM
    ) as classifier:
        elapsed, logits = 0.0, []
        for done, clip in enumerate(clips, start=1):
            samples = read_sound(clip.path)
            started = time.perf_counter()
            logits.append(clip_logits(samples, classifier))
            elapsed += time.perf_counter() - started
            for way, channel in ways.items():
                worse[way].append(clip_logits(channel(samples, done), classifier))
            _tell(progress, done, len(clips))
        p, *others = (
            softmax(np.stack(each).astype(np.float64) / classifier.card.temperature)
            for each in (logits, *worse.values())
        )
        name = classifier.card.name
    labels = np.array([clip.label for clip in clips], dtype=np.int64)
    groups = by_group(p, labels, [clip.speaker for clip in clips])
    return _report("speech", name, split=split, p=p, labels=labels, elapsed=elapsed) | {
        "skipped": skipped,
        "by_group": groups,
        "channels": {way: _summary(each, labels) for way, each in zip(ways, others, strict=True)},
    }


def labelled_clips(data: Path, split: str | None) -> tuple[list[Clip], dict[str, int]]:
    """The clips of a split that have one of the seven emotions, and how many others were skipped."""
    clips = find_clips(data)
    chosen = [clip for clip in clips if split is None or clip.split == split]
    if not chosen:
        known = ", ".join(sorted({clip.split for clip in clips} - {""})) or "none"
        raise DataError(f"no clips of split '{split}' under {data}; splits here: {known}")
    skipped: dict[str, int] = {}
    for clip in chosen:
        if clip.label is None:
            skipped[clip.emotion] = skipped.get(clip.emotion, 0) + 1
    kept = [clip for clip in chosen if clip.label is not None]
    if not kept:
        raise DataError(f"no clip under {data} has one of the seven emotions")
    return kept, skipped


def speech_windows(samples: Samples) -> list[Samples]:
    """The trimmed clip in windows of up to 3 s, a second apart; the last ends with the clip."""
    speech = trim(samples)
    length = int(WINDOW_SECONDS * SAMPLE_RATE)
    last = max(0, len(speech) - length)
    return [speech[start : start + length] for start in sorted({*range(0, last + 1, SAMPLE_RATE), last})]


def clip_logits(samples: Samples, classifier: Classifier) -> NDArray[np.float32]:
    """Mean logits (7,) over the windows of a clip."""
    inputs = [speech_features(window) for window in speech_windows(samples)]
    parts = [
        classifier.logits(np.stack(inputs[start : start + _BATCH])) for start in range(0, len(inputs), _BATCH)
    ]
    return np.asarray(np.concatenate(parts).mean(axis=0))


def _report(task: str, model: str, *, split: str | None, p: Matrix, labels: Ids, elapsed: float) -> Metrics:
    timing = {"ms_per_item": elapsed / max(1, len(labels)) * 1000}
    doubt = {
        "abstention": abstention(p, labels, _THRESHOLDS),
        "trusted_from": {f"{right:g}": trusted_from(p, labels, right) for right in _RIGHT},
    }
    return {"task": task, "model": model, "split": split, **metrics(p, labels), **doubt, **timing}


def _summary(p: Matrix, labels: Ids) -> Metrics:
    found = metrics(p, labels)
    return {name: found[name] for name in ("accuracy", "uar", "ece", "nll")} | {
        "said": {label: float((p.argmax(axis=1) == k).mean()) for k, label in enumerate(LABELS)}
    }


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(min(done, total), total)


__all__: Sequence[str] = [
    "clip_logits",
    "evaluate_face",
    "evaluate_speech",
    "labelled_clips",
    "speech_windows",
]
