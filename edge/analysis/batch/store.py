"""Where recordings come from and results go to: a folder, or whatever fsspec knows by its URL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

from edge.analysis.errors import RequestError
from edge.errors import CaptureError, EdgeError

__all__ = ["Store", "fetched", "filesystem", "is_url", "open_store", "store_at"]


def is_url(text: str) -> bool:
    """Whether a place is named by a URL such as `s3://bucket/calls`."""
    return "://" in text


class Store(Protocol):
    """A folder that results are written to; names may hold `/`."""

    def open(self, name: str, mode: str) -> IO[Any]:
        """A file of it, binary, for reading or writing. Raises OSError."""
        ...

    def append(self, name: str, lines: bytes) -> None:
        """Keep further lines under that name. Raises OSError."""
        ...

    def lines(self, name: str) -> Iterator[bytes]:
        """All lines kept under that name."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        ...


@dataclass(frozen=True, slots=True)
class LocalStore:
    """A folder of this machine."""

    root: Path

    def open(self, name: str, mode: str) -> IO[Any]:
        """A file of it; folders on the way are made."""
        path = self.root / name
        if "w" in mode:
            path.parent.mkdir(parents=True, exist_ok=True)
        return path.open(mode)

    def append(self, name: str, lines: bytes) -> None:
        """Written and flushed at once, so that nothing finished is lost."""
        with (self.root / name).open("ab") as file:
            file.write(lines)

    def lines(self, name: str) -> Iterator[bytes]:
        """Line by line."""
        if self.exists(name):
            with (self.root / name).open("rb") as file:
                yield from file

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.root / name).is_file()


@dataclass(slots=True)
class RemoteStore:
    """A folder behind a URL; what cannot be appended to gets a new part each time."""

    files: Any
    root: str
    parts: int = 0

    def open(self, name: str, mode: str) -> IO[Any]:
        """A file of it."""
        return cast("IO[Any]", self.files.open(f"{self.root}/{name}", mode))

    def append(self, name: str, lines: bytes) -> None:
        """As one more part."""
        if not self.parts:
            self.parts = len(self._parts(name))
        self.parts += 1
        self.files.pipe_file(f"{self.root}/{name}.d/{self.parts:08d}", lines)

    def lines(self, name: str) -> Iterator[bytes]:
        """All parts in their order."""
        for part in self._parts(name):
            yield from self.files.cat_file(part).splitlines(keepends=True)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self.files.isfile(f"{self.root}/{name}"))

    def _parts(self, name: str) -> list[str]:
        folder = f"{self.root}/{name}.d"
        return sorted(self.files.ls(folder, detail=False)) if self.files.isdir(folder) else []


def filesystem(url: str) -> tuple[Any, str]:
    """fsspec's file system for the URL and the path in it. Raises EdgeError where that is not installed."""
    try:
        from fsspec.core import url_to_fs

        files, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise EdgeError(f"{url}: {error}; pip install 'emotion-edge[cluster]'") from None
    return files, path.rstrip("/")


def open_store(place: str) -> Store:
    """The folder or URL for results, made and tried out. Raises RequestError."""
    try:
        store = store_at(place, make=True)
        with store.open(".writable", "wb") as file:
            file.write(b"")
        _remove(store, ".writable")
    except OSError as error:
        raise RequestError(f"{place}: cannot write results there: {error.strerror or error}") from None
    return store


def store_at(place: str, *, make: bool = False) -> Store:
    """The folder or URL for results as it is."""
    if is_url(place):
        return RemoteStore(*filesystem(place))
    if make:
        Path(place).mkdir(parents=True, exist_ok=True)
    return LocalStore(Path(place))


def _remove(store: Store, name: str) -> None:
    if isinstance(store, LocalStore):
        (store.root / name).unlink()
    elif isinstance(store, RemoteStore):
        store.files.rm_file(f"{store.root}/{name}")


@contextmanager
def fetched(place: str) -> Iterator[Path]:
    """The recording as a local file; what lies behind a URL is copied and removed afterwards."""
    if not is_url(place):
        yield Path(place)
        return
    files, path = filesystem(place)
    folder = Path(tempfile.mkdtemp(prefix="emotion-edge-"))
    try:
        copy = folder / path.rsplit("/", 1)[-1]
        try:
            files.get_file(path, str(copy))
        except OSError as error:
            raise CaptureError(f"{place}: cannot be fetched: {error.strerror or error}") from None
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)
