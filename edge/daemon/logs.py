"""Structured log lines: text for a terminal, JSON, or the journal; no secrets, no floods."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Collection, Mapping
from typing import Any, Final, TextIO

from edge.config.masking import MASK, is_secret_key, mask_text
from edge.config.models import LogConfig
from edge.daemon.log_flood import FloodGuard

__all__ = [
    "JournalFormatter",
    "JsonFormatter",
    "TextFormatter",
    "chosen_format",
    "configure",
    "fields",
]


_PRIORITY: Final = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


def fields(**values: object) -> dict[str, dict[str, object]]:
    """Key-value pairs of a line: `log.info("mood", extra=fields(emotion="happy"))`."""
    return {"fields": values}


def configure(
    config: LogConfig, *, env: Mapping[str, str], secrets: Collection[str] = (), stream: TextIO | None = None
) -> None:
    """Log to `stream` (stderr) in the configured form; may be called again after a reload.

    `secrets` are texts that must appear in no line, whatever they stand in.
    """
    target = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(target)
    handler.set_name("edge")
    handler.setFormatter(_FORMATTERS[chosen_format(config, env, target)](secrets))
    handler.addFilter(FloodGuard())
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == "edge"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("edge").setLevel(config.level.upper())
    logging.captureWarnings(True)


def chosen_format(config: LogConfig, env: Mapping[str, str], stream: TextIO) -> str:
    """`auto` is the journal when `stream` leads there, else text."""
    if config.format != "auto":
        return config.format
    return "journal" if _is_journal(env.get("JOURNAL_STREAM", ""), stream) else "text"


def _is_journal(identity: str, stream: TextIO) -> bool:
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return identity == f"{found.st_dev}:{found.st_ino}"


class _Formatter(logging.Formatter):
    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return mask_text(text)

    def pairs(self, record: logging.LogRecord) -> dict[str, Any]:
        """The fields of a line, secrets masked, with how many lines like it, or of all, were held back."""
        values: dict[str, Any] = self._cleaned(getattr(record, "fields", {}))
        counts = {name: getattr(record, name, 0) for name in ("repeated", "withheld")}
        return {**values, **{name: count for name, count in counts.items() if count}}

    def _cleaned(self, value: object) -> Any:
        """Numbers as they are, texts clean, at any depth."""
        if value is None or isinstance(value, int | float):
            return value
        if isinstance(value, Mapping):
            return {
                str(key): MASK if is_secret_key(str(key)) else self._cleaned(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._cleaned(item) for item in value]
        return self.clean(str(value))

    def trace(self, record: logging.LogRecord) -> str:
        """The traceback, if there is one."""
        return self.clean(self.formatException(record.exc_info)) if record.exc_info else ""


class TextFormatter(_Formatter):
    """`14:03:07.120 WARNING capture.camera: no frames age_s=12.1`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback below it."""
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        return f"{clock}.{int(record.msecs):03d} {record.levelname:<7} {self.line(record)}"

    def line(self, record: logging.LogRecord) -> str:
        """All but time and level."""
        message = _one_line(self.clean(record.getMessage()))
        words = [f"{key}={_quoted(value)}" for key, value in self.pairs(record).items()]
        text = " ".join([f"{record.name.removeprefix('edge.')}: {message}", *words])
        return "\n".join(filter(None, (text, self.trace(record))))


class JournalFormatter(TextFormatter):
    """The same with syslog's priority before each line; the journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback below it, all of one priority."""
        prefix = f"<{_PRIORITY.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in self.line(record).splitlines())


class JsonFormatter(_Formatter):
    """One JSON object a line: ts, level, logger, thread, message, the fields, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        own: dict[str, object] = {
            "ts": f"{moment}.{int(record.msecs):03d}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": self.clean(record.getMessage()),
        }
        trace = self.trace(record)
        if trace:
            own["exception"] = trace
        return json.dumps({**self.pairs(record), **own}, ensure_ascii=False)


_FORMATTERS: Final[dict[str, type[_Formatter]]] = {
    "text": TextFormatter,
    "json": JsonFormatter,
    "journal": JournalFormatter,
}


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _quoted(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    plain = text and text.isprintable() and not set(text) & set(' "=')
    return text if plain else json.dumps(text, ensure_ascii=False)
