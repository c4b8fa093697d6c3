"""The command line: exit codes, one-line messages, and a quick `--help`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge import __version__
from edge.commands import main as cli
from edge.errors import CaptureError, ConfigError


def outcome(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> int:
    """The exit code of a command that raises an error."""

    def run(_: argparse.Namespace) -> int:
        if error is not None:
            raise error
        return 0

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=run, verbose=False)
    monkeypatch.setattr(cli, "build_parser", lambda _: parser)
    return cli.main([])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (None, 0, ""),
        (CaptureError("no camera here"), 1, "emotion-edge: no camera here\n"),
        (ConfigError("config.yaml:3: mqtt.port: too high"), 78, "config.yaml:3: mqtt.port: too high\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_becomes_one_message_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException | None,
    code: int,
    said: str,
) -> None:
    assert outcome(monkeypatch, error) == code
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", said)


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        outcome(monkeypatch, ZeroDivisionError())


@pytest.mark.parametrize("arguments", [[], ["dance"], ["run", "--loud"], ["evaluate", "smell", "x"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        cli.main(arguments)
    assert ending.value.code == 2
    assert "usage: emotion-edge" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        cli.main(["--version"])
    assert ending.value.code == 0
    assert capsys.readouterr().out == f"emotion-edge {__version__}\n"


def test_every_command_has_help_and_something_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    commands = ("run", "demo", "analyze", "evaluate", "doctor", "check-config", "devices", "fetch-detector")
    for name in (*commands, "mqtt", "actions", "privacy"):
        assert f"\n    {name} " in text or f"\n    {name}\n" in text
        with pytest.raises(SystemExit) as ending:
            cli.main([name, "--help"])
        assert ending.value.code == 0


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from edge.commands.main import build_parser; build_parser(); "
        "print(sorted({'numpy', 'cv2', 'onnxruntime', 'av', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_missing_configuration_ends_with_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check-config", "--config", str(tmp_path / "none.yaml")]) == cli.EX_CONFIG
    assert "none.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}])
@pytest.mark.parametrize("arguments", [["check-config"], ["check-config", "--json"], ["--help"]])
def test_a_reader_that_leaves_causes_no_traceback(arguments: list[str], buffering: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "edge", *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={"PYTHONPATH": str(Path(cli.__file__).parents[2]), **buffering},
        )
    finally:
        os.close(writer)
    assert done.returncode in ((0, 1) if "--help" in arguments else (1,))  # argparse ignores the lost reader
    assert done.stderr == ""


@pytest.mark.parametrize("options", [("-v", "--config"), ("--verbose", "--config")])
def test_options_for_all_stand_before_or_after_the_command(options: tuple[str, str]) -> None:
    verbose, config = options
    before = cli.build_parser().parse_args([verbose, config, "a.yaml", "actions", "list"])
    between = cli.build_parser().parse_args(["actions", verbose, "list", config, "a.yaml"])
    after = cli.build_parser().parse_args(["actions", "list", config, "a.yaml", verbose])
    for arguments in (before, between, after):
        assert (arguments.config, arguments.verbose) == (Path("a.yaml"), True)
    neither = cli.build_parser().parse_args(["actions", "list"])
    assert (neither.config, neither.verbose) == (None, False)


def test_verbose_is_the_level_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, level in ((["check-config"], "info"), (["-v", "check-config"], "debug")):
        assert cli.main([*arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["config"]["log"]["level"] == level


def test_an_output_that_cannot_be_written_is_one_message() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "edge", "check-config"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "emotion-edge: [Errno 28] No space left on device\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--duration", "nan"],
        ["demo", "--port", "0"],
        ["demo", "--port", "70000"],
        ["run", "--duration", "-1"],
        ["bench", "--seconds", "-1"],
        ["bench", "--seconds", "soon"],
    ],
)
def test_a_number_that_makes_no_sense_is_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ending:
        cli.main(arguments)
    assert ending.value.code == 2
    assert arguments[1] in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["bench", "--source"], ["demo", "--source"], ["analyze"]])
def test_a_missing_file_is_said_before_anything_starts(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.mp4"
    assert cli.main([*arguments, str(missing)]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"emotion-edge: {missing}: no such file\n")


def test_two_documents_on_stdout_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["analyze", str(tmp_path / "a.png"), "--json", "--csv", "-"]) == 2
    assert capsys.readouterr().out == ""
