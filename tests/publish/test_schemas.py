import copy
from typing import Any

import jsonschema
import numpy as np
import pytest
import schemas

from edge.config import Config
from edge.config.settings import Settings, values
from edge.mood.glimpse import Glimpse
from edge.mood.scores import Scores
from edge.publish import payloads
from edge.publish.commands import failed, ok
from edge.publish.entities import ENTITIES
from edge.vocabulary import Mood, Reading

MOOD = Mood("happy", 0.81, np.full(7, 1 / 7), "fused", 0.0, 1.0, "neutral")
FACE = Reading("face", np.full(7, 1 / 7), 0.9, 1.0, 0.007, (0.1, 0.1, 0.5, 0.5), 1)
SPEECH = Reading("speech", np.full(7, 1 / 7), 0.9, 1.0, 0.003)
PERSON: dict[str, Any] = {
    "number": 3,
    "emotion": None,
    "confidence": 0.0,
    "since": payloads.timestamp(0.0),
    "place": "left",
    "quality": 0.2,
}
SETTINGS = {"values": values(Settings(), Config()), "set": ["people"], "choices": {}}
GOOD: dict[str, Any] = {
    "state": payloads.state(
        MOOD, present=payloads.Present(1, True, 2, {"happy": 1, "sad": 1}), now=1.0, since=0.0
    ),
    "event": payloads.event(MOOD, now=1.0, identity=payloads.ulid(1.0)),
    "glimpse": payloads.glimpse(Glimpse("surprise", 0.72, "face", 0.9), now=1.0, identity=payloads.ulid(1.0)),
    "face": payloads.reading(FACE, now=1.0, backend="tensorrt"),
    "speech": payloads.reading(SPEECH, now=1.0, backend="onnx"),
    "scores": payloads.scores(Scores("happy", np.full(7, 1 / 7), 0.8, 2), now=1.0),
    "settings": payloads.settings(SETTINGS, now=1.0),
    "alert": payloads.alert(
        {"level": "warning", "cause": "blind", "message": "m", "since": 0.5, "acknowledged": False}, now=1.0
    ),
    "health": payloads.health({"uptime_s": 3}, mqtt={"reconnects": 0}, problems=[]),
    "info": payloads.info(
        {"version": "1"},
        device={"id": "a", "name": "A", "client": "c"},
        entities=[entity.describe() for entity in ENTITIES],
    ),
    "people": {"schema": 1, "ts": payloads.timestamp(1.0), "people": [dict(PERSON)]},
    "person": {"event_type": "left", "id": payloads.ulid(1.0), "ts": payloads.timestamp(1.0), **PERSON},
    "availability": "online",
    "switch": "ON",
    "request": {"transaction": "a7"},
    "response": failed("no").payload("a7"),
}
BAD: dict[str, Any] = {
    "state": {"emotion": "furious"},
    "event": {"event_type": "none"},
    "glimpse": {"event_type": "happy"},
    "face": {"probabilities": {"happy": 1.0}},
    "speech": {"latency_ms": -1},
    "scores": {"valence": 1.1},
    "settings": {"people": "nobody"},
    "alert": {"level": "loud"},
    "health": {"status": "fine"},
    "info": {"labels": ["happy"]},
    "response": {"error": None},
    "people": {"people": [{**PERSON, "name": "Anna"}]},
    "person": {"number": "Anna"},
}


@pytest.mark.parametrize("name", schemas.NAMES)
def test_the_schemas_are_schemas_and_take_what_we_publish(name: str) -> None:
    shape = schemas.load(name)
    jsonschema.Draft202012Validator.check_schema(shape)
    jsonschema.validate(GOOD[name], shape)


@pytest.mark.parametrize("name", sorted(BAD))
def test_the_schemas_refuse_what_we_never_publish(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**GOOD[name], **BAD[name]}, schemas.load(name))


@pytest.mark.parametrize("name", [name for name in schemas.NAMES if isinstance(GOOD[name], dict)])
def test_every_field_we_publish_is_described(name: str) -> None:
    strict = copy.deepcopy(schemas.load(name)) | {"additionalProperties": False}
    jsonschema.validate(GOOD[name], strict)


@pytest.mark.parametrize("name", ["availability", "switch"])
def test_words_are_checked(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate("on line", schemas.load(name))


def test_responses_without_an_error_fit_too() -> None:
    jsonschema.validate(ok(a=1).payload(None), schemas.load("response"))
