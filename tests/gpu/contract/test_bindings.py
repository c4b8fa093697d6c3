"""Every TensorRT name and type that the product uses, held against the real bindings of three versions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SOURCES = [
    str(ROOT / "edge" / "inference" / "tensorrt" / name)
    for name in ("bindings.py", "messages.py", "compile.py", "engine.py", "execution.py")
]
FAKES = [str(HERE.parent / "fakes" / name) for name in ("faketrt.py", "fakebuild.py")]
VERSIONS = ("10.3.0", "10.13.3.9", "11.4.0.106")
OLD_API = """
import tensorrt as trt

def old(builder: trt.Builder, config: trt.IBuilderConfig, engine: trt.ICudaEngine) -> None:
    builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    config.set_flag(trt.BuilderFlag.FP16)
    print(engine.num_bindings)
    context = engine.create_execution_context()
    context.execute_async_v2([], 0)
    context.set_tensor_address("x", "address")
"""


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def bindings() -> Path:
    return Path(os.environ["EMOTION_EDGE_GPU_TESTS"]) / "bindings"


def contract(version: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(bindings() / version)}
    command = [sys.executable, str(HERE / "contract.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def mypy(version: str, *files: str) -> list[str]:
    """Complaints about our files; those inside the generated stubs do not matter."""
    cache = bindings() / f"mypy-{version}"
    command = [sys.executable, "-m", "mypy", "--strict", "--no-warn-unreachable", "--cache-dir", str(cache)]
    env = os.environ | {"MYPYPATH": str(bindings() / f"stubs-{version}")}
    done = subprocess.run([*command, *files], env=env, capture_output=True, text=True, check=False, cwd=ROOT)
    assert "error" in done.stdout or "Success" in done.stdout, done.stderr
    return [line for line in done.stdout.splitlines() if ": error:" in line and "stubs-" not in line]


def test_every_name_exists(version: str) -> None:
    done = contract(version, "--allow", "ComputeCapability", *SOURCES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"tensorrt_bindings {version}" in done.stdout
    assert int(done.stdout.split(": ")[1].split()[0]) >= 25


def test_the_check_of_names_can_fail(version: str, tmp_path: Path) -> None:
    old = tmp_path / "old.py"
    old.write_text("import tensorrt as trt\ntrt.BuilderFlag.NO_SUCH_FLAG\n")
    done = contract(version, str(old))
    assert done.returncode == 1
    assert "missing: BuilderFlag.NO_SUCH_FLAG" in done.stdout


def test_every_use_is_typed_correctly(version: str) -> None:
    assert mypy(version, *SOURCES) == []


def test_the_check_of_types_finds_the_old_api(version: str, tmp_path: Path) -> None:
    old = tmp_path / "old_api.py"
    old.write_text(OLD_API)
    found = " ".join(mypy(version, str(old)))
    assert "num_bindings" in found
    assert "execute_async_v2" in found
    assert 'incompatible type "str"' in found
    assert ("EXPLICIT_BATCH" in found) == version.startswith("11")


def test_the_fake_has_no_name_of_its_own(version: str) -> None:
    done = contract(version, "--classes", *FAKES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split(": ")[1].split()[0]) >= 60
