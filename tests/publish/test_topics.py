from pathlib import Path

from edge.publish.topics import Topics, client_id, machine_digest


def test_topics_lie_below_prefix_and_device() -> None:
    topics = Topics("emotion-edge", "livingroom")
    assert topics.of("state") == "emotion-edge/livingroom/state"
    assert topics.discovery == "homeassistant/device/emotion_edge_livingroom/config"


def test_only_three_subscriptions_and_none_covers_what_the_daemon_says() -> None:
    assert Topics("emotion-edge", "hall", "ha").subscriptions() == (
        "emotion-edge/hall/+/set",
        "emotion-edge/hall/request/+",
        "ha/status",
    )


def test_the_same_device_under_two_prefixes_is_two_devices_in_home_assistant() -> None:
    assert Topics("emotion-edge", "hall").node == "emotion_edge_hall"
    assert Topics("upstairs", "hall").node == "upstairs_hall"


def test_machines_differ_and_the_machine_id_itself_is_not_told(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("0123456789abcdef0123456789abcdef\n")
    second.write_text("fedcba9876543210fedcba9876543210\n")
    digests = {machine_digest(first), machine_digest(second), machine_digest(tmp_path / "missing")}
    assert len(digests) == 3
    assert all(len(digest) == 8 and digest not in first.read_text() for digest in digests)
    assert machine_digest(first) == machine_digest(first)
    assert client_id("hall", "00ff00ff") == "emotion-edge-hall-00ff00ff"
