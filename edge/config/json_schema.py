"""The JSON Schema of `config.yaml`, for editors: made from the models that validate it."""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from edge.config.base import Section
from edge.config.descriptions import descriptions
from edge.config.models import Config

__all__ = ["FILE_NAME", "configuration_schema"]

FILE_NAME: Final = "config.schema.json"
"""Beside `config.yaml`, whose first line names it."""


class _Generator(GenerateJsonSchema):
    """Takes all spellings of a value, not only the one that the model keeps."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """The value as it is kept, or as it may be written."""
        kept = super().function_before_schema(schema)
        other = getattr(schema["function"]["function"], "also_written_as", None)
        return kept if other is None else {"anyOf": [kept, dict(other)]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A section may be empty: then it is as if it were not there."""
        made, section = super().model_schema(schema), schema["cls"]
        if not issubclass(section, Section):
            return made
        about = {
            section.model_fields[name].alias or name: text for name, text in descriptions(section).items()
        }
        keys = {key: _described(value, about.get(key)) for key, value in made.get("properties", {}).items()}
        return {**made, "properties": keys, "type": ["object", "null"]}


def _described(value: JsonSchemaValue, text: str | None) -> JsonSchemaValue:
    return {**value, "description": text} if text else value


def configuration_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the whole file. What only checks across keys can find, it does not know."""
    made = Config.model_json_schema(by_alias=True, schema_generator=_Generator)
    about = {"title": "Configuration of emotion-edge", "description": "config.yaml"}
    return {"$schema": GenerateJsonSchema.schema_dialect, **made, **about}
