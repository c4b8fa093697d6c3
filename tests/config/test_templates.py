from __future__ import annotations

from datetime import datetime, timezone

import pytest

from edge.config.templates import FIELDS, Context, check, check_tree, render, render_tree
from edge.vocabulary import LABELS

WALL = datetime(2026, 11, 23, 6, 14, 5, 120_000, tzinfo=timezone.utc)
CONTEXT: Context = {
    "emotion": "happy",
    "previous": "neutral",
    "confidence": 0.81,
    "source": "fused",
    "ts": WALL,
    "device": "hub",
    "name": "Hub",
    "room": "living/room",
    "site": "",
    "rule": "cheer",
    "profile": "",
    "faces": 2,
    "speech": True,
    **{f"probabilities.{label}": 0.1 for label in LABELS},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{emotion}", "happy"),
        ("was {previous}, is {emotion:upper}", "was neutral, is HAPPY"),
        ("{confidence}", "0.81"),
        ("{confidence:.0%}", "81%"),
        ("{confidence:.1f}", "0.8"),
        ("{faces:d}", "2"),
        ("{speech}", "true"),
        ("{ts}", "2026-11-23T06:14:05.120+00:00"),
        ("{ts:%H:%M}", "06:14"),
        ("{probabilities.happy}", "0.1"),
        ("{{emotion}}", "{emotion}"),
        ('{"state":"ON","x":{"emotion":"{emotion}"}}', '{"state":"ON","x":{"emotion":"happy"}}'),
        ("{}", "{}"),
        ("{0}", "{0}"),
    ],
)
def test_fills_in_what_is_a_placeholder_and_leaves_the_rest(text: str, expected: str) -> None:
    assert render(check(text), CONTEXT) == expected


def test_every_field_can_be_rendered() -> None:
    assert set(FIELDS) == set(CONTEXT)
    for field in FIELDS:
        assert render(check(f"{{{field}}}"), CONTEXT) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{emtion}", "unknown placeholder {emtion}, did you mean 'emotion'?"),
        ("{probabilities.joy}", "unknown placeholder {probabilities.joy}"),
        ("{emotion:.2f}", "format '.2f' does not fit {emotion}; use upper, lower or title"),
        ("{confidence:1000000000d}", "does not fit {confidence}"),
        ("{ts:%c}", "does not fit {ts}"),
        ("{speech:x}", "does not fit {speech}"),
    ],
)
def test_refuses_what_it_does_not_know_with_a_hint(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        check(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "{emotion.__class__}",
        "{device.__init__.__globals__}",
        "{ts.tzinfo}",
        "{__import__}",
    ],
)
def test_reaches_no_attribute(text: str) -> None:
    with pytest.raises(ValueError, match="unknown placeholder"):
        check(text)


def test_indexing_and_calls_are_plain_text() -> None:
    assert (
        render(check("{emotion[0]} {emotion!r} {emotion()}"), CONTEXT)
        == "{emotion[0]} {emotion!r} {emotion()}"
    )


def test_a_lone_placeholder_keeps_its_type_in_json() -> None:
    tree = {"value": "{confidence}", "text": "{confidence:.2f}", "list": ["{speech}", 3, {"n": "{faces}"}]}
    assert render_tree(tree, CONTEXT) == {"value": 0.81, "text": "0.81", "list": [True, 3, {"n": 2}]}


def test_values_are_escaped_but_the_text_is_not() -> None:
    assert render("a/b/{room}", CONTEXT, lambda value: value.replace("/", "-")) == "a/b/living-room"


def test_checks_inside_lists_and_objects() -> None:
    with pytest.raises(ValueError, match="emotoin"):
        check_tree({"a": [{"b": "{emotoin}"}]})
