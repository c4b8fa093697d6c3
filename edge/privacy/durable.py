"""Small files that outlive a power cut and a full disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["overwrite_file", "replace_file"]


def replace_file(path: Path, text: str) -> None:
    """Write a file so that it is, even after a power cut, either the old or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def overwrite_file(path: Path, text: str) -> bool:
    """Write over a file of about that length, in its own blocks; false where there is none."""
    try:
        with path.open("r+b") as file:
            length = len(file.read())
            if length < len(text) - 1:
                return False
            file.seek(0)
            file.write(text.ljust(length).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
