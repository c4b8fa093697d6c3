from edge.publish.mqtt.message import Message
from edge.publish.mqtt.unacknowledged import Unacknowledged


def event(name: str) -> Message:
    return Message("event", name.encode())


def test_unseen_events_are_sent_again_within_their_lifetime() -> None:
    events = Unacknowledged(lifetime=5.0)
    events.add(event("old"), now=0.0, delivered=lambda: False)
    events.add(event("seen"), now=4.0, delivered=lambda: True)
    events.add(event("new"), now=4.0, delivered=lambda: False)
    assert [message.payload for message in events.take(6.0)] == [b"new"]
    assert events.dropped == 1
    assert events.take(6.0) == []


def test_the_memory_of_events_is_bounded() -> None:
    events = Unacknowledged(lifetime=5.0, capacity=3)
    for number in range(10):
        events.add(event(str(number)), now=0.0, delivered=lambda: False)
    assert [message.payload for message in events.take(0.0)] == [b"7", b"8", b"9"]
