import re
import xml.etree.ElementTree as ET

from edge.analysis.moments import Moment
from edge.analysis.report.exports import Labels, audacity, elan, webvtt
from edge.analysis.report.lanes import Lane
from edge.analysis.verdicts import UNSURE, Span

LABELS = Labels(
    [
        Lane("left", (Span(0.5, 61.25, "neutral", 0.61), Span(61.25, 62, UNSURE, 0.0))),
        Lane("<right> & co", (Span(3.0, 3700.5, "angry", 0.8),)),
    ],
    [
        Moment(3.0, 9.0, "right", "angry for 6 s,\tthen\nquiet", 1.0),
        Moment(8.0, 12.0, None, "both speak", 0.5),
    ],
    "calls/a & b.wav",
)


def test_subtitles_say_who_shows_what() -> None:
    text = webvtt(LABELS)
    assert text.startswith("WEBVTT")
    assert "00:00:00.500 --> 00:01:01.250\n<v left>neutral 61%" in text
    assert "00:00:03.000 --> 01:01:40.500\n<v right and co>angry 80%" in text
    assert UNSURE not in text


def test_labels_are_lines_of_start_end_and_text() -> None:
    lines = audacity(LABELS).splitlines()
    assert all(re.fullmatch(r"\d+\.\d{6}\t\d+\.\d{6}\t[^\t]+", line) for line in lines)
    assert "3.000000\t9.000000\tlisten: angry for 6 s, then quiet" in lines


def test_elan_has_a_tier_for_each_lane_and_no_overlap_in_one() -> None:
    root = ET.fromstring(elan(LABELS))
    slots = {one.get("TIME_SLOT_ID"): int(one.get("TIME_VALUE", "")) for one in root.iter("TIME_SLOT")}
    tiers = {one.get("TIER_ID"): list(one.iter("ALIGNABLE_ANNOTATION")) for one in root.iter("TIER")}
    assert list(tiers) == ["left", "<right> & co", "moments"]
    spans = [(slots[a.get("TIME_SLOT_REF1")], slots[a.get("TIME_SLOT_REF2")]) for a in tiers["moments"]]
    assert spans == [(3000, 9000), (9000, 12_000)]
    assert root.find(".//ANNOTATION_VALUE") is not None
