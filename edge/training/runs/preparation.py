"""A row's network with its data, ready for the loop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import nn

from edge.errors import DataError
from edge.perception.face_input import FACE_SIZE, face_input
from edge.training.data.corpora import Corpora
from edge.training.data.faces import FaceSplits
from edge.training.data.tfjs import tfjs_weights
from edge.training.models.ear import heard_part
from edge.training.models.mobile_face import MobileFace, start_from_recogniser
from edge.training.models.unfolding import engine_weights, start_from
from edge.training.recipes.engine_teachers import EngineTeachers
from edge.training.recipes.face_task import FaceTask
from edge.training.recipes.loop import Task
from edge.training.recipes.network_teachers import NetworkTeachers
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.speech_task import SpeechData, SpeechTask
from edge.training.recipes.start import Start
from edge.training.runs.imitation import fitted_ear
from edge.training.runs.lab import Lab
from edge.training.runs.listening import open_listeners, speech_statistics
from edge.training.runs.networks import open_teachers
from edge.training.runs.provenance import trained_speakers

_FINE: Final = (36, 40, 44)
"""Sizes of the pictures in the three stages of a training that starts from an engine."""
_STATISTICS: Final = 512
"""Items that the statistics of an unfolded engine are taken from."""


def prepare(lab: Lab, row: NetworkRow, start: Start, *, resumed: bool = False) -> Task:
    """The row's task, from scratch or as `start` says; a checkpoint replaces the weights.

    Raises DataError for a row of neither kind.
    """
    if isinstance(row, FaceRow):
        return _faces(lab, row, start, resumed=resumed)
    if isinstance(row, SpeechRow):
        return _speech(lab, row, start, resumed=resumed)
    raise DataError(f"{row.name} sees no faces and hears no speech")


def _faces(lab: Lab, row: FaceRow, start: Start, *, resumed: bool) -> FaceTask:
    told = start.network_share
    share = row.recipe.network_share if told is None else told
    networks = _network_teachers(lab, row, start, share)
    torch.manual_seed(lab.seed)
    network, data = row.build(), lab.faces()
    if start.engine is not None and not resumed:
        _begin(network, start.engine, face_statistics(row, data))
    return FaceTask(
        row.name,
        network.to(lab.device),
        data,
        recipe=replace(row.recipe, sizes=_sizes(row, start), network_share=share),
        optimizers=_optimizers(row, network, start.rate),
        engines=_engine_teachers(lab, start),
        networks=networks,
    )


def _begin(network: nn.Module, engine: Path, inputs: torch.Tensor) -> None:
    """Load an engine's weights, or those of a recogniser of faces (`.json` of TensorFlow.js)."""
    if isinstance(network, MobileFace):
        start_from_recogniser(network, tfjs_weights(engine))
    else:
        start_from(network, engine_weights(engine), inputs)


def _speech(lab: Lab, row: SpeechRow, start: Start, *, resumed: bool) -> SpeechTask:
    networks = _network_teachers(lab, row, start, row.recipe.network_share)
    torch.manual_seed(lab.seed)
    network, data = row.build(), speech_items(lab, row)
    _check_strangers(data.corpora, start)
    if not resumed:
        _begin_speech(row, network, start, data)
    listening = row.recipe.listening and bool(start.engines)
    return SpeechTask(
        row.name,
        network.to(lab.device),
        data,
        recipe=row.recipe,
        optimizers=_optimizers(row, network, start.rate),
        engines=None if listening else _engine_teachers(lab, start),
        listeners=open_listeners(row, data, start.engines, lab.device) if listening else None,
        networks=networks,
    )


def _begin_speech(row: SpeechRow, network: nn.Module, start: Start, data: SpeechData) -> None:
    """Load an engine's weights and an ear that was fitted.

    Raises DataError for an ear without a place, or a place without an ear.
    """
    if start.engine is not None:
        start_from(network, engine_weights(start.engine), speech_statistics(row, data))
    heard = heard_part(network)
    if start.ear is not None:
        if heard is None:
            raise DataError(f"{row.name} has no place for an ear")
        heard.ear.load_state_dict(fitted_ear(start.ear))
        with torch.no_grad():
            heard.settle(heard.statistics(speech_statistics(row, data)))
    elif heard is not None and start.engine is None:
        raise DataError(f"{row.name} needs an ear: `imitate` fits one, --ear RUNS/imitation/best.pt takes it")


def speech_items(lab: Lab, row: SpeechRow) -> SpeechData:
    """What the row is trained on: its clips in variants, or as they are."""
    count = None if row.recipe.varied else 0
    return lab.speech(row.recipe.front, count, voices=row.recipe.voices, channels=row.recipe.channels)


def face_statistics(row: FaceRow, data: FaceSplits) -> torch.Tensor:
    """Training crops without their border (n, 1, h, w), evenly chosen, to unfold an engine with."""
    images = data.train.images
    edge = (FACE_SIZE - row.recipe.inner) // 2
    inputs = torch.from_numpy(face_input(images[:: max(1, len(images) // _STATISTICS)]))
    return inputs[:, :, edge : FACE_SIZE - edge, edge : FACE_SIZE - edge]


def _network_teachers(lab: Lab, row: NetworkRow, start: Start, share: float) -> NetworkTeachers | None:
    """None as well where their answers would count for nothing."""
    if not start.checkpoints or not share:
        return None
    return open_teachers(row, start.checkpoints, lab.device, lab.protocol)


def _engine_teachers(lab: Lab, start: Start) -> EngineTeachers | None:
    if any(each.told for each in start.engines):
        raise DataError("only engines that listen to speech can be told corpora and shares")
    return EngineTeachers.open([each.path for each in start.engines], lab.cache) if start.engines else None


def _optimizers(row: NetworkRow, network: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    optimizers = row.optimizers(network)
    for group in (group for optimizer in optimizers for group in optimizer.param_groups):
        group["lr"] *= rate
    return optimizers


def _sizes(row: FaceRow, start: Start) -> tuple[int, ...]:
    """Networks that teach know pictures of the full size only."""
    if start.checkpoints:
        return (row.recipe.inner,)
    fine = start.engine is not None and len(row.recipe.sizes) > 1
    return _FINE if fine else row.recipe.sizes


def _check_strangers(corpora: Corpora, start: Start) -> None:
    """Raises DataError when an engine to start or learn from was trained on a validation speaker."""
    judged = {clip.speaker for clip in corpora.split("valid")} - {""}
    for engine in (*(each.path for each in start.engines), *([start.engine] if start.engine else [])):
        if known := sorted(judged & trained_speakers(engine)):
            raise DataError(
                f"{engine} was trained on {', '.join(known[:3])}, with whom this validates: use the "
                "splits that it was trained with, or start from scratch"
            )


__all__ = ["face_statistics", "prepare", "speech_items"]
