from edge.publish.topics import Topics


def test_topics_lie_below_prefix_and_device() -> None:
    topics = Topics("emotion-edge", "livingroom")
    assert topics.of("state") == "emotion-edge/livingroom/state"
    assert topics.discovery == "homeassistant/device/emotion_edge_livingroom/config"


def test_only_three_subscriptions_and_none_covers_what_the_daemon_says() -> None:
    subscriptions = Topics("emotion-edge", "hall", "ha").subscriptions()
    assert tuple(one.filter for one in subscriptions) == (
        "emotion-edge/hall/+/set",
        "emotion-edge/hall/request/+",
        "ha/status",
    )


def test_the_same_device_under_two_prefixes_is_two_devices_in_home_assistant() -> None:
    assert Topics("emotion-edge", "hall").node == "emotion_edge_hall"
    assert Topics("upstairs", "hall").node == "upstairs_hall"
