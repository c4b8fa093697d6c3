"""Rooms import one way: what stands lower is known to what stands higher, never the reverse."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

EDGE = Path(__file__).parents[1] / "edge"
RANK = {
    room: rank
    for rank, rooms in enumerate(
        (
            "errors vocabulary samples supervision",
            "config",
            "capture inference",
            "perception",
            "mood",
            "publish actions evaluation",
            "privacy history analysis training",
            "kiosk bench",
            "daemon",
            "commands",
        )
    )
    for room in rooms.split()
}
FILES = sorted(path for path in EDGE.rglob("*.py") if path.parent != EDGE or path.stem in RANK)


def imported(tree: ast.Module) -> Iterator[str]:
    """Dotted names of the project's modules that a module imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "edge":
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "edge")


def room(name: str) -> str:
    """The room of a dotted name: `edge.capture.video.camera` is in `capture`."""
    return name.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(EDGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    here = path.relative_to(EDGE).with_suffix("").parts[0]
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        there = room(name)
        if there == here or there == "__version__":
            continue
        assert RANK[there] < RANK[here], f"{here} may not import {name}"
        assert there != "training", f"nothing imports the laboratory, {path} does"


def test_every_folder_has_its_rank() -> None:
    rooms = {path.name for path in EDGE.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert rooms <= set(RANK)
