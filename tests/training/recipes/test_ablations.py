"""Parts of a recipe switched off or on."""

from dataclasses import replace

import pytest

from edge.errors import DataError
from edge.training.commands.main import main
from edge.training.recipes.ablations import AS_IS, changed, changes
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.rows import find_face, find_network


def with_recipe_of(other: NetworkRow, row: NetworkRow) -> NetworkRow:
    if isinstance(other, FaceRow) and isinstance(row, FaceRow):
        return replace(other, recipe=row.recipe)
    assert isinstance(other, SpeechRow)
    assert isinstance(row, SpeechRow)
    return replace(other, recipe=row.recipe)


@pytest.mark.parametrize("name", ["face/ours", "speech/ours"])
def test_each_change_alters_one_part_of_the_recipe_and_nothing_else(name: str) -> None:
    row = find_network(name)
    seen = set()
    wanted = set(changes(row.kind)) - {AS_IS, "mixup-on"}
    for change in wanted:
        other = changed(row, change)
        seen.add(repr(other))
        assert other != row
        assert with_recipe_of(other, row) == row
    assert len(seen) == len(wanted)


def test_without_a_change_the_row_stays() -> None:
    row = find_face("face/ours")
    assert changed(row, AS_IS) is row


def test_mixup_can_be_switched_on_where_the_recipe_has_none() -> None:
    row = find_face("face/small")
    assert row.recipe.mix == 0
    other = changed(row, "mixup-on")
    assert isinstance(other, FaceRow)
    assert other.recipe.mix > 0
    with pytest.raises(DataError, match="mixup-off leaves face/small as it is"):
        changed(row, "mixup-off")


def test_an_unknown_change_names_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"no change 'tea' for speech/ours; changes: none, mixup-off, spec"):
        changed(find_network("speech/ours"), "tea")


def test_a_classical_row_has_no_recipe_to_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "speech/mfcc", "--change", "mixup-off", "--data", "."]) == 1
    assert "speech/mfcc is a classical model" in capsys.readouterr().err
