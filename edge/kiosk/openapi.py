"""The API's description, made from the models that it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from edge import __version__
from edge.config.descriptions import descriptions
from edge.kiosk.answer import Failure
from edge.kiosk.history_view import HistoryView, WeekView
from edge.kiosk.room_view import PeopleView
from edge.kiosk.state_view import HealthView, InfoView, StateView
from edge.kiosk.steering import (
    AcknowledgeRequest,
    SessionRequest,
    SessionView,
    SettingsRequest,
    SettingsView,
    SwitchRequest,
)

__all__ = ["document"]


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    summary: str
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    parameters: tuple[Mapping[str, Any], ...] = ()
    refusals: tuple[int, ...] = ()


_SECONDS: Final = {
    "name": "seconds",
    "in": "query",
    "description": "How far back",
    "schema": {"type": "number", "exclusiveMinimum": 0, "maximum": 366 * 86_400, "default": 900},
}
_ROOM: Final = {
    "name": "room",
    "in": "query",
    "description": "Id of a room; without it, for all rooms",
    "schema": {"type": "string", "pattern": "^[a-z0-9_-]+$", "maxLength": 64},
}
_OPERATIONS: Final = (
    _Operation(
        "post",
        "/session",
        "Exchange a token for a cookie",
        SessionView,
        SessionRequest,
    ),
    _Operation("get", "/state", "Everything the page shows", StateView),
    _Operation("get", "/people", "Everybody in the picture, by room", PeopleView),
    _Operation("get", "/health", "How the daemon is", HealthView),
    _Operation("get", "/info", "What this device is", InfoView),
    _Operation("get", "/history", "Moods of the past", HistoryView, parameters=(_SECONDS,), refusals=(400,)),
    _Operation("get", "/week", "Seven days: hours, spells, what changed", WeekView, refusals=(409,)),
    _Operation("delete", "/history", "Erase the history", HistoryView, refusals=(409,)),
    _Operation(
        "get",
        "/settings",
        "What may be tuned while the daemon runs",
        SettingsView,
        parameters=(_ROOM,),
        refusals=(409,),
    ),
    _Operation(
        "post",
        "/settings",
        "Change some settings, or give all back to the file",
        SettingsView,
        SettingsRequest,
        refusals=(409,),
    ),
    _Operation(
        "post",
        "/switch",
        "Open or close a device",
        StateView,
        SwitchRequest,
        refusals=(409,),
    ),
    _Operation(
        "post",
        "/alert/ack",
        "Acknowledge an alert",
        StateView,
        AcknowledgeRequest,
        refusals=(409,),
    ),
)
_WORDS: Final = {
    400: "A parameter is wrong",
    401: "A token is needed, or it is not accepted",
    403: "Not allowed with this token, from this host or from this site",
    409: "The daemon refused, and says why",
    413: "The body is too large",
    415: "The body is no JSON",
    422: "The body does not fit its schema",
    429: "Too many wrong tokens",
}


class _Described(GenerateJsonSchema):
    """Tells of each key what stands below it in the source."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The object, with its keys described."""
        made, model = super().model_schema(schema), schema["cls"]
        told = descriptions(model)
        for name, value in made.get("properties", {}).items():
            if told.get(name):
                value["description"] = told[name]
        return made


def document(*, guarded: bool) -> dict[str, Any]:
    """OpenAPI 3.1 of `/api/v1`; `guarded` where tokens are asked for."""
    used = {model for one in _OPERATIONS for model in (one.answer, one.body) if model is not None}
    used.add(Failure)
    _, schemas = models_json_schema(
        [(model, "serialization") for model in sorted(used, key=lambda model: model.__name__)],
        by_alias=True,
        ref_template="#/components/schemas/{model}",
        schema_generator=_Described,
    )
    paths: dict[str, Any] = {}
    for one in _OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    paths["/events"] = {"get": _stream()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "emotion-edge", "version": __version__, "license": {"name": "MIT"}},
        "servers": [{"url": "api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "emotion-edge-session"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{"cookie": []}, {"bearer": []}] if guarded else [],
    }


def _operation(one: _Operation) -> dict[str, Any]:
    refusals = {401, 403, 429, *one.refusals}
    described: dict[str, Any] = {
        "summary": one.summary,
        "operationId": f"{one.method}-{one.path.strip('/').replace('/', '-')}",
    }
    if one.parameters:
        described["parameters"] = [dict(parameter) for parameter in one.parameters]
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": _content(one.body)}
        refusals |= {413, 415, 422}
    if one.path == "/session":
        described["security"] = []
    answers: dict[str, Any] = {"200": {"description": "Done", "content": _content(one.answer)}}
    for code in sorted(refusals):
        answers[str(code)] = {"description": _WORDS[code], "content": _content(Failure)}
    return {**described, "responses": answers}


def _stream() -> dict[str, Any]:
    return {
        "summary": "Server-Sent Events: `state` with each change and at least every 5 s",
        "operationId": "get-events",
        "responses": {
            "200": {
                "description": "The stream",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            "401": {"description": _WORDS[401], "content": _content(Failure)},
        },
    }


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
