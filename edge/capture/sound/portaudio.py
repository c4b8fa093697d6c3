"""PortAudio's view of the sound inputs, and the choice among them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from edge.capture.sound.quiet import quiet_stderr, silence_alsa
from edge.errors import CaptureError

__all__ = [
    "Callback",
    "InputStream",
    "SoundInput",
    "choose_input",
    "close",
    "is_active",
    "open_stream",
    "portaudio",
    "sound_inputs",
]

_PORTAUDIO: Final = threading.Lock()
"""PortAudio is one per process, and neither its start nor its end may overlap with anything."""

_ENVIRONMENT: Final = {"JACK_NO_START_SERVER": "1", "PULSE_LATENCY_MSEC": "30"}
"""Looking for JACK must not start it; PulseAudio would otherwise collect up to two seconds of sound."""


@dataclass(frozen=True, slots=True)
class SoundInput:
    """A device that records; `default` marks the system's choice."""

    index: int
    name: str
    rate: int
    channels: int
    default: bool = False


Callback = Callable[[bytes, int, Any, int], tuple[None, int]]


@dataclass(frozen=True, slots=True)
class InputStream:
    """An open stream of float32 samples, interleaved."""

    stream: Any
    rate: int
    channels: int
    name: str


@contextmanager
def portaudio() -> Iterator[Any]:
    """PortAudio with a fresh list of devices, ended afterwards so that nothing stays open.

    Raises CaptureError when the library is not installed.
    """
    try:
        import pyaudio
    except ImportError as error:
        raise CaptureError(f"PortAudio cannot be loaded ({error}); apt install libportaudio2") from error
    silence_alsa()
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with _PORTAUDIO, quiet_stderr():
        audio = pyaudio.PyAudio()
    try:
        yield audio
    finally:
        with _PORTAUDIO, quiet_stderr():
            audio.terminate()


def sound_inputs(audio: Any) -> list[SoundInput]:
    """All devices that record, in PortAudio's order."""
    try:
        default = int(audio.get_default_input_device_info()["index"])
    except OSError:
        default = -1
    infos = [audio.get_device_info_by_index(index) for index in range(audio.get_device_count())]
    return [
        SoundInput(
            index=int(info["index"]),
            name=str(info["name"]),
            rate=int(info["defaultSampleRate"]),
            channels=int(info["maxInputChannels"]),
            default=int(info["index"]) == default,
        )
        for info in infos
        if int(info["maxInputChannels"]) > 0
    ]


def choose_input(wanted: str, inputs: list[SoundInput]) -> SoundInput:
    """`auto` is the system's default, a number an index, anything else a name or part of one.

    Raises CaptureError with the names there are.
    """
    if not inputs:
        raise CaptureError(
            "no sound input found; plug in a microphone, and add the user to the group audio if there is one"
        )
    if wanted.strip().lower() in ("", "auto"):
        return next((one for one in inputs if one.default), inputs[0])
    found = _matches(wanted.strip(), inputs)
    if not found:
        names = ", ".join(f'{one.index} "{one.name}"' for one in inputs)
        raise CaptureError(f'microphone.source "{wanted}": no such sound input; there are {names}')
    return found[0]


def _matches(wanted: str, inputs: list[SoundInput]) -> list[SoundInput]:
    if wanted.isdigit():
        return [one for one in inputs if one.index == int(wanted)]
    name = wanted.casefold()
    exact = [one for one in inputs if one.name.casefold() == name]
    return exact or [one for one in inputs if name in one.name.casefold()]


def open_stream(audio: Any, device: SoundInput, callback: Callback, seconds: float) -> InputStream:
    """Open the device with buffers of about `seconds`: two channels, else as few as it takes.

    Mono of a device with two would be mixed by the sound server, where opposite phases cancel.

    Raises CaptureError naming the device and what PortAudio says.
    """
    answer: InputStream | str = ""
    for channels in dict.fromkeys((min(2, device.channels), 1, device.channels)):
        answer = _open(audio, device, callback, channels, round(device.rate * seconds))
        if isinstance(answer, InputStream):
            return answer
    raise CaptureError(
        f'"{device.name}" cannot be opened: {answer}; does another program use it? '
        "`emotion-edge devices` lists the inputs"
    )


def _open(
    audio: Any, device: SoundInput, callback: Callback, channels: int, buffer: int
) -> InputStream | str:
    """The open stream, or why PortAudio refuses."""
    import pyaudio

    try:
        with _PORTAUDIO, quiet_stderr():
            stream = audio.open(
                format=pyaudio.paFloat32,
                channels=channels,
                rate=device.rate,
                input=True,
                input_device_index=device.index,
                frames_per_buffer=buffer,
                stream_callback=callback,
            )
    except (OSError, ValueError) as error:
        return next((str(part) for part in error.args if isinstance(part, str)), repr(error))
    return InputStream(stream, device.rate, channels, device.name)


def is_active(stream: InputStream) -> bool:
    """Whether the device still delivers, as far as PortAudio knows."""
    try:
        return bool(stream.stream.is_active())
    except OSError:
        return False


def close(stream: InputStream) -> None:
    """Give the device back; a device that has vanished is closed all the same."""
    with _PORTAUDIO, quiet_stderr():
        try:
            stream.stream.close()
        except OSError:
            return
