import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from speech import Sound

from edge.config.models import EnginesConfig, MicrophoneConfig
from edge.errors import EngineError
from edge.inference.card import Card
from edge.inference.classifier import Classifier
from edge.perception.inputs import SPEECH_ITEM
from edge.perception.speech import SpeechPipeline
from edge.perception.vad import Vad
from edge.vocabulary import AudioChunk, Reading

RATE = 16_000
MakeEngine = Callable[..., object]


@pytest.fixture(scope="module")
def vad() -> Vad:
    return Vad.open(EnginesConfig())


def pipeline(vad: Vad, engine: object, card: Card, now: float = 1000.0) -> SpeechPipeline:
    vad.reset()
    classifier = Classifier(engine, card)  # type: ignore[arg-type]
    return SpeechPipeline(vad=vad, classifier=classifier, config=MicrophoneConfig(), clock=lambda: now)


def hear(pipe: SpeechPipeline, samples: np.ndarray, start: float = 0.0) -> list[Reading]:
    readings: list[Reading] = []
    for at in range(0, len(samples), 1600):
        part = samples[at : at + 1600]
        heard = pipe.process(AudioChunk(part, start + (at + len(part)) / RATE))
        readings += [one.reading for one in heard if one.reading is not None]
    return readings


def load(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    return np.asarray(samples if samples.ndim == 1 else samples.mean(axis=1), np.float32)


def music(seconds: float = 8.0) -> np.ndarray:
    """Chords of a plucked instrument, four a second, over a beat of noise."""
    rng = np.random.default_rng(0)
    t = np.arange(RATE // 4) / RATE
    notes = rng.choice([220.0, 262.0, 330.0, 392.0, 440.0], (int(4 * seconds), 3))
    bars = [sum(np.sin(2 * np.pi * f * h * t) / h for f in chord for h in (1, 2, 3)) for chord in notes]
    beat = rng.normal(0, 1.0, len(t)) * np.exp(-40 * t)
    return np.concatenate([0.06 * (bar * np.exp(-5 * t) + beat) for bar in bars]).astype(np.float32)


def test_speech_is_read(vad: Vad, spoken: Sound, scoring_engine: MakeEngine, card: Card) -> None:
    pipe = pipeline(vad, scoring_engine(), card)
    readings = hear(pipe, spoken)
    assert len(readings) > len(spoken) / RATE
    for reading in readings:
        assert (reading.modality, reading.emotion, reading.box) == ("speech", "happy", None)
        assert 0.5 < reading.quality <= 1.0
        assert reading.probabilities.sum() == pytest.approx(1.0)
        assert reading.latency == pytest.approx(1000 - reading.captured_at)
    assert pipe.error is None


def test_the_classifier_gets_one_window_of_features(
    vad: Vad, spoken: Sound, scoring_engine: Callable[..., object], card: Card
) -> None:
    engine = scoring_engine()
    hear(pipeline(vad, engine, card), spoken)
    assert {batch.shape for batch in engine.batches} == {(1, *SPEECH_ITEM)}  # type: ignore[attr-defined]


def test_a_quiet_voice_over_noise_is_trusted_less(
    vad: Vad, spoken: Sound, scoring_engine: MakeEngine, card: Card
) -> None:
    clean = spoken
    noise = np.random.default_rng(0).normal(0, 0.05, len(clean) + 2 * RATE).astype(np.float32)
    noisy = noise + np.concatenate([np.zeros(2 * RATE, np.float32), clean])
    good = hear(pipeline(vad, scoring_engine(), card), clean)
    poor = hear(pipeline(vad, scoring_engine(), card), noisy)
    assert np.mean([r.quality for r in poor] or [0.0]) < 0.85 * np.mean([r.quality for r in good])


def test_music_gives_no_reading(vad: Vad, scoring_engine: MakeEngine, card: Card) -> None:
    assert hear(pipeline(vad, scoring_engine(), card), music()) == []


def test_recorded_music_and_noise_give_no_reading(
    vad: Vad, data: Path, scoring_engine: MakeEngine, card: Card
) -> None:
    rows = list(csv.DictReader((data / "noise/index.csv").open()))
    music = [row["file"] for row in rows if "music" in row["kind"]]
    other = [row["file"] for row in rows if "music" not in row["kind"]][::10]
    for name in music + other:
        readings = hear(pipeline(vad, scoring_engine(), card), load(data / "noise" / name))
        assert readings == [], name


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_silence_and_hiss_give_no_reading(
    vad: Vad, scoring_engine: MakeEngine, card: Card, level: float
) -> None:
    hiss = np.random.default_rng(0).normal(0, 1, 10 * RATE).astype(np.float32) * np.float32(level)
    assert hear(pipeline(vad, scoring_engine(), card), hiss) == []


def test_scores_that_are_no_numbers_are_skipped_and_told_then_given_up(
    vad: Vad, spoken: Sound, scoring_engine: MakeEngine, card: Card
) -> None:
    pipe = pipeline(vad, scoring_engine(lambda batch: np.full((len(batch), 7), np.nan, np.float32)), card)
    readings: list[Reading] = []
    with pytest.raises(EngineError, match="5 failures in a row"):
        readings += hear(pipe, np.tile(spoken, 3))
    assert readings == []
    assert pipe.error is not None
    assert "not a finite number" in pipe.error


def test_one_failure_costs_one_reading_only(
    vad: Vad, spoken: Sound, scoring_engine: MakeEngine, card: Card
) -> None:
    calls: list[int] = []

    def once(batch: np.ndarray) -> np.ndarray:
        calls.append(1)
        return np.full((len(batch), 7), np.nan if len(calls) == 1 else 0.0, np.float32)

    pipe = pipeline(vad, scoring_engine(once), card)
    assert len(hear(pipe, spoken)) == len(calls) - 1 > 0
    assert pipe.error is None


def test_sound_after_a_gap_is_another_utterance(
    vad: Vad, spoken: Sound, scoring_engine: MakeEngine, card: Card
) -> None:
    half = spoken[: int(0.8 * RATE)]
    pipe = pipeline(vad, scoring_engine(), card)
    assert hear(pipe, half) == []
    assert hear(pipe, half, start=30.0) == []


def test_sound_that_is_no_numbers_does_no_harm(
    vad: Vad, spoken: Sound, scoring_engine: MakeEngine, card: Card
) -> None:
    pipe = pipeline(vad, scoring_engine(), card)
    assert hear(pipe, np.full(RATE, np.nan, np.float32)) == []
    readings = hear(pipe, spoken, start=1.0)
    assert readings
    assert all(np.isfinite(reading.quality) for reading in readings)


def test_closing_closes_the_classifier(vad: Vad, scoring_engine: MakeEngine, card: Card) -> None:
    engine = scoring_engine()
    with pipeline(vad, engine, card):
        pass
    assert engine.closed  # type: ignore[attr-defined]
