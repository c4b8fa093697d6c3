from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.models import EnginesConfig
from edge.config.resources import resource
from edge.errors import ModelError
from edge.inference.directories import cache_directory, model_directory
from edge.inference.registry import find_model

MakeModel = Callable[..., Path]


def test_the_cache_is_the_configured_folder_first(tmp_path: Path) -> None:
    env = {"CACHE_DIRECTORY": "/var/cache/service", "XDG_CACHE_HOME": "/xdg", "HOME": "/home/ada"}
    assert cache_directory(EnginesConfig(cache=tmp_path), env) == tmp_path


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"CACHE_DIRECTORY": "/a:/b", "XDG_CACHE_HOME": "/xdg", "HOME": "/h"}, "/a"),
        ({"XDG_CACHE_HOME": "/xdg", "HOME": "/h"}, "/xdg/emotion-edge"),
        ({"HOME": "/h"}, "/h/.cache/emotion-edge"),
    ],
)
def test_the_cache_else_is_systemds_then_the_users(env: dict[str, str], place: str) -> None:
    assert cache_directory(EnginesConfig(), env) == Path(place)


def test_models_come_with_the_package_unless_configured(tmp_path: Path) -> None:
    assert model_directory(EnginesConfig()) == resource("engines")
    assert model_directory(EnginesConfig(directory=tmp_path)) == tmp_path


def test_a_model_is_found_by_name_and_by_path(make_model: MakeModel, tmp_path: Path) -> None:
    path = make_model("mine")
    config = EnginesConfig(directory=tmp_path)
    assert find_model("mine", config=config).path == path
    assert find_model(str(path), config=EnginesConfig()).card.name == "mine"


def test_a_fetched_model_is_found_in_the_cache(make_model: MakeModel, tmp_path: Path) -> None:
    path = make_model("fetched")
    config = EnginesConfig(directory=tmp_path / "none", cache=tmp_path)
    assert find_model("fetched", config=config).path == path


def test_packaged_models_stay_reachable_beside_the_users_own(tmp_path: Path) -> None:
    assert find_model("vad", config=EnginesConfig(directory=tmp_path, cache=tmp_path)).card.kind == "vad"


def test_an_unknown_name_lists_what_there_is(make_model: MakeModel, tmp_path: Path) -> None:
    make_model("mine")
    with pytest.raises(ModelError, match=r"no model theirs\.onnx in .*; there are: mine"):
        find_model("theirs", config=EnginesConfig(directory=tmp_path, cache=tmp_path))


def test_a_missing_detector_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="emotion-edge fetch-detector"):
        find_model("centerface", config=EnginesConfig(cache=tmp_path))


def test_a_model_of_another_kind_is_refused(make_model: MakeModel, tmp_path: Path) -> None:
    make_model("mine", kind="speech")
    with pytest.raises(ModelError, match="is a speech model, a face model is needed"):
        find_model("mine", config=EnginesConfig(directory=tmp_path), kind="face")


def test_a_damaged_model_is_refused(make_model: MakeModel, tmp_path: Path) -> None:
    path = make_model("mine")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelError, match="does not match its card"):
        find_model("mine", config=EnginesConfig(directory=tmp_path))
