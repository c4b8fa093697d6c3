"""The shipped models, opened as the daemon opens them, on the talking clips."""

import os
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edge.config.models import Config, EnginesConfig
from edge.errors import ModelError
from edge.inference.registry import find_model
from edge.perception.face import FacePipeline
from edge.perception.speech import SpeechPipeline
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

CONFIG = Config(engines=EnginesConfig(backend="onnx"))


@pytest.fixture
def clip() -> Path:
    folder = os.environ.get("EMOTION_EDGE_DATA")
    if not folder:
        pytest.skip("EMOTION_EDGE_DATA is not set; point it at a folder with clips/")
    return Path(folder) / "clips" / "sadtalker_examples_ref_video_WDA_KatieHill_000.mp4"


def sound_of(clip: Path) -> np.ndarray:
    with av.open(str(clip)) as container:
        resampler = av.AudioResampler("fltp", "mono", SAMPLE_RATE)
        parts = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)


def test_a_talking_face_is_read_in_nearly_every_picture(clip: Path) -> None:
    try:
        find_model("centerface", config=CONFIG.engines)
    except ModelError as error:
        pytest.skip(str(error))
    video, results = cv2.VideoCapture(str(clip)), []
    with FacePipeline.open(CONFIG, clock=time.monotonic) as pipeline:
        while (read := video.read())[0]:
            results.append(pipeline.process(Frame(np.asarray(read[1], np.uint8), time.monotonic())))
    readings = [result.subject for result in results if result.subject is not None]
    assert len(readings) >= 0.95 * len(results)
    for reading in readings:
        assert reading.probabilities.shape == (7,)
        assert reading.probabilities.sum() == pytest.approx(1.0)
        assert 0 < reading.latency < 5
    assert len({reading.track for reading in readings}) == 1


def test_the_voice_is_read_every_half_second_while_it_speaks(clip: Path) -> None:
    sound = sound_of(clip)
    with SpeechPipeline.open(CONFIG, clock=lambda: 0.0) as pipeline:
        readings = [
            heard.reading
            for at in range(0, len(sound), 1600)
            for heard in pipeline.process(
                AudioChunk(sound[at : at + 1600], min(at + 1600, len(sound)) / SAMPLE_RATE)
            )
            if heard.reading is not None
        ]
    times = [reading.captured_at for reading in readings]
    assert len(readings) >= 12
    assert np.diff(times).max() < 0.7
    assert all(reading.probabilities.sum() == pytest.approx(1.0) for reading in readings)
