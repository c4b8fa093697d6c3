import logging

import pytest

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.outage import CUTS_OF_A_TWIN, REMINDER, SETTLED, Outage

ENDPOINT = Endpoint(
    host="hub",
    port=1883,
    client_id="emotion-edge-hall-1",
    keepalive=30,
    username=None,
    password=None,
    tls=None,
)
LOST = Disconnect(Cause.LOST)
CUT = Disconnect(Cause.CUT)
AWAY = Disconnect(Cause.UNREACHABLE, "Connection refused")


def test_an_outage_lasts_from_the_first_loss_to_a_settled_connection() -> None:
    outage = Outage(ENDPOINT, 0.0)
    outage.ended(AWAY, 1.0)
    assert outage.outage(10.0) == 10.0
    outage.opened(10.0)
    outage.ended(LOST, 12.0)
    assert outage.outage(13.0) == 13.0
    outage.opened(20.0)
    outage.ended(LOST, 20.0 + SETTLED)
    assert outage.outage(21.0 + SETTLED) == 1.0


def lives(outage: Outage, *ends: Disconnect) -> list[Cause]:
    """Connections of half a second, one a second, and what each of their ends means."""
    meanings = []
    for moment, end in enumerate(ends):
        if end is not AWAY:
            outage.opened(float(moment))
        meanings.append(outage.ended(end, moment + 0.5).cause)
    return meanings


def test_a_broker_that_cuts_every_connection_at_once_means_a_second_client() -> None:
    outage = Outage(ENDPOINT, 0.0)
    assert lives(outage, *[CUT] * CUTS_OF_A_TWIN) == [Cause.CUT] * (CUTS_OF_A_TWIN - 1) + [Cause.TAKEN_OVER]
    assert "emotion-edge-hall-1" in outage.explain()


def test_a_broker_that_restarts_again_and_again_does_not() -> None:
    assert Cause.TAKEN_OVER not in lives(Outage(ENDPOINT, 0.0), *[CUT, AWAY] * 5)


def test_a_broker_that_says_why_it_closes_is_believed() -> None:
    assert Cause.TAKEN_OVER not in lives(Outage(ENDPOINT, 0.0), *[LOST] * 10)


def test_attempts_that_fail_are_no_sign_of_a_second_client() -> None:
    outage = Outage(ENDPOINT, 0.0)
    assert {outage.ended(AWAY, float(moment)).cause for moment in range(20)} == {Cause.UNREACHABLE}


def test_the_same_trouble_is_told_once_and_again_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(ENDPOINT, 0.0)
    with caplog.at_level(logging.WARNING):
        for moment in range(5):
            outage.ended(AWAY, float(moment))
        assert len(caplog.records) == 1
        outage.ended(AWAY, REMINDER + 1.0)
        assert len(caplog.records) == 2
        outage.ended(Disconnect(Cause.CREDENTIALS), REMINDER + 2.0)
        assert len(caplog.records) == 3
