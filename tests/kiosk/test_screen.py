"""The unit of the wall's screen: its own command, on a display in memory."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.broker import eventually
from kiosk.conftest import Open

UNIT = Path(__file__).parents[2] / "systemd/kiosk/emotion-edge-kiosk.service"
pytestmark = [
    pytest.mark.skipif(
        not shutil.which("cage"), reason="needs cage and xwayland, as systemd/kiosk/install.sh"
    ),
    pytest.mark.skipif(not shutil.which("Xwayland"), reason="cage needs it: apt-get install xwayland"),
    pytest.mark.xdist_group("browser"),
]


NOBODY = 65_534


def command(url: str, platform: str, state: Path) -> list[str]:
    text = re.sub(r"\\\n\s*", "", UNIT.read_text())
    line = text.partition("ExecStart=")[2].partition("\n")[0]
    for name, value in (("${KIOSK_URL}", url), ("${KIOSK_PLATFORM}", platform), ("%S", str(state))):
        assert name in line
        line = line.replace(name, shlex.quote(value))
    return shlex.split(line)


def running(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def own() -> Iterator[Path]:
    """A folder of the user that the screen belongs to; cage refuses to be root."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


@pytest.mark.parametrize("platform", ["wayland", "x11"])
def test_the_screen_opens_the_page_and_follows_it(own: Path, open_site: Open, platform: str) -> None:
    site = open_site()
    display = {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1"}
    home = {"XDG_RUNTIME_DIR": str(own), "HOME": str(own), "CHROMIUM_FLAGS": "--no-sandbox"}
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    log = own / "log"
    with log.open("wb") as said:
        screen = subprocess.Popen(
            command(f"{site.url}?kiosk", platform, own),
            env={**os.environ, **display, **home},
            stdout=said,
            stderr=said,
            start_new_session=True,
            **user,
        )
    try:
        eventually(lambda: site.viewers() or screen.poll() is not None, within=60)
        if "No usable sandbox" in log.read_text():
            pytest.skip("Chromium can make no sandbox here (a chroot): install chromium-sandbox")
        assert screen.poll() is None, log.read_text()[-2000:]
        assert site.viewers() == 1
    finally:
        screen.terminate()
        screen.wait(60)
        eventually(lambda: not running(screen.pid), within=20, what="the browser has ended with its screen")
