"""The report on runs of a tiny laboratory."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import DataError
from edge.training.figures.readings import Readings
from edge.training.figures.scores import figures
from edge.training.recipes.checkpoint import write_best
from edge.training.recipes.protocols import read_protocol
from edge.training.recipes.rows import find_face, find_network, find_speech
from edge.training.recipes.start import Start
from edge.training.report import charts
from edge.training.report.report import write_report
from edge.training.runs.lab import Lab
from edge.training.runs.provenance import describe_files, write_start
from edge.training.runs.record import record
from edge.vocabulary import LABELS

CORPORA = ("ravdess", "emodb")


def some_readings(kind: str, *, right: float, n: int = 140) -> Readings:
    """Logits that favour the true label in a share of the items."""
    generator = np.random.default_rng(0)
    labels = np.arange(n) % 7
    favoured = np.where(generator.random(n) < right, labels, (labels + 1) % 7)
    logits = generator.normal(size=(n, 7))
    logits[np.arange(n), favoured] += 6.0
    groups = {
        "face": {"also_in_training": np.where(np.arange(n) % 10 == 0, "yes", "no")},
        "speech": {
            "corpus": np.repeat(CORPORA, n // 2),
            "sex": np.where(np.arange(n) // 7 % 2 == 0, "female", "male"),
            "speaker": np.array([f"S{k // 35}" for k in range(n)]),
        },
    }[kind]
    return Readings(logits, labels, groups, logits, labels)


def run_of(lab: Lab, name: str, *, right: float, minutes: float, score: str) -> None:
    """What a trained and judged row leaves behind."""
    folder = lab.folder(find_network(name))
    folder.mkdir(parents=True, exist_ok=True)
    readings = some_readings(name.partition("/")[0], right=right)
    readings.save(folder / "readings.npz")
    lines = [f"epoch,minutes,progress,loss,{score}", f"1,{minutes / 2},0.5,2,0.3", f"2,{minutes},1,1,{right}"]
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    (folder / "figures.json").write_text(json.dumps(figures(readings)))


def table_row(report: str, name: str) -> list[str]:
    line = next(line for line in report.splitlines() if line.startswith("|") and f"(`{name}`)" in line)
    return [cell.strip() for cell in line.strip("|").split("|")]


class Blank:
    """A figure and its axes that take everything and show nothing."""

    def savefig(self, path: Path, **_options: object) -> None:
        path.touch()

    def __getattr__(self, _name: str) -> Callable[..., "Blank"]:
        return lambda *_arguments, **_options: Blank()


@pytest.fixture
def drawn() -> None:
    """Asked for by the test that looks at the charts."""


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take several times as long as all the rest of the report: elsewhere empty files do."""
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(charts, "_figure", lambda: (Blank(), Blank()))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "data").mkdir()
    lab = Lab(tmp_path / "data", tmp_path / "runs")
    run_of(lab, "face/ours", right=0.8, minutes=20, score="accuracy")
    run_of(lab, "face/origin", right=0.5, minutes=10, score="accuracy")
    run_of(lab, "speech/cnn", right=0.6, minutes=12, score="uar")
    return lab


def test_the_tables_hold_the_figures_of_the_runs(lab: Lab, tmp_path: Path) -> None:
    report = write_report(lab, tmp_path / "engines").read_text()
    judged = figures(some_readings("face", right=0.5))
    row = table_row(report, "face/origin")
    assert row[1] == "7,394,247"
    assert float(row[2]) == pytest.approx(100 * judged["accuracy"], abs=0.06)
    low, high = map(float, row[3].split("-"))
    assert low < float(row[2]) < high
    assert row[-3:] == ["10 (2 epochs)", "30.0 (early)", "61.27 %"]
    speech = figures(some_readings("speech", right=0.6))
    row = table_row(report, "speech/cnn")
    assert float(row[2]) == pytest.approx(100 * speech["mean_uar"], abs=0.06)
    assert float(row[4]) == pytest.approx(100 * speech["groups"]["corpus"]["ravdess"]["uar"], abs=0.06)
    assert row[6] == "-"


def test_another_corpus_has_a_column_of_its_own(lab: Lab, tmp_path: Path) -> None:
    path = lab.folder(find_speech("speech/cnn")) / "figures.json"
    document = json.loads(path.read_text())
    document["groups"]["corpus"]["our-kiosk"] = {"uar": 0.123}
    path.write_text(json.dumps(document))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "| ased | our-kiosk | ECE % |" in report
    assert table_row(report, "speech/cnn")[9] == "12.3"
    assert len(table_row(report, "speech/cnn-lstm")) == len(table_row(report, "speech/cnn"))


def test_a_row_without_a_run_says_so(lab: Lab, tmp_path: Path) -> None:
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "speech/cnn-lstm")[2] == "not run"
    assert table_row(report, "face/small")[2] == "not run"
    assert "Own validation readings: not run." in report


def test_rows_of_a_table_have_as_many_cells_as_its_head(lab: Lab, tmp_path: Path) -> None:
    lines = write_report(lab, tmp_path / "engines").read_text().splitlines()
    width = 0
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following.startswith("|---"):
            width = line.count("|")
        if line.startswith("|"):
            assert line.count("|") == width, line


def test_a_set_judged_beside_publictest_has_its_recall_by_class(
    lab: Lab, drawn: None, tmp_path: Path
) -> None:
    run_of(lab, "face/ours", right=0.9, minutes=10, score="accuracy")
    assert "Another set" not in write_report(lab, tmp_path).read_text()
    file = lab.folder(find_network("face/ours")) / "figures.json"
    document = json.loads(file.read_text())
    recall = {label: {"recall": number / 10} for number, label in enumerate(LABELS)}
    found = {"n": 1400, "accuracy": 0.5564, "macro_f1": 0.5466, "ece": 0.0676, "per_class": recall}
    file.write_text(json.dumps(document | {"beside": {"wild": found}}))
    row = "| `face/ours` | wild | 1400 | 55.6 | 54.7 | 6.8 | 0.0 | 10.0 | 20.0 | 30.0 | 40.0 | 50.0 | 60.0 |"
    assert row in write_report(lab, tmp_path).read_text()


def test_charts_lie_beside_the_report(lab: Lab, drawn: None, tmp_path: Path) -> None:
    report = write_report(lab, tmp_path / "engines").read_text()
    for kind in ("confusion", "calibration", "curves"):
        assert f"(report/face-origin-{kind}.png)" in report
        picture = tmp_path / "engines" / "report" / f"face-origin-{kind}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_run_that_started_from_an_engine_is_not_compared_by_minutes(lab: Lab, tmp_path: Path) -> None:
    card = {"temperature": 1.0, "cost": {"training_minutes": 104.0}}
    (tmp_path / "face.json").write_text(json.dumps(card))
    (tmp_path / "face.onnx").write_bytes(b"engine")
    write_start(lab.folder(find_face("face/ours")), describe_files(Start(tmp_path / "face.onnx")))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "face/ours")[-3] == "20 after 104 (2 epochs)"
    assert table_row(report, "face/origin")[-2] == "-"
    assert "Started from the engine `face` (104 minutes of training), at 1 of the row's peak" in report
    assert "No epoch was better" not in report


def test_a_run_that_did_not_surpass_its_engine_says_so(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "face.json").write_text(json.dumps({"cost": {"training_minutes": 104.0}}))
    folder = lab.folder(find_face("face/ours"))
    (tmp_path / "face.onnx").write_bytes(b"engine")
    write_start(folder, describe_files(Start(tmp_path / "face.onnx")))
    (folder / "log.csv").write_text("epoch,minutes,progress,loss,accuracy\n0,0,0,nan,0.9\n1,20,1,1,0.8\n")
    assert record(lab, find_face("face/ours")).kept_its_engine
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "No epoch was better than that engine, whose weights these are." in report
    assert not record(lab, find_face("face/origin")).kept_its_engine


def test_minutes_of_a_gpu_are_named_and_not_compared_with_those_of_a_processor(
    lab: Lab, tmp_path: Path
) -> None:
    write_start(lab.folder(find_face("face/origin")), describe_files(Start(), "Some GPU"))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "face/origin")[-3:-1] == ["10 of Some GPU (2 epochs)", "-"]
    write_start(lab.folder(find_face("face/ours")), describe_files(Start(), "Some GPU"))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "face/origin")[-2] == "30.0 (early)"


def test_blended_weights_are_told(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    write_best(lab.folder(row), row.build(), 0.8, row=row.name, blended=0.25)
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "Its weights are blended: 25 % of the last epoch's, the rest the engine's" in report


def test_speakers_left_out_are_told(lab: Lab, tmp_path: Path) -> None:
    found = {"row": "speech/mfcc", "corpus": "savee", "speakers": {"SAVEE_DC": 0.5, "SAVEE_JE": 0.4}}
    path = lab.runs / "leave-one-out-savee-speech-mfcc.json"
    path.write_text(json.dumps({**found, "uar": 0.45, "uar_sd": 0.0707}))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "each speaker of savee left out: UAR 45.0 ± 7.1 % (SAVEE_DC 50.0, SAVEE_JE 40.0)." in report


def test_the_random_split_stands_beside_the_honest_one(lab: Lab, tmp_path: Path) -> None:
    run_of(replace(lab, protocol=read_protocol("random")), "speech/cnn", right=0.9, minutes=12, score="uar")
    report = write_report(lab, tmp_path / "engines").read_text()
    part = report[report.index("what a random split would claim") :]
    cells = next(line for line in part.splitlines() if line.startswith("| speech/cnn")).split("|")
    assert float(cells[3]) > float(cells[2]) + 15


def test_the_control_stands_for_a_row_with_an_engine_before_it_beside_the_random_split(
    lab: Lab, tmp_path: Path
) -> None:
    (tmp_path / "speech.json").write_text(json.dumps({"cost": {"training_minutes": 104.0}}))
    (tmp_path / "speech.onnx").write_bytes(b"engine")
    run_of(lab, "speech/ours", right=0.9, minutes=66, score="uar")
    write_start(lab.folder(find_speech("speech/ours")), describe_files(Start(tmp_path / "speech.onnx")))
    run_of(replace(lab, protocol=read_protocol("random")), "speech/ours", right=0.8, minutes=35, score="uar")

    def cells() -> list[str]:
        report = write_report(lab, tmp_path / "engines").read_text()
        part = report[report.index("what a random split would claim") :]
        line = next(line for line in part.splitlines() if line.startswith("| speech/ours"))
        return [cell.strip() for cell in line.split("|")]

    assert cells()[4] == "66, 35"
    run_of(lab.with_protocol(read_protocol("control")), "speech/ours", right=0.5, minutes=34, score="uar")
    found = cells()
    assert found[4] == "34, 35"
    assert float(found[2]) < 65 < float(found[3])


def test_int8_engines_say_what_they_lose_and_gain(lab: Lab, tmp_path: Path) -> None:
    engines = tmp_path / "engines"
    engines.mkdir()
    cost = {"parameters": 1000, "macs": 2e6, "ms_one_thread": 1.0, "training_minutes": 5.0}
    made = {
        "score": "accuracy",
        "float32": 0.701,
        "int8": 0.698,
        "ms_float32": 3.0,
        "ms_int8": 1.0,
        "faster": 3.0,
    }
    card = {"bytes": 4000, "cost": cost, "sha256": "new"}
    (engines / "face.json").write_text(json.dumps(card))
    quantised = engines / "face-int8.json"
    quantised.write_text(json.dumps(card | {"made_from": {**made, "name": "face", "sha256": "new"}}))
    report = write_report(lab, engines).read_text()
    assert "| `face-int8.onnx` | PublicTest accuracy | 70.1 to 69.8 | - to - | 3.0 to 1.0 | 3.0 |" in report
    assert "| `face.onnx` | 1,000 | 2 | 1.0 | - | 0.0 | 5 |" in report
    quantised.write_text(json.dumps(card | {"made_from": {**made, "name": "face", "sha256": "old"}}))
    assert "PublicTest accuracy" not in write_report(lab, engines).read_text()


def test_bad_pictures_and_noise_are_told_from_the_figures(lab: Lab, tmp_path: Path) -> None:
    for name, found in (
        ("face/ours", {"conditions": {"as it is": 0.7, "blur 1.5 px and noise 16 levels": 0.4}}),
        (
            "speech/cnn",
            {
                "conditions": {"as it is": 0.6, "10 dB": 0.55},
                "speech": [{"threshold": 0.5, "answered": 0.8, "accuracy": 0.75}],
                "noise": [{"threshold": 0.5, "answered": 0.1, "accuracy": 0.0}],
            },
        ),
    ):
        path = lab.folder(find_network(name)) / "figures.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"robustness": found}))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "| blur 1.5 px and noise 16 levels | 40.0 |" in report
    assert "| 10 dB | 55.0 |" in report
    assert "| 0.5 | 80.0 | 75.0 | 10.0 |" in report


def test_a_control_from_scratch_stands_for_our_row_at_equal_minutes(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "face.json").write_text(json.dumps({"cost": {"training_minutes": 104.0}}))
    (tmp_path / "face.onnx").write_bytes(b"engine")
    write_start(lab.folder(find_face("face/ours")), describe_files(Start(tmp_path / "face.onnx")))
    control = lab.with_protocol(read_protocol("control"))
    run_of(control, "face/ours", right=0.6, minutes=10, score="accuracy")
    run_of(lab, "face/small", right=0.5, minutes=10, score="accuracy")
    (tmp_path / "face.onnx").write_bytes(b"engine")
    write_start(lab.folder(find_face("face/small")), describe_files(Start(tmp_path / "face.onnx")))
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "face/origin")[-2] == "60.0"
    assert table_row(report, "face/small")[-2] == "-"
    run_of(control, "face/ours", right=0.6, minutes=15, score="accuracy")
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "face/origin")[-2] == "30.0 (early)"
    run_of(control, "face/ours", right=0.6, minutes=5, score="accuracy")
    report = write_report(lab, tmp_path / "engines").read_text()
    assert table_row(report, "face/origin")[-2] == "-"


def test_changes_of_a_recipe_are_compared_with_the_recipe_as_it_is(lab: Lab, tmp_path: Path) -> None:
    assert "## Ablations\n\nNot run." in write_report(lab, tmp_path / "engines").read_text()
    for change, right in (("none", 0.7), ("cutout-off", 0.65)):
        run_of(
            lab.with_protocol(read_protocol(f"change-{change}")),
            "face/small",
            right=right,
            minutes=7,
            score="accuracy",
        )
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "### Changes to `face/small`\n\nFrom scratch." in report
    assert "| none | 70.0 | 70.0 | - | 7 (2 epochs) |" in report
    assert "| cutout-off | 65.0 | 65.0 | -5.0 | 7 (2 epochs) |" in report
    assert "Changes to `face/ours`" not in report


def test_the_control_stands_for_the_recipe_as_it_is_where_that_was_not_run(lab: Lab, tmp_path: Path) -> None:
    run_of(lab.with_protocol(read_protocol("control")), "speech/ours", right=0.7, minutes=35, score="uar")
    assert "## Ablations\n\nNot run." in write_report(lab, tmp_path / "engines").read_text()
    run_of(
        lab.with_protocol(read_protocol("change-voices-on")),
        "speech/ours",
        right=0.6,
        minutes=35,
        score="uar",
    )
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "### Changes to `speech/ours`\n\nFrom scratch." in report
    assert "| none | 70.0 | 70.0 | - | 35 (2 epochs) |" in report
    assert "| voices-on | 60.0 | 60.0 | -10.0 | 35 (2 epochs) |" in report
    run_of(lab.with_protocol(read_protocol("control")), "speech/ours", right=0.7, minutes=52, score="uar")
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "| none |" not in report
    assert "| voices-on | 60.0 | 60.0 | - | 35 (2 epochs) |" in report


def test_a_laboratory_without_runs_leaves_the_report_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "engines").mkdir()
    (tmp_path / "engines" / "REPORT.md").write_text("figures")
    with pytest.raises(DataError, match="no run under"):
        write_report(Lab(tmp_path, tmp_path / "runs"), tmp_path / "engines")
    assert (tmp_path / "engines" / "REPORT.md").read_text() == "figures"
