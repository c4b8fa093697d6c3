"""A training keeps to its device, tried on PyTorch's meta device, which refuses most mixing with others."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from training.synthetic import write_background, write_fer2013, write_ravdess

from edge.errors import DataError
from edge.training.figures.judge import mirrored
from edge.training.models.face import FaceNet
from edge.training.models.speech import SpeechNet
from edge.training.recipes.device import find_device, gpu_name
from edge.training.recipes.face_task import FaceRecipe, FaceTask
from edge.training.recipes.loop import Task
from edge.training.recipes.network_teachers import NetworkTeachers
from edge.training.recipes.optimise import WeightAverage
from edge.training.recipes.protocols import read_protocol
from edge.training.recipes.rows import find_face, find_speech
from edge.training.recipes.speech_task import SpeechRecipe, SpeechTask
from edge.training.runs.lab import Lab

META = torch.device("meta")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    data = tmp_path_factory.mktemp("data")
    write_fer2013(data / "fer2013" / "fer2013.npz")
    write_ravdess(data / "speech" / "ravdess", takes=2)
    write_background(data)
    return Lab(data, tmp_path_factory.mktemp("cache") / "runs", variants=1)


def tiny_face() -> FaceNet:
    return FaceNet(stem=8, widths=(8, 16), inner=(8, 16), depth=1)


def tiny_speech() -> SpeechNet:
    return SpeechNet(widths=(8, 16, 24), depths=(1, 1, 1), out=16)


def face_task(lab: Lab, device: torch.device) -> FaceTask:
    networks = NetworkTeachers([tiny_face(), tiny_face()], device)
    recipe = FaceRecipe(batch=16, mix=1.0)
    return FaceTask("face/ours", tiny_face().to(device), lab.faces(), recipe=recipe, networks=networks)


def speech_task(lab: Lab, device: torch.device) -> SpeechTask:
    data = lab.speech(find_speech("speech/ours").recipe.front)
    networks = NetworkTeachers([tiny_speech()], device)
    recipe = SpeechRecipe(batch=14, draws=28, mix=1.0)
    return SpeechTask("speech/ours", tiny_speech().to(device), data, recipe=recipe, networks=networks)


def step(task: Task) -> torch.Tensor:
    average = WeightAverage(task.model)
    batch = next(iter(task.batches(0.0)))
    loss = task.loss(batch, 0.0)
    loss.backward()  # type: ignore[no-untyped-call]
    for optimizer in task.optimizers:
        optimizer.step()
    average.update(task.model)
    return loss


def test_a_step_on_faces_keeps_to_the_device(lab: Lab) -> None:
    assert step(face_task(lab, META)).device == META


def test_a_step_on_speech_keeps_to_the_device(lab: Lab) -> None:
    assert step(speech_task(lab, META)).device == META


def test_networks_that_teach_are_not_asked_about_sound_without_speech(lab: Lab) -> None:
    data = lab.speech(find_speech("speech/ours").recipe.front)
    losses = []
    for background in (0.0, 1.0):
        torch.manual_seed(0)
        networks = NetworkTeachers([Certain(3)], torch.device("cpu"))
        recipe = SpeechRecipe(batch=14, draws=14, mix=1.0, background=background)
        task = SpeechTask("speech/ours", Indifferent(), data, recipe=recipe, networks=networks)
        batch = next(iter(task.batches(0.0)))
        _, targets, masks, spoken = batch
        assert (spoken == 1.0 - background).all()
        losses.append(float(task.loss(batch, 0.0).detach()))
        if background:
            assert torch.allclose(targets, torch.full_like(targets, 1 / 7))
            assert masks.min() == 1.0
    assert losses[0] == pytest.approx(0.0, abs=1e-2)
    assert losses[1] > 1.0


def test_the_same_step_on_the_processor_gives_a_finite_loss(lab: Lab) -> None:
    for task in (face_task(lab, torch.device("cpu")), speech_task(lab, torch.device("cpu"))):
        assert torch.isfinite(step(task))


class Indifferent(nn.Module):
    """Answers as `Certain(3)` does, and has a kernel and a bias to train."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Conv2d(2, 2, 3)
        self.logits = nn.Parameter(20.0 * torch.eye(7)[3])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(len(x), 7)


class Certain(nn.Module):
    """Sure of one class, whatever it sees."""

    def __init__(self, label: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(20.0 * torch.eye(7)[label])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(len(x), 7)


def test_networks_that_teach_answer_with_the_mean_of_their_probabilities() -> None:
    networks = NetworkTeachers([Certain(2), Certain(5)], torch.device("cpu"))
    answers = networks(torch.zeros(3, 1, 44, 44))
    assert answers.shape == (3, 7)
    assert answers[0, 2] == pytest.approx(0.5, abs=1e-3)
    assert answers[0, 5] == pytest.approx(0.5, abs=1e-3)
    assert not answers.requires_grad


def test_a_gpu_that_is_not_there_is_named() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert find_device() == torch.device("cpu")
    with pytest.raises(DataError, match="finds no GPU"):
        find_device("cuda")


def test_a_processor_is_no_gpu() -> None:
    assert gpu_name(torch.device("cpu")) == ""


def test_other_seeds_have_runs_of_their_own(tmp_path: Path) -> None:
    row = find_face("face/ours")
    assert Lab(tmp_path, tmp_path).folder(row).name == "face-ours"
    assert Lab(tmp_path, tmp_path, seed=2).folder(row).name == "face-ours-seed2"
    assert (
        Lab(tmp_path, tmp_path, seed=2, protocol=read_protocol("control")).folder(row).name
        == "face-ours-control-seed2"
    )


def test_mirror_images_follow_the_pictures() -> None:
    images = np.arange(2 * 48 * 48, dtype=np.uint8).reshape(2, 48, 48)
    both = mirrored(images)
    assert both.shape == (4, 48, 48)
    assert np.array_equal(both[2][:, ::-1], images[0])
