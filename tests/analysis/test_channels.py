"""What is said of channels beyond the two sides of a call."""

from __future__ import annotations

import pytest

from edge.analysis.channels import Channels, perhaps_two, unheard


@pytest.mark.parametrize(
    ("choice", "channels", "film", "says"),
    [
        ("auto", 2, False, ""),
        ("auto", 4, False, "its 4 channels are heard as one; --channels split hears the first two apart"),
        ("split", 4, False, "of its 4 channels the first two count"),
        ("right", 3, False, "of its 3 channels the first two count"),
        ("mix", 4, False, ""),
        ("auto", 6, True, ""),
    ],
)
def test_more_channels_than_two_are_told_but_of_films(
    choice: Channels, channels: int, film: bool, says: str
) -> None:
    assert says in "".join(unheard(choice, channels, film=film))
    assert bool(unheard(choice, channels, film=film)) == bool(says)


@pytest.mark.parametrize(
    ("talk", "reach", "told"),
    [
        (60.0, 4000.0, True),
        (60.0, 3500.0, True),
        (60.0, 8000.0, False),
        (5.0, 4000.0, False),
        (0.0, None, False),
    ],
)
def test_a_call_heard_as_one_voice_is_told(talk: float, reach: float | None, told: bool) -> None:
    assert ("--speakers 2" in "".join(perhaps_two(talk, reach))) is told
