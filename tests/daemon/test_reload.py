"""What depends on which key, and that a reload is either prepared as a whole or not made at all."""

from __future__ import annotations

from typing import Any

import pytest

from edge.config import Config
from edge.daemon.reload import DEPENDS_ON, Commit, Prepare, take_over, touched
from edge.errors import ConfigError

PLAIN = Config()


def config(**sections: Any) -> Config:
    return Config.model_validate(sections)


HALL: dict[str, Any] = {"rooms": {"hall": {"cameras": {"door": {}}}}}


@pytest.mark.parametrize(
    ("sections", "names"),
    [
        ({}, set()),
        ({"camera": {"fps": 5}}, {"mood", "senses"}),
        ({"camera": {"width": 320}}, {"mood", "senses"}),
        ({"microphone": {"enabled": False}}, {"mood", "senses"}),
        ({"fusion": {"rule": "mean"}}, {"mood"}),
        ({"smoothing": {"half_life": 3}}, {"mood"}),
        ({"engines": {"threads": 3}}, {"mood", "senses"}),
        ({"device": {"id": "hall"}}, {"mood", "publisher", "actions", "history", "control"}),
        ({"device": {"name": "Hall"}}, {"mood", "publisher", "actions"}),
        (HALL, {"mood", "senses", "rooms", "publisher"}),
        ({"mqtt": {"port": 1884}}, {"log", "publisher"}),
        ({"home_assistant": {"prefix": "ha"}}, {"publisher"}),
        ({"actions": {"enabled": False}}, {"actions"}),
        ({"privacy": {"schedule": ["22:00-07:00"]}}, {"privacy"}),
        ({"metrics": {"enabled": True}}, {"http"}),
        ({"log": {"level": "debug"}}, {"log"}),
    ],
)
def test_a_change_touches_the_components_made_of_it(sections: dict[str, Any], names: set[str]) -> None:
    assert touched(PLAIN, config(**sections)) == names


def test_every_section_that_the_daemon_uses_stands_in_the_table() -> None:
    sections = {key.split(".")[0] for keys in DEPENDS_ON.values() for key in keys}
    assert sections >= set(Config.model_fields)


class Steps:
    """Components that say what is done to them; one may refuse or break."""

    def __init__(self, refuses: str = "", breaks: str = "") -> None:
        self.done: list[str] = []
        self._refuses, self._breaks = refuses, breaks

    def prepare(self, name: str) -> Prepare:
        def prepare(_new: Config) -> Commit:
            self.done.append(f"prepare {name}")
            if name == self._refuses:
                raise ConfigError(f"{name} refuses")
            return lambda: self._commit(name)

        return prepare

    def run(self, *names: str) -> None:
        take_over(PLAIN, {name: self.prepare(name) for name in DEPENDS_ON}, frozenset(names))

    def _commit(self, name: str) -> None:
        self.done.append(f"commit {name}")
        if name == self._breaks:
            raise RuntimeError("cannot start new thread")


def test_all_prepare_before_the_first_commits() -> None:
    steps = Steps()
    steps.run("http", "mood", "senses")
    names = ("mood", "senses", "http")
    assert steps.done == [f"{step} {name}" for step in ("prepare", "commit") for name in names]


def test_what_is_refused_changes_nothing() -> None:
    steps = Steps(refuses="senses")
    with pytest.raises(ConfigError, match="senses refuses"):
        steps.run("mood", "senses", "http")
    assert not [step for step in steps.done if step.startswith("commit")]


def test_a_commit_that_breaks_keeps_no_other_from_being_made() -> None:
    steps = Steps(breaks="mood")
    with pytest.raises(RuntimeError, match="new thread"):
        steps.run("mood", "privacy")
    assert steps.done[-2:] == ["commit mood", "commit privacy"]
