"""History as a document, a table, a plot or a page of its own."""

from __future__ import annotations

import csv
import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from edge.errors import EdgeError
from edge.history.segments import Segment
from edge.history.summary import Summary, changes, week
from edge.publish.colours import COLOURS
from edge.publish.payloads import timestamp
from edge.vocabulary import LABELS, NONE

__all__ = ["document", "plot_week", "text", "write_csv", "write_html"]

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL: Final = 20


def document(
    segments: Sequence[Segment], now: Sequence[Summary], before: Sequence[Summary], since: float, until: float
) -> dict[str, Any]:
    """The JSON document: figures and changes of each room, then every segment."""
    earlier = {one.room: one for one in before}
    return {
        "schema": 1,
        "since": timestamp(since),
        "until": timestamp(until),
        "rooms": {one.room: _figures(one, earlier.get(one.room)) for one in now},
        "segments": [
            {
                "room": one.room,
                "start": timestamp(one.start),
                "end": timestamp(one.end),
                "emotion": one.emotion,
                "confidence": one.confidence,
                "people": one.people,
                "health": one.health,
            }
            for one in segments
        ],
    }


def _figures(one: Summary, before: Summary | None) -> dict[str, Any]:
    return {
        "recorded_s": round(one.seconds, 1),
        "with_people_s": round(one.with_people, 1),
        "unhealthy_s": round(one.unhealthy, 1),
        "shares": {emotion: round(share, 4) for emotion, share in one.shares.items()},
        "longest_s": {emotion: round(spell.seconds, 1) for emotion, spell in one.longest.items()},
        "changes": {}
        if before is None
        else {emotion: round(by, 4) for emotion, by in changes(one, before).items()},
    }


def write_csv(segments: Sequence[Segment], out: TextIO) -> None:
    """One row a segment, times in UTC."""
    writer = csv.writer(out)
    writer.writerow(["room", "start", "end", "emotion", "confidence", "people", "health"])
    for one in segments:
        start, end = timestamp(one.start), timestamp(one.end)
        writer.writerow([one.room, start, end, one.emotion, one.confidence, one.people, one.health])


def text(now: Sequence[Summary], before: Sequence[Summary]) -> str:
    """For a terminal."""
    earlier = {one.room: one for one in before}
    return "\n\n".join(_room_text(one, earlier.get(one.room)) for one in now)


def _room_text(one: Summary, before: Summary | None) -> str:
    rows = [f"{one.room}: {_span(one.seconds)} recorded, {_span(one.with_people)} with somebody there"]
    for emotion, share in one.shares.items():
        longest = one.longest.get(emotion)
        spell = f"  longest {_span(longest.seconds)} on {_when(longest.start)}" if longest else ""
        rows.append(f"  {emotion:9} {share:6.1%}{spell}")
    if before is not None and before.shares:
        moved = [f"{emotion} {by:+.1%}" for emotion, by in changes(one, before).items() if abs(by) >= 0.01]
        rows.append("  against the time before: " + (", ".join(moved) or "nothing changed"))
    if one.unhealthy:
        rows.append(f"  health was not ok for {_span(one.unhealthy)}")
    return "\n".join(rows)


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%a %d %b %H:%M")


def plot_week(segments: Sequence[Segment], path: Path) -> None:
    """Hours by weekdays for each room: the prevailing mood, paler where it was rarer; else EdgeError."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.colors import to_rgb
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError:
        raise EdgeError("--plot needs matplotlib: pip install 'emotion-edge[plot]'") from None
    rooms = sorted({one.room for one in segments}) or ["-"]
    figure = Figure(figsize=(10, 0.8 + 2.6 * len(rooms)), layout="constrained")
    FigureCanvasAgg(figure)
    for axis, room in zip(figure.subplots(len(rooms), 1, squeeze=False)[:, 0], rooms, strict=True):
        cells = week([one for one in segments if one.room == room], None)
        image = [[_shade(cells.get((day, hour), {}), to_rgb) for hour in range(24)] for day in range(7)]
        axis.imshow(image, aspect="auto")
        axis.set(title=room, yticks=range(7), yticklabels=DAYS, xticks=range(0, 24, 3))
    handles = [Patch(color=COLOURS[label], label=label) for label in LABELS]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise EdgeError(f"{path}: cannot write the plot: {error}") from None


def _prevailing(cell: Mapping[str, float]) -> tuple[str, float]:
    """The mood of most of an hour, and the share of the hour's moods that it had."""
    moods = {emotion: seconds for emotion, seconds in cell.items() if emotion != NONE}
    if not moods:
        return NONE, 0.0
    emotion = max(moods, key=moods.__getitem__)
    return emotion, moods[emotion] / sum(moods.values())


def _shade(cell: Mapping[str, float], to_rgb: Any) -> tuple[float, ...]:
    emotion, share = _prevailing(cell)
    return tuple(1.0 - (1.0 - channel) * share for channel in to_rgb(COLOURS[emotion]))


def write_html(
    segments: Sequence[Segment], now: Sequence[Summary], before: Sequence[Summary], path: Path
) -> None:
    """One file without any address in it. EdgeError if it cannot be written."""
    rooms = "".join(
        f"<h2>{html.escape(one.room)}</h2>{_svg([s for s in segments if s.room == one.room])}" for one in now
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>History of moods</title>'
        "<style>body{font-family:system-ui,sans-serif;margin:2rem}svg{max-width:100%;height:auto}</style>"
        f"<h1>History of moods</h1>{rooms}<pre>{html.escape(text(now, before))}</pre></html>"
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise EdgeError(f"{path}: cannot write the report: {error.strerror}") from error


def _svg(segments: Sequence[Segment]) -> str:
    cells = week(segments, None)
    shapes = []
    for (day, hour), cell in sorted(cells.items()):
        emotion, share = _prevailing(cell)
        title = f"{DAYS[day]} {hour}:00, {emotion} {share:.0%}"
        shapes.append(
            f'<rect x="{40 + hour * _CELL}" y="{20 + day * _CELL}" width="{_CELL - 1}" height="{_CELL - 1}" '
            f'fill="{COLOURS[emotion]}" fill-opacity="{max(share, 0.15):.2f}"><title>{title}</title></rect>'
        )
    days = "".join(f'<text x="0" y="{34 + day * _CELL}">{name}</text>' for day, name in enumerate(DAYS))
    hours = "".join(f'<text x="{40 + hour * _CELL}" y="14">{hour}</text>' for hour in range(0, 24, 3))
    return (
        f'<svg viewBox="0 0 {40 + 24 * _CELL} {20 + 7 * _CELL}" width="{40 + 24 * _CELL}" font-size="12" '
        f'font-family="system-ui" role="img" aria-label="mood by weekday and hour">{days}{hours}'
        f"{''.join(shapes)}</svg>"
    )
