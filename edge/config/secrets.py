"""The broker's password, what may be shown of a configuration, and its hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from edge.config.models import Config, MqttConfig
from edge.errors import ConfigError

__all__ = [
    "MASK",
    "digest",
    "first_line",
    "is_secret_key",
    "mask_text",
    "masked",
    "resolve_password",
    "revealed",
]


MASK: Final = "********"
_CREDENTIAL: Final = "mqtt-password"
_USERINFO: Final = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s]*@")
_TOKEN: Final = re.compile(
    r"(?P<name>[?&;](?:[a-z0-9_-]*(?:password|passwd|pwd|pass|token|secret|key|auth)[a-z0-9_-]*)=)[^&;#\s]+",
    re.IGNORECASE,
)
_WEBHOOK: Final = re.compile(r"(?P<path>/api/webhook/)[^/?#\s]+")
_SECRET_KEY: Final = re.compile(r"pass(word|wd)?$|pwd$|secret|token|authorization|api[_-]?key|cookie", re.I)


def resolve_password(mqtt: MqttConfig, env: Mapping[str, str]) -> SecretStr | None:
    """The broker's password: from the configuration, its file, or systemd's credential, in this order.

    The first line of a file counts. Raises ConfigError when a named file is missing, unreadable or empty.
    """
    if mqtt.password is not None:
        return mqtt.password
    if mqtt.password_file is not None:
        return first_line(mqtt.password_file, "mqtt.password_file")
    directory = env.get("CREDENTIALS_DIRECTORY")
    credential = Path(directory) / _CREDENTIAL if directory else None
    if credential is None or mqtt.username is None or not credential.exists():
        return None
    return first_line(credential, f"$CREDENTIALS_DIRECTORY/{_CREDENTIAL}")


def revealed(password: SecretStr | None) -> tuple[str, ...]:
    """The plain text, for those who must keep it out of theirs."""
    return () if password is None else (password.get_secret_value(),)


def first_line(path: Path, place: str, what: str = "password") -> SecretStr:
    """The first line of a file that holds a secret. ConfigError when it is missing, unreadable or empty."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise ConfigError(
            f"{place}: there is no file {path}; create it with the {what} as first line"
        ) from error
    except PermissionError as error:
        remedy = "chown it to the daemon's user or group and chmod 0640"
        raise ConfigError(f"{place}: no permission to read {path}; {remedy}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place}: {path} is not UTF-8 text") from error
    except OSError as error:
        raise ConfigError(f"{place}: cannot read {path}: {error.strerror}") from error
    if not lines or not lines[0]:
        raise ConfigError(f"{place}: {path} is empty; its first line must be the {what}")
    return SecretStr(lines[0])


def mask_text(text: str) -> str:
    """A text with credentials of URLs in it replaced: `rtsp://********@camera/stream`."""
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _WEBHOOK.sub(rf"\g<path>{MASK}", text)
    return _TOKEN.sub(rf"\g<name>{MASK}", text)


def is_secret_key(key: str) -> bool:
    """Whether what stands under this key is a secret."""
    return _SECRET_KEY.search(key) is not None


def masked(config: Config) -> dict[str, Any]:
    """All effective values as plain JSON types, without a secret among them."""
    values = _masked(config.model_dump(mode="json", by_alias=True))
    assert isinstance(values, dict)
    return values


def _masked(value: Any, key: str = "") -> Any:
    if key == "headers" and isinstance(value, dict):
        return dict.fromkeys(value, MASK)
    if isinstance(value, dict):
        return {name: _masked(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, key) for item in value]
    if isinstance(value, str):
        return MASK if value and is_secret_key(key) else mask_text(value)
    return value


def digest(config: Config) -> str:
    """Twelve hexadecimal digits that change when an effective, non-secret value changes."""
    text = json.dumps(masked(config), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
