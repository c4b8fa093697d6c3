"""A certificate authority for tests, by the openssl command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


class Authority:
    """Signs certificates in a folder; `ca` is its own."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed: apt-get install openssl")
        self._folder = folder
        self.ca, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        self._run("req", "-x509", *_new(self._key), "-out", self.ca, "-days", "2", "-subj", f"/CN={name}")

    def issue(self, name: str, *, host: str = "localhost", days: int = 2) -> tuple[Path, Path]:
        """A certificate and its key, for a server at `host` or a client."""
        request, certificate = self._folder / f"{name}.csr", self._folder / f"{name}.pem"
        key, extensions = self._folder / f"{name}.key", self._folder / f"{name}.ext"
        kind = "IP" if host[0].isdigit() else "DNS"
        extensions.write_text(f"subjectAltName={kind}:{host}\n")
        self._run("req", *_new(key), "-out", request, "-subj", f"/CN={name}")
        signed_by = ("-CA", self.ca, "-CAkey", self._key, "-CAcreateserial")
        out = ("-out", certificate, "-days", str(days), "-extfile", extensions)
        self._run("x509", "-req", "-in", request, *signed_by, *out)
        return certificate, key

    def _run(self, *arguments: object) -> None:
        command = ["openssl", *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)


def _new(key: Path) -> tuple[object, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key)
