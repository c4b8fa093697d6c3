import pytest

from edge.config.identity import proposed_id
from edge.config.models import DeviceConfig


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("kitchen", "kitchen"),
        ("Kitchen_Hub.lan", "kitchen-hub"),
        ("JETSON-4.fritz.box", "jetson-4"),
        ("küche", "k-che"),
        ("-x-", "x"),
        ("a" * 80, "a" * 64),
        ("", "emotion-edge"),
        ("localhost.localdomain", "emotion-edge"),
        ("キッチン", "emotion-edge"),
    ],
)
def test_the_host_s_name_becomes_an_id_that_topics_can_carry(host: str, expected: str) -> None:
    assert proposed_id(host) == expected
    assert DeviceConfig.model_validate({"id": expected}).id == expected
