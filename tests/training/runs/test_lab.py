"""The data as protocols split them."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training.synthetic import write_savee

from edge.errors import DataError
from edge.training.recipes.protocols import read_protocol
from edge.training.recipes.rows import find_speech
from edge.training.runs.lab import Lab

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_clips_of_a_test_split_are_in_no_protocol(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "speech" / "ravdess"
    shutil.copytree(lab.data / "speech" / "ravdess", folder)
    index = (folder / "index.csv").read_text()
    lines = [line.replace(",train", ",test") if "RAV_01" in line else line for line in index.splitlines()]
    (folder / "index.csv").write_text("\n".join(lines))
    for protocol in ("speaker", "random", "without-ravdess-RAV_02"):
        corpora = replace(lab, data=tmp_path, protocol=read_protocol(protocol)).corpora()
        used = {clip.speaker for name in ("train", "valid") for clip in corpora.split(name)}
        assert used == {"RAV_02", "RAV_03", "RAV_04"}, protocol


def test_without_validation_speakers_nothing_is_trained(tmp_path: Path) -> None:
    write_savee(tmp_path / "speech" / "savee")
    with pytest.raises(DataError, match=r"no clip of the split 'valid'.*leave-one-out"):
        Lab(tmp_path, tmp_path / "runs").corpora()


def test_every_second_variant_of_a_clip_is_another_persons(lab: Lab) -> None:
    pytest.importorskip("parselmouth", reason="praat-parselmouth has no wheel here: pip install it to test")
    front = find_speech("speech/ours").recipe.front
    other, own = (lab.speech(front, 2, voices=voices).variants for voices in (True, False))
    same = [
        all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
        for one, two in zip(other, own, strict=True)
    ]
    assert same == [True, True, False]


def test_the_random_protocol_puts_speakers_on_both_sides(lab: Lab) -> None:
    data = lab.with_protocol(read_protocol("random")).speech(
        find_speech("speech/ours").recipe.front, variants=0
    )
    assert {clip.speaker for clip in data.train} & {clip.speaker for clip in data.valid}


def test_one_speaker_is_left_out_at_a_time(lab: Lab) -> None:
    left_out = lab.with_protocol(read_protocol("without-ravdess-RAV_02")).corpora()
    assert {clip.speaker for clip in left_out.split("valid")} == {"RAV_02"}
    assert {clip.speaker for clip in left_out.split("train")} == {"RAV_01", "RAV_03", "RAV_04"}
    with pytest.raises(DataError, match="no speaker 'RAV_09' in ravdess; speakers: RAV_01"):
        lab.with_protocol(read_protocol("without-ravdess-RAV_09")).corpora()
