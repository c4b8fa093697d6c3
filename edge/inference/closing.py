"""What must be closed after use, for `with` blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType

from typing_extensions import Self

__all__ = ["Closing"]


class Closing(ABC):
    """Is closed at the end of its `with` block."""

    @abstractmethod
    def close(self) -> None:
        """Release everything; further calls do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
