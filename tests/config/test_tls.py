from pathlib import Path

import pytest

from edge.config.models import TlsConfig
from edge.config.tls import tls_context
from edge.errors import ConfigError


def test_no_context_without_tls() -> None:
    assert tls_context(TlsConfig()) is None


def test_certificates_are_verified_unless_told_otherwise() -> None:
    context = tls_context(TlsConfig(enabled=True))
    assert context is not None
    assert context.check_hostname
    careless = tls_context(TlsConfig(enabled=True, insecure=True))
    assert careless is not None
    assert not careless.check_hostname


def test_a_file_that_is_missing_or_no_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mqtt\.tls\.ca: No such file or directory: .*ca\.pem"):
        tls_context(TlsConfig(enabled=True, ca=tmp_path / "ca.pem"))
    text = tmp_path / "text.pem"
    text.write_text("not a certificate")
    with pytest.raises(ConfigError, match=r"mqtt\.tls\.ca: .*text\.pem"):
        tls_context(TlsConfig(enabled=True, ca=text))
    with pytest.raises(ConfigError, match=r"mqtt\.tls\.key: no such file: .*key\.pem"):
        tls_context(TlsConfig(enabled=True, certificate=text, key=tmp_path / "key.pem"))
    with pytest.raises(ConfigError, match=r"belong together"):
        tls_context(TlsConfig(enabled=True, certificate=text, key=text))
