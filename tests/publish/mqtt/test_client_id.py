from pathlib import Path

from edge.publish.mqtt.client_id import client_id, machine_digest


def test_machines_differ_and_the_machine_id_itself_is_not_told(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("0123456789abcdef0123456789abcdef\n")
    second.write_text("fedcba9876543210fedcba9876543210\n")
    digests = {machine_digest(first), machine_digest(second), machine_digest(tmp_path / "missing")}
    assert len(digests) == 3
    assert all(len(digest) == 8 and digest not in first.read_text() for digest in digests)
    assert machine_digest(first) == machine_digest(first)
    assert client_id("hall", "00ff00ff") == "emotion-edge-hall-00ff00ff"
