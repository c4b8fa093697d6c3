from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.config import Config, load_config

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "emotion-edge.service"
DROP_INS = sorted((SYSTEMD / "drop-ins").glob("*.conf"))
SCRIPTS = [*SYSTEMD.glob("*.sh"), *(SYSTEMD / "debian").glob("p*")]
TOO_NEW = (
    "notify-reload",
    "RestartSteps",
    "RestartMaxDelaySec",
    "ProcSubset",
    "MemoryDenyWriteExecute",
    "ProtectClock",
)


def analyze(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    environment = {**os.environ, **(env or {})}
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, env=environment, check=False
    )


def runnable(folder: Path, unit: Path = UNIT) -> Path:
    """The unit with a program that is there."""
    copy = folder / "emotion-edge.service"
    copy.write_text(re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", unit.read_text()))
    return copy


def test_the_unit_is_valid_without_a_message(tmp_path: Path) -> None:
    told = analyze("verify", str(runnable(tmp_path)))
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.stem)
def test_each_drop_in_is_valid(tmp_path: Path, drop_in: Path) -> None:
    unit = runnable(tmp_path)
    folder = tmp_path / "emotion-edge.service.d"
    folder.mkdir()
    shutil.copy(drop_in, folder)
    told = analyze("verify", str(unit))
    assert (told.returncode, told.stderr) == (0, "")


def test_the_user_unit_is_valid(tmp_path: Path) -> None:
    unit = runnable(tmp_path, SYSTEMD / "user" / "emotion-edge.service")
    told = analyze("verify", "--user", str(unit), env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert (told.returncode, told.stderr) == (0, "")


def test_the_exposure_is_2_2_at_most(tmp_path: Path) -> None:
    told = analyze("security", "--offline=yes", "--threshold=22", str(runnable(tmp_path)))
    assert told.returncode == 0, told.stdout[-200:]


@pytest.mark.parametrize("path", [UNIT, SYSTEMD / "user" / "emotion-edge.service"], ids=("system", "user"))
def test_nothing_is_too_new_for_systemd_249_or_harmful_to_camera_and_models(path: Path) -> None:
    settings = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in settings for word in TOO_NEW if word in line] == []


def test_the_unit_keeps_the_contract_with_the_daemon() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT)
    service = parser["Service"]
    assert service["Type"] == "notify"
    assert service["RestartPreventExitStatus"] == "78"
    assert (
        service["StateDirectory"]
        == service["CacheDirectory"]
        == service["RuntimeDirectory"]
        == "emotion-edge"
    )
    assert "ORT_DISABLE_TELEMETRY=1" in service["Environment"]
    assert "DeviceAllow" not in service


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_parse(script: Path) -> None:
    told = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("script", ["install.sh", "build_deb.sh", "test-booted.sh"])
def test_a_wrong_option_shows_the_usage(script: str) -> None:
    told = subprocess.run([str(SYSTEMD / script), "--nonsense"], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert script in told.stderr


def test_the_exposure_of_the_user_unit_is_3_at_most(tmp_path: Path) -> None:
    unit = runnable(tmp_path, SYSTEMD / "user" / "emotion-edge.service")
    told = analyze("security", "--offline=yes", "--threshold=30", str(unit))
    assert told.returncode == 0, told.stdout[-200:]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_imports_python_from_the_folder_it_is_called_in(script: Path) -> None:
    calls = re.findall(r"(?:python3|/python|\$python)\"? (?!-I )-[cm] .*", script.read_text())
    assert calls == []


@pytest.mark.parametrize("script", ["install.sh", "debian/postinst"])
def test_root_writes_nothing_into_the_folders_of_the_service(script: str) -> None:
    text = (SYSTEMD / script).read_text().replace("\\\n", " ")
    assert "chown" not in text
    calls = [
        line
        for line in text.splitlines()
        if '"${fetch[@]}"' in line or 'emotion-edge" fetch-detector ||' in line
    ]
    assert calls
    assert [line for line in calls if "as_service" not in line and "runuser" not in line] == []


def test_the_installer_gives_a_new_configuration_an_id_and_leaves_another_alone(tmp_path: Path) -> None:
    """Its own line, on copies of the file that it installs."""
    (line,) = [one.strip() for one in (SYSTEMD / "install.sh").read_text().splitlines() if "sed -i" in one]
    shipped = (SYSTEMD.parent / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "config.yaml").write_text(shipped, encoding="utf-8")
    subprocess.run(
        ["bash", "-euc", line], env={**os.environ, "id": "kitchen", "etc": str(tmp_path)}, check=True
    )
    config = load_config(tmp_path / "config.yaml", env={}).config
    assert config.device.id == "kitchen"
    assert config.model_copy(update={"device": Config().device}) == Config()
    install = (SYSTEMD / "install.sh").read_text()
    kept, new = install.split('if [ -e "$etc/config.yaml" ]; then')[1].split("\nfi\n")[0].split("\nelse\n")
    assert line not in kept
    assert line in new
