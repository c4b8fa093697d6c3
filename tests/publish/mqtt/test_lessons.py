from edge.publish.mqtt.disconnect import Cause, Disconnect
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.mqtt.lessons import Lessons
from edge.publish.mqtt.limits import Limits
from edge.publish.mqtt.outage import CUTS_OF_A_TWIN, SETTLED
from edge.publish.mqtt.packet_guess import Suspect, prime_suspect
from edge.publish.mqtt.will_offers import WillOffers

CUT = Disconnect(Cause.CUT)
AWAY = Disconnect(Cause.UNREACHABLE)
HUNG_UP = Disconnect(Cause.HUNG_UP)
CONFIG = Suspect("ha/config", 6123)


def lessons() -> Lessons:
    endpoint = Endpoint(
        host="hub", port=1883, client_id="edge-1", keepalive=30, username=None, password=None, tls=None
    )
    return Lessons(endpoint, "00aa", 0.0)


def cut(taught: Lessons, at: float, suspect: Suspect | None = None) -> None:
    """A connection that was cut half a second after it was opened."""
    taught.outage.opened(at)
    taught.learn(CUT, suspect, at + 0.5)


def test_two_cuts_at_one_large_message_give_a_limit() -> None:
    taught = lessons()
    cut(taught, 1.0, CONFIG)
    assert taught.limits(Limits()).packet is None
    cut(taught, 2.0, CONFIG)
    assert taught.limits(Limits()).packet == 6122


def test_of_all_that_was_not_acknowledged_the_largest_is_suspected() -> None:
    small, info = Suspect("camera", 33), Suspect("info", 3279)
    assert prime_suspect([small, info, CONFIG, small]) == CONFIG
    assert prime_suspect([small]) is None, "no broker has so low a limit"


def test_what_was_too_large_is_no_sign_of_a_twin() -> None:
    taught = lessons()
    for moment, suspect in enumerate([CONFIG, CONFIG, Suspect("info", 3279), Suspect("info", 3279)]):
        cut(taught, float(moment), suspect)
    assert taught.endpoint().client_id == "edge-1"
    assert taught.limits(Limits()).packet == 3278


def test_a_limit_that_was_a_twin_is_forgotten() -> None:
    taught = lessons()
    for moment, suspect in enumerate([CONFIG, CONFIG, *[None] * CUTS_OF_A_TWIN]):
        cut(taught, float(moment), suspect)
    assert taught.endpoint().client_id == "edge-1-00aa"
    assert taught.limits(Limits()).packet is None


def test_cuts_at_different_messages_give_none() -> None:
    taught = lessons()
    for moment, suspect in enumerate((CONFIG, Suspect("info", 900), CONFIG, None, CONFIG)):
        cut(taught, float(moment), suspect)
    assert taught.limits(Limits()).packet is None


def test_a_limit_is_forgotten_with_the_broker() -> None:
    taught = lessons()
    cut(taught, 1.0, CONFIG)
    cut(taught, 2.0, CONFIG)
    taught.learn(AWAY, None, 3.0)
    assert taught.limits(Limits()).packet is None


def test_a_cut_long_after_the_start_teaches_nothing() -> None:
    taught = lessons()
    for start in (0.0, 1000.0):
        taught.outage.opened(start)
        taught.learn(CUT, CONFIG, start + SETTLED)
    assert taught.limits(Limits()).packet is None


def test_a_likely_twin_is_left_the_name_until_the_broker_is_another() -> None:
    taught = lessons()
    for moment in range(CUTS_OF_A_TWIN):
        assert taught.endpoint().client_id == "edge-1"
        cut(taught, float(moment))
    assert taught.endpoint().client_id == "edge-1-00aa"
    taught.learn(AWAY, None, 10.0)
    assert taught.endpoint().client_id == "edge-1"


def test_a_refused_will_is_offered_without_what_was_refused() -> None:
    wills = WillOffers()
    plain = wills.following(wills.first(), Disconnect(Cause.RETAIN_REFUSED), modern=True)
    assert plain == Limits(retain=False)
    assert wills.following(plain, Disconnect(Cause.QOS_REFUSED), modern=True) == Limits(retain=False, qos=0)
    assert wills.following(Limits(), Disconnect(Cause.CREDENTIALS), modern=True) is None
    assert wills.following(Limits(), HUNG_UP, modern=True) is None


def test_a_broker_that_hangs_up_is_offered_every_will_once_beginning_with_the_one_it_took() -> None:
    wills = WillOffers()
    wills.took(Limits(qos=0))
    offered, tried = wills.first(), [wills.first()]
    while (following := wills.following(offered, HUNG_UP, modern=False)) is not None:
        tried.append(offered := following)
    assert tried[0] == Limits(qos=0)
    assert len(tried) == len(set(tried)) == 4
    wills.forget()
    assert wills.first() == Limits()
