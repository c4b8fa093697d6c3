from pathlib import Path

import pytest

from edge.errors import DataError
from edge.evaluation.index import read_index


def test_a_table_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    path.write_bytes("\ufefffile,emotion,sex\na.wav,joy,female\nb.wav,fear\n".encode())
    rows = read_index(path, "file", "emotion")
    assert rows[0] == {"file": "a.wav", "emotion": "joy", "sex": "female"}
    assert rows[1]["sex"] == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"file,emotion\na.wav,joy\nb.wa", "line 3 has no emotion"),
        ("file,emotion\nä.wav,joy\n".encode("latin-1"), "must be CSV in UTF-8"),
        (b"name,mood\nx,y\n", "needs the columns file and emotion"),
        (b"file,emotion\n", "at least one row"),
    ],
)
def test_broken_tables_are_named_with_line_and_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "index.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_index(path, "file", "emotion")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_index(tmp_path / "index.csv", "file")
