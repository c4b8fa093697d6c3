"""First pass over a file's sound: which channels are speakers, who has the word when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.analysis.bleeding import bleeding
from edge.analysis.channels import Channels, apart, check, fixed
from edge.analysis.ears import Plan, plan
from edge.analysis.hearing import Heard, hear
from edge.analysis.prints import take_prints
from edge.analysis.separation import split
from edge.analysis.speakers import Voice
from edge.analysis.turns import Mask, Turn, stretches, turns, voiced, within
from edge.capture.files.media_file import MediaFile
from edge.capture.sound.channels import Channel
from edge.config import Config
from edge.errors import CaptureError
from edge.perception.segmenter import VoiceActivity
from edge.perception.vad import Vad
from edge.perception.voice_encoder import VoiceEncoder
from edge.vocabulary import AudioChunk

__all__ = ["Listened", "listen"]


@dataclass(frozen=True, slots=True, eq=False)
class Listened:
    """Speakers and their turns; `channels` names the channel that each plan of frames belongs to.

    Voices told apart in one channel are confused now and then, mostly where one takes over after a pause;
    `unsure_at_pauses` keeps windows from reaching over such a place.
    """

    voices: tuple[Voice, ...] = ()
    turns: tuple[Turn, ...] = ()
    channels: tuple[Channel, ...] = ()
    unsure_at_pauses: bool = False

    def plans(self) -> list[tuple[Channel, str, Plan]]:
        """For the second pass: channel, speaker, and what of it is heard as which turn."""
        cut = self.unsure_at_pauses
        return [
            (channel, one.id, plan(self.turns, one.id, one.heard.ends, one.heard.speech, cut_at_pauses=cut))
            for channel, one in zip(self.channels, self.voices, strict=True)
        ]

    @property
    def until(self) -> float:
        """End of the sound in seconds."""
        return max((voice.heard.until for voice in self.voices), default=0.0)


def listen(
    clip: MediaFile,
    choice: Channels,
    config: Config,
    *,
    speakers: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> Listened:
    """Hear the whole file once. Raises CaptureError for a choice of channels that the file cannot meet.

    With `speakers` 2, who share a single channel are told apart by their voices.
    """
    check(clip.path, choice, clip.channels)
    if not clip.has_audio:
        return Listened()
    with Vad.open(config.engines) as vad:
        passes = _Passes(clip, vad, progress)
        sides = fixed(choice, clip.channels)
        if sides is not None:
            found = _listened(sides, [passes.hear(side) for side in sides], config)
            return _separated(found, passes, config) if speakers == 2 and len(sides) == 1 else found
        both = [passes.hear("left"), passes.hear("right")]
        if apart(both[0], both[1], *_masks(both, config)):
            return _listened(("left", "right"), both, config)
        found = _listened(("mix",), [passes.hear("mix")], config)
        return _separated(found, passes, config) if speakers == 2 else found


class _Passes:
    """Hears one channel after the other; a film whose sound cannot be decoded is silent."""

    def __init__(self, clip: MediaFile, vad: VoiceActivity, progress: Callable[[float], None]) -> None:
        self._clip = clip
        self._vad = vad
        self._progress = progress

    def hear(self, channel: Channel) -> Heard:
        clip = self._clip.part(pictures=False, channel=channel)
        try:
            return hear(self._told(clip), self._vad)
        except CaptureError:
            if self._clip.has_video:
                return hear((), self._vad)
            raise

    def sound(self, channel: Channel) -> Iterator[AudioChunk]:
        return self._told(self._clip.part(pictures=False, channel=channel))

    def _told(self, clip: MediaFile) -> Iterator[AudioChunk]:
        for item in clip:
            if isinstance(item, AudioChunk):
                yield item
                self._progress(clip.progress)


def _masks(heard: list[Heard], config: Config) -> list[Mask]:
    masks = [voiced(one.speech, config.microphone.vad.threshold) for one in heard]
    if len(heard) == 2:
        (left, right), (a, b) = heard, masks
        masks = [a & ~bleeding(left, a, right, b), b & ~bleeding(right, b, left, a)]
    return masks


def _listened(channels: tuple[Channel, ...], heard: list[Heard], config: Config) -> Listened:
    masks = _masks(heard, config)
    voices = tuple(
        Voice(channel, one, mask, tuple(stretches(mask, one.ends)))
        for channel, one, mask in zip(channels, heard, masks, strict=True)
    )
    return Listened(voices, tuple(turns({voice.id: voice.speech for voice in voices})), channels)


def _separated(listened: Listened, passes: _Passes, config: Config) -> Listened:
    """The one channel as two speakers, 1 for the first to be heard; one where nobody else is found."""
    (channel,), (voice,) = listened.channels, listened.voices
    with VoiceEncoder.open(config.engines) as encoder:
        prints = take_prints(passes.sound(channel), voice.speech, encoder.encode)
    sides = split(prints, voice.speech)
    if not sides[1]:
        return listened
    voices = tuple(
        Voice(name, voice.heard, voice.mask & within(speech, voice.heard.ends), tuple(speech))
        for name, speech in zip(("1", "2"), sides, strict=True)
    )
    told = turns({one.id: one.speech for one in voices})
    return Listened(voices, tuple(told), (channel, channel), unsure_at_pauses=True)
