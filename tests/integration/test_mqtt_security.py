"""Passwords, access lists, TLS and client certificates on a real mosquitto."""

import logging
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.certificates import Authority
from integration.hub import Hub

MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]
HALL_ONLY = """
user hall
pattern write emotion-edge/%u/#
pattern read emotion-edge/%u/+/set
pattern read emotion-edge/%u/request/+
topic read homeassistant/status
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker with the users hall and boss; hall may write below its own name, but no discovery."""
    passwords, access = tmp_path / "passwords", tmp_path / "access"
    passwords.touch(mode=0o600)
    for user in ("hall", "boss"):
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, f"{user}-secret"], check=True)
    access.write_text(HALL_ONLY + "\nuser boss\ntopic readwrite #\n")
    access.chmod(0o600)
    settings = (f"password_file {passwords}", f"acl_file {access}")
    broker = Mosquitto(tmp_path, *settings, anonymous=False).start()
    yield broker
    broker.stop()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_the_right_password_connects(guarded: Mosquitto, hub: MakeHub, protocol: str) -> None:
    hub(guarded.port, username="boss", password="boss-secret", protocol=protocol).start().wait()


@pytest.mark.parametrize("protocol", ["auto", "5", "3.1.1"])
def test_a_wrong_password_is_explained_and_tried_slowly(
    guarded: Mosquitto, hub: MakeHub, caplog: pytest.LogCaptureFixture, protocol: str
) -> None:
    with caplog.at_level(logging.WARNING):
        one = hub(guarded.port, username="boss", password="wrong", protocol=protocol).start()
        eventually(lambda: "refused" in caplog.text)
        refused_at = time.monotonic()
        eventually(lambda: guarded.log().count("New connection from") >= 3, what="it tries again")
    text = caplog.text
    assert f"the broker at 127.0.0.1:{guarded.port} refused user 'boss'" in text
    assert "mqtt.password_file" in text
    assert "wrong" not in text
    assert not one.publisher.connected
    assert guarded.log().count("New connection from") <= 5 + 4 * (time.monotonic() - refused_at)


def test_a_password_that_becomes_right_connects(guarded: Mosquitto, hub: MakeHub, tmp_path: Path) -> None:
    one = hub(guarded.port, username="late", password="late-secret").start()
    eventually(lambda: "refused user" in (one.publisher.status()["trouble"] or ""))
    subprocess.run(["mosquitto_passwd", "-b", str(tmp_path / "passwords"), "late", "late-secret"], check=True)
    guarded.stop()
    guarded.start()
    one.wait()


def test_what_the_access_list_denies_is_named(guarded: Mosquitto, hub: MakeHub) -> None:
    one = hub(guarded.port, username="hall", password="hall-secret").start().wait()
    one.feel("happy")
    eventually(one.publisher.problems)
    (problem,) = one.publisher.problems()
    assert "denies a publication" in problem
    assert "must let hall write emotion-edge/hall/#" in problem


def test_a_hub_confined_to_its_name_publishes_and_is_commanded(
    guarded: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    boss = witness(guarded.port, "emotion-edge/#", user=("boss", "boss-secret"))
    one = hub(guarded.port, username="hall", password="hall-secret").start().wait()
    foreign = hub(guarded.port, "attic", machine="f", username="hall", password="hall-secret").start().wait()
    one.feel("happy")
    foreign.feel("sad")
    assert boss.wait_for("hall/state")[0]["emotion"] == "happy"
    boss.say("emotion-edge/hall/camera/set", "OFF")
    eventually(lambda: one.commands)
    assert not boss.on("attic/state")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Signs the broker's and the clients' certificates."""
    return Authority(tmp_path)


@pytest.fixture
def tls_broker(tmp_path: Path, authority: Authority) -> Iterator[Mosquitto]:
    """A broker that speaks TLS only and wants a certificate of its clients."""
    certificate, key = authority.issue("broker", host="127.0.0.1")
    broker = Mosquitto(
        tmp_path,
        f"cafile {authority.ca}",
        f"certfile {certificate}",
        f"keyfile {key}",
        "require_certificate true",
        "use_identity_as_username true",
    ).start()
    yield broker
    broker.stop()


def test_tls_with_a_client_certificate(tls_broker: Mosquitto, authority: Authority, hub: MakeHub) -> None:
    certificate, key = authority.issue("hall")
    tls = {"enabled": True, "ca": authority.ca, "certificate": certificate, "key": key}
    one = hub(tls_broker.port, tls=tls).start().wait()
    one.feel("happy")
    eventually(lambda: "emotion-edge/hall/state" in tls_broker.log())
    assert "u'hall'" in tls_broker.log()
    assert one.publisher.stop()
    eventually(lambda: "emotion-edge/hall/availability', ... (7 bytes)" in tls_broker.log())


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ({"enabled", "ca", "certificate", "key"}, "closed the connection without an answer"),
        ({"ca"}, "self-signed certificate in certificate chain"),
        ({"certificate", "key"}, "check mqtt.port and mqtt.tls"),
    ],
)
def test_a_tls_mistake_is_explained(
    tls_broker: Mosquitto,
    authority: Authority,
    hub: MakeHub,
    missing: set[str],
    says: str,
) -> None:
    certificate, key = authority.issue("hall")
    tls = {"enabled": True, "ca": authority.ca, "certificate": certificate, "key": key}
    one = hub(tls_broker.port, tls={name: tls[name] for name in tls.keys() - missing}).start()
    eventually(lambda: says in (one.publisher.status()["trouble"] or ""), what=str(one.publisher.status()))
    trouble = one.publisher.status()["trouble"]
    assert "mqtt.tls" in trouble
    assert not one.publisher.connected


def test_a_certificate_for_another_host_is_refused_unless_told_otherwise(
    tmp_path: Path, authority: Authority, hub: MakeHub
) -> None:
    certificate, key = authority.issue("elsewhere", host="elsewhere.example")
    settings = (f"cafile {authority.ca}", f"certfile {certificate}", f"keyfile {key}")
    broker = Mosquitto(tmp_path, *settings).start()
    try:
        careful = hub(broker.port, tls={"enabled": True, "ca": authority.ca}).start()
        eventually(lambda: "mismatch" in (careful.publisher.status()["trouble"] or ""))
        hub(broker.port, "attic", tls={"enabled": True, "insecure": True}).start().wait()
    finally:
        broker.stop()
