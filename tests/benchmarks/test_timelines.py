from typing import Any

from benchmarks.timelines import agreement, compared, paired, points


def document(*moods: str, people: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "file": "f",
        "duration_s": float(len(moods)),
        "fused": [{"t": float(at), "emotion": mood} for at, mood in enumerate(moods)],
        "people": people or [],
        "speakers": [],
        "face": [],
        "speech": [],
    }


def person(*spans: tuple[float, float, str]) -> dict[str, Any]:
    return {"timeline": [{"start_s": a, "end_s": b, "emotion": mood} for a, b, mood in spans]}


def test_the_share_of_seconds_that_agree() -> None:
    found = compared(document("happy", "happy", "sad", "sad"), document("happy", "happy", "sad", "none"))
    assert found["room"] == 0.75
    assert found["people"] is None


def test_people_are_paired_by_the_time_they_share() -> None:
    early, late = person((0, 4, "happy")), person((10, 14, "sad"))
    a, b = document(people=[early, late]), document(people=[late, early])
    assert compared(a, b)["people"] == 1.0
    assert compared(a, document(people=[early]))["people"] == 0.5


def test_nobody_is_paired_twice() -> None:
    assert paired([{1: "happy"}, {1: "sad"}], [{1: "sad"}]) == [
        ({1: "happy"}, {1: "sad"}),
        ({1: "sad"}, {}),
    ]
    assert agreement([({1: "a"}, {1: "a", 2: "b"})]) == 0.5


def test_a_mood_holds_until_the_next_point() -> None:
    told = document("happy", "sad")
    told["duration_s"] = 5.0
    assert points(told) == {0: "happy", 1: "sad", 2: "sad", 3: "sad", 4: "sad"}
