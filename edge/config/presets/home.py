"""Home Assistant presets: a webhook trigger and a direct action call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field

from edge.config import templates
from edge.config.presets.parameters import Filled, Preset, Served, Spec, Url

__all__ = ["HOME", "ServiceCall", "Webhook"]


_Data = Annotated[dict[str, object], AfterValidator(templates.check_tree)]
_MOOD: Final[dict[str, object]] = {
    "emotion": "{emotion}",
    "previous": "{previous}",
    "confidence": "{confidence}",
    "device": "{device}",
    "ts": "{ts}",
}


class Webhook(Served):
    """A webhook trigger of a Home Assistant automation."""

    name_: ClassVar[str] = "home-assistant-webhook"
    title_: ClassVar[str] = "Home Assistant: webhook trigger"
    source_: ClassVar[str] = "https://www.home-assistant.io/docs/automation/trigger/#webhook-trigger"
    example_: ClassVar[dict[str, Any]] = {"url": "http://homeassistant.local:8123", "webhook": "mood-changed"}

    url: Url
    """Address of Home Assistant."""
    webhook: Filled
    """Id of the webhook; whoever knows it can fire it."""
    data: _Data = Field(default=_MOOD)
    """What the automation finds in `trigger.json`."""

    def actions(self) -> list[Spec]:
        """One call."""
        http = self.http_to(f"{self.url}/api/webhook/{self.webhook}", self.data)
        return [{"http": http, "target": f"webhook {self.webhook}"}]


class ServiceCall(Served):
    """Any action (service) of Home Assistant, with a long-lived access token."""

    name_: ClassVar[str] = "home-assistant-action"
    title_: ClassVar[str] = "Home Assistant: perform an action"
    source_: ClassVar[str] = "https://developers.home-assistant.io/docs/api/rest/"
    example_: ClassVar[dict[str, Any]] = {
        "url": "http://homeassistant.local:8123",
        "action": "light.turn_on",
        "data": {"entity_id": "light.living_room", "color_name": "orange"},
        "bearer_file": "home-assistant-token",
    }

    url: Url
    """Address of Home Assistant."""
    action: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
    """Domain and action, such as light.turn_on or music_assistant.play_media."""
    data: _Data = Field(default={})
    """Its data, entity_id included."""
    bearer_file: Path
    """File whose first line is the access token."""

    def actions(self) -> list[Spec]:
        """One call."""
        path = self.action.replace(".", "/")
        http = self.http_to(f"{self.url}/api/services/{path}", self.data, bearer_file=self.bearer_file)
        target = f"home-assistant {self.action} {self.data.get('entity_id', '')}".rstrip()
        thing = self._thing()
        return [{"http": http, "target": target, **({"thing": thing} if thing else {})}]

    def _thing(self) -> dict[str, Any] | None:
        named = self.data.get("entity_id")
        entities = [named] if isinstance(named, str) else named
        if not isinstance(entities, list) or not all(isinstance(entity, str) for entity in entities):
            return None
        fading = self.data.get("transition", 1.0)
        return {
            "kind": "home-assistant",
            "address": self.url,
            "entities": entities,
            "transition": fading if isinstance(fading, int | float) else 1.0,
            "bearer_file": self.bearer_file,
            "ca": self.ca,
            "verify": self.verify,
        }


HOME: Final[tuple[type[Preset], ...]] = (Webhook, ServiceCall)
