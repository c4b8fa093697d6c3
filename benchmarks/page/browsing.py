"""The page of a real daemon in Debian's Chromium: bytes, first paint, and the way of a mood to the screen."""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.fleet.mosquitto import mosquitto
from edge.samples import sample_clip

__all__ = ["delay", "fetched", "free_port", "load", "page_of_a_daemon"]

_LOADS: Final = 10
_MOODS: Final = 24
_PATIENCE: Final = 180.0
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_WATCH: Final = """() => {
  window.moods = [];
  const word = document.querySelector('.word');
  const note = () => window.moods.push([Date.now() / 1000, document.querySelector('.room').dataset.mood]);
  new MutationObserver(note).observe(word, {childList: true, characterData: true, subtree: true});
}"""


def load() -> dict[str, Any]:
    """First visits, each with an empty cache: bytes with their headers, and ms to the first paint."""
    with page_of_a_daemon() as port, _chromium() as browser:
        visits = [_visit(browser, port) for _ in range(_LOADS)]
    sizes, paints = zip(*visits, strict=True)
    return {
        "loads": _LOADS,
        "bytes": round(statistics.median(sizes)),
        "first_paint_ms_median": round(statistics.median(paints)),
        "first_paint_ms_worst": round(max(paints)),
    }


def _visit(browser: Browser, port: int) -> tuple[float, float]:
    context = browser.new_context()
    page = context.new_page()
    received: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda loaded: received.append(loaded["encodedDataLength"]))
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator(".room[data-mood]").wait_for()
    paint = _until(lambda: page.evaluate(_PAINT), page)
    page.wait_for_timeout(500)
    context.close()
    return sum(received), float(paint)


def delay() -> dict[str, Any]:
    """Moods as they arrive at a client of the broker, and when each stands on the page, on one clock.

    The camera is closed and opened by turns, so that somebody comes often; what counts is the mood then.
    """
    told: list[tuple[float, str]] = []
    with mosquitto() as broker, page_of_a_daemon(broker.port) as port, _chromium() as browser:
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = lambda _client, _data, message: told.append((time.time(), _emotion(message)))
        client.connect("127.0.0.1", broker.port)
        client.subscribe("emotion-edge/bench/state", 1)
        client.loop_start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator(".room[data-mood]").wait_for()
        page.evaluate(_WATCH)
        for turn in range(_MOODS):
            wanted = len(_changes(told)) + 1
            client.publish("emotion-edge/bench/camera/set", ("OFF", "ON")[turn % 2], 1)
            _until(partial(_reached, told, wanted), page)
            page.wait_for_timeout(1000)
        page.wait_for_timeout(2000)
        shown = [(float(at), str(mood)) for at, mood in page.evaluate("window.moods")]
        client.loop_stop()
    waits = [
        wait
        for wait in (_wait(change, shown) for change in _changes(told)[1:] if change[1] != "none")
        if wait is not None
    ]
    return {
        "moods": len(waits),
        "ms_median": round(1000 * statistics.median(waits)),
        "ms_worst": round(1000 * max(waits)),
    }


def _wait(change: tuple[float, str], shown: list[tuple[float, str]]) -> float | None:
    """Seconds until the page shows the mood of a message; it may be earlier than the broker's client."""
    at, mood = change
    return next((seen - at for seen, word in shown if word == mood and -0.3 <= seen - at < 3.0), None)


def _changes(told: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return [now for before, now in zip([(0.0, ""), *told], told, strict=False) if before[1] != now[1]]


def _reached(told: list[tuple[float, str]], count: int) -> bool:
    return len(_changes(told)) >= count


def _emotion(message: MQTTMessage) -> str:
    return str(json.loads(message.payload)["emotion"])


@contextmanager
def page_of_a_daemon(broker: int | None = None) -> Iterator[int]:
    """Port of the page of a daemon on the sample clip."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "STATE_DIRECTORY": folder,
            "RUNTIME_DIRECTORY": folder,
            "EMOTION_EDGE_DEVICE__ID": "bench",
            "EMOTION_EDGE_CAMERA__SOURCE": str(sample_clip()),
            "EMOTION_EDGE_MICROPHONE__ENABLED": "false",
            "EMOTION_EDGE_MQTT__ENABLED": str(broker is not None).lower(),
            "EMOTION_EDGE_MQTT__PORT": str(broker or 1883),
            "EMOTION_EDGE_KIOSK__ENABLED": "true",
            "EMOTION_EDGE_KIOSK__PORT": str(port),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run"], env={**os.environ, **settings}, stderr=subprocess.DEVNULL
        )
        try:
            _await_answer(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetched(port: int, path: str) -> str:
    """What the page's server answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    with closing(connection):
        return connection.getresponse().read().decode()


def _await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            fetched(port, "/healthz")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the daemon's page does not answer")


def _until(found: Callable[[], Any], page: Page) -> Any:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        page.wait_for_timeout(100)
    raise SystemExit("the page does not get that far")
