import torch
from torch import nn

from edge.training.recipes.optimise import Muon, Schedule, WeightAverage, cnn_optimizers, orthogonal


def test_an_orthogonal_update_has_singular_values_near_one() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(8, 40), steps=5).float())
    assert values.min() > 0.5
    assert values.max() < 1.4


def test_muon_lowers_a_loss_and_keeps_the_norm_of_the_kernel() -> None:
    torch.manual_seed(0)
    kernel = nn.Conv2d(3, 8, 3, bias=False)
    network = nn.Sequential(kernel, nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(72, 2))
    x, y = torch.randn(64, 3, 5, 5), torch.randint(0, 2, (64,))
    optimizer = Muon(kernel.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        loss = nn.functional.cross_entropy(network(x), y)
        network.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.05
    assert abs(float(kernel.weight.detach().norm()) - 8**0.5) < 0.3


def test_the_schedule_rises_and_falls_to_zero() -> None:
    schedule = Schedule(warmup=0.1)
    factors = [schedule.factor(p / 100) for p in range(101)]
    assert factors[0] < 0.05
    assert max(factors) <= 1.001
    assert factors[100] == 0.0
    assert factors[11:] == sorted(factors[11:], reverse=True)


def test_a_power_spends_more_of_the_time_at_low_rates() -> None:
    line, curve = Schedule(), Schedule(power=2.0)
    assert curve.factor(0.03) == line.factor(0.03)
    assert curve.factor(0.5) == line.factor(0.5) ** 2
    assert curve.factor(1.0) == 0.0


def test_an_average_goes_on_from_its_state_or_begins_with_the_model() -> None:
    model = nn.Linear(2, 2)
    average = WeightAverage(model, decay=0.5)
    with torch.no_grad():
        model.weight.fill_(3.0)
    average.update(model)
    again = WeightAverage(nn.Linear(2, 2), decay=0.5)
    again.restore(model, average.state())
    assert again.updates == 1
    assert torch.equal(again.model.state_dict()["weight"], average.model.state_dict()["weight"])
    again.restore(model, None)
    assert again.updates == 0
    assert torch.equal(again.model.state_dict()["weight"], model.weight)


def test_the_schedule_scales_every_group_from_its_own_peak() -> None:
    parameter = nn.Parameter(torch.zeros(2, 2))
    optimizer = torch.optim.SGD([parameter], lr=0.4)
    for progress in (0.0, 0.5, 0.525):
        Schedule(warmup=0.05).apply([optimizer], progress)
    assert abs(optimizer.param_groups[0]["lr"] - 0.2) < 1e-6


def test_the_average_follows_weights_and_statistics() -> None:
    model = nn.BatchNorm1d(3)
    average = WeightAverage(model, decay=0.5)
    with torch.no_grad():
        model.weight.fill_(3.0)
        model.running_mean.fill_(4.0)  # type: ignore[union-attr]
    for _ in range(50):
        average.update(model)
    followed = average.model.state_dict()
    assert torch.allclose(followed["weight"], torch.tensor(3.0))
    assert torch.allclose(followed["running_mean"], torch.tensor(4.0))


def test_every_trainable_parameter_has_one_optimizer() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    held = [id(p) for o in cnn_optimizers(model) for group in o.param_groups for p in group["params"]]
    assert sorted(held) == sorted(id(p) for p in model.parameters())
