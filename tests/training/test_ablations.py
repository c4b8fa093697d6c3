"""Parts of a recipe switched off or on."""

from dataclasses import replace

import pytest

from edge.errors import DataError
from edge.training.protocols import CHANGE
from edge.training.recipes.ablations import AS_IS, changed, changes
from edge.training.recipes.rows import find_row


@pytest.mark.parametrize("name", ["face/ours", "speech/ours"])
def test_each_change_alters_one_part_of_the_recipe_and_nothing_else(name: str) -> None:
    row = find_row(name)
    seen = set()
    for change in set(changes(row.kind)) - {AS_IS, "mixup-on"}:
        other = changed(row, CHANGE + change)
        recipe = other.face if row.kind == "face" else other.speech
        seen.add(repr(recipe))
        assert other != row
        assert replace(other, face=row.face, speech=row.speech) == row
    assert len(seen) == len(changes(row.kind)) - (2 if row.kind == "face" else 1)


def test_without_a_change_the_row_stays() -> None:
    row = find_row("face/ours")
    assert changed(row, CHANGE + AS_IS) is row
    assert changed(row, "speaker") is row
    assert changed(row, "control") is row


def test_mixup_can_be_switched_on_where_the_recipe_has_none() -> None:
    row = find_row("face/small")
    assert row.face.mix == 0
    assert changed(row, CHANGE + "mixup-on").face.mix > 0
    with pytest.raises(DataError, match="mixup-off leaves face/small as it is"):
        changed(row, CHANGE + "mixup-off")


def test_an_unknown_change_names_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"no change 'tea' for speech/ours; changes: none, mixup-off, spec"):
        changed(find_row("speech/ours"), CHANGE + "tea")


def test_a_classical_row_has_no_recipe_to_change() -> None:
    with pytest.raises(DataError, match="speech/mfcc is a classical model"):
        changed(find_row("speech/mfcc"), CHANGE + "mixup-off")
