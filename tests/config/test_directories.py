from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from edge.config.directories import home_directory, state_directory
from edge.config.models import EnginesConfig
from edge.errors import EdgeError
from edge.inference.directories import cache_directory


def test_folders_of_the_service_come_first() -> None:
    env = {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/x", "HOME": "/h"}
    assert state_directory(env) == Path("/var/lib/a")
    assert state_directory({"XDG_STATE_HOME": "/x", "HOME": "/h"}) == Path("/x/emotion-edge")
    assert state_directory({"HOME": "/h"}) == Path("/h/.local/state/emotion-edge")


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> NoReturn:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    for place in (home_directory, state_directory, lambda env: cache_directory(EnginesConfig(), env)):
        with pytest.raises(EdgeError, match="no home folder: set HOME"):
            place({})
