import json
from pathlib import Path
from typing import Any

import pytest

from edge.commands.build_engines import build_parser, main
from edge.inference.tensorrt.cuda import UnusableError, query_driver
from edge.inference.tensorrt.toolchain import UnknownTargetError, rtx_toolchain, workspace_limit

MIB = 1 << 20


@pytest.fixture(autouse=True)
def own_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.delenv("EMOTION_EDGE_CONFIG", raising=False)


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_an_unknown_target_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--target", "sm_99", "--json"]) == 2
    report = document(capsys)
    assert report["ok"] is False
    assert report["plans"] == []
    assert "unknown target sm_99; there are: sm_75, sm_80, sm_86" in report["error"]


@pytest.mark.parametrize("text", ["sm_87", "Orin", "", "sm_86,nonsense"])
def test_targets_that_tensorrt_rtx_does_not_know(text: str) -> None:
    with pytest.raises(UnknownTargetError, match="unknown target"):
        rtx_toolchain(text)


@pytest.mark.parametrize("text", ["sm_86", "SM86", "8.6", "86", "sm_86,SM_89,12.0"])
def test_the_ways_to_write_a_known_target(text: str) -> None:
    pytest.importorskip("onnxruntime")
    try:
        machines, _ = rtx_toolchain(text)
    except UnusableError as error:
        assert error.remedy == "pip install 'emotion-edge[rtx]'"  # known, only the compiler is not there
    else:
        assert machines[0].target == "sm_86"


def test_without_a_gpu_it_fails_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        query_driver()
    except UnusableError:
        pass
    else:
        pytest.skip("there is a GPU here")
    assert main(["--json"]) == 1
    report = document(capsys)
    assert report["tensorrt"] is None
    assert "--target sm_86 (needs no GPU)" in report["error"]


def test_a_broken_configuration_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("engines: {precision: fp8}\n")
    assert main(["--config", str(config)]) == 78
    assert "precision" in capsys.readouterr().err


def test_listing_an_empty_cache_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--json"]) == 0
    assert document(capsys)["plans"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--precision", "fp8"],
        ["--precision", "fp16,"],
        ["--max-batch", "0"],
        ["--workspace", "-1"],
        ["--detector-size", "640x481"],
        ["--detector-size", "640"],
        ["--optimization-level", "9"],
    ],
)
def test_wrong_values_are_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_options_are_parsed() -> None:
    arguments = build_parser().parse_args(
        ["face", "--precision", "fp16,fp32", "--detector-size", "640x480,320x256"]
    )
    assert arguments.models == ["face"]
    assert arguments.precision == ("fp32", "fp16")
    assert arguments.detector_size == ((640, 480), (320, 256))


@pytest.mark.parametrize(
    ("free", "limit"), [(None, 1024), (8192 * MIB, 1024), (600 * MIB, 300), (10 * MIB, 64)]
)
def test_the_builder_leaves_room_for_others(free: int | None, limit: int) -> None:
    assert workspace_limit(free) == limit * MIB
