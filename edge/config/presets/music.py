"""Music presets: players and multi-room sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from edge.config.presets.parameters import Filled, Level, Percent, Preset, Served, Spec, Url, message

__all__ = ["MUSIC", "Mopidy", "Music", "MusicAssistant", "Snapcast", "Sonos"]


_PLAY_AFTER: Final = 1.0
"""Seconds between steps that a Sonos player has to carry out in order."""


class Music(Preset):
    """A preset that plays, stops or sets the volume."""

    volume: Percent | None = None
    """Percent."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """A preset that does nothing is a mistake."""
        if not self.actions():
            yield "", f"{self.name_} has nothing to do; set one of {', '.join(self._orders())}"

    @classmethod
    def _orders(cls) -> list[str]:
        others = {"ca", "bearer_file"}
        return [
            name for name, field in cls.model_fields.items() if field.default is None and name not in others
        ]


class Mopidy(Music):
    """Mopidy with the extension Mopiqtt (1.2 or newer); other MQTT extensions use other topics."""

    name_: ClassVar[str] = "mopidy"
    title_: ClassVar[str] = "Mopidy with the extension Mopiqtt"
    source_: ClassVar[str] = "https://github.com/fmarzocca/Mopiqtt"
    example_: ClassVar[dict[str, Any]] = {"playlist": "m3u:cheerful.m3u8", "shuffle": True, "volume": 40}

    base: Level = "mopidy"
    """Topic set in Mopiqtt."""
    playlist: Filled | None = None
    """URI of a playlist to load and start."""
    shuffle: bool = False
    """Start the playlist in random order."""
    stream: Filled | None = None
    """URI of a stream or track to start."""
    command: Literal["play", "pause", "resume", "toggle", "stop", "next", "prev"] | None = None
    """Playback command."""

    def actions(self) -> list[Spec]:
        """Volume first, then what to play, then the command."""
        load = "ploadshfl" if self.shuffle else "pload"
        volume = None if self.volume is None else f"={self.volume}"
        steps = (("vol", volume), (load, self.playlist), ("pstream", self.stream), ("plb", self.command))
        return [
            message(f"{self.base}/cmnd/{topic}", payload, f"mopidy {self.base}")
            for topic, payload in steps
            if payload is not None
        ]


class Sonos(Music):
    """A Sonos player through sonos2mqtt (3 or newer)."""

    name_: ClassVar[str] = "sonos"
    title_: ClassVar[str] = "Sonos through sonos2mqtt"
    source_: ClassVar[str] = "https://sonos2mqtt.svrooij.io/control/playback.html"
    example_: ClassVar[dict[str, Any]] = {"player": "kitchen", "playlist": "sonos:playlist:7", "volume": 15}

    player: Level
    """UUID of the player, or its name in lower case with dashes."""
    base: Level = "sonos"
    """Topic prefix of sonos2mqtt."""
    uri: Filled | None = None
    """A stream or track to play."""
    playlist: Filled | None = None
    """An album or playlist to put in place of the queue, such as sonos:playlist:7."""
    command: Literal["play", "pause", "stop", "toggle", "next", "previous"] | None = None
    """Playback command."""

    def actions(self) -> list[Spec]:
        """Messages a second apart, because sonos2mqtt carries out several at once in any order."""
        topic = f"{self.base}/{self.player}/control"
        return [
            message(topic, payload, topic, _PLAY_AFTER if index else 0.0)
            for index, payload in enumerate(self._orders_in_turn())
        ]

    def _orders_in_turn(self) -> Iterator[dict[str, Any]]:
        if self.volume is not None:
            yield {"command": "volume", "input": self.volume}
        if self.uri is not None:
            yield {"command": "setavtransporturi", "input": self.uri}
            yield {"command": "play"}
        if self.playlist is not None:
            yield {"command": "clearqueue"}
            yield {"command": "queue", "input": self.playlist}
            yield {"command": "switchtoqueue"}
            yield {"command": "play"}
        if self.command is not None:
            yield {"command": self.command}


class Snapcast(Music, Served):
    """A Snapcast server, through its JSON-RPC interface over HTTP."""

    name_: ClassVar[str] = "snapcast"
    title_: ClassVar[str] = "Snapcast multi-room sound"
    source_: ClassVar[str] = "https://github.com/badaix/snapcast/blob/develop/doc/json_rpc_api/control.md"
    example_: ClassVar[dict[str, Any]] = {
        "url": "http://snapserver.local:1780",
        "client": "kitchen",
        "volume": 30,
    }

    url: Url
    """Address of the server, usually port 1780."""
    client: Filled | None = None
    """Id of the client whose volume is set."""
    muted: bool = False
    """Mute that client, or the group."""
    group: Filled | None = None
    """Id of the group to switch."""
    stream: Filled | None = None
    """Id of the stream the group shall play."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Volume needs a client, stream a group."""
        yield from super().conflicts()
        if self.volume is not None and self.client is None:
            yield "client", "volume is set, but for no client"
        if self.stream is not None and self.group is None:
            yield "group", "stream is set, but for no group"

    def actions(self) -> list[Spec]:
        """One call for each order."""
        calls: list[tuple[str, dict[str, Any]]] = []
        if self.client is not None:
            level = (
                {"muted": self.muted}
                if self.volume is None
                else {"muted": self.muted, "percent": self.volume}
            )
            calls.append(("Client.SetVolume", {"id": self.client, "volume": level}))
        if self.group is not None and self.stream is not None:
            calls.append(("Group.SetStream", {"id": self.group, "stream_id": self.stream}))
        elif self.group is not None:
            calls.append(("Group.SetMute", {"id": self.group, "mute": self.muted}))
        return [self._call(index, *call) for index, call in enumerate(calls, 1)]

    def _call(self, number: int, method: str, params: dict[str, Any]) -> Spec:
        body = {"id": number, "jsonrpc": "2.0", "method": method, "params": params}
        return {"http": self.http_to(f"{self.url}/jsonrpc", body), "target": f"snapcast {params['id']}"}


class MusicAssistant(Music, Served):
    """A Music Assistant server (2.7 or newer) with a long-lived access token."""

    name_: ClassVar[str] = "music-assistant"
    title_: ClassVar[str] = "Music Assistant"
    source_: ClassVar[str] = "https://www.music-assistant.io/ (the server lists its commands at /api-docs)"
    example_: ClassVar[dict[str, Any]] = {
        "url": "http://music.local:8095",
        "player": "kitchen",
        "media": "library://playlist/3",
        "bearer_file": "music-assistant-token",
    }

    url: Url
    """Address of the server, usually port 8095."""
    player: Filled
    """Id of the player; its queue has the same id."""
    bearer_file: Path | None = None
    """File whose first line is the access token."""
    media: Filled | None = None
    """URI to play, such as library://playlist/3."""
    option: Literal["play", "replace", "next", "replace_next", "add"] = "replace"
    """What happens to the queue."""
    radio: bool = False
    """Go on with similar music."""
    command: Literal["play", "pause", "stop", "next", "previous", "play_pause"] | None = None
    """Playback command."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds to wait for the answer."""

    def actions(self) -> list[Spec]:
        """One call for each order."""
        calls: list[tuple[str, dict[str, Any]]] = []
        if self.volume is not None:
            calls.append(("players/cmd/volume_set", {"player_id": self.player, "volume_level": self.volume}))
        if self.media is not None:
            play = {"media": self.media, "option": self.option, "radio_mode": self.radio}
            calls.append(("player_queues/play_media", {"queue_id": self.player, **play}))
        if self.command is not None:
            calls.append((f"player_queues/{self.command}", {"queue_id": self.player}))
        return [self._call(*call) for call in calls]

    def _call(self, command: str, args: dict[str, Any]) -> Spec:
        body = {"message_id": "emotion-edge", "command": command, "args": args}
        http = self.http_to(f"{self.url}/api", body, timeout=self.timeout)
        if self.bearer_file is not None:
            http["bearer_file"] = self.bearer_file
        return {"http": http, "target": f"music-assistant {self.player}"}


MUSIC: Final[tuple[type[Music], ...]] = (Mopidy, Sonos, Snapcast, MusicAssistant)
