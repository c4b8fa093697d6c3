"""How costs grow: the points, the table, the chart and the document."""

import json
from pathlib import Path

import pytest

from edge.bench.growth import Load, Point, grown, series
from edge.bench.growth_report import MARKS, chart, table, written
from edge.bench.machine import processor_name
from edge.commands.main import main
from edge.errors import EdgeError

GROWN = {
    "faces": [Point("1", 8.0, 150), Point("8", 20.0, 155, 2.5)],
    "rooms": [Point("1", 8.0, 150), Point("2", 14.0, 152, 1.75)],
}


def test_every_series_begins_with_what_it_is_compared_with() -> None:
    found = {one.name: one.loads for one in series(minutes=())}
    assert [load.faces for _, load in found["faces"]] == [1, 2, 4, 8]
    assert [load.rooms for _, load in found["rooms"]] == [1, 2, 3, 4]
    assert [label for label, _ in found["pictures a second"]] == ["5", "15", "30"]
    assert [load.size for _, load in found["size of pictures"]] == ["480p", "720p", "1080p"]
    assert not any("sound" in name for name in found)
    assert series(faces=(), rooms=(), fps=(), sizes=())[0].loads[-1] == ("60", Load(minutes=60.0))


def test_pictures_and_sound_of_two_rooms_are_really_judged() -> None:
    (one,) = series(faces=(), fps=(), sizes=(), minutes=(), rooms=(1, 2))
    told: list[str] = []
    first, second = grown(one, seconds=0.2, tell=told.append)
    assert told == ["rooms: 1", "rooms: 2"]
    assert first.times == 1.0
    assert second.times == pytest.approx(second.core_percent / first.core_percent, abs=0.01)
    assert first.core_percent > 0
    assert first.rss_mb > 50


def test_what_cannot_be_measured_is_named() -> None:
    (one,) = series(faces=(), fps=(), sizes=(), minutes=(), rooms=(0,))
    with pytest.raises(EdgeError, match=r"Load\(.*rooms=0.*could not be measured"):
        grown(one, seconds=0.1, tell=lambda _: None)


def test_a_table_has_a_row_a_point() -> None:
    lines = table(GROWN).splitlines()
    assert lines[-1] == "| rooms | 2 | 14.0 % | 1.75 | 152 MB |"
    assert len(lines) == 6


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_chart_shows_every_series(ending: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="charts need the extra plot: pip install emotion-edge[plot]")
    path = tmp_path / f"growth.{ending}"
    chart(GROWN, path, "a processor")
    content = path.read_bytes()
    if ending == "svg":
        assert all(word in content.decode() for word in ("faces", "rooms", "2.50", "1.75", "a processor"))
        chart(GROWN, tmp_path / "again.svg", "a processor")
        assert (tmp_path / "again.svg").read_bytes() == content
    else:
        assert content.startswith(b"\x89PNG")


def test_a_document_gets_new_figures_between_its_marks_and_keeps_the_rest() -> None:
    first, last = MARKS
    before = f"# Speed\n\n{first}\nold\n{last}\n\nMore.\n"
    once = written(before, "new")
    assert once == f"# Speed\n\n{first}\n\nnew\n\n{last}\n\nMore.\n"
    assert written(once, "new") == once
    with pytest.raises(EdgeError, match="lacks the lines"):
        written("# Speed\n", "new")


def test_the_documentation_has_the_marks() -> None:
    document = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")
    assert written(document, "x").count(MARKS[0]) == 1


def test_the_command_refuses_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["--faces", "9"], ["--rooms", "one"], ["--sizes", "4k"], ["--minutes", "-1"]):
        with pytest.raises(SystemExit) as stop:
            main(["bench", "growth", *wrong])
        assert stop.value.code == 2
    assert "480p, 720p, 1080p" in capsys.readouterr().err


def test_json_names_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--faces", "1", "--rooms", "", "--fps", "", "--sizes", "", "--minutes", "0", "--seconds", "0.2"]
    assert main(["bench", "growth", "--json", *asked]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["machine"] == processor_name()
    assert [point["label"] for point in found["series"]["faces"]] == ["1"]


def test_a_processor_is_told_with_the_instructions_that_matter(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("model name\t: EPYC\nflags\t\t: sse avx2 avx512f avx512_vnni\n")
    assert processor_name(info).startswith("EPYC, ")
    assert "AVX-512, AVX2, VNNI" in processor_name(info)
    info.write_text("Features\t: fp asimd asimddp\n")
    assert processor_name(info).startswith("a processor without a name, ")
    assert "dot product" in processor_name(info)
