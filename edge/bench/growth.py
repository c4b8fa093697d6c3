"""How the cost grows: with faces, rooms, pictures a second, their size, and hours of sound.

Every point is measured in a process of its own, by the CPU time of all its threads, so that neither memory
nor other work on the machine carries over from one to the next. A series starts with its baseline.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.bench.crowd import crowd, moving
from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.config.plans import CameraPlan, MicrophonePlan, room_plans
from edge.errors import EdgeError
from edge.perception.many import ManyFaces, ManyVoices
from edge.perception.open import open_detector
from edge.perception.pixels import Image
from edge.samples import sample_clip
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

__all__ = ["SIZES", "Load", "Point", "Series", "grown", "measured_here", "series"]

SIZES: Final = {"480p": (640, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
_WARM: Final = 2.0
"""Seconds of pictures and sound before those that count: models warm up, faces become known."""
_CHUNK: Final = 0.1
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Load:
    """What is looked at and listened to: `rooms` with a camera and a microphone each, or hours of a file."""

    faces: int = 1
    rooms: int = 1
    fps: float = 15.0
    size: str = "480p"
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """One load: percent of one core that keeping up takes, megabytes at most, and how often the baseline."""

    label: str
    core_percent: float
    rss_mb: float
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Series:
    """A load that grows in one respect, its baseline first."""

    name: str
    loads: tuple[tuple[str, Load], ...]


def series(
    *,
    faces: tuple[int, ...] = (1, 2, 4, 8),
    rooms: tuple[int, ...] = (1, 2, 3, 4),
    fps: tuple[float, ...] = (5.0, 15.0, 30.0),
    sizes: tuple[str, ...] = tuple(SIZES),
    minutes: tuple[float, ...] = (1.0, 10.0, 60.0),
) -> list[Series]:
    """The five, each without those that have no load."""
    made = (
        Series("faces", tuple((str(n), Load(faces=n)) for n in faces)),
        Series("rooms", tuple((str(n), Load(rooms=n)) for n in rooms)),
        Series("pictures a second", tuple((f"{n:g}", Load(fps=n)) for n in fps)),
        Series("size of pictures", tuple((size, Load(size=size)) for size in sizes)),
        Series("minutes of sound, analysed", tuple((f"{n:g}", Load(minutes=n)) for n in minutes)),
    )
    return [one for one in made if one.loads]


def grown(one: Series, *, seconds: float, tell: Callable[[str], None]) -> list[Point]:
    """Its points. Raises EdgeError when one of them cannot be measured."""
    points: list[Point] = []
    for label, load in one.loads:
        tell(f"{one.name}: {label}")
        found = _in_its_own_process(load, seconds)
        first = points[0].core_percent if points else found["core_percent"]
        times = round(found["core_percent"] / first, 2) if first else 1.0
        points.append(Point(label, found["core_percent"], found["rss_mb"], times))
    return points


def _in_its_own_process(load: Load, seconds: float) -> dict[str, float]:
    code = "import sys; from edge.bench.growth import measured_here; measured_here(sys.argv[1])"
    given = json.dumps({"load": asdict(load), "seconds": seconds})
    done = subprocess.run([sys.executable, "-c", code, given], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise EdgeError(f"{load} could not be measured: {told[-1]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measured_here(given: str) -> None:
    """Measure one load in this process, which is for nothing else; prints JSON."""
    asked: dict[str, Any] = json.loads(given)
    load = Load(**asked["load"])
    if load.minutes:
        share, memory = _analysed(load.minutes)
    else:
        share = _live(load, float(asked["seconds"]))
        memory = _resident(resource.RUSAGE_SELF)
    print(json.dumps({"core_percent": round(100 * share, 2), "rss_mb": round(memory)}))


def _live(load: Load, seconds: float) -> float:
    """CPU seconds for a second of pictures and sound, played as fast as they can be judged."""
    config = Config()
    with closing(open_detector(config.camera, engines=config.engines)) as detector:
        picture = crowd(load.faces, SIZES[load.size], detector)
    play = _Play(load, picture)
    cameras, microphones = play.cameras, play.microphones
    with (
        closing(ManyFaces.open(config.engines, cameras, clock=lambda: play.at)) as faces,
        closing(ManyVoices.open(config.engines, clock=lambda: play.at)) as voices,
    ):
        seen: list[int] = []

        def see(shown: list[tuple[CameraPlan, Frame]]) -> None:
            seen[:] = [observation.faces for _, observation in faces.process(shown, cameras)]
            faces.search()

        def hear(told: list[tuple[MicrophonePlan, AudioChunk]]) -> None:
            voices.process(told, microphones)

        play.on(_WARM, see, hear)
        before = time.process_time()
        play.on(seconds, see, hear)
        share = (time.process_time() - before) / seconds
    if seen != [load.faces] * load.rooms:
        raise EdgeError(f"{seen} faces were seen in the rooms, {load.faces} are in each")
    return share


class _Play:
    """Pictures and sound of all rooms, by a clock that does not wait."""

    def __init__(self, load: Load, picture: Image) -> None:
        self.at = 0.0
        self.cameras, self.microphones = _plans(load)
        self._step, self._heard = 1 / load.fps, 0.0
        self._pictures, self._sound = moving(picture), _sound()

    def on(
        self,
        seconds: float,
        see: Callable[[list[tuple[CameraPlan, Frame]]], object],
        hear: Callable[[list[tuple[MicrophonePlan, AudioChunk]]], object],
    ) -> None:
        """Go on for so long."""
        until = self.at + seconds
        while self.at < until:
            self.at += self._step
            picture = next(self._pictures)
            see([(camera, Frame(picture, self.at)) for camera in self.cameras])
            while self._heard + _CHUNK <= self.at:
                self._heard += _CHUNK
                samples = next(self._sound)
                hear([(one, AudioChunk(samples, self._heard)) for one in self.microphones])


def _plans(load: Load) -> tuple[list[CameraPlan], list[MicrophonePlan]]:
    width, height = SIZES[load.size]
    eye = {"fps": load.fps, "width": width, "height": height}
    rooms = {
        f"room{n}": {
            "cameras": {"eye": {"source": f"picture{n}", **eye}},
            "microphones": {"ear": {"source": f"sound{n}"}},
        }
        for n in range(load.rooms)
    }
    plans = room_plans(Config.model_validate({"rooms": rooms}))
    cameras = [camera for plan in plans for camera in plan.cameras]
    return cameras, [microphone for plan in plans for microphone in plan.microphones]


def _voice() -> Samples:
    """What is said in the sample clip."""
    return np.concatenate([chunk.samples for chunk in MediaFile(sample_clip()).chunks()])


def _sound() -> Iterator[Samples]:
    """It again and again, in chunks."""
    size, voice = int(_CHUNK * SAMPLE_RATE), _voice()
    return cycle([voice[at : at + size] for at in range(0, len(voice) - size, size)])


def _analysed(minutes: float) -> tuple[float, float]:
    """CPU seconds of `analyze` for a second of a recording that long, and its memory at most."""
    with tempfile.TemporaryDirectory(prefix="emotion-edge-bench-") as folder:
        path = Path(folder) / "call.wav"
        _record(path, minutes)
        command = [sys.executable, "-m", "edge", "analyze", "--json", str(path)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) / (60 * minutes), _resident(resource.RUSAGE_CHILDREN)


def _record(path: Path, minutes: float) -> None:
    voice = (np.clip(_voice(), -1, 1) * np.float32(2**15 - 1)).astype("<i2")
    left = int(60 * minutes * SAMPLE_RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        while left > 0:
            file.writeframes(voice[:left].tobytes())
            left -= len(voice)


def _resident(whose: int) -> float:
    """Megabytes at most."""
    return resource.getrusage(whose).ru_maxrss / 1024
