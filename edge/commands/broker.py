"""A short connection of a command to the configured broker, and messages sent over it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

    from edge.config import Config
    from edge.publish.mqtt.connection import Connection
    from edge.publish.mqtt.message import Message

__all__ = ["connect", "deliver"]


def connect(
    config: Config, on_message: Callable[[MQTTMessage], None] = lambda _message: None
) -> AbstractContextManager[Connection]:
    """An open connection under a name of its own. Raises EdgeError when the broker does not let us in."""
    from edge.config import resolve_password
    from edge.publish.mqtt.connect_once import connect_once

    password = resolve_password(config.mqtt, os.environ)
    return connect_once(
        config.mqtt,
        password=password.get_secret_value() if password is not None else None,
        on_message=on_message,
        on_denied=lambda what: print(f"the broker denies {what}", file=sys.stderr),
    )


def deliver(connection: Connection, message: Message, timeout: float = 5.0) -> bool:
    """Send a message and wait for its acknowledgement; false without one."""
    try:
        sent = connection.send(message)
        if sent is None:
            return False
        sent.wait_for_publish(timeout)
        return sent.is_published()
    except RuntimeError:
        return False
