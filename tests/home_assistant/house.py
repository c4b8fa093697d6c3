"""A real Home Assistant in this process, and what it needs around it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeassistant import bootstrap, config_entries, core, loader
from homeassistant.config import async_hass_config_yaml
from homeassistant.core_config import CORE_CONFIG_SCHEMA, async_process_ha_core_config
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A TCP port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(
    condition: Callable[[], object], what: str | Callable[[], str], within: float = 180.0
) -> float:
    """Wait until something holds; how long it took. `what` it was, asked at the end if callable."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > within:
            raise AssertionError(f"not within {within:g} s: {what() if callable(what) else what}")
        await asyncio.sleep(0.03)
    return time.monotonic() - started


class Broker:
    """mosquitto on the loopback."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with nothing remembered."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen([program, "-p", str(self.port)], stdout=quiet, stderr=quiet)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Daemon:
    """`emotion-edge run`, watching the sample clip and hearing nothing, or as `configuration` has it."""

    def __init__(self, folder: Path, port: int, clip: Path, configuration: str | None = None) -> None:
        self.clip = clip
        self._config = folder / "emotion-edge.yaml"
        self._config.write_text(
            configuration
            or "device: {id: livingroom, name: Living room, room: Living room}\n"
            f"camera: {{source: {clip}}}\n"
            "microphone: {enabled: false}\n"
            f"mqtt: {{host: 127.0.0.1, port: {port}, scores: true}}\n"
            "smoothing: {absence: 1.5}\n"
            "actions: {rules: [{name: seen, when: [happy], for: 1, then: "
            "[{alert: {level: notice, message: Somebody smiles}}]}]}\n"
        )
        self._log = (folder / "emotion-edge.log").open("wb")
        self._environment = os.environ | {"STATE_DIRECTORY": str(folder), "XDG_STATE_HOME": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id, the same after a restart in place."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it."""
        command = [str(ROOT / ".venv/bin/emotion-edge"), "run", "--config", str(self._config)]
        self._process = subprocess.Popen(command, env=self._environment, stdout=self._log, stderr=self._log)

    def stop(self, *, kill: bool = False) -> None:
        """End it, in order or at once."""
        if self._process is not None:
            self._process.kill() if kill else self._process.terminate()
            self._process.wait(10)
            self._process = None

    def command(self, *arguments: str) -> str:
        """What another `emotion-edge` command with the same configuration prints."""
        line = [str(ROOT / ".venv/bin/emotion-edge"), *arguments, "--config", str(self._config)]
        return subprocess.run(line, check=True, capture_output=True, text=True).stdout

    def holds_clip(self) -> bool:
        """Whether the process has its camera's file open."""
        return any(_target(link) == self.clip for link in Path(f"/proc/{self.pid}/fd").iterdir())

    def log(self) -> str:
        """What it said."""
        return Path(self._log.name).read_text()


def _target(link: Path) -> Path | None:
    try:
        return link.readlink()
    except OSError:
        return None


EXPECTED_COMPLAINTS = ("The connection was lost", "No device components to cleanup", "Disconnected from MQTT")
"""Of a broker that was killed, and of every device that is removed by an empty message."""


class Complaints(logging.Handler):
    """Warnings of Home Assistant about us."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        ours = "mqtt" in record.name or "livingroom" in text or "template" in record.name
        if ours and not any(expected in text for expected in EXPECTED_COMPLAINTS):
            self.lines.append(f"{record.name}: {text}")


async def open_house(folder: Path, port: int) -> core.HomeAssistant:
    """Home Assistant with its configuration file, connected to the broker by the usual config flow."""
    hass = core.HomeAssistant(str(folder))
    loader.async_setup(hass)
    hass.config_entries = config_entries.ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    await async_process_ha_core_config(hass, CORE_CONFIG_SCHEMA({}))
    config = await async_hass_config_yaml(hass)
    for name in ("homeassistant", "persistent_notification", "http", "automation"):
        assert await async_setup_component(hass, name, config), f"Home Assistant's {name} does not start"
    flow = await hass.config_entries.flow.async_init("mqtt", context={"source": "user"})
    answer = {"broker": "127.0.0.1", "port": port}
    result: Any = await hass.config_entries.flow.async_configure(flow["flow_id"], answer)
    assert result["type"] == "create_entry", result
    await hass.async_start()
    return hass


def device_of(hass: core.HomeAssistant, entity: str) -> str:
    """The id of the device that an entity belongs to, empty for none."""
    return str(entities(hass)[entity].device_id or "")


def entities(hass: core.HomeAssistant) -> dict[str, er.RegistryEntry]:
    """What the MQTT integration has registered, by entity id."""
    registry = er.async_get(hass)
    return {entry.entity_id: entry for entry in registry.entities.values() if entry.platform == "mqtt"}
