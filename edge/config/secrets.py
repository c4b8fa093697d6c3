"""The broker's password: from the configuration, a file, or systemd."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from edge.config.models import MqttConfig
from edge.errors import ConfigError

__all__ = ["first_line", "resolve_password", "revealed"]


_CREDENTIAL: Final = "mqtt-password"


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
