"""The broker's password appears in no log line of the daemon, whatever it stands in."""

from __future__ import annotations

import signal
from pathlib import Path

from integration.broker import eventually, free_port
from integration.process import DaemonProcess


def test_neither_the_first_nor_a_reloaded_password_is_ever_logged(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    port = free_port()

    def write(password: str) -> None:
        (tmp_path / "password").write_text(f"{password}\n")
        config.write_text(
            f"mqtt: {{host: 127.0.0.1, port: {port}, username: hub, password_file: password}}\n"
            f"camera: {{source: 'gone-{password}.mp4'}}\nmicrophone: {{enabled: false}}\n"
        )

    write("Tr0ub4dor")
    daemon = DaemonProcess(tmp_path, config)
    try:
        daemon.start().ready()
        eventually(lambda: daemon.logged("gone-********.mp4"), what="a line with the password masked")
        write("sw0rdfish")
        daemon.send(signal.SIGHUP)
        eventually(lambda: daemon.logged("configuration reloaded"))
        count = sum("gone-********.mp4" in line for line in daemon.log)
        eventually(
            lambda: (
                sum("gone-********.mp4" in line for line in list(daemon.log)) > count
                or any("sw0rdfish" in line for line in list(daemon.log))
            ),
            what="a line about the new file",
        )
        text = "\n".join(daemon.log)
        assert "Tr0ub4dor" not in text
        assert "sw0rdfish" not in text
    finally:
        daemon.close()
