"""The pictures of a film looked at one after the other, in a thread beside the judging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from edge.analysis.choosing import Chooser, blocks
from edge.analysis.judges import Judges, judge_faces
from edge.analysis.prefetch import prefetch
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.perception.cuts import Cuts
from edge.perception.faults import Faults
from edge.perception.head import HeadModel
from edge.perception.observation import FaceObservation
from edge.perception.open import open_detector
from edge.perception.picture import Picture
from edge.perception.sight import Looked, Sight
from edge.perception.tracker import HITS

__all__ = ["Seen", "observed", "watch"]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen in one picture; `cut`: another scene begins with it."""

    cut: bool
    found: FaceObservation

    @property
    def at(self) -> float:
        """Moment in seconds."""
        return self.found.captured_at


def watch(clip: MediaFile, config: Config) -> Iterator[tuple[bool, Looked]]:
    """Every picture looked at, and whether another scene begins with it; all faces that count are due.

    Raises CaptureError, ModelError and EngineError.
    """
    with (
        closing(open_detector(config.camera, engines=config.engines)) as detector,
        HeadModel.open(config.engines) as head,
        prefetch(clip.frames(planar=True)) as frames,
    ):
        cuts, confirm = Cuts(), 1 if clip.single_picture else HITS
        sight = Sight(
            detector=detector,
            config=config.camera,
            clock=lambda: 0.0,
            confirm=confirm,
            thrift=True,
            choose=False,
            head=head,
        )
        for frame in frames:
            cut = cuts.is_cut(Picture.of(frame))
            if cut:
                sight.begin()
            yield cut, sight.look(frame)


def observed(looks: Iterable[tuple[bool, Looked]], judges: Judges) -> Iterator[Seen]:
    """The looks with their faces judged. Raises EngineError when judging fails again and again."""
    faults = Faults("face")
    chooser = Chooser(lambda crops: judge_faces(judges, faults, crops))
    for block in blocks(looks):
        found = chooser.conclude([look for _, look in block])
        for (cut, _), observation in zip(block, found, strict=True):
            yield Seen(cut, observation)
