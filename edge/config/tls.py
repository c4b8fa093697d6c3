"""The TLS context of a connection, with every mistake named."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from edge.config.models import TlsConfig
from edge.errors import ConfigError

__all__ = ["tls_context"]


_log = logging.getLogger(__name__)


def tls_context(config: TlsConfig) -> ssl.SSLContext | None:
    """A verifying context with the client certificate if there is one; None without TLS.

    Raises ConfigError naming the key and the file that cannot be used.
    """
    if not config.enabled:
        return None
    context = _authority(config.ca)
    if config.insecure:
        _log.warning("mqtt.tls.insecure is on: anybody on the way can pose as the broker")
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if config.certificate is not None:
        _identify(context, config.certificate, config.key)
    elif config.key is not None:
        raise ConfigError("mqtt.tls.key is set but mqtt.tls.certificate is not: set both or neither")
    return context


def _authority(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigError(f"mqtt.tls.ca: {_reason(error)}: {ca}") from error


def _identify(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    for name, path in (("certificate", certificate), ("key", key)):
        if path is not None and not path.is_file():
            raise ConfigError(f"mqtt.tls.{name}: no such file: {path}")
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        raise ConfigError(
            f"mqtt.tls.certificate and mqtt.tls.key: {_reason(error)}: {certificate}, {key or certificate}"
            " (PEM files that belong together, the key without a pass phrase)"
        ) from error


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return error.strerror or str(error)
