"""Where a laboratory keeps its things, and how a row is prepared and trained."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from edge.errors import DataError
from edge.evaluation.clips import Clip
from edge.perception.face_input import FACE_SIZE, face_input
from edge.training.runs.checkpoints import loaded, open_tutors
from edge.training.recipes.face_task import FaceSplits, FaceTask, load_fer2013
from edge.training.data.fronts import Front, Spectrogram
from edge.training.recipes.loop import Budget, Run, Task, read_checkpoint, write_best
from edge.training.recipes.optimise import Schedule
from edge.training.device import find_device, gpu_name
from edge.training.protocols import CHANGE, CONTROL, LABELS_TOO, WITHOUT
from edge.training.recipes.rows import Row
from edge.training.data.sound import SoundAugment, load_background
from edge.training.data.speech_data import Corpora, SpectrogramCache, load_corpora
from edge.training.recipes.speech_task import SpeechData, SpeechTask
from edge.training.runs.start import Start, read_start, start_document, trained_speakers, write_start
from edge.training.recipes.teacher import Teachers
from edge.training.recipes.tutors import Tutors
from edge.training.data.voices import OtherVoice
from edge.training.runs.warm import engine_weights, start_from

SEED = 20261123
VARIANTS = 8
CPU = torch.device("cpu")

FINE = (36, 40, 44)
"""Sizes of the pictures in the three stages of a training that starts from an engine."""
CALIBRATION = 512
JUDGED = ("figures.json", "readings.npz")


def calibration_inputs(row: Row, data: FaceSplits | SpeechData) -> torch.Tensor:
    """Training items as a batch (n, 1, h, w), evenly chosen, for the statistics of an unfolded engine."""
    if isinstance(data, FaceSplits):
        images = data.train.images
        edge = (FACE_SIZE - row.face.inner) // 2
        inputs = torch.from_numpy(face_input(images[:: max(1, len(images) // CALIBRATION)]))
        return inputs[:, :, edge : FACE_SIZE - edge, edge : FACE_SIZE - edge]
    clips = data.variants[-1]
    chosen = clips[:: max(1, len(clips) // CALIBRATION)]
    return torch.from_numpy(np.concatenate([row.speech.front.windows(each)[:1] for each in chosen]))


def _check_strangers(corpora: Corpora, start: Start) -> None:
    """Raises DataError when an engine to start or learn from was trained on a validation speaker."""
    judged = {clip.speaker for clip in corpora.split("valid")} - {""}
    for engine in (*start.engines, *([start.engine] if start.engine else [])):
        if known := sorted(judged & trained_speakers(engine)):
            raise DataError(
                f"{engine} was trained on {', '.join(known[:3])}, with whom this validates: use the "
                "splits that it was trained with, or start from scratch"
            )


def _sizes(row: Row, start: Start) -> tuple[int, ...]:
    """Tutors know pictures of the full size only."""
    if start.checkpoints:
        return (row.face.inner,)
    return FINE if start.engine is not None else row.face.sizes


@dataclass(frozen=True)
class Lab:
    """The folders of a laboratory: public data, runs (checkpoints, logs, readings), cached features."""

    data: Path
    runs: Path
    seed: int = 0
    variants: int = VARIANTS
    protocol: str = "speaker"
    device: torch.device = CPU

    @classmethod
    def open(
        cls,
        data: Path | None,
        runs: Path | None,
        seed: int = 0,
        env: Mapping[str, str] = os.environ,
        device: str = "cpu",
    ) -> Lab:
        """From the options, else $EMOTION_EDGE_DATA and $EMOTION_EDGE_RUNS or the user's cache.

        Raises DataError when there are no data, or no such device.
        """
        named = data or (Path(env["EMOTION_EDGE_DATA"]) if env.get("EMOTION_EDGE_DATA") else None)
        if named is None:
            raise DataError("which data? give --data FOLDER or set EMOTION_EDGE_DATA")
        if not named.is_dir():
            raise DataError(f"no data folder {named}")
        cache = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "emotion-edge" / "runs"
        folder = runs or Path(env.get("EMOTION_EDGE_RUNS") or cache)
        return cls(named, folder, seed, device=find_device(device))

    def folder(self, row: Row) -> Path:
        """Where a row's run lives; other seeds than 0 have runs of their own."""
        parts = [row.name.replace("/", "-")]
        parts += [self.protocol] * (self.protocol != "speaker") + [f"seed{self.seed}"] * (self.seed != 0)
        return self.runs / "-".join(parts)

    def faces(self) -> FaceSplits:
        """FER2013, split."""
        return load_fer2013(self.data)

    def corpora(self) -> Corpora:
        """The speech corpora, split as the protocol says.

        Raises DataError when that leaves nothing to train on or to validate with, or speakers that ought to
        be apart are on both sides.
        """
        corpora = load_corpora(self.data).arranged(self.protocol, SEED)
        if self.protocol != "random" and (both := corpora.on_both_sides()):
            names = ", ".join(both[:3]) + " and others" * (len(both) > 3)
            raise DataError(
                f"trained on and validated with: {names}; correct the splits under {self.data / 'speech'}, "
                "or use --protocol random"
            )
        for split in ("train", "valid"):
            if not corpora.split(split):
                raise DataError(
                    f"no clip of the split '{split}' under {self.data / 'speech'}: give one corpus an "
                    "index.csv with a column split, or use --protocol random or leave-one-out"
                )
        return corpora

    def speech(self, front: Front, variants: int | None = None, *, voices: bool = True) -> SpeechData:
        """The corpora as spectrograms, of training clips in several variants, made on first use.

        With `voices` every second variant is another person's. Raises DataError when those cannot be made.
        """
        corpora = self.corpora()
        train, valid = corpora.split("train"), corpora.split("valid")
        background, _ = load_background(self.data).split(SEED)
        count = self.variants if variants is None else variants
        cache = self.features(front)
        clean = self._spectrograms(cache.clean, [*train, *valid])

        def varied(clips: list[Clip], variant: int) -> list[Spectrogram]:
            other = voices and variant % 2 == 1
            return cache.varied(clips, variant, background, OtherVoice() if other else SoundAugment())

        variations = [self._spectrograms(partial(varied, variant=k), train) for k in range(count)]
        noises = [front.extract(noise).astype(np.float16) for noise in background.noises] if count else []
        takes = [[take[clip.path] for clip in train] for take in (clean, *variations)]
        return SpeechData(corpora, train, takes, valid, [clean[clip.path] for clip in valid], noises)

    def features(self, front: Front) -> SpectrogramCache:
        """Where spectrograms are kept."""
        return SpectrogramCache(self.runs.parent / "features", front)

    def _spectrograms(
        self, make: Callable[[list[Clip]], list[Spectrogram]], wanted: list[Clip]
    ) -> dict[Path, Spectrogram]:
        """By path, of the wanted clips and all beside them in the fixed split: every protocol shares them."""
        fixed, paths = load_corpora(self.data), {clip.path for clip in wanted}
        parts = [part for name in ("train", "valid") if (part := fixed.split(name))]
        needed = [part for part in parts if any(clip.path in paths for clip in part)]
        return {clip.path: each for part in needed for clip, each in zip(part, make(part), strict=True)}

    def items(self, row: Row) -> FaceSplits | SpeechData:
        """What the row is trained on."""
        if row.kind == "face":
            return self.faces()
        count = None if row.speech.varied else 0
        return self.speech(row.speech.front, count, voices=row.speech.voices)

    def task(self, row: Row, start: Start, *, resumed: bool = False) -> Task:
        """The row's network with its data, from scratch or as `start` says; a checkpoint replaces weights."""
        tutors = self._tutors(row, start)
        torch.manual_seed(self.seed)
        network, data = row.network(), self.items(row)
        if isinstance(data, SpeechData):
            _check_strangers(data.corpora, start)
        if start.engine is not None and not resumed:
            start_from(network, engine_weights(start.engine), calibration_inputs(row, data))
        network.to(self.device)
        optimizers = row.optimizers(network)
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] *= start.rate
        cache = self.runs.parent / "features"
        taught = Teachers.open(start.engines, cache) if start.engines else None
        if isinstance(data, FaceSplits):
            face = replace(row.face, sizes=_sizes(row, start))
            return FaceTask(
                row.name, network, data, recipe=face, optimizers=optimizers, teachers=taught, tutors=tutors
            )
        return SpeechTask(
            row.name,
            network,
            data,
            recipe=row.speech,
            optimizers=optimizers,
            teachers=taught,
            tutors=tutors,
        )

    def _tutors(self, row: Row, start: Start) -> Tutors | None:
        """None as well where their answers would count for nothing."""
        share = row.face.tutored if row.kind == "face" else row.speech.tutored
        return open_tutors(row, start.checkpoints, self.device) if start.checkpoints and share else None

    def train(
        self,
        row: Row,
        budget: Budget,
        *,
        start: Start | None = None,
        fresh: bool = False,
        quiet: bool = False,
    ) -> Run:
        """Train a row, going on where and as an earlier run stopped unless `fresh`.

        Raises DataError when it is to start in another way than the run that it would go on with, or the
        protocol does not allow it.
        """
        folder, gpu = self.folder(row), gpu_name(self.device)
        last = folder / "last.pt"
        resumed = last.is_file() and not fresh
        begun = read_start(folder) if not fresh else Start()
        wanted = begun if start is None or (start == Start() and not fresh) else start.resolved()
        self._check(row, wanted)
        if resumed and wanted != begun:
            raise DataError(f"{row.name} goes on from {folder} as it began: give --fresh to start over")
        if resumed and start_document(folder).get("gpu", gpu) != gpu:
            was, now = (name or "the processor" for name in (self.gpu(row), gpu))
            raise DataError(f"{row.name} began on {was}, this is {now}: see --device, or use --fresh")
        document = {**wanted.document(gpu), **self._data(row)}
        if resumed:
            self._check_data(row, document)
        task = self.task(row, wanted, resumed=resumed)
        if not resumed:
            for path in (last, folder / "best.pt", folder / "log.csv"):
                path.unlink(missing_ok=True)
            write_start(folder, document)
        before = last.stat().st_mtime_ns if resumed else 0
        decays = row.decays[:1] if self.protocol.startswith(WITHOUT) else row.decays
        run = Run(folder, budget, decays, Schedule(power=row.power), self.protocol)
        try:
            run.fit(task, begin_with=wanted.engine is not None, quiet=quiet)
        finally:
            if last.is_file() and last.stat().st_mtime_ns != before:
                for name in JUDGED:
                    (folder / name).unlink(missing_ok=True)
        return run

    def _data(self, row: Row) -> dict[str, Any]:
        """What a speech run must find again to go on."""
        if row.kind == "face":
            return {}
        return {
            "clips": self.corpora().digest(),
            **({"variants": self.variants} if row.speech.varied else {}),
        }

    def _check_data(self, row: Row, document: Mapping[str, Any]) -> None:
        """Raises DataError when the run began with other clips or variants; older runs do not say."""
        begun = start_document(self.folder(row))
        if begun.get("clips", document.get("clips")) != document.get("clips"):
            raise DataError(f"{row.name} began with other clips: --fresh starts over, --runs keeps both")
        if begun.get("variants", document.get("variants")) != document.get("variants"):
            raise DataError(f"{row.name} began with --variants {begun['variants']}: give that, or --fresh")

    def _check(self, row: Row, start: Start) -> None:
        """Raises DataError when the protocol cannot be followed with such a row or start."""
        if self.folder(row).resolve() in (path.parent for path in start.checkpoints):
            raise DataError(f"{row.name} cannot teach itself: copy its best.pt, or train with another --seed")
        if start.checkpoints and start.engines:
            raise DataError("teachers are either engines or checkpoints: answers of both cannot be mixed")
        if self.protocol == CHANGE + LABELS_TOO and not start.checkpoints:
            raise DataError(f"{LABELS_TOO} changes nothing without a checkpoint as a teacher")
        if self.protocol == "speaker" or self.protocol.startswith(CHANGE):
            return
        if row.kind == "face" and self.protocol != CONTROL:
            raise DataError(f"{row.name}: the protocol {self.protocol} is about speakers, not faces")
        if self.protocol == CONTROL and start != Start():
            raise DataError("a control is trained from scratch, without a teacher, at the row's own rates")
        if start.engine is None and not start.teachers:
            return
        raise DataError("an engine may have learnt from the clips that this protocol validates with")

    def earlier_minutes(self, row: Row) -> float:
        """Minutes of training behind the engine that the row's run started from; 0 from scratch."""
        return float(start_document(self.folder(row)).get("engine_minutes", 0.0))

    def gpu(self, row: Row) -> str:
        """The GPU that the row's run was trained on; empty for a processor, or without a run."""
        return str(start_document(self.folder(row)).get("gpu", ""))

    def log(self, row: Row) -> list[dict[str, float]]:
        """The rows of a run's log, one an epoch; empty without a run."""
        path = self.folder(row) / "log.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]

    def kept_its_engine(self, row: Row) -> bool:
        """Whether no epoch was better than the engine it started from, and none was chosen or blended in."""
        if self.chosen(row) or self.blended(row):
            return False
        entries = [entry for entry in self.log(row) if row.metric in entry]
        return bool(entries) and max(entries, key=lambda entry: entry[row.metric])["epoch"] == 0

    def replace_best(
        self, row: Row, network: nn.Module, score: float, *, because: str = "", blended: float = 0.0
    ) -> None:
        """Other weights for the row's `best.pt`; the figures kept are dropped, being of those before."""
        folder = self.folder(row)
        about = {"row": row.name, "protocol": self.protocol, "because": because}
        write_best(folder, network, score, blended=blended, **about)
        for name in JUDGED:
            (folder / name).unlink(missing_ok=True)

    def chosen(self, row: Row) -> str:
        """Why the last weights were chosen; empty when the best ones were, or without a run."""
        return str(self._best(row).get("because", ""))

    def blended(self, row: Row) -> float:
        """The run's share in weights that were blended with its engine's; 0 for others, or without a run."""
        return float(self._best(row).get("blended", 0.0))

    def _best(self, row: Row) -> dict[str, Any]:
        path = self.folder(row) / "best.pt"
        return read_checkpoint(path) if path.is_file() else {}

    def trained(self, row: Row, which: str = "best") -> nn.Module:
        """The row's network with the weights of its `best` or `last` checkpoint, which are averages, or with
        the `raw` ones of the last step.

        Raises DataError when it was not trained, or as another network.
        """
        state = read_checkpoint(self.folder(row) / ("best.pt" if which == "best" else "last.pt"))
        return loaded(row, state["average" if which == "last" else "model"])

    def with_protocol(self, protocol: str) -> Lab:
        """The same laboratory under another protocol: `speaker`, `random`, `without-CORPUS-SPEAKER`,
        `control`: people apart as in `speaker`, but a run of its own, from scratch, for equal minutes, or
        `change-NAME`: likewise, with a part of the recipe changed."""
        return replace(self, protocol=protocol)
