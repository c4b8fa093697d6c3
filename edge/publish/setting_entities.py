"""The table of what may be set while the daemon runs, as entities."""

from __future__ import annotations

from typing import Final

from edge.publish.entity import Entity, Scope

__all__ = ["SETTINGS"]


def _select(
    key: str,
    name: str,
    setting: str,
    *,
    options: tuple[str, ...] = (),
    icon: str | None = None,
    enabled: bool = True,
    scope: Scope = "both",
) -> Entity:
    """One of several words; without `options` those that this device offers for the setting."""
    return Entity(
        key=key,
        scope=scope,
        platform="select",
        name=name,
        topic="settings",
        path=(setting,),
        kind="text",
        command="settings/set",
        sets=setting,
        options=options,
        choices=None if options else setting,
        icon=icon,
        enabled=enabled,
        category="config",
    )


def _number(
    setting: str,
    name: str,
    *,
    limits: tuple[float, float, float],
    unit: str | None = None,
    device_class: str | None = None,
    icon: str | None = None,
) -> Entity:
    return Entity(
        key=setting,
        scope="both",
        platform="number",
        name=name,
        topic="settings",
        path=(setting,),
        kind="number",
        command="settings/set",
        sets=setting,
        limits=limits,
        unit=unit,
        device_class=device_class,
        icon=icon,
        category="config",
    )


SETTINGS: Final[tuple[Entity, ...]] = (
    _number("sensitivity", "Sensitivity", limits=(0, 100, 1), icon="mdi:tune-variant"),
    _number("half_life", "Smoothing half-life", limits=(0, 60, 0.1), unit="s", device_class="duration"),
    _select("profile", "Profile", "profile", icon="mdi:account-cog-outline"),
    _select(
        "mood_of",
        "Mood of",
        "people",
        options=("all", "subject", "strongest"),
        icon="mdi:account-group-outline",
    ),
    _select(
        "fusion_rule",
        "Fusion rule",
        "rule",
        options=("loglinear", "fscore", "mean", "product"),
        enabled=False,
    ),
    _select("face_model", "Face model", "face_model", enabled=False, scope="device"),
    _select("speech_model", "Speech model", "speech_model", enabled=False, scope="device"),
    Entity(
        key="reset_settings",
        scope="both",
        platform="button",
        name="Reset settings",
        command="settings/set",
        press='{"reset": true}',
        icon="mdi:restore",
        category="config",
        enabled=False,
    ),
)
