"""The network thread may ask the outbox while somebody sends; neither waits for the other."""

import threading
from typing import cast

from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.limits import Limits
from edge.publish.mqtt.message import Message
from edge.publish.mqtt.outbox import Outbox


class AskingConnection:
    """A connection whose sending takes until the network thread has had its answer, as with paho's lock."""

    modern, full = True, False
    limits = Limits()

    def __init__(self) -> None:
        self.outbox: Outbox | None = None
        self.heard: list[set[str]] = []

    def send(self, message: Message) -> None:
        assert self.outbox is not None
        asking = threading.Thread(
            target=lambda: self.heard.append(cast(Outbox, self.outbox).topics()), daemon=True
        )
        asking.start()
        asking.join(10.0)
        assert not asking.is_alive(), "the network thread waits for the sender, which waits for it"

    def _ask(self) -> None:
        assert self.outbox is not None
        self.heard.append(self.outbox.topics())


def test_the_network_thread_is_answered_while_somebody_sends() -> None:
    connection = AskingConnection()
    outbox = Outbox(birth=(), event_lifetime=5.0, monotonic=lambda: 0.0, on_waiting=lambda: None)
    connection.outbox = outbox
    outbox.attach(cast(Connection, connection))
    outbox.keep(Message("a/state", b"{}", retain=True))
    outbox.send_event(Message("a/event", b"{}"))
    assert connection.heard == [{"a/state"}, {"a/state"}]
