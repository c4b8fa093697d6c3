"""What a command and a daemon load: start-up time and memory are for what is used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from integration.broker import free_port

HELP = """
import json, sys
from edge.commands.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
RUN = """
import json, sys
from edge.commands.main import main
code = main(["run", "--duration", "1", *sys.argv[1:]])
print(json.dumps([code, sorted(sys.modules)]))
"""
NEVER = {"matplotlib", "pandas", "python_speech_features", "scipy", "sklearn", "torch"}
PRESETS = "edge.config.presets.table"
WHERE_WANTED = {"aiohttp", "av", "prometheus_client", "soundfile", "sqlite3"}


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert "usage: emotion-edge" in done.stdout
    assert not loaded & {"asyncio", "cv2", "numpy", "onnxruntime", "pydantic", "yaml"}
    assert len(loaded) < 250, sorted(loaded)


def daemon(folder: Path, config: str) -> set[str]:
    """Top-level modules of a daemon at the end of a short run, with its models opened."""
    written = folder / "config.yaml"
    written.write_text(config, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "--config", str(written)],
        env={**os.environ, "STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    code, loaded = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    assert {"edge.perception.face", "edge.perception.speech", "onnxruntime"} <= set(loaded)
    assert PRESETS not in loaded
    return {name.split(".")[0] for name in loaded}


def test_a_daemon_as_it_comes_loads_neither_servers_nor_decoders_nor_databases(tmp_path: Path) -> None:
    assert not daemon(tmp_path, "{}") & (NEVER | WHERE_WANTED)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (f"metrics: {{enabled: true, port: {free_port()}}}", {"aiohttp", "prometheus_client"}),
        ("history: {keep: 7d}", {"sqlite3"}),
    ],
    ids=["metrics", "history"],
)
def test_what_is_asked_for_is_loaded(tmp_path: Path, config: str, wanted: set[str]) -> None:
    loaded = daemon(tmp_path, config)
    assert wanted <= loaded
    assert not loaded & NEVER
