import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.publish.commands import CommandError, failed, ok, parse_request, parse_set


@pytest.mark.parametrize(("payload", "on"), [(b"ON", True), (b"OFF", False), (b" on\n", True)])
def test_a_switch_takes_on_and_off(payload: bytes, on: bool) -> None:
    assert parse_set("camera", payload) is on


@pytest.mark.parametrize(
    ("name", "payload", "says"),
    [
        ("lamp", b"ON", "unknown switch 'lamp'; there are camera, microphone, actions"),
        ("camera", b"maybe", "camera/set takes ON or OFF, not 'MAYBE'"),
        ("camera", b"\xff\xfe", "takes ON or OFF"),
    ],
)
def test_a_wrong_switch_command_is_refused(name: str, payload: bytes, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        parse_set(name, payload)


def test_a_request_gives_arguments_and_transaction() -> None:
    assert parse_request("scores", b'{"transaction":"a7","of":"face"}') == ({"of": "face"}, "a7")
    assert parse_request("restart", b"{}") == ({}, None)
    assert parse_request("restart", b"") == ({}, None)


@pytest.mark.parametrize(
    ("name", "payload", "says"),
    [
        ("scores", b"{", "not JSON"),
        ("scores", b"[1]", "not a JSON object"),
        ("scores", b"[" * 4000, "not JSON"),
        ("scores", b" " * 5000, "longer than 4096 bytes"),
        ("scores", b'{"transaction":7}', "transaction must be a string"),
        ("sing", b"{}", "unknown command 'sing'; there are reload, restart"),
    ],
)
def test_a_wrong_request_is_refused(name: str, payload: bytes, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        parse_request(name, payload)


def test_an_unknown_command_still_gets_its_transaction_back() -> None:
    with pytest.raises(CommandError) as error:
        parse_request("sing", b'{"transaction":"a7"}')
    assert error.value.transaction == "a7"


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_request_whatever_does_harm(payload: bytes, name: str) -> None:
    for parse in (parse_request, parse_set):
        try:
            parse(name, payload)
        except CommandError as error:
            assert str(error)


def test_responses_carry_error_and_transaction_only_where_there_is_one() -> None:
    assert ok(x=1).payload(None) == {"status": "ok", "data": {"x": 1}}
    answer = failed("no camera").payload("a7")
    assert answer == {"status": "error", "data": {}, "error": "no camera", "transaction": "a7"}
    json.dumps(answer)


def test_a_switch_of_a_room_is_known_where_the_room_is() -> None:
    assert parse_set("living/camera", b"OFF", {"living"}) is False
    for name, says in (
        ("hall/camera", "no room 'hall'"),
        ("living/actions", "unknown switch"),
        ("living/lamp", "unknown switch"),
        ("a/b/camera", "no room 'a/b'"),
    ):
        with pytest.raises(CommandError, match=says):
            parse_set(name, b"OFF", {"living"})
