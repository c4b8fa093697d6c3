"""The microphone through PortAudio, ALSA and a real PulseAudio whose null sink is played into."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from integration.sound import SoundServer, need, wait_until
from numpy.typing import NDArray

from edge.capture.devices import list_devices
from edge.capture.mailbox import BoundedQueue
from edge.capture.sound.microphone import Microphone
from edge.config.models import MicrophoneConfig
from edge.vocabulary import AudioChunk


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    need("pulseaudio", "pacat", "pactl")
    one = SoundServer(tmp_path)
    for name, value in one.environment.items():
        monkeypatch.setenv(name, value)
    one.start()
    yield one
    one.kill()


@pytest.fixture
def chunks() -> BoundedQueue[AudioChunk]:
    return BoundedQueue[AudioChunk](limit=2000)


@pytest.fixture
def microphone(server: SoundServer, chunks: BoundedQueue[AudioChunk]) -> Iterator[Microphone]:
    one = Microphone(config=MicrophoneConfig(source="testmic"), chunks=chunks, jitter=lambda: 0.0)
    one.start()
    assert wait_until(lambda: one.status().delivered > 0, 20), one.status()
    yield one
    one.stop()


def tone(file: Path, rate: int, channels: int = 1, seconds: float = 20.0, frequency: float = 440.0) -> Path:
    wave = 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)
    soundfile.write(file, np.repeat(wave[:, None], channels, axis=1), rate, subtype="PCM_16")
    return file


def heard(chunks: BoundedQueue[AudioChunk], seconds: float = 1.0) -> NDArray[np.float32]:
    """Sound from now on, once it is more than silence."""
    chunks.clear()
    parts: list[NDArray[np.float32]] = []
    deadline = time.monotonic() + 15
    while sum(map(len, parts)) < seconds * 16_000 and time.monotonic() < deadline:
        chunk = chunks.get(5)
        assert chunk is not None, "no sound came"
        if parts or np.abs(chunk.samples).max() > 0.4:
            parts.append(chunk.samples)
    return np.concatenate(parts)[1600:]


def pitch(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 16_000 / len(samples))


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (8_000, 1)])
def test_a_tone_is_heard_in_its_pitch_and_level(
    server: SoundServer,
    microphone: Microphone,
    chunks: BoundedQueue[AudioChunk],
    tmp_path: Path,
    rate: int,
    channels: int,
) -> None:
    player = server.play(tone(tmp_path / "tone.wav", rate, channels))
    try:
        samples = heard(chunks)
    finally:
        player.kill()
        player.wait()
    assert pitch(samples) == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_sound_comes_as_fast_as_time_passes_and_carries_the_clock(
    microphone: Microphone, chunks: BoundedQueue[AudioChunk]
) -> None:
    begun, heard = time.monotonic(), list[AudioChunk]()
    chunks.clear()
    while not heard or heard[-1].captured_at < begun + 2.0:
        chunk = chunks.get(30)
        assert chunk is not None
        assert chunk.captured_at < time.monotonic() + 0.5
        heard.append(chunk)
    seconds = sum(len(chunk.samples) for chunk in heard[1:]) / 16_000
    assert seconds == pytest.approx(heard[-1].captured_at - heard[0].captured_at, abs=0.4)
    assert chunks.dropped == 0


def test_the_microphone_comes_back_after_the_sound_server_died(
    server: SoundServer, microphone: Microphone, chunks: BoundedQueue[AudioChunk], tmp_path: Path
) -> None:
    server.kill()
    assert wait_until(lambda: microphone.status().state == "retrying", 10)
    assert wait_until(lambda: microphone.status().reopened >= 2, 10)
    before = microphone.status().delivered
    server.start()
    assert wait_until(lambda: microphone.status().delivered > before + 5, 30), microphone.status()
    assert wait_until(lambda: microphone.status().state == "open", 5)
    player = server.play(tone(tmp_path / "tone.wav", 44_100, frequency=880.0))
    try:
        assert pitch(heard(chunks)) == pytest.approx(880, abs=3)
    finally:
        player.kill()
        player.wait()


def test_the_microphone_is_back_soon_after_the_sound_server_stood_still(
    server: SoundServer, microphone: Microphone, chunks: BoundedQueue[AudioChunk]
) -> None:
    server.suspend()
    try:
        assert wait_until(lambda: microphone.status().state == "retrying", 10)
        time.sleep(10)  # for so long it stands still, whatever the microphone tries meanwhile
        before = microphone.status().delivered
    finally:
        server.resume()
    assert wait_until(lambda: microphone.status().delivered > before, 4), microphone.status()
    assert wait_until(lambda: microphone.status().state == "open", 4), microphone.status()


def test_a_voice_in_opposite_phase_is_heard(
    server: SoundServer, microphone: Microphone, chunks: BoundedQueue[AudioChunk], tmp_path: Path
) -> None:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48_000 * 20) / 48_000)
    soundfile.write(tmp_path / "opposite.wav", np.stack([wave, -wave], axis=1), 48_000, subtype="PCM_16")
    player = server.play(tmp_path / "opposite.wav")
    try:
        samples = heard(chunks)
    finally:
        player.kill()
        player.wait()
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_closing_ends_the_recording_for_the_sound_server_too(
    server: SoundServer, microphone: Microphone, chunks: BoundedQueue[AudioChunk]
) -> None:
    assert server.recordings() == 1
    microphone.stop()
    assert wait_until(lambda: server.recordings() == 0, 5)
    assert microphone.status().state == "closed"
    assert len(chunks) == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("microphone")]
    microphone.start()
    assert wait_until(lambda: microphone.status().state == "open" and len(chunks) > 0, 20)


def test_an_unknown_name_is_answered_with_the_inputs_there_are(server: SoundServer) -> None:
    one = Microphone(config=MicrophoneConfig(source="Blue Yeti"), chunks=BoundedQueue[AudioChunk](limit=9))
    one.start()
    assert wait_until(lambda: one.status().state == "retrying")
    assert "Blue Yeti" in one.status().detail
    assert "testmic" in one.status().detail
    one.stop()


def test_the_devices_are_listed(server: SoundServer) -> None:
    audio = list_devices()["audio"]
    assert any(device["name"] == "testmic" and device["channels"] > 0 for device in audio)


def test_alsa_and_jack_write_nothing_to_stderr(server: SoundServer) -> None:
    asked = "from edge.capture.devices import list_devices; print(len(list_devices()['audio']))"
    ran = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(ran.stdout) > 0
    assert ran.stderr == ""


WITHOUT_SOUND = """
import time
from edge.capture.mailbox import BoundedQueue
from edge.capture.sound.microphone import Microphone
from edge.config.models import MicrophoneConfig
one = Microphone(config=MicrophoneConfig(), chunks=BoundedQueue(9))
one.start()
while one.status().state == "opening":
    time.sleep(0.01)
print(one.status().detail)
one.stop()
"""


@pytest.mark.skipif(Path("/dev/snd").exists(), reason="this machine has a sound card")
def test_a_machine_without_sound_says_so_and_is_silent_otherwise(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PULSE_SERVER": f"unix:{tmp_path}/none"}
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_SOUND],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
    )
    assert "plug in a microphone" in ran.stdout
    assert "ALSA" not in ran.stderr
    assert "jack" not in ran.stderr.lower()
