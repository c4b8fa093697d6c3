"""What works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Literal

from edge import __version__
from edge.commands.device_checks import Check, device_checks
from edge.errors import EdgeError, ModelError

if TYPE_CHECKING:
    from edge.config import Config

__all__ = ["examine", "healthy"]

_PACKAGES: Final = ("numpy", "onnxruntime", "av", "paho-mqtt")
_SAME_BANK: Final = 1e-9


def healthy(checks: list[Check]) -> bool:
    """Whether every required check passed."""
    return all(check.ok for check in checks if check.required)


def examine(config: Config) -> Iterator[Check]:
    """All checks, one by one as they are done; nothing stays open afterwards."""
    yield _versions()
    yield _required("model face", lambda: _classifier(config, "face"), "restore engines/ from the release")
    yield _required(
        "model speech", lambda: _classifier(config, "speech"), "restore engines/ from the release"
    )
    yield _required("voice activity", lambda: _vad(config), "restore engines/ from the release")
    yield _features()
    yield _required("face detector", lambda: _detector(config), "run `emotion-edge fetch-detector`")
    yield from _accelerator(config)
    yield from device_checks(config)
    yield _broker(config)
    yield from _daemon(config)


def _daemon(config: Config) -> Iterator[Check]:
    """What a daemon that runs here says of itself; nothing where there is none."""
    from edge.config.directories import runtime_candidates
    from edge.daemon.control_client import ask

    places = (folder / f"{config.device.id}.sock" for folder in runtime_candidates(os.environ))
    socket = next((path for path in places if os.access(path, os.W_OK)), None)
    if socket is None:
        return
    try:
        health = ask(socket, "health", {}, 5.0)
    except EdgeError as error:
        yield Check("running daemon", False, str(error), "see its log")
        return
    face = health.get("face", {})
    judged, came = face.get("fps"), face.get("captured_fps")
    pictures = f", {judged:g} of {came:g} pictures a second are judged" if came else ""
    well = health.get("status") == "ok"
    yield Check("running daemon", well, f"{health.get('status')}{pictures}", "; ".join(health["problems"]))


def _versions() -> Check:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    detail = (
        f"emotion-edge {__version__}, Python {platform.python_version()} on {platform.machine()}, {versions}"
    )
    return Check("versions", True, detail)


def _required(name: str, test: Callable[[], str], remedy: str) -> Check:
    try:
        return Check(name, True, test(), required=True)
    except EdgeError as error:
        return Check(name, False, str(error), remedy, required=True)


def _classifier(config: Config, kind: Literal["face", "speech"]) -> str:
    from edge.inference.classifier import Classifier
    from edge.perception.inputs import FACE_ITEM, SPEECH_ITEM

    item = FACE_ITEM if kind == "face" else SPEECH_ITEM
    with Classifier.open(kind, config=config.engines, item=item) as classifier:
        return f"{classifier.card.name} {classifier.card.version} on {classifier.backend}, hash verified"


def _vad(config: Config) -> str:
    from edge.perception.vad import Vad

    with Vad.open(config=config.engines):
        return "Silero on ONNX Runtime"


def _features() -> Check:
    """The filter bank that the speech models were trained on, against the library that defines it."""
    from edge.perception.features import BANDS, FFT, HIGH, LOW
    from edge.perception.mel import difference
    from edge.vocabulary import SAMPLE_RATE

    name, remedy = "speech features", "install python-speech-features and numpy anew"
    try:
        far = difference(BANDS, FFT, SAMPLE_RATE, LOW, HIGH)
    except ImportError as error:
        return Check(name, False, f"cannot be compared with python-speech-features: {error}", remedy)
    if far > _SAME_BANK:
        return Check(
            name, False, f"the filter bank differs from python-speech-features' by {far:.2g}", remedy
        )
    return Check(name, True, f"{BANDS} mel bands as in python-speech-features")


def _detector(config: Config) -> str:
    from edge.config.plans import room_plans
    from edge.inference.auto import detector_name
    from edge.perception.open import open_detector

    used = [camera.config for plan in room_plans(config) for camera in plan.cameras] or [config.camera]
    found = []
    for camera in used:
        open_detector(camera, engines=config.engines).close()
        name = detector_name(camera.detector.model, config.engines)
        found.append(f"{name}, longer side {camera.detector.longer_side}")
    return "; ".join(dict.fromkeys(found))


def _accelerator(config: Config) -> Iterator[Check]:
    """The GPU and what it needs, then the choice of runtime for each classifier, and why."""
    from edge.inference.tensorrt.gpu_report import gpu_findings

    if config.engines.backend in ("auto", "tensorrt"):
        for found in gpu_findings(config.engines):
            yield Check(found.name, found.ok, found.detail, found.remedy)
    yield _providers()
    yield from _runtime(config, "face")
    yield from _runtime(config, "speech")


def _providers() -> Check:
    """What the installed ONNX Runtime can run models on; what each takes is told with every model."""
    import onnxruntime

    from edge.inference.providers import ACCELERATED, find_provider, offered

    have = offered()
    lacking = [one for name in ACCELERATED if name not in have and (one := find_provider(name))]
    runs = ", ".join("CPU" if one == "onnx" else one for one in have)
    detail = f"{onnxruntime.__version__}, runs models on {runs}"
    others = "; ".join(f"for {one.backend} {one.remedy}" for one in lacking)
    return Check("ONNX Runtime", True, f"{detail} (others are not needed: {others})" if others else detail)


def _runtime(config: Config, kind: Literal["face", "speech"]) -> Iterator[Check]:
    from edge.inference.auto import AUTO, chosen
    from edge.inference.registry import find_model
    from edge.inference.select import choose_backend

    name = config.engines.face if kind == "face" else config.engines.speech
    told = f"runtime {kind if name == AUTO else name}"
    try:
        if name == AUTO:
            found = chosen(kind, config.engines)
            name = found.name
            yield Check(f"engines.{kind}: auto", True, found.reason)
        choice = choose_backend(config.engines, find_model(name, config=config.engines))
    except ModelError as error:
        yield Check(told, False, str(error), "see the model above", required=True)
    except EdgeError as error:
        yield Check(told, False, str(error), "set engines.backend to auto", required=True)
    else:
        yield Check(told, True, f"{choice.backend}: {choice.reason}", choice.remedy)


def _broker(config: Config) -> Check:
    from edge.config import resolve_password
    from edge.publish.mqtt.connect_once import connect_once

    mqtt = config.mqtt
    if not mqtt.enabled:
        return Check("broker", True, "MQTT is switched off in the configuration")
    try:
        password = resolve_password(mqtt, os.environ)
        with connect_once(mqtt, password=password.get_secret_value() if password else None):
            return Check("broker", True, f"{mqtt.host}:{mqtt.port} lets us in")
    except EdgeError as error:
        remedy = "start the broker or correct the section mqtt; the daemon keeps trying meanwhile"
        return Check("broker", False, str(error), remedy)
