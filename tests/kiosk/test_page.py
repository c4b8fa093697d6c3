import json
import logging
import re
import socket
from pathlib import Path

import pytest
from integration.broker import eventually
from kiosk.conftest import STEER, VIEW, Open, Site, Viewer

from edge.kiosk.assets import load_assets
from edge.vocabulary import LABELS

STATIC = Path(__file__).parents[2] / "edge" / "kiosk" / "static"


def test_the_page_comes_with_a_strict_policy_and_nothing_from_elsewhere(site: Site) -> None:
    answer = site.ask("GET", "")
    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for asset in STATIC.rglob("*.*"):
        if asset.suffix in (".html", ".js", ".css") and asset.parent == STATIC:
            assert not re.search(r"(src|href|url|from)\W{1,3}(https?:)?//", asset.read_text()), asset


def test_all_of_it_is_less_than_150_kilobytes_on_the_wire(site: Site) -> None:
    sent = 0
    for name in load_assets():
        path = (
            "" if name == "index.html" else "manifest.webmanifest" if "manifest" in name else f"static/{name}"
        )
        answer = site.ask("GET", path, Accept_Encoding="gzip")
        assert answer.status == 200, name
        sent += len(answer.body) + len(str(answer.headers))
    assert sent < 150_000


def test_a_file_that_did_not_change_is_not_sent_again(site: Site) -> None:
    tag = site.ask("GET", "static/app.js").headers["ETag"]
    assert site.ask("GET", "static/app.js", If_None_Match=tag).status == 304


@pytest.mark.parametrize(
    "path", ["static/../page.py", "static/%2e%2e/page.py", "static/..%2fpage.py", "static//etc/passwd", "x"]
)
def test_nothing_but_the_page_can_be_fetched(site: Site, path: str) -> None:
    assert site.ask("GET", path).status == 404


def test_the_state_has_everything_the_page_shows(site: Site) -> None:
    state = site.ask("GET", "api/v1/state").json()
    assert (state["schema"], state["may_steer"]) == (1, True)
    assert state["rooms"][0]["mood"]["emotion"] == "happy"
    assert set(state["rooms"][0]["probabilities"]["face"]) == set(LABELS)


def test_switching_is_done_when_it_is_answered(site: Site) -> None:
    state = site.ask("POST", "api/v1/switch", {"name": "camera", "on": False}).json()
    assert state["rooms"][0]["switches"]["camera"] is False
    assert site.hub.switches["camera"] is False


def test_settings_are_told_changed_and_given_back_to_the_file(site: Site) -> None:
    assert site.ask("GET", "api/v1/settings").json()["set"] == []
    changed = site.ask("POST", "api/v1/settings", {"people": "subject", "half_life": 2}).json()
    assert (changed["values"]["people"], changed["file"]["people"]) == ("subject", "all")
    assert site.ask("POST", "api/v1/settings", {"people": None}).json()["set"] == ["half_life"]
    assert site.ask("POST", "api/v1/settings", {"reset": True}).json()["set"] == []


def test_a_room_has_settings_of_its_own(site: Site) -> None:
    site.hub.furnish("Hall")
    changed = site.ask("POST", "api/v1/settings", {"room": "hall", "people": "subject"}).json()
    assert (changed["room"], changed["set"], changed["values"]["people"]) == ("hall", ["people"], "subject")
    assert site.ask("GET", "api/v1/settings").json()["rooms"] == {"living": {}, "hall": {"people": "subject"}}
    assert site.ask("GET", "api/v1/settings?room=living").json()["values"]["people"] == "all"
    assert site.ask("GET", "api/v1/settings?room=attic").status == 409
    assert site.ask("POST", "api/v1/settings", {"room": "hall", "reset": True}).json()["set"] == []
    assert site.ask("POST", "api/v1/settings", {"room": "hall", "face_model": "face"}).status == 409


@pytest.mark.parametrize("body", [{"people": "nobody"}, {"sensitivity": 101}, {"mqtt": {}}, {"reset": False}])
def test_settings_that_are_none_are_refused(site: Site, body: object) -> None:
    assert site.ask("POST", "api/v1/settings", body).status == 422


def test_an_alert_is_acknowledged_one_or_all(site: Site) -> None:
    assert site.ask("GET", "api/v1/state").json()["alert"] is None
    assert site.ask("POST", "api/v1/alert/ack", {"cause": "stress"}).status == 200
    assert site.ask("POST", "api/v1/alert/ack", {}).status == 200
    assert site.hub.acknowledged == ["stress", None]
    assert site.ask("POST", "api/v1/alert/ack", {"cause": 5}).status == 422


def test_a_refusal_of_the_daemon_is_told(site: Site) -> None:
    site.hub.refuses = "the state folder is full"
    answer = site.ask("POST", "api/v1/switch", {"name": "camera", "on": False})
    assert (answer.status, answer.json()) == (409, {"error": "the state folder is full"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "door", "on": True}, 422),
        ({"name": "camera"}, 422),
        ({"name": "camera", "on": True, "more": 1}, 422),
        ([], 422),
        ({"name": "camera", "on": True, "room": "x" * 5000}, 413),
    ],
)
def test_a_wrong_body_is_named(site: Site, body: object, status: int) -> None:
    answer = site.ask("POST", "api/v1/switch", body)
    assert answer.status == status
    assert answer.json()["error"]


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    answer = site.ask("POST", "api/v1/switch", {"name": "camera", "on": False}, Content_Type="text/plain")
    assert answer.status == 415
    assert site.hub.switches["camera"] is True


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e99", "x", ""])
def test_a_span_that_is_none_is_refused(site: Site, seconds: str) -> None:
    assert site.ask("GET", f"api/v1/history?seconds={seconds}").status == 400


def test_the_history_can_be_read_and_erased(site: Site) -> None:
    assert len(site.ask("GET", "api/v1/history?seconds=60").json()["rooms"]["living"]) == 1
    assert site.ask("DELETE", "api/v1/history").status == 200
    assert site.hub.erased


@pytest.mark.parametrize(
    "path", ["state", "people", "health", "info", "history", "week", "events", "openapi.json"]
)
def test_without_a_token_nothing_is_told(open_site: Open, path: str) -> None:
    site = open_site(tokens=True)
    assert site.ask("GET", f"api/v1/{path}").status == 401
    assert site.ask("GET", f"api/v1/{path}", Authorization="Bearer wrong").status == 401


def test_one_token_views_and_the_other_steers(open_site: Open) -> None:
    site = open_site(tokens=True)
    wish = {"name": "camera", "on": False}
    assert site.ask("GET", "api/v1/state", Authorization=f"Bearer {VIEW}").json()["may_steer"] is False
    assert site.ask("POST", "api/v1/switch", wish, Authorization=f"Bearer {VIEW}").status == 403
    assert site.ask("DELETE", "api/v1/history", Authorization=f"Bearer {VIEW}").status == 403
    assert site.ask("POST", "api/v1/switch", wish, Authorization=f"Bearer {STEER}").status == 200


def test_a_token_is_exchanged_for_a_cookie_that_scripts_cannot_read(open_site: Open) -> None:
    site = open_site(tokens=True, proxies=("127.0.0.0/8",))
    ingress = {"X_Ingress_Path": "/api/hassio_ingress/abc", "X_Forwarded_Proto": "https"}
    answer = site.ask("POST", "api/v1/session", {"token": VIEW}, **ingress)
    cookie = answer.headers["Set-Cookie"]
    assert answer.json() == {"may_steer": False}
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/api/hassio_ingress/abc"} <= set(
        cookie.split("; ")
    )
    assert VIEW not in cookie
    assert site.ask("GET", "api/v1/state", Cookie=cookie.split(";")[0]).status == 200
    assert site.ask("POST", "api/v1/session", {"token": "wrong"}).status == 401


def test_a_rebound_name_and_another_site_are_refused(site: Site) -> None:
    assert site.ask("GET", "api/v1/state", Host="evil.example").status == 421
    wish = {"name": "camera", "on": False}
    assert site.ask("POST", "api/v1/switch", wish, Origin="http://evil.example").status == 403


def read_event(stream: socket.socket, buffer: bytearray) -> dict[str, object]:
    while b"\n\n" not in buffer.partition(b"data: ")[2]:
        received = stream.recv(65_536)
        assert received, "the stream ended"
        buffer += received
    text, _, rest = buffer.partition(b"data: ")[2].partition(b"\n\n")
    buffer[:] = rest
    event: dict[str, object] = json.loads(text[text.index(b"{") : text.rindex(b"}") + 1])
    return event


def follow(site: Site) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", site.port), timeout=60)
    stream.sendall(b"GET /api/v1/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
    return stream


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n\r\n", 401),
        (b"GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\nCookie: emotion-edge-session=\xff\r\n\r\n", 401),
        (b"GET /static/%2e%2e/access.py HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET /static/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            415,
        ),
        (
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 3900\r\n\r\n" + b"[" * 3900,
            422,
        ),
    ],
)
def test_bytes_that_no_browser_sends_are_refused_without_a_fault(
    open_site: Open, request_: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    site = open_site(tokens=True)
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as client:
        client.sendall(request_)
        answer = b""
        while received := client.recv(65_536):
            answer += received
    assert answer.split()[1] == str(status).encode()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_viewer_is_told_of_every_change(site: Site) -> None:
    with follow(site) as stream:
        buffer = bytearray()
        assert "happy" in str(read_event(stream, buffer))
        site.hub.emotion = "sad"
        while '"emotion": "sad", "confidence": 0.7, "sure"' not in json.dumps(read_event(stream, buffer)):
            pass


def test_a_hundred_viewers_and_a_slow_one_get_in_nobodys_way(site: Site) -> None:
    with follow(site) as slow:
        read_event(slow, bytearray())  # and never again
        viewers = [Viewer(site) for _ in range(99)]
        try:
            eventually(lambda: all("happy" in viewer.newest for viewer in viewers))
            site.hub.emotion = "angry"
            eventually(lambda: all('"emotion":"angry"' in viewer.newest for viewer in viewers))
            assert site.ask("GET", "api/v1/state").status == 200
        finally:
            for viewer in viewers:
                viewer.close()
