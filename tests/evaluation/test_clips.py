from pathlib import Path

import numpy as np
import pytest
import soundfile
from training.synthetic import RATE, voice

from edge.errors import DataError
from edge.evaluation.clips import find_clips
from edge.evaluation.evaluate import labelled_clips, speech_windows
from edge.evaluation.sound import read_sound, trim


@pytest.mark.parametrize(
    ("name", "corpus", "emotion", "label", "speaker", "sex"),
    [
        ("Actor_12/03-01-02-01-01-02-12.wav", "ravdess", "calm", 6, "RAV_12", "female"),
        ("Actor_03/03-01-08-02-01-02-03.wav", "ravdess", "surprise", 5, "RAV_03", "male"),
        ("DC_su07.wav", "savee", "surprise", 5, "SAVEE_DC", "male"),
        ("JK/sa11.wav", "savee", "sad", 4, "SAVEE_JK", "male"),
        ("KL/a01.wav", "savee", "angry", 0, "SAVEE_KL", "male"),
        ("OAF_back_ps.wav", "tess", "ps", 5, "TESS_OAF", "female"),
        ("YAF_dog_pleasant_surprised.wav", "tess", "pleasant_surprised", 5, "TESS_YAF", "female"),
        ("1001_DFA_ANG_XX.wav", "cremad", "ANG", 0, "CREMA_1001", ""),
        ("03a01Fa.wav", "emodb", "happy", 3, "EMODB_03", "male"),
        ("16b10Lb.wav", "emodb", "boredom", None, "EMODB_16", "female"),
        ("f1/tri-f1-b2.wav", "emovo", "sad", 4, "EMOVO_f1", "female"),
        ("SK0_surprised_7.wav", "nemo", "surprised", 5, "NEMO_SK0", ""),
        ("n1-01-01-01-05.wav", "ased", "neutral", 6, "ASED_05", ""),
    ],
)
def test_native_names(
    tmp_path: Path, name: str, corpus: str, emotion: str, label: int | None, speaker: str, sex: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    (clip,) = find_clips(tmp_path)
    assert (clip.corpus, clip.emotion, clip.label) == (corpus, emotion, label)
    assert (clip.speaker, clip.sex) == (speaker, sex)


def test_an_index_counts_more_than_names(tmp_path: Path) -> None:
    (tmp_path / "DC_a01.wav").touch()
    (tmp_path / "index.csv").write_text("file,emotion,speaker,split\nDC_a01.wav,happy,me,valid\n")
    (clip,) = find_clips(tmp_path)
    assert (clip.label, clip.speaker, clip.split) == (3, "me", "valid")


def test_half_a_corpus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "index.csv").write_text("file,emotion\na.wav,happy\nb.wav,sad\n")
    with pytest.raises(DataError, match=r"1 of 2 files of index.csv are missing, the first is b.wav"):
        find_clips(tmp_path)


def test_unknown_names_and_missing_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hello.wav").touch()
    with pytest.raises(DataError, match="none named as in RAVDESS"):
        find_clips(tmp_path)
    with pytest.raises(DataError, match="no speech data at"):
        find_clips(tmp_path / "none")
    (tmp_path / "index.csv").write_text("name,mood\nx,y\n")
    with pytest.raises(DataError, match="needs the columns file and emotion"):
        find_clips(tmp_path)


def test_a_folder_that_is_mostly_of_another_naming_is_refused(tmp_path: Path) -> None:
    for name in ("03a01Fa.wav", "hello.wav", "world.wav"):
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=r"3 sound files .*, 1 named as in RAVDESS"):
        find_clips(tmp_path)


def test_other_emotions_are_skipped_and_counted(tmp_path: Path) -> None:
    for name in ("03a01La.wav", "03a01Wa.wav", "03a02La.wav"):
        (tmp_path / name).touch()
    clips, skipped = labelled_clips(tmp_path, None)
    assert [clip.label for clip in clips] == [0]
    assert skipped == {"boredom": 2}
    with pytest.raises(DataError, match="no clips of split 'test'"):
        labelled_clips(tmp_path, "test")


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"), [(8000, 1, "PCM_16"), (96_000, 2, "FLOAT"), (44_100, 2, "PCM_24")]
)
def test_any_rate_and_format_becomes_16_khz_mono(
    tmp_path: Path, rate: int, channels: int, subtype: str
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "a.wav", np.stack([tone] * channels, axis=1), rate, subtype=subtype)
    samples = read_sound(tmp_path / "a.wav")
    assert samples.dtype == np.float32
    assert abs(len(samples) - RATE) <= 1
    assert np.abs(np.fft.rfft(samples)).argmax() == 440


def test_unreadable_and_empty_sounds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("text")
    soundfile.write(tmp_path / "b.wav", np.zeros(0), RATE)
    for name in ("a.wav", "b.wav", "c.wav"):
        with pytest.raises(DataError, match=name):
            read_sound(tmp_path / name)


def test_trimming_leaves_the_speech_and_a_margin() -> None:
    samples = voice(2, 0, seconds=1.0)
    trimmed = trim(samples)
    assert RATE <= len(trimmed) <= 1.25 * RATE
    assert np.abs(trimmed).max() == np.abs(samples).max()


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.float32), np.zeros(100, np.float32)])
def test_silence_and_scraps_stay_whole(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    assert len(trim(samples)) == len(samples)


def test_long_clips_are_heard_to_the_end() -> None:
    windows = speech_windows(np.random.default_rng(0).normal(0, 0.1, 5 * RATE + 800).astype(np.float32))
    assert [len(window) for window in windows] == [3 * RATE] * 4
    assert len(speech_windows(np.ones(RATE, np.float32))) == 1
