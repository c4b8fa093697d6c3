from ipaddress import ip_network

import pytest

from edge.kiosk.access import Access, DeniedError, Request
from edge.kiosk.tokens import Role

VIEW, STEER = "view-token-of-16-and-more", "steer-token-of-16-and-more"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def access(*, tokens: bool = False, proxies: tuple[str, ...] = (), clock: Clock | None = None) -> Access:
    known = {VIEW: Role.VIEW, STEER: Role.STEER} if tokens else {}
    networks = [ip_network(text) for text in proxies]
    return Access(
        tokens=known,
        hosts=["localhost", "hub.local"],
        proxies=networks,
        clock=clock or Clock(),
        wall=clock or Clock(),
    )


def asked(
    method: str = "GET", peer: str = "127.0.0.1", session: str | None = None, **headers: str
) -> Request:
    named = {name.replace("_", "-"): value for name, value in {"host": "localhost:8780", **headers}.items()}
    return Request(method, peer, named, session=session)


@pytest.mark.parametrize("host", ["localhost", "localhost:8780", "HUB.local", "127.0.0.1:8780", "[::1]:8780"])
def test_names_of_this_page_and_addresses_are_welcome(host: str) -> None:
    assert access().role(asked(host=host)) is Role.STEER


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8780", "localhost.evil.example", "hub.local.x"]
)
def test_a_rebound_name_is_refused(host: str) -> None:
    with pytest.raises(DeniedError, match="not a name of this page") as refusal:
        access().role(asked(host=host))
    assert refusal.value.status == 421


@pytest.mark.parametrize("host", ["", "[::1", ":80"])
def test_a_malformed_host_is_refused(host: str) -> None:
    with pytest.raises(DeniedError) as refusal:
        access().role(asked(host=host))
    assert refusal.value.status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "http://localhost:8780"},
    ],
)
def test_another_site_cannot_change_anything(headers: dict[str, str]) -> None:
    with pytest.raises(DeniedError, match="another site"):
        access().role(asked("POST", **headers))


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://localhost:8780"}, {"sec_fetch_site": "same-origin"}]
)
def test_the_page_itself_and_programs_may_change_things(headers: dict[str, str]) -> None:
    assert access().role(asked("POST", **headers)) is Role.STEER


def test_an_undeclared_proxy_does_not_pass_for_this_machine() -> None:
    with pytest.raises(DeniedError, match="trusted_proxies"):
        access().role(asked(x_forwarded_for="203.0.113.9"))


def test_a_declared_proxy_brings_its_own_name() -> None:
    behind = access(proxies=("172.30.32.0/23",))
    ingress = {"host": "ha.example", "x_forwarded_for": "203.0.113.9", "origin": "https://ha.example"}
    assert behind.role(asked("POST", peer="172.30.32.2", **ingress)) is Role.STEER
    assert behind.role(asked("POST", peer="::ffff:172.30.32.2", **ingress)) is Role.STEER


def test_beside_a_declared_proxy_only_this_machine_may_ask() -> None:
    with pytest.raises(DeniedError, match="only the proxies"):
        access(proxies=("172.30.32.2",)).role(asked(peer="192.0.2.7", host="192.0.2.1"))


def test_without_a_token_nobody_sees_anything_where_tokens_are_asked_for() -> None:
    assert access(tokens=True).role(asked()) is Role.NOBODY


@pytest.mark.parametrize(("token", "role"), [(VIEW, Role.VIEW), (STEER, Role.STEER), ("wrong", Role.NOBODY)])
def test_a_bearer_token_gives_its_role(token: str, role: Role) -> None:
    assert access(tokens=True).role(asked(authorization=f"Bearer {token}")) is role


def log_in(guarded: Access, token: str, **asking: str) -> tuple[str, Role]:
    return guarded.log_in(asked("POST", **asking), token)


def test_a_session_lasts_a_month() -> None:
    clock = Clock()
    guarded = access(tokens=True, clock=clock)
    session, role = log_in(guarded, VIEW)
    assert role is Role.VIEW
    assert guarded.role(asked(session=session)) is Role.VIEW
    clock.now += 31 * 86_400
    assert guarded.role(asked(session=session)) is Role.NOBODY


def test_a_session_outlasts_the_daemon_but_not_its_token() -> None:
    session, _ = log_in(access(tokens=True), STEER)
    assert access(tokens=True).role(asked(session=session)) is Role.STEER
    changed = Access(
        tokens={"another-token-of-16": Role.STEER}, hosts=["localhost"], clock=Clock(), wall=Clock()
    )
    assert changed.role(asked(session=session)) is Role.NOBODY


@pytest.mark.parametrize(
    "damage", ["", ".", "x", "9" * 15, "-1.0", "\udcff\udcfe", "9" * 20 + ".0", "\u0661.0"]
)
def test_a_session_that_was_not_given_opens_nothing(damage: str) -> None:
    guarded = access(tokens=True)
    end, _, signature = log_in(guarded, VIEW)[0].partition(".")
    assert guarded.role(asked(session=damage)) is Role.NOBODY
    assert guarded.role(asked(session=f"{int(end) + 1}.{signature}")) is Role.NOBODY
    assert guarded.role(asked(session=f"{end}.{damage}")) is Role.NOBODY


def test_guessing_is_slowed_down_and_forgiven() -> None:
    clock = Clock()
    guarded = access(tokens=True, clock=clock)
    for guess in (*range(9), *[0] * 20):
        with pytest.raises(DeniedError, match="not accepted"):
            log_in(guarded, f"guess {guess}")
    assert guarded.role(asked(authorization="Bearer guess")) is Role.NOBODY
    for ask in (lambda: log_in(guarded, STEER), lambda: guarded.role(asked(authorization=f"Bearer {STEER}"))):
        with pytest.raises(DeniedError) as refusal:
            ask()
        assert refusal.value.status == 429
    clock.now += 61
    assert log_in(guarded, STEER)[1] is Role.STEER


def test_who_guesses_locks_out_nobody_else() -> None:
    guarded = access(tokens=True, proxies=("10.0.0.1",))

    def ask(peer: str, token: str, forwarded: str | None = None) -> Role:
        told = {} if forwarded is None else {"x_forwarded_for": forwarded}
        return guarded.role(asked(peer=peer, authorization=f"Bearer {token}", **told))

    for guess in range(10):
        ask("2001:db8::1", f"guess {guess}")
        ask("10.0.0.1", f"guess {guess}", f"{guess}.0.0.1, 203.0.113.9")
    for peer, forwarded in (("2001:db8::2", None), ("10.0.0.1", "203.0.113.9")):
        with pytest.raises(DeniedError, match="too many"):
            ask(peer, VIEW, forwarded)
    assert ask("2001:db8:0:1::1", VIEW) is Role.VIEW
    assert ask("10.0.0.1", VIEW, "203.0.113.10") is Role.VIEW


def test_a_cookie_believes_a_declared_proxy_alone() -> None:
    guarded = access(tokens=True, proxies=("10.0.0.1",))
    told = {"x_ingress_path": "/api/hassio_ingress/abc_1", "x_forwarded_proto": "https"}
    through, past = asked(peer="10.0.0.1", **told), asked(**told)
    assert (guarded.path(through), guarded.secure(through)) == ("/api/hassio_ingress/abc_1", True)
    assert (guarded.path(past), guarded.secure(past)) == ("/", False)
    for odd in ("/x; Domain=evil.example", "//evil.example", "x", "/a\r\nb"):
        assert guarded.path(asked(peer="10.0.0.1", x_ingress_path=odd)) == "/"


@pytest.mark.parametrize("host", ["evil@localhost", "localhost/evil", "localhost?x", "localhost#x", "a b"])
def test_a_host_is_a_name_and_nothing_else(host: str) -> None:
    with pytest.raises(DeniedError) as refusal:
        access().role(asked(host=host))
    assert refusal.value.status == 421
