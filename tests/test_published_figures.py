"""README, report, cards and notes say the same of the engines that ship."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edge.evaluation.speakers import TRAIN

ROOT = Path(__file__).parents[1]
ENGINES = ROOT / "engines"
REPORT = (ENGINES / "REPORT.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = {
    "face": "face/ours",
    "face-small": "face/small",
    "speech": "speech/ours",
    "speech-small": "speech/small",
}


def card(name: str) -> dict[str, Any]:
    return dict(json.loads((ENGINES / f"{name}.json").read_text(encoding="utf-8")))


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


@pytest.mark.parametrize("name", ROWS)
def test_the_reports_table_has_the_figures_of_the_cards(name: str) -> None:
    line = next(line for line in REPORT.splitlines() if line.startswith("|") and f"(`{ROWS[name]}`)" in line)
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    figures = card(name)["metrics"]
    expected = figures["mean_uar" if name.startswith("speech") else "accuracy"]
    assert float(cells[2]) == pytest.approx(100 * expected, abs=0.11)


def test_the_report_ends_with_the_notes() -> None:
    notes = (ENGINES / "report" / "NOTES.md").read_text(encoding="utf-8")
    assert REPORT.endswith(notes.rstrip() + "\n")


def test_the_readme_has_the_figures_of_the_cards() -> None:
    face, small = card("face")["metrics"], card("face-small")["metrics"]
    assert f"original labels | {percent(face['accuracy'])} % accuracy" in README
    assert f"| as face | {percent(small['accuracy'])} % accuracy" in README
    by_corpus = card("speech")["metrics"]["uar_by_corpus"]
    assert f"seven emotions | {100 * by_corpus['ravdess']:.0f} % UAR" in README
    line = next(line for line in README.splitlines() if "EMO-DB / EMOVO / nEMO / ASED" in line)
    others = [float(each) for each in re.findall(r"\d+", line.partition("unseen speakers")[2])]
    expected = [100 * by_corpus[name] for name in ("emodb", "emovo", "nemo", "ased")]
    assert others == pytest.approx(expected, abs=2.6), "a clip of EMOVO is a point"


def test_an_int8_engine_is_made_from_the_engine_beside_it() -> None:
    for name in ROWS:
        assert card(f"{name}-int8")["made_from"]["sha256"] == card(name)["sha256"]


@pytest.mark.parametrize("name", ["speech", "speech-small"])
def test_speech_was_trained_on_the_usual_speakers_alone(name: str) -> None:
    trained = {corpus: frozenset(speakers) for corpus, speakers in card(name)["training_speakers"].items()}
    assert trained.pop("tess") == {"TESS_OAF", "TESS_YAF"}
    assert trained.pop("uem_es", frozenset()).isdisjoint({"UEM_06", "UEM_13"})
    assert trained.pop("emospeech", frozenset()).isdisjoint({"EMSP_024", "EMSP_030", "EMSP_070", "EMSP_072"})
    assert trained == TRAIN


def test_the_report_names_the_fusion_weights_that_ship() -> None:
    fusion = json.loads((ENGINES / "fusion.json").read_text(encoding="utf-8"))
    found = re.search(r"weights face ([\d.]+) and speech ([\d.]+)", REPORT)
    assert found
    assert [float(each) for each in found.groups()] == [fusion["face_weight"], fusion["speech_weight"]]
