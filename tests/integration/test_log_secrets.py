"""The broker's password appears in no log line of the daemon, whatever it stands in."""

from __future__ import annotations

import signal
from pathlib import Path

from integration.broker import eventually, free_port
from integration.process import DaemonProcess


def test_neither_the_first_nor_a_reloaded_password_is_ever_logged(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    port = free_port()

    def write(password: str, camera: str) -> None:
        (tmp_path / "password").write_text(f"{password}\n")
        config.write_text(
            f"mqtt: {{host: 127.0.0.1, port: {port}, username: hub, password_file: password}}\n"
            f"camera: {{source: '{camera}-{password}.mp4'}}\nmicrophone: {{enabled: false}}\n"
        )

    write("Tr0ub4dor", "gone")
    daemon = DaemonProcess(tmp_path, config=config)
    try:
        daemon.start().ready()
        eventually(lambda: daemon.logged("gone-"), what="a line about the missing file")
        write("sw0rdfish", "lost")
        daemon.send(signal.SIGHUP)
        eventually(lambda: daemon.logged("lost-"), what="a line about the other missing file")
        assert daemon.logged("gone-********.mp4")
        assert daemon.logged("lost-********.mp4")
        assert not daemon.logged("Tr0ub4dor")
        assert not daemon.logged("sw0rdfish")
    finally:
        daemon.close()
