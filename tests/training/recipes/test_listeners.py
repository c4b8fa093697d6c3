import numpy as np
import torch
from torch import Tensor, nn

from edge.training.recipes.listeners import Listener, Listeners


class Convinced(nn.Module):
    """Always says one class."""

    def __init__(self, label: int) -> None:
        super().__init__()
        self.label = label

    def forward(self, x: Tensor) -> Tensor:
        return 20.0 * torch.eye(7)[self.label].expand(len(x), 7)


def answers(*members: Listener, share: float = 1.0, masks: Tensor | None = None) -> Tensor:
    plain, targets = torch.zeros(3, 1, 64, 112), torch.eye(7)[[0, 1, 2]]
    rows = np.array([0, 1, 2])
    listeners = Listeners(members, torch.device("cpu"))
    return listeners(plain, rows, torch.ones(3, 7) if masks is None else masks, targets, share)


def test_people_whom_no_listener_knows_keep_their_labels() -> None:
    taught = answers(Listener(Convinced(6), 1.0, np.array([True, False, True])))
    assert taught.argmax(1).tolist() == [6, 1, 6]
    assert taught[1, 1] == 1


def test_listeners_who_know_a_speaker_answer_with_their_mean_and_share() -> None:
    one = Listener(Convinced(5), 1.0, np.array([True, True, False]))
    other = Listener(Convinced(6), 1.0, np.array([True, False, False]))
    taught = answers(one, other, share=0.6)
    torch.testing.assert_close(taught[0, [0, 5, 6]], torch.tensor([0.4, 0.3, 0.3]), atol=1e-3, rtol=0)
    torch.testing.assert_close(taught[1, [1, 5]], torch.tensor([0.4, 0.6]), atol=1e-3, rtol=0)
    torch.testing.assert_close(taught.sum(1), torch.ones(3))


def test_listeners_weigh_with_shares_of_their_own() -> None:
    strong = Listener(Convinced(5), 1.0, np.array([True, False, False]), share=0.8)
    weak = Listener(Convinced(6), 1.0, np.array([True, True, False]), share=0.2)
    taught = answers(strong, weak, share=0.5)
    torch.testing.assert_close(taught[0, [0, 5, 6]], torch.tensor([0.5, 0.4, 0.1]), atol=1e-3, rtol=0)
    torch.testing.assert_close(taught[1, [1, 6]], torch.tensor([0.8, 0.2]), atol=1e-3, rtol=0)
    torch.testing.assert_close(taught[2], torch.eye(7)[2])


def test_a_class_that_a_corpus_lacks_is_not_taught() -> None:
    masks = torch.ones(3, 7)
    masks[:, 6] = 0
    taught = answers(Listener(Convinced(6), 1.0, np.array([True] * 3)), masks=masks)
    assert (taught[:, 6] == 0).all()
    torch.testing.assert_close(taught.sum(1), torch.ones(3))
