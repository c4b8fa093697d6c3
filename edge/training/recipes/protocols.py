"""Who is trained on and who is judged, as types: each says how the data are split and what it allows."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

from edge.errors import DataError
from edge.training.data.catalogue import FACE_TITLES
from edge.training.data.corpora import Corpora
from edge.training.data.face_sets import FaceSets
from edge.training.data.faces import FaceSplits
from edge.training.recipes.ablations import AS_IS, LABELS_TOO, changed
from edge.training.recipes.row import FaceRow, NetworkRow
from edge.training.recipes.start import RECOGNISER, Start, heard_corpora


@dataclass(frozen=True)
class Protocol:
    """Splits people, chooses checkpoints and restricts what a run may begin with."""

    people_apart: ClassVar[bool] = True
    """Whether nobody is on both sides."""
    usual_people: ClassVar[bool] = True
    """Whether the validation's people are the usual ones: a network so trained may teach any other."""
    chooses: ClassVar[bool] = True
    """Whether the checkpoint may be chosen by who is judged."""

    @property
    def name(self) -> str:
        """As folders and checkpoints carry it."""
        return "speaker"

    @property
    def suffix(self) -> str:
        """What distinguishes the folder of its runs; empty for the row's own."""
        return self.name

    def arranged(self, corpora: Corpora, seed: int) -> Corpora:  # noqa: ARG002
        """The speech corpora, split."""
        return corpora

    def faces(self, sets: FaceSets, seed: int) -> FaceSplits:  # noqa: ARG002
        """The pictures, split."""
        return sets.together()

    def recipe(self, row: NetworkRow) -> NetworkRow:
        """The row as this protocol trains it."""
        return row

    def check(self, row: NetworkRow, start: Start) -> None:
        """Raises DataError when the protocol cannot be followed with such a row or start."""


@dataclass(frozen=True)
class Speakers(Protocol):
    """Validation speakers and PublicTest: the row's own run."""

    @property
    def suffix(self) -> str:
        """Its runs carry the row's name alone."""
        return ""


@dataclass(frozen=True)
class Control(Protocol):
    """A run of a row beside its own, from scratch, to compare at equal minutes."""

    @property
    def name(self) -> str:
        """`control`."""
        return "control"

    def check(self, row: NetworkRow, start: Start) -> None:  # noqa: ARG002
        """Nothing but the row's own rates and labels."""
        if replace(start, ear=None) != Start():
            raise DataError("a control is trained from scratch, without a teacher, at the row's own rates")


@dataclass(frozen=True)
class Changed(Protocol):
    """A run beside the row's own with one part of its recipe changed."""

    change: str

    @property
    def name(self) -> str:
        """`change-NAME`."""
        return f"change-{self.change}"

    def recipe(self, row: NetworkRow) -> NetworkRow:
        """With the change. Raises DataError for an unknown one, or one that leaves the row as it is."""
        return changed(row, self.change)

    def check(self, row: NetworkRow, start: Start) -> None:  # noqa: ARG002
        """Some changes are about teachers."""
        if self.change == LABELS_TOO and not start.checkpoints:
            raise DataError(f"{LABELS_TOO} changes nothing without a checkpoint as a teacher")


@dataclass(frozen=True)
class _OtherPeople(Protocol):
    """Validates speech with people that the usual split trains on."""

    usual_people: ClassVar[bool] = False

    def check(self, row: NetworkRow, start: Start) -> None:
        """Speech only, and nothing that may have learnt from those people."""
        if isinstance(row, FaceRow):
            raise DataError(f"{row.name}: the protocol {self.name} is about speakers, not faces")
        _without_engines(start)


@dataclass(frozen=True)
class RandomSplit(_OtherPeople):
    """The origin's random split of the clips: speakers on both sides, so that its figures leak."""

    people_apart: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """`random`."""
        return "random"

    def arranged(self, corpora: Corpora, seed: int) -> Corpora:
        """Drawn at random; test clips stay apart."""
        return corpora.opened().shuffled(seed)


@dataclass(frozen=True)
class SpeakerOut(_OtherPeople):
    """One speaker of a corpus is judged, everybody else trained on."""

    corpus: str
    speaker: str

    chooses: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """`without-CORPUS-SPEAKER`."""
        return f"without-{self.corpus}-{self.speaker}"

    def arranged(self, corpora: Corpora, seed: int) -> Corpora:  # noqa: ARG002
        """That speaker for validation. Raises DataError when there is no such one."""
        return corpora.opened().leaving_out(self.corpus, self.speaker)


@dataclass(frozen=True)
class StrangersOut(Protocol):
    """A whole corpus of speech, or set of faces, is left out and judged: everybody in it is a stranger.

    Training and its validation are of the others; nothing is chosen by the strangers. With a `change` the
    recipe is another, to compare it.
    """

    left_out: str
    change: str = AS_IS

    usual_people: ClassVar[bool] = False
    chooses: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """`strangers-CORPUS`, with a change `strangers-CORPUS-CHANGE`."""
        return "-".join(("strangers", self.left_out, *([self.change] if self.change != AS_IS else [])))

    def recipe(self, row: NetworkRow) -> NetworkRow:
        """With the change. Raises DataError for an unknown one, or one that leaves the row as it is."""
        return changed(row, self.change)

    def arranged(self, corpora: Corpora, seed: int) -> Corpora:  # noqa: ARG002
        """The corpus apart from training and validation. Raises DataError when there is no such one."""
        return corpora.setting_apart(self.left_out)

    def faces(self, sets: FaceSets, seed: int) -> FaceSplits:
        """The other set for training and choosing. Raises DataError when there is none."""
        return sets.leaving_out(self.left_out, seed)

    def check(self, row: NetworkRow, start: Start) -> None:
        """Nothing that may have learnt from the strangers: of faces, engines whose cards say so may help."""
        if not isinstance(row, FaceRow):
            self._check_speech(start)
            return
        for engine in (*([start.engine] if start.engine else []), *(each.path for each in start.engines)):
            if engine.suffix != RECOGNISER and self.left_out in _sets_of(engine):
                raise DataError(f"{engine} learnt from the faces that are left out, {self.left_out}")

    def _check_speech(self, start: Start) -> None:
        """No engine, but an ear that was fitted without the strangers' sounds."""
        _without_engines(start)
        if start.ear is not None and self.left_out in heard_corpora(start.ear):
            raise DataError(
                f"{start.ear} has heard {self.left_out}: `imitate --without {self.left_out}` fits another"
            )


def _sets_of(engine: Path) -> set[str]:
    """The sets of faces that an engine's card names. Raises DataError when it has none."""
    try:
        document = json.loads(engine.with_suffix(".json").read_text(encoding="utf-8"))
        named = [str(each["name"]) for each in document["training_data"]]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"no card beside {engine} that tells what it learnt from ({error})") from error
    return {name for name, (title, _) in FACE_TITLES.items() if title in named}


def _without_engines(start: Start) -> None:
    if start.engine is not None or start.teachers:
        raise DataError("an engine may have learnt from the clips that this protocol validates with")


SPEAKERS: Final = Speakers()
CONTROL: Final = Control()
RANDOM: Final = RandomSplit()


def read_protocol(name: str) -> Protocol:
    """The protocol that a checkpoint names. Raises DataError for an unknown name."""
    plain: dict[str, Protocol] = {each.name: each for each in (SPEAKERS, CONTROL, RANDOM)}
    if name in plain:
        return plain[name]
    kind, _, rest = name.partition("-")
    corpus, _, speaker = rest.partition("-")
    if kind == "change" and rest:
        return Changed(rest)
    if kind == "strangers" and corpus:
        return StrangersOut(corpus, speaker or AS_IS)
    if kind == "without" and speaker:
        return SpeakerOut(corpus, speaker)
    raise DataError(f"no protocol '{name}'")


__all__ = [
    "CONTROL",
    "RANDOM",
    "SPEAKERS",
    "Changed",
    "Control",
    "Protocol",
    "RandomSplit",
    "SpeakerOut",
    "Speakers",
    "StrangersOut",
    "read_protocol",
]
