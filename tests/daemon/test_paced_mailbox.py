"""Pictures on their way to the models."""

from __future__ import annotations

import numpy as np

from edge.daemon.paced_mailbox import PacedMailbox
from edge.vocabulary import Frame


def let_through(box: PacedMailbox, moments: list[float]) -> int:
    found = 0
    for at in moments:
        box.put(Frame(np.zeros((2, 2, 3), np.uint8), at))
        found += box.get(0.0) is not None
    return found


def test_all_pictures_pass_until_fewer_are_wanted_and_again_afterwards() -> None:
    box, second = PacedMailbox(), [n / 15 for n in range(150)]
    assert let_through(box, second) == 150
    box.pace(5.0)
    assert 48 <= let_through(box, [10.0 + at for at in second]) <= 52
    box.pace(None)
    assert let_through(box, [20.0 + at for at in second]) == 150
    assert box.came == 450
    assert box.dropped == 0, "what was not wanted is not lost"
