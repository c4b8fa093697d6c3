import json
import re
from typing import Any

import numpy as np

from edge.analysis.moments import Moment
from edge.analysis.people import Person
from edge.analysis.recording import Recording
from edge.analysis.report.overview import overview
from edge.analysis.report.page import page
from edge.analysis.timeline import FusedPoint, Timeline
from edge.analysis.verdicts import UNSURE, Span


def recording(file: str = "film.mp4") -> Recording:
    found = Recording(
        Timeline(file, duration=20.0, frames_read=300), {"channels": "auto"}, {"face": "ab" * 32}
    )
    found.people = [Person(3, 1.0, 9.0, 12, (Span(1, 5, "happy", 0.9), Span(5, 6, UNSURE, 0.0)))]
    found.moments = [Moment(1.0, 5.0, 3, "happy for 4 s", 1.0)]
    found.timeline.fused = [
        FusedPoint(t, "happy", 0.9, np.full(7, 1 / 7), ("face",)) for t in (1.0, 2.0, 19.0)
    ]
    found.fused_speaker = [None] * 3
    return found


def data(text: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert match is not None
    return json.loads(match[1])


def test_the_page_holds_lanes_moments_and_figures_of_everybody() -> None:
    found = data(page(recording()))
    assert [lane["label"] for lane in found["lanes"]] == ["room", "person 3"]
    assert found["lanes"][1]["spans"][0] == [1, 5, "happy", 0.9]
    assert found["moments"] == [{"start": 1.0, "end": 5.0, "who": "person 3", "why": "happy for 4 s"}]
    row = dict(zip(found["columns"], found["table"][1], strict=True))
    assert (row[""], row["not told"], row["sure"], row["happy"]) == ("person 3", "20%", "90%", "100%")
    assert ["Model face", "sha256 " + "ab" * 32] in found["made"]


def test_a_mood_of_the_room_is_not_drawn_over_a_long_absence() -> None:
    assert data(page(recording()))["lanes"][0]["spans"][0][:2] == [1.0, 7.0]


def test_the_page_needs_no_network() -> None:
    text = page(recording())
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", text)
    assert "default-src 'none'" in text


def test_no_name_of_a_file_ends_the_data() -> None:
    name = "</script><script>alert(1)</script>.wav"
    text = page(recording(name))
    assert name not in text
    assert data(text)["made"][0] == ["File", name]


def test_the_overview_links_each_report_and_names_what_failed() -> None:
    rows: list[dict[str, Any]] = [
        {"file": "a b.wav", "name": "sub/a b", "kind": "speaker", "id": "left", "emotion": "sad", "sad": 1.0},
        {"file": "c.wav", "name": "c", "kind": "file", "error": "c.wav: empty"},
    ]
    found = data(overview(rows))
    assert found["rows"][0]["report"] == "sub/a%20b.html"
    assert found["rows"][1]["error"] == "c.wav: empty"
    assert found["sub"] == "2 recordings, 1 could not be read"
