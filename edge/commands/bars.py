"""The state of a daemon as text: one line, or a picture with a bar for each emotion. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from textwrap import wrap
from typing import Any, Final

__all__ = ["bar", "line", "picture"]

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_LABEL: Final = 10
_NUMBER: Final = 6
_SENSE: Final = 7
_LONGEST: Final = 60


def line(now: float, room: Mapping[str, Any]) -> str:
    """One moment of a room, `now` in Unix time: `14:05:09 Hall: happy 71% (fused), 1 person, …`."""
    clock = datetime.fromtimestamp(now).astimezone().strftime("%H:%M:%S")
    return f"{clock} {_printable(room['name'])}: {_mood(room)}, {_people(room)}{_affect(room)}"


def picture(state: Mapping[str, Any], width: int, *, unicode: bool = True) -> list[str]:
    """All rooms with their bars, and what is wrong, in lines no longer than `width` characters."""
    rows = [row for room in state["rooms"] for row in (*_room(room, width, unicode=unicode), "")]
    problems = (_printable(problem) for problem in state["health"]["problems"])
    rows += [row for text in problems for row in wrap(f"! {text}", width, subsequent_indent="  ")]
    return [row[:width] for row in rows]


def bar(share: float, length: int, *, unicode: bool = True) -> str:
    """A bar of `length` characters for 1; to an eighth of a character where the terminal can show it."""
    filled = max(0.0, min(share, 1.0)) * length
    if not unicode:
        return ("#" * round(filled)).ljust(length)
    whole, rest = divmod(round(filled * 8), 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(length)


def _room(room: Mapping[str, Any], width: int, *, unicode: bool) -> Iterator[str]:
    yield from wrap(f"{_printable(room['name'])}: {_mood(room)}", width)
    yield from wrap(f"{_people(room)}{_affect(room)}", width)
    senses = [name for name in ("face", "speech") if room["probabilities"][name]]
    length = max(4, min(_LONGEST, width - _LABEL - _NUMBER - _SENSE * len(senses)))
    yield " " * (_LABEL + length) + f"{'':>{_NUMBER}}" + "".join(f"{name:>{_SENSE}}" for name in senses)
    for label, share in room["probabilities"]["steady"].items():
        others = "".join(f"{room['probabilities'][name][label]:>{_SENSE}.0%}" for name in senses)
        yield f"{label:<{_LABEL}}{bar(share, length, unicode=unicode)}{share:>{_NUMBER}.0%}{others}"


def _mood(room: Mapping[str, Any]) -> str:
    mood = room["mood"]
    if not any(room["switches"].get(name) for name in ("camera", "microphone")):
        return "camera and microphone are closed"
    if all(not on or name in room["failing"] for name, on in room["switches"].items() if name != "actions"):
        return "cannot sense, neither picture nor sound comes"
    if mood["emotion"] == "none":
        return "nobody is read"
    doubt = "" if mood["sure"] else ", not sure"
    return f"{mood['emotion']} {mood['confidence']:.0%}{doubt} ({mood['source']})"


def _people(room: Mapping[str, Any]) -> str:
    count = len(room["people"])
    speaking = ", somebody speaks" if room["speaking"] else ""
    return f"{count} {'person' if count == 1 else 'people'}{speaking}"


def _affect(room: Mapping[str, Any]) -> str:
    if not room["quality"]:
        return ""
    return (
        f", valence {room['valence']:+.2f}, arousal {room['arousal']:+.2f}, doubt {room['entropy']:.2f} bits"
    )


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)
