"""Label files for other programs: WebVTT for players, labels for Audacity, EAF for ELAN."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from edge.analysis.moments import Moment
from edge.analysis.report.lanes import Lane

__all__ = ["EXPORTS", "Labels", "audacity", "elan", "webvtt"]


Mark = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """What is exported: lanes, moments, and the address of the recording they belong to."""

    lanes: Sequence[Lane]
    moments: Sequence[Moment]
    media: str


def webvtt(found: Labels) -> str:
    """Subtitles: who shows what. https://www.w3.org/TR/webvtt1/"""
    cues = sorted(
        (span.start, span.end, f"<v {_voice(lane.label)}>{span.emotion} {span.confidence:.0%}")
        for lane in found.lanes
        for span in lane.told
    )
    told = (f"{_stamp(start)} --> {_stamp(end)}\n{text}\n" for start, end, text in cues)
    return "\n".join([f"WEBVTT {_voice(found.media)}".rstrip() + "\n", *told])


def audacity(found: Labels) -> str:
    """A label track of Audacity: start, end and text, tab-separated."""
    rows = [
        (span.start, span.end, f"{lane.label}: {span.emotion}") for lane in found.lanes for span in lane.told
    ]
    rows += [(one.start, one.end, f"listen: {one.why}") for one in found.moments]
    return "".join(f"{start:.6f}\t{end:.6f}\t{_line(text)}\n" for start, end, text in sorted(rows))


def elan(found: Labels) -> str:
    """An annotation document of ELAN, a tier for each lane and one for the moments (EAF 3.0)."""
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {"AUTHOR": "emotion-edge", "DATE": "1970-01-01T00:00:00+00:00", "FORMAT": "3.0", "VERSION": "3.0"},
    )
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    ET.SubElement(header, "MEDIA_DESCRIPTOR", {"MEDIA_URL": found.media, "MIME_TYPE": "unknown"})
    order = ET.SubElement(root, "TIME_ORDER")
    number = count(1)
    for name, held in _tiers(found):
        tier = ET.SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": "default-lt", "TIER_ID": name})
        for start, end, text in _apart(held):
            _annotate(tier, order, next(number), (start, end), text)
    ET.SubElement(
        root, "LINGUISTIC_TYPE",
        {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": "default-lt", "TIME_ALIGNABLE": "true"},
    )  # fmt: skip
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _tiers(found: Labels) -> Iterator[tuple[str, list[Mark]]]:
    for lane in found.lanes:
        yield lane.label, [(one.start, one.end, f"{one.emotion} {one.confidence:.2f}") for one in lane.told]
    yield "moments", [(one.start, one.end, one.why) for one in found.moments]


def _annotate(tier: ET.Element, order: ET.Element, number: int, span: tuple[float, float], text: str) -> None:
    slots = [f"ts{2 * number - 1}", f"ts{2 * number}"]
    for slot, moment in zip(slots, span, strict=True):
        value = str(round(1000 * moment))
        ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slot, "TIME_VALUE": value})
    annotation = ET.SubElement(
        ET.SubElement(tier, "ANNOTATION"),
        "ALIGNABLE_ANNOTATION",
        {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": slots[0], "TIME_SLOT_REF2": slots[1]},
    )
    ET.SubElement(annotation, "ANNOTATION_VALUE").text = text


Export = Callable[[Labels], str]
EXPORTS: Final[dict[str, tuple[str, Export]]] = {
    "vtt": (".vtt", webvtt),
    "audacity": (".labels.txt", audacity),
    "elan": (".eaf", elan),
}
"""Name of each export → ending of its file and what writes it."""


def _apart(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Without overlaps, which a tier of ELAN cannot hold."""
    until = 0.0
    for start, end, text in sorted(marks):
        begin = max(start, until)
        if end - begin >= 0.001:
            until = end
            yield begin, end, text


def _stamp(seconds: float) -> str:
    whole = round(1000 * seconds)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def _voice(text: str) -> str:
    return _line(text).replace("&", "and").replace("<", "").replace(">", "").replace("-->", "")


def _line(text: str) -> str:
    return " ".join(text.split())
