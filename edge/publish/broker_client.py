"""The client that a publisher talks through, made of the configuration."""

from __future__ import annotations

from collections.abc import Callable

from edge.config.models import MqttConfig
from edge.config.tls import tls_context
from edge.publish import homeassistant
from edge.publish.mqtt.client import ReconnectingClient
from edge.publish.mqtt.disconnect import ReconnectDelays
from edge.publish.mqtt.endpoint import Endpoint
from edge.publish.presence import Presence, availability, birth_messages
from edge.publish.receiver import CommandReceiver
from edge.publish.room_publisher import EVENT_LIFETIME
from edge.publish.topics import Topics

__all__ = ["broker_client"]


def broker_client(
    config: MqttConfig,
    topics: Topics,
    *,
    client_id: str,
    instance: str,
    password: str | None,
    several: bool,
    receiver: CommandReceiver,
    presence: Presence,
    beat: Callable[[], None],
    delays: ReconnectDelays | None,
    monotonic: Callable[[], float],
    share: Callable[[], float],
) -> ReconnectingClient:
    """Not connected yet; with `several` rooms it listens to their switches as well. Raises ConfigError."""
    endpoint = Endpoint(
        host=config.host,
        port=config.port,
        client_id=client_id,
        keepalive=config.keepalive,
        username=config.username,
        password=password,
        tls=tls_context(config.tls),
        will=availability(topics, homeassistant.OFFLINE),
    )
    client = ReconnectingClient(
        endpoint,
        protocol=config.protocol,
        subscriptions=topics.subscriptions(rooms=several),
        birth=birth_messages(topics, client_id, instance),
        instance=instance,
        on_message=receiver.receive,
        beat=beat,
        on_taken_over=presence.session_taken_over,
        event_lifetime=EVENT_LIFETIME,
        delays=delays,
        monotonic=monotonic,
        share=share,
    )
    presence.attach(client)
    return client
