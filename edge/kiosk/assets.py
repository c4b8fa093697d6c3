"""The page's files: read and compressed once, served with a hash as their version."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Asset", "load_assets"]

_STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".LICENSE": "text/plain",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file ready to be sent; `packed` is gzip, None where that would not be smaller."""

    content_type: str
    plain: bytes
    packed: bytes | None
    etag: str


def load_assets(folder: Path = _STATIC) -> dict[str, Asset]:
    """All files of a folder by relative path: `app.js`, `vendor/uPlot.min.css`."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _asset(path.suffix, path.read_bytes()) for path in paths}


def _asset(suffix: str, plain: bytes) -> Asset:
    content_type = _TYPES[suffix]
    packed = gzip.compress(plain, 9, mtime=0)
    return Asset(
        content_type,
        plain,
        packed if len(packed) < len(plain) else None,
        hashlib.sha256(plain).hexdigest()[:16],
    )
