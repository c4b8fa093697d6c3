import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.publish.mqtt.disconnect import Cause, Disconnect, ReconnectDelays, explain

LOST = Disconnect(Cause.LOST)
REFUSED = Disconnect(Cause.CREDENTIALS)


def test_a_restarted_broker_is_found_within_two_seconds_of_a_forty_second_outage() -> None:
    assert ReconnectDelays().after(LOST, 40.0, share=lambda: 0.0) <= 2.0


def test_pauses_grow_with_the_outage_and_stop_growing() -> None:
    delays = [ReconnectDelays().after(LOST, outage, share=lambda: 0.0) for outage in (0, 10, 100, 86_400)]
    assert delays == [0.25, 0.5, 5.0, 30.0]


def test_what_a_human_must_mend_is_tried_slowly() -> None:
    assert ReconnectDelays().after(REFUSED, 0.0, share=lambda: 0.0) == 5.0
    assert ReconnectDelays().after(REFUSED, 86_400.0, share=lambda: 0.0) == 60.0


@given(st.sampled_from(Cause), st.floats(0, 1e7), st.floats(0, 1))
def test_a_pause_is_never_zero_and_never_longer_than_a_minute(
    cause: Cause, outage: float, share: float
) -> None:
    assert 0.1 < ReconnectDelays().after(Disconnect(cause), outage, share=lambda: share) <= 60.0


def test_hubs_do_not_come_back_in_the_same_instant() -> None:
    assert len({ReconnectDelays().after(LOST, 60.0) for _ in range(100)}) > 90


@pytest.mark.parametrize("cause", Cause)
def test_every_end_is_explained_with_the_broker_named(cause: Cause) -> None:
    text = explain(Disconnect(cause, "why"), address="hub:1883", user="edge", client="emotion-edge-a-1")
    assert "hub:1883" in text


def test_refused_credentials_name_user_and_remedy() -> None:
    text = explain(
        Disconnect(Cause.CREDENTIALS, "Not authorized"), address="hub:1883", user="edge", client="c"
    )
    assert "user 'edge'" in text
    assert "Not authorized" in text
    assert "mqtt.password_file" in text
    assert "without a user name" in explain(REFUSED, address="hub:1883", user=None, client="c")
