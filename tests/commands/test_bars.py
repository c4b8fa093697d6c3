from typing import Any

import pytest

from edge.commands.bars import bar, line, picture

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def room(**changes: Any) -> dict[str, Any]:
    shares = {label: 0.7 if label == "happy" else 0.05 for label in LABELS}
    return {
        "name": "Living room",
        "mood": {"emotion": "happy", "confidence": 0.7, "sure": True, "source": "fused"},
        "probabilities": {"face": shares, "speech": None, "steady": shares},
        "people": [{"number": 1}],
        "speaking": False,
        "failing": [],
        "switches": {"camera": True, "microphone": True, "actions": True},
        "valence": 0.52,
        "arousal": 0.4,
        "entropy": 1.44,
        "quality": 0.8,
    } | changes


def test_a_line_tells_the_mood_and_its_numbers() -> None:
    told = line(1_800_000_000.0, room())
    assert told.endswith(
        "Living room: happy 70% (fused), 1 person, valence +0.52, arousal +0.40, doubt 1.44 bits"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mood": {"emotion": "none", "confidence": 0.0, "sure": True, "source": "face"}}, "nobody is read"),
        ({"switches": {"camera": False, "microphone": False}}, "camera and microphone are closed"),
        ({"failing": ["camera", "microphone"]}, "cannot sense"),
        (
            {"mood": {"emotion": "sad", "confidence": 0.3, "sure": False, "source": "face"}},
            "sad 30%, not sure",
        ),
        ({"name": "a\x1b[2Jb"}, "a?[2Jb"),
        ({"speaking": True, "people": []}, "0 people, somebody speaks"),
    ],
)
def test_a_line_says_what_there_is_to_say(changes: dict[str, Any], says: str) -> None:
    assert says in line(0.0, room(**changes))


def test_no_valence_is_told_while_nobody_is_judged() -> None:
    assert "valence" not in line(0.0, room(quality=0.0))


@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_the_picture_has_a_bar_for_each_emotion_and_fits_the_terminal(width: int) -> None:
    rows = picture({"rooms": [room()], "health": {"problems": ["camera: gone"]}}, width)
    assert all(len(row) <= width for row in rows)
    assert [label for label in LABELS if any(row.startswith(label) for row in rows)] == list(LABELS)
    assert rows[-1] == "! camera: gone"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_is_cut_off_where_there_is_room_for_it(width: int) -> None:
    scores = room()["probabilities"]["steady"]
    both = room(probabilities={"face": scores, "speech": scores, "steady": scores})
    problem = "microphone: nothing comes; is it plugged in, and is its name the one in the configuration?"
    rows = picture({"rooms": [both], "health": {"problems": [problem]}}, width)
    assert any(row.endswith("   face speech") for row in rows)
    assert sum(row.count("%") == 3 for row in rows) == 7
    told = " ".join(row.strip() for row in rows)
    assert problem in told
    assert "bits" in told


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "    "), (1.0, "████"), (0.5, "██  "), (0.55, "██▎ "), (2.0, "████")]
)
def test_bars_are_as_long_as_their_share(share: float, shown: str) -> None:
    assert bar(share, 4) == shown


def test_a_terminal_without_blocks_gets_plain_characters() -> None:
    assert bar(0.5, 4, unicode=False) == "##  "
