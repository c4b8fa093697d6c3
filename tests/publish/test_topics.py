import pytest

from edge.publish.topics import Topics


def test_topics_lie_below_prefix_and_device() -> None:
    topics = Topics("emotion-edge", "livingroom")
    assert topics.of("state") == "emotion-edge/livingroom/state"
    assert topics.discovery == "homeassistant/device/emotion_edge_livingroom/config"


def test_no_subscription_covers_what_the_daemon_says_but_its_own_note() -> None:
    subscriptions = Topics("emotion-edge", "hall", "ha").subscriptions()
    assert tuple(one.filter for one in subscriptions) == (
        "emotion-edge/hall/camera/set",
        "emotion-edge/hall/microphone/set",
        "emotion-edge/hall/actions/set",
        "emotion-edge/hall/settings/set",
        "emotion-edge/hall/alert/ack",
        "emotion-edge/hall/unstored",
        "emotion-edge/hall/request/+",
        "ha/status",
    )


def test_only_the_switches_of_privacy_are_heard_whatever_floods() -> None:
    unlimited = [one.filter for one in Topics("e", "hall").subscriptions() if not one.limited]
    assert unlimited == ["e/hall/camera/set", "e/hall/microphone/set"]


def test_the_same_device_under_two_prefixes_is_two_devices_in_home_assistant() -> None:
    assert Topics("emotion-edge", "hall").node == "emotion_edge_hall"
    assert Topics("upstairs", "hall").node == "upstairs_hall"


def test_a_room_lies_one_level_deeper_and_is_another_device_in_home_assistant() -> None:
    room = Topics("emotion-edge", "hub").room("living")
    assert room.of("state") == "emotion-edge/hub/living/state"
    assert (room.node, room.room(None).node) == ("emotion_edge_hub__living", "emotion_edge_hub")


def test_with_rooms_the_switches_of_every_room_are_heard_whatever_floods() -> None:
    deeper = [one for one in Topics("e", "hub").subscriptions(rooms=True) if "+/" in one.filter]
    assert [(one.filter, one.limited) for one in deeper] == [
        ("e/hub/+/camera/set", False),
        ("e/hub/+/microphone/set", False),
        ("e/hub/+/settings/set", True),
    ]


def test_a_word_that_is_not_in_the_table_is_no_topic() -> None:
    with pytest.raises(ValueError, match="table of topics"):
        Topics("e", "hub").of("weather")
