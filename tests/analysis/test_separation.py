"""Two machine voices on one channel, as a telephone carries them."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.analysis.analyze import analyze
from edge.analysis.separation import Prints, split
from edge.analysis.turns import Stretch
from edge.config import Config

SENTENCES = (
    ("en-us+m3", "Good morning, this is the service desk, how can I help you today?"),
    ("en-us+f2", "My parcel has not arrived and nobody calls me back about it."),
    ("en-us+m3", "I am sorry to hear that, could you please give me your number?"),
    ("en-us+f2", "It is on the letter that you have sent me, I want my money now."),
    ("en-us+m3", "Thank you, I will have a look at it and see what I can do."),
    ("en-us+f2", "I hope so, because this is the third time that I have called."),
)


def prints(start: float, *sides: int) -> Prints:
    random = np.random.default_rng(int(start))
    vectors = np.zeros((len(sides), 8), np.float32)
    vectors[np.arange(len(sides)), sides] = 1.0
    vectors[:, 7] = 1.5
    vectors += random.normal(0, 0.05, vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    middles = np.asarray(start + 0.8 + 0.4 * np.arange(len(sides)), np.float64)
    return Prints(Stretch(start, float(middles[-1]) + 0.8), middles, vectors)


def test_the_first_to_speak_is_the_first_speaker() -> None:
    found = [prints(0, 1, 1, 1), prints(5, 0, 0, 0), prints(10, 1, 1)]
    one, two = split(found, [each.stretch for each in found])
    assert [stretch.start for stretch in one] == [0, 10]
    assert [stretch.start for stretch in two] == [5]


def test_a_change_without_a_pause_divides_and_its_place_is_nobodys() -> None:
    found = [prints(0, *[0] * 6, *[1] * 6), prints(20, 1, 1, 1)]
    one, two = split(found, [each.stretch for each in found])
    assert (one[0].start, two[1].start) == (0, 20)
    assert two[0].start - one[0].end == pytest.approx(0.4)
    assert one[0].end < 3.0 < two[0].start


def test_one_outlier_is_no_other_speaker() -> None:
    found = [prints(0, 0, 0, 0, 1, 0, 0, 0), prints(10, 1, 1, 1)]
    one, two = split(found, [each.stretch for each in found])
    assert [(s.start, s.end) for s in one] == [(0, found[0].stretch.end)]
    assert len(two) == 1


def test_a_word_too_short_for_a_print_goes_with_what_was_before() -> None:
    found, word = [prints(0, 0, 0), prints(10, 1, 1)], Stretch(12.5, 13.0)
    assert split(found, [found[0].stretch, found[1].stretch, word])[1][-1] == word
    assert split([], [word]) == ([word], [])


def test_two_voices_on_one_channel_are_told_apart(tmp_path: Path) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: apt-get install espeak-ng")
    parts: list[np.ndarray] = []
    spans: dict[str, list[tuple[float, float]]] = {}
    at = 0
    for voice, text in SENTENCES:
        subprocess.run(
            ["espeak-ng", "-v", voice, "-s", "165", "-w", str(tmp_path / "v.wav"), text], check=True
        )
        samples, rate = soundfile.read(tmp_path / "v.wav")
        moments = np.arange(0, len(samples), rate / 8000)
        said = np.interp(moments, np.arange(len(samples)), samples)
        spans.setdefault(voice, []).append((at / 8000, (at + len(said)) / 8000))
        parts += [said, np.zeros(4800)]
        at += len(said) + 4800
    soundfile.write(tmp_path / "call.wav", np.concatenate(parts), 8000, subtype="ULAW")
    found = analyze(tmp_path / "call.wav", Config(), speakers=2)
    assert [speaker.id for speaker in found.speakers] == ["1", "2"]
    for speaker, voice in zip(found.speakers, spans, strict=True):
        assert speaker.talk == pytest.approx(sum(end - start for start, end in spans[voice]), rel=0.15)
        for window in (one for one in found.spoken if one.speaker == speaker.id):
            assert any(
                start - 0.2 <= window.start and window.reading.captured_at <= end + 0.2
                for start, end in spans[voice]
            )
    assert [speaker.id for speaker in analyze(tmp_path / "call.wav", Config()).speakers] == ["mix"]
