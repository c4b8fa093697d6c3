"""Reads and writes the state of lights that have a server: WLED, Home Assistant, Hue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from edge.actions.plan import HttpRequest
from edge.actions.transports import ActionError
from edge.config.bounded_json import parse_json
from edge.config.things import Thing

__all__ = ["Remote"]


class Remote:
    """`fetch` carries a call out, waits, and returns the answer's body; it raises ActionError."""

    def __init__(self, fetch: Callable[[HttpRequest], bytes]) -> None:
        self._fetch = fetch

    def read(self, thing: Thing, *, fresh: bool) -> Any:  # noqa: ARG002
        """What the server says now, whether or not it `fresh` matters."""
        if thing.kind == "home-assistant":
            return [self._get(thing, f"/api/states/{quote(entity)}") for entity in thing.entities]
        return self._get(thing, "/json/state" if thing.kind == "wled" else "")

    def keep(self, thing: Thing) -> None:
        """Let Home Assistant remember the state as a scene."""
        if thing.kind == "home-assistant":
            body = {"scene_id": _scene(thing), "snapshot_entities": thing.entities}
            self._call(thing, "POST", "/api/services/scene/create", body)

    def write(self, thing: Thing, payload: dict[str, Any]) -> None:
        """Put a state back, the way this server wants it."""
        if thing.kind == "home-assistant":
            body = {"entity_id": f"scene.{_scene(thing)}", **payload}
            self._call(thing, "POST", "/api/services/scene/turn_on", body)
        elif thing.kind == "wled":
            self._call(thing, "POST", "/json/state", payload)
        else:
            self._call(thing, "PUT", "", payload)

    def _get(self, thing: Thing, path: str) -> Any:
        answer = self._call(thing, "GET", path, None)
        try:
            return parse_json(answer)
        except ValueError as error:
            raise ActionError(f"answers no JSON: {error}") from error

    def _call(self, thing: Thing, method: str, path: str, body: dict[str, Any] | None) -> bytes:
        request = HttpRequest(
            method,
            f"{thing.address}{path}",
            {"User-Agent": "emotion-edge", "Content-Type": "application/json"},
            None if body is None else json.dumps(body).encode(),
            thing.bearer_file,
            ca=thing.ca,
            verify=thing.verify,
            header_files=thing.header_files,
            server_name=thing.server_name,
        )
        return self._fetch(request)


def _scene(thing: Thing) -> str:
    return "emotion_edge_" + hashlib.sha256(" ".join(thing.entities).encode()).hexdigest()[:12]
