"""Corpora as they are found, who is on which side, and what is kept of their sound."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from training.synthetic import RATE, RAVDESS_CODES, voice, write_savee

from edge.errors import DataError
from edge.evaluation.speakers import TRAIN, VALID
from edge.training.data.corpora import load_corpora
from edge.training.data.spectrograms import SpectrogramCache
from edge.training.recipes.protocols import read_protocol
from edge.training.runs.lab import Lab


def write_native(folder: Path, actors: tuple[int, ...]) -> None:
    """RAVDESS as downloaded: no index, no split."""
    for actor in actors:
        for label, code in enumerate(RAVDESS_CODES):
            path = folder / f"Actor_{actor:02d}" / f"03-01-{code:02d}-01-01-01-{actor:02d}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, voice(label, actor), RATE)


def test_a_public_corpus_as_downloaded_has_the_splits_of_the_shipped_engines(tmp_path: Path) -> None:
    write_native(tmp_path / "speech" / "ravdess", (3, 18, 22))
    corpora = load_corpora(tmp_path)
    sides = {clip.speaker: clip.split for clip in corpora.clips}
    assert sides == {"RAV_03": "train", "RAV_18": "valid", "RAV_22": "test"}


def test_nobody_is_both_trained_on_and_validated_with() -> None:
    for corpus, speakers in TRAIN.items():
        assert speakers
        assert VALID[corpus]
        assert not speakers & VALID[corpus]


def write_index(folder: Path, *rows: str) -> None:
    folder.mkdir(parents=True)
    for row in rows:
        soundfile.write(folder / row.split(",")[0], voice(0, 1), RATE)
    (folder / "index.csv").write_text("\n".join(["file,speaker,emotion,split", *rows]))


def test_a_folder_of_any_name_with_an_index_is_a_corpus(tmp_path: Path) -> None:
    write_index(tmp_path / "speech" / "our-kiosk", "a.wav,ann,happy,Training", "b.wav,bob,sad,Validation")
    corpora = load_corpora(tmp_path)
    assert [(clip.corpus, clip.split) for clip in corpora.clips] == [
        ("our-kiosk", "train"),
        ("our-kiosk", "valid"),
    ]


def test_a_folder_that_is_no_corpus_is_named(tmp_path: Path) -> None:
    write_savee(tmp_path / "speech" / "savee")
    (tmp_path / "speech" / "CREMA-D").mkdir()
    with pytest.raises(DataError, match=r"CREMA-D is no corpus: name it .*cremad"):
        load_corpora(tmp_path)


def test_an_unknown_split_is_named(tmp_path: Path) -> None:
    write_index(tmp_path / "speech" / "mine", "a.wav,ann,happy,fold3")
    with pytest.raises(DataError, match=r"split 'fold3' of .*a\.wav: splits are train, valid and test"):
        load_corpora(tmp_path)


def test_a_speaker_on_both_sides_is_named(tmp_path: Path) -> None:
    write_index(tmp_path / "speech" / "mine", "a.wav,ann,happy,train", "b.wav,ann,sad,valid")
    lab = Lab(tmp_path, tmp_path / "runs")
    with pytest.raises(DataError, match="trained on and validated with: mine ann; correct the splits"):
        lab.corpora()
    assert lab.with_protocol(read_protocol("random")).corpora().clips


def test_sounds_of_another_size_are_heard_again(tmp_path: Path) -> None:
    write_savee(tmp_path / "speech" / "savee", takes=1)
    clips = load_corpora(tmp_path).split("train")
    cache = SpectrogramCache(tmp_path / "features")
    before = cache.clean(clips)
    soundfile.write(clips[0].path, np.tile(voice(0, 9), 3), RATE)
    after = cache.clean(clips)
    assert len(after[0]) > 2 * len(before[0])
    np.testing.assert_array_equal(after[1], before[1])
