"""First words of topics below a device's and a room's base: publishers use them, and no room is called so."""

from __future__ import annotations

from typing import Final

__all__ = ["DEVICE_WORDS", "REFUSED", "ROOM_WORDS", "TOPIC_WORDS"]

ROOM_WORDS: Final = frozenset(
    [
        "state",
        "event",
        "glimpse",
        "people",
        "person",
        "face",
        "speech",
        "scores",
        "camera",
        "microphone",
        "settings",
    ]
)
"""Below a room's base, which without `rooms` is the device's."""
DEVICE_WORDS: Final = frozenset(
    ["availability", "health", "info", "actions", "alert", "request", "response", "unstored"]
)
"""Below the device's base only."""
TOPIC_WORDS: Final = ROOM_WORDS | DEVICE_WORDS
_RESERVED: Final = frozenset(["set", "ack", "status", "config", "rooms", "room", "all", "none"])
"""Second words of topics, and words that mean something else where a room may be named."""
REFUSED: Final = TOPIC_WORDS | _RESERVED
"""What no room may be called."""
