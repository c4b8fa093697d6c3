import logging

import pytest

from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.outage import CUTS_OF_A_TWIN, REMINDER, SETTLED, Outage
from edge.publish.mqtt.packet_guess import Suspect

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
    assert outage.duration(10.0) == 10.0
    outage.opened(10.0)
    outage.ended(LOST, 12.0)
    assert outage.duration(13.0) == 13.0
    outage.opened(20.0)
    outage.ended(LOST, 20.0 + SETTLED)
    assert outage.duration(21.0 + SETTLED) == 1.0


def short_lives(outage: Outage, *ends: Disconnect, suspect: Suspect | None = None) -> Outage:
    """Connections of half a second, one a second, that end so."""
    for moment, end in enumerate(ends):
        if end is not AWAY:
            outage.opened(float(moment))
        outage.ended(end, moment + 0.5, suspect)
    return outage


def test_a_broker_that_cuts_every_connection_at_once_may_have_a_twin_of_ours() -> None:
    assert not short_lives(Outage(ENDPOINT, 0.0), *[CUT] * (CUTS_OF_A_TWIN - 1)).twin_likely
    outage = short_lives(Outage(ENDPOINT, 0.0), *[CUT] * CUTS_OF_A_TWIN)
    assert outage.twin_likely
    assert "another client" not in outage.explain()


@pytest.mark.parametrize("ends", [[CUT, AWAY] * 5, [LOST] * 10, [AWAY] * 20])
def test_a_broker_that_restarts_or_says_why_has_none(ends: list[Disconnect]) -> None:
    assert not short_lives(Outage(ENDPOINT, 0.0), *ends).twin_likely


def test_a_cut_is_explained_by_what_was_sent_last() -> None:
    outage = short_lives(Outage(ENDPOINT, 0.0), CUT, suspect=Suspect("ha/config", 6123))
    assert "lost (right after ha/config with 6123 bytes was sent)" in outage.explain()


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
