"""The windows of one channel's speakers, judged while the sound is still being read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from edge.analysis.ears import Ear, Spoken, Window
from edge.analysis.frames import slices
from edge.analysis.judges import Judges
from edge.analysis.listening import Listened
from edge.capture.sound.channels import Channel
from edge.config.models import VadConfig
from edge.inference.classifier import Classifier
from edge.perception.faults import Faults
from edge.perception.speech import classify, speech_reading
from edge.vocabulary import AudioChunk, Probabilities

__all__ = ["Said", "open_ears", "said"]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A window of speech that is being judged."""

    window: Window
    scores: Future[Probabilities]

    @property
    def at(self) -> float:
        """Its end in seconds."""
        return self.window.at

    def spoken(self, faults: Faults) -> Spoken | None:
        """The window with its scores, waited for; None where the classifier failed.

        Raises EngineError when it fails again and again.
        """
        scores, window = faults.guard(self.scores.result), self.window
        if scores is None:
            return None
        reading = speech_reading(window.utterance, scores)
        return Spoken(reading, window.speaker, window.turn, window.start)


def open_ears(listened: Listened, config: VadConfig) -> Mapping[Channel, Sequence[Ear]]:
    """An ear for each speaker, by the channel they are on; channels without sound have none."""
    ears: dict[Channel, list[Ear]] = {}
    for channel, speaker, plan in listened.plans():
        if len(plan.turn):
            ears.setdefault(channel, []).append(Ear(speaker, plan, config))
    return ears


def said(chunks: Iterable[AudioChunk], ears: Sequence[Ear], judges: Judges) -> Iterator[Said]:
    """Every window of a channel, in order of time."""
    for cut in slices(chunks):
        windows = [window for ear in ears for window in ear.take(cut)]
        for window in sorted(windows, key=lambda one: one.at):
            yield Said(window, judges.later(_scores, window))


def _scores(classifier: Classifier, window: Window) -> Probabilities:
    return classify(classifier, window.utterance)
