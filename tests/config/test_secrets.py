"""Passwords come from the right place and are never shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from edge.config import Config, digest, mask_text, masked, resolve_password
from edge.config.masking import mask_address, mask_arguments
from edge.config.models import MqttConfig
from edge.errors import ConfigError


def value(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def test_the_password_file_wins_over_the_credential(tmp_path: Path) -> None:
    (tmp_path / "mqtt-password").write_text("from systemd\n")
    own = tmp_path / "own"
    own.write_text("geheim ü \nsecond line\n", encoding="utf-8")
    env = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert value(resolve_password(MqttConfig(username="u", password_file=own), env)) == "geheim ü "
    assert value(resolve_password(MqttConfig(username="u"), env)) == "from systemd"
    assert value(resolve_password(MqttConfig(username="u", password=SecretStr("x")), env)) == "x"
    assert resolve_password(MqttConfig(), env) is None
    assert resolve_password(MqttConfig(username="u"), {}) is None
    assert resolve_password(MqttConfig(username="u"), {"CREDENTIALS_DIRECTORY": "/nonexistent"}) is None


def test_a_named_file_must_be_there_and_not_empty(tmp_path: Path) -> None:
    def message(path: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            resolve_password(MqttConfig(username="u", password_file=path), {})
        return str(caught.value)

    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    assert message(tmp_path / "none").startswith(f"mqtt.password_file: there is no file {tmp_path / 'none'}")
    assert "is empty" in message(empty)
    assert "not UTF-8" in message(binary)
    assert "cannot read" in message(tmp_path)


@pytest.fixture
def _not_root() -> Iterator[None]:
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    yield
    os.seteuid(before)


@pytest.fixture
def forbidden(tmp_path: Path) -> Path:
    path = tmp_path / "pw"
    path.write_text("x")
    path.chmod(0)
    return path


@pytest.mark.usefixtures("forbidden", "_not_root")
def test_a_forbidden_file_names_the_remedy(forbidden: Path) -> None:
    path = forbidden
    with pytest.raises(ConfigError, match="chmod 0640"):
        resolve_password(MqttConfig(username="u", password_file=path), {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://me:pw@cam/1?x=2", "rtsp://********@cam/1?x=2"),
        ("open rtsp://me:p@w@cam/ failed", "open rtsp://********@cam/ failed"),
        ("http://cam/x?user=a&password=pw&y=1", "http://cam/x?user=a&password=********&y=1"),
        ("http://h/?access_token=abc#f", "http://h/?access_token=********#f"),
        ("http://hub/api/webhook/abc-123", "http://hub/api/webhook/********"),
        ("http://cam/plain", "http://cam/plain"),
        ("mail me@example.org", "mail me@example.org"),
        ("rtsp://cam:554/user=a_password=tlJw_channel=1.sdp", "rtsp://cam:554/user=a_password=********"),
        (
            "https://hooks.slack.com/services/T0/B0/Zm9vYmFyYmF6cXV4MTIz",
            "https://hooks.slack.com/services/T0/B0/********",
        ),
        ("https://maker.example/with/key/abc12", "https://maker.example/with/key/********"),
        (
            '{"token":"a\\"b","pin": 1234,"user_code":\'9\',"n":1}',
            '{"token":"********","pin": "********","user_code":"********","n":1}',
        ),
        ("Authorization: Bearer abcdefgh", "Authorization: Bearer ********"),
        ("curl -d api_key=abc&n=1", "curl -d api_key=********&n=1"),
        ("mqtt.password: must be text", "mqtt.password: must be text"),
        ("mqtt.password_file: there is no file", "mqtt.password_file: there is no file"),
        ("reason code=3, exit code: 3", "reason code=3, exit code: 3"),
    ],
)
def test_credentials_within_urls_are_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown


CONFIG = Config.model_validate(
    {
        "camera": {"source": "rtsp://me:hunter2@cam/x"},
        "mqtt": {"username": "u", "password": "hunter2"},
        "privacy": {"indicator_command": ["/usr/bin/led", "--token", "hunter2", "--key=hunter2"]},
        "actions": {
            "allow_commands": True,
            "rules": [
                {
                    "name": "r",
                    "for": 3,
                    "when": ["sad"],
                    "then": [
                        {"http": {"url": "http://a/?token=hunter2", "headers": {"X": "hunter2"}}},
                        {
                            "http": {
                                "url": "http://a/hunter2/x?hunter2",
                                "json": {"api_key": "hunter2", "n": 1},
                            }
                        },
                        {"command": {"argv": ["curl", "http://a:hunter2@b/", "-phunter2", "hunter2"]}},
                        {"mqtt": {"topic": "a", "payload": {"code": "hunter2", "pin": 4711, "n": 2}}},
                        {"mqtt": {"topic": "a", "payload": "pin: hunter2, token=hunter2"}},
                        {"mqtt": {"topic": "a", "payload": '{"token": "hunter2"}'}},
                        {
                            "use": {
                                "preset": "home-assistant-webhook",
                                "parameters": {"url": "http://a/hunter2", "webhook": "hunter2"},
                            }
                        },
                    ],
                }
            ],
        },
    }
)


def test_masked_values_are_plain_and_without_secrets() -> None:
    shown = masked(CONFIG)
    text = json.dumps(shown)
    assert "hunter2" not in text
    assert "4711" not in text
    assert text.count("********") == 18
    assert shown["privacy"]["indicator_command"] == ["/usr/bin/led", "--token", "********", "********"]
    assert shown["mqtt"]["port"] == 1883
    assert shown["actions"]["rules"][0]["for"] == 3
    assert "hunter2" not in repr(CONFIG.mqtt)


def test_what_is_masked_loads_again() -> None:
    assert Config.model_validate(masked(CONFIG)).smoothing == CONFIG.smoothing


def test_the_digest_follows_the_values_only() -> None:
    changed = Config.model_validate({"mqtt": {"port": 1884}})
    assert digest(Config()) == digest(Config.model_validate({"mqtt": {}, "camera": None}))
    assert digest(changed) != digest(Config())
    assert len(digest(changed)) == 12


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://ha:8123/api/anything", "http://ha:8123/********"),
        ("https://me:pw@h?x=1", "https://********@h/********"),
        ("http://h/", "http://h/"),
        ("http://h", "http://h"),
    ],
)
def test_an_address_that_is_called_shows_its_host(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_arguments_show_the_program_options_and_placeholders() -> None:
    shown = mask_arguments(["/bin/x", "--token", "abc", "-v", "-psecret", "{emotion}", "--a=b", "{ts:%H:%M}"])
    assert shown == ["/bin/x", "--token", "********", "-v", "********", "{emotion}", "********", "{ts:%H:%M}"]
