"""What may be shown of texts and of a configuration: secrets are replaced wherever they can stand."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from edge.config.base import Section
from edge.config.models import Config

__all__ = [
    "MASK",
    "digest",
    "is_secret_key",
    "mask_address",
    "mask_arguments",
    "mask_text",
    "masked",
    "masked_section",
]

MASK: Final = "********"
_WORDS: Final = (
    r"password|passwd|passphrase|passcode|pwd|pass|token|secret|credential|auth|api_?-?key|apikey|key|sig"
)
_PROGRAMS: Final = ("argv", "indicator_command")
_SECRET_KEY: Final = re.compile(
    r"pass(word|wd|phrase|code)?$|(^|[_-])(pwd|pin|code|webhook|sig)$|secret|token$|credential|authorization"
    r"|api[_-]?key|cookie",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    r"(?<![a-zA-Z0-9+.-])(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)"
    r"(?P<user>[^/?#\s]*@)?(?P<rest>[^\s\"'<>]*)"
)
_AFTER_HOOK: Final = re.compile(
    r"(?P<path>/(?:webhooks?|hooks?|keys?|tokens?|secrets?)/)[^/?#\s]+", re.IGNORECASE
)
_LONG_SEGMENT: Final = re.compile(
    r"(?<=/)(?=[^/?#]{0,200}\d)(?=[^/?#]{0,200}[A-Za-z])[\w:~-]{20,}(?=[/?#]|$)"
)
_ASSIGNED: Final = re.compile(
    rf"(?P<name>(?<![a-z0-9])(?:[a-z0-9]{{1,32}}[_-]){{0,3}}(?:{_WORDS})(?:[_-][a-z0-9]{{1,32}}){{0,3}}=)"
    r"[^&;#\s,\"']+",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(
    rf"(?P<name>[\"'](?:[a-z0-9_-]{{0,32}}[_-])?(?:{_WORDS}|pin|code)[\"']\s{{0,3}}:\s{{0,3}})"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,}\]]+)",
    re.IGNORECASE,
)
_BEARER: Final = re.compile(r"\b(?P<name>Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_WRITTEN: Final = re.compile(
    rf"(?P<name>(?<![a-z0-9_-])(?:[a-z0-9_-]{{1,32}}[_-])?(?:{_WORDS}|pin|code)\s{{0,3}}[:=]\s{{0,3}})[^\s,;&}}\"']+",
    re.IGNORECASE,
)
_PLAIN_OPTION: Final = re.compile(r"-[a-z]|--[a-z]+(-[a-z]+)*|(\{[\w.]+(:[^{}]*)?\})+", re.IGNORECASE)


def mask_text(text: str) -> str:
    """A text without credentials: those in URLs, `token=…`, `"pin": "…"`, `Bearer …`."""
    text = _URL.sub(_masked_url, text)
    text = _QUOTED.sub(rf'\g<name>"{MASK}"', text)
    text = _BEARER.sub(rf"\g<name> {MASK}", text)
    return _ASSIGNED.sub(rf"\g<name>{MASK}", text)


def mask_address(url: str) -> str:
    """Scheme, host and port of a URL; whoever knows the rest of a webhook's address can fire it."""
    match = _URL.match(url)
    if match is None:
        return mask_text(url)
    host, rest = re.split(r"(?=[/?#])|$", match["rest"], maxsplit=1)
    user = f"{MASK}@" if match["user"] else ""
    return match["scheme"] + user + host + (f"/{MASK}" if rest.strip("/") else rest)


def mask_arguments(arguments: list[Any]) -> list[Any]:
    """A program with its arguments: the program, names of options and placeholders stay."""
    return [arguments[0], *(_argument(str(argument)) for argument in arguments[1:])] if arguments else []


def is_secret_key(key: str) -> bool:
    """Whether what stands under this key is a secret."""
    return _SECRET_KEY.search(key) is not None


def masked(config: Config) -> dict[str, Any]:
    """All effective values as plain JSON types, without a secret among them."""
    values = _masked(config.model_dump(mode="json", by_alias=True))
    assert isinstance(values, dict)
    return values


def masked_section(section: Section) -> dict[str, Any]:
    """What a section says, defaults left out, without a secret."""
    values = _masked(section.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    assert isinstance(values, dict)
    return values


def digest(config: Config) -> str:
    """Twelve hexadecimal digits that change when an effective, non-secret value changes."""
    text = json.dumps(masked(config), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _masked_url(match: re.Match[str]) -> str:
    rest = _AFTER_HOOK.sub(rf"\g<path>{MASK}", match["rest"])
    rest = _LONG_SEGMENT.sub(MASK, rest)
    return match["scheme"] + (f"{MASK}@" if match["user"] else "") + rest


def _argument(argument: str) -> str:
    return argument if _PLAIN_OPTION.fullmatch(argument) else MASK


def _masked(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK) if key == "headers" else _masked_mapping(value)
    if isinstance(value, list):
        return mask_arguments(value) if key in _PROGRAMS else [_masked(item, key) for item in value]
    if value in (None, "") or isinstance(value, bool):
        return value
    return MASK if is_secret_key(key) else _masked_text(value, key) if isinstance(value, str) else value


def _masked_mapping(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _masked(item, str(name)) for name, item in values.items()}


def _masked_text(text: str, key: str) -> str:
    if key == "url":
        return mask_address(text)
    return _WRITTEN.sub(rf"\g<name>{MASK}", mask_text(text)) if key == "payload" else mask_text(text)
