"""Two people side by side: the sample clip beside its mirror image, hidden for a while."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edge.analysis.analyze import analyze
from edge.analysis.packed import FaceReadings
from edge.analysis.people import people
from edge.config import Config
from edge.samples import sample_clip
from edge.vocabulary import LABELS, Reading


def reading(number: int, label: str, t: float) -> Reading:
    values = np.full(7, 0.01)
    values[LABELS.index(label)] = 0.94
    return Reading("face", values, 0.9, t, box=(0.1, 0.1, 0.2, 0.2), track=number)


def test_each_person_has_a_timeline_and_shares_of_their_own_time() -> None:
    seen = [reading(1, "happy", t) for t in np.arange(0, 3, 0.1)]
    seen += [reading(2, "sad", t) for t in np.arange(1, 2, 0.1)]
    seen += [reading(1, "angry", t) for t in np.arange(8, 9, 0.1)]
    one, two = people(FaceReadings(seen), Config().smoothing, 0.1)
    assert [(round(s.start, 1), round(s.end, 1), s.emotion) for s in one.spans] == [
        (0, 3, "happy"),
        (8, 9, "angry"),
    ]
    assert one.document()["summary"] == {"emotion": "happy", "shares": {"angry": 0.25, "happy": 0.75}}
    assert (two.number, two.document()["summary"]) == (2, {"emotion": "sad", "shares": {"sad": 1.0}})


def test_two_people_keep_their_numbers_through_a_short_occlusion(tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: apt-get install ffmpeg")
    film = tmp_path / "two.mp4"
    hidden = "drawbox=x=0:y=0:w=iw:h=ih:color=gray:t=fill:enable='between(t,3,4.5)'"
    graph = f"[0:v]split[a][b];[a]{hidden}[c];[b]hflip[d];[c][d]hstack"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", sample_clip(), "-t", "8", "-filter_complex", graph, "-an", film],
        check=True,
    )
    found = analyze(film, Config())
    assert [person.number for person in found.people] == [1, 2]
    left, right = sorted(found.people, key=lambda person: person.readings)
    assert right.readings - left.readings > 15
    for person in found.people:
        assert person.first < 1
        assert person.last > 7
        assert person.document()["summary"] == {"emotion": "happy", "shares": {"happy": 1.0}}
