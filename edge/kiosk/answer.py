"""What all answers and requests of the API have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Answer", "Failure", "Moment", "Share"]

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Moment = Annotated[float, Field(description="Unix time in seconds")]


class Answer(BaseModel):
    """Immutable, with nothing beyond what is listed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Failure(Answer):
    """Why a request was refused."""

    error: str
    """One sentence."""
