"""Real pictures of the page for README and docs: the daemon on the sample clip, seen by Debian's Chromium.

`make screenshots` runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect, sync_playwright

from edge.samples import sample_clip

_DOCS: Final = Path(__file__).parents[1] / "docs"
_PORT: Final = 8797
_PICTURES: Final = (
    ("page.png", "?theme=light", 1100, 760),
    ("page-kiosk.png", "?kiosk&theme=dark", 1280, 720),
    ("page-phone.png", "?lang=de&theme=light", 390, 844),
)


def main() -> None:
    """Start the daemon, wait for a mood, take the pictures."""
    with daemon(), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in _PICTURES:
            take(browser, *picture)
        browser.close()


@contextmanager
def daemon() -> Iterator[None]:
    """The daemon on the sample clip, with the page on a port of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "STATE_DIRECTORY": folder,
            "RUNTIME_DIRECTORY": folder,
            "EMOTION_EDGE_DEVICE__NAME": "Home hub",
            "EMOTION_EDGE_DEVICE__ROOM": "Living room",
            "EMOTION_EDGE_CAMERA__SOURCE": str(sample_clip()),
            "EMOTION_EDGE_MICROPHONE__SOURCE": str(sample_clip()),
            "EMOTION_EDGE_MQTT__ENABLED": "false",
            "EMOTION_EDGE_KIOSK__ENABLED": "true",
            "EMOTION_EDGE_KIOSK__PORT": str(_PORT),
        }
        process = subprocess.Popen([sys.executable, "-m", "edge", "run"], env={**os.environ, **settings})
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def take(browser: Browser, name: str, query: str, width: int, height: int) -> None:
    """One picture, once the page shows a mood."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    for attempt in range(30):
        try:
            page.goto(f"http://127.0.0.1:{_PORT}/{query}")
            break
        except Exception:
            if attempt == 29:
                raise
            page.wait_for_timeout(1000)
    expect(page.locator(".room[data-mood=happy]")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(12_000)
    page.screenshot(path=_DOCS / name)
    context.close()


if __name__ == "__main__":
    main()
