from dataclasses import replace

import jsonschema
import schemas

from edge.mood.people import Person, PersonEvent
from edge.publish.people import PeopleFeed, person_event

ANNA = Person(3, "happy", 0.812, 90.0, "left", 0.7, (0.1, 0.2, 0.2, 0.3), "camera")
BEN = replace(ANNA, number=4, emotion=None, confidence=0.0, place="right")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def feed(clock: Clock) -> PeopleFeed:
    return PeopleFeed(heartbeat=60.0, wall=lambda: 1_800_000_000.0 + clock.now, monotonic=clock)


def test_the_list_fits_its_schema_and_says_when_visits_began() -> None:
    payload = feed(Clock()).offer([ANNA, BEN])
    assert payload is not None
    jsonschema.validate(payload, schemas.load("people"))
    assert payload["people"][0] == {
        "number": 3,
        "emotion": "happy",
        "confidence": 0.81,
        "since": "2027-01-15T08:01:30.000+00:00",
        "place": "left",
        "quality": 0.7,
    }


def test_an_arrival_and_a_change_are_told_at_once() -> None:
    clock = Clock()
    people = feed(clock)
    people.offer([ANNA])
    clock.now += 0.1
    assert people.offer([ANNA, BEN]) is not None
    clock.now += 0.1
    assert people.offer([ANNA, replace(BEN, emotion="sad")]) is not None


def test_what_fluctuates_is_not_told_and_a_move_waits_its_turn() -> None:
    clock = Clock()
    people = feed(clock)
    people.offer([ANNA])
    clock.now += 0.1
    assert people.offer([replace(ANNA, confidence=0.5, quality=0.1)]) is None
    moved = replace(ANNA, place="middle")
    assert people.offer([moved]) is None
    clock.now += 1.0
    told = people.due(clock.now)
    assert told is not None
    assert told["people"][0]["place"] == "middle"


def test_an_empty_room_is_told_too_and_repeated() -> None:
    clock = Clock()
    people = feed(clock)
    assert people.offer([]) is not None
    clock.now += 61
    repeated = people.offer([])
    assert repeated is not None
    assert repeated["people"] == []


def test_an_event_has_an_identity_of_its_own() -> None:
    events = [person_event(PersonEvent("left", ANNA), now=100.0, since=90.0) for _ in range(2)]
    for event in events:
        jsonschema.validate(event, schemas.load("person"))
    assert events[0]["id"] != events[1]["id"]
