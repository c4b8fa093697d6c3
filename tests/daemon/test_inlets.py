"""One item of every device that has one, so that no device starves another."""

from __future__ import annotations

import threading

import numpy as np

from edge.daemon.inlets import Gathering
from edge.daemon.paced_mailbox import PacedMailbox, SoundBox
from edge.vocabulary import AudioChunk, Frame


def picture(at: float) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), at)


def test_the_newest_picture_of_every_camera_comes_together() -> None:
    gathering: Gathering[str, Frame] = Gathering()
    boxes = {name: PacedMailbox(gathering.ring) for name in ("hall", "den", "attic")}
    gathering.replace(boxes)
    for at in (1.0, 2.0):
        boxes["hall"].put(picture(at))
    boxes["den"].put(picture(1.5))
    found = gathering.get(1.0)
    assert found is not None
    assert [(key, frame.captured_at) for key, frame in found.items] == [("hall", 2.0), ("den", 1.5)]
    assert found.devices == ("hall", "den", "attic")
    assert (boxes["hall"].taken, boxes["hall"].dropped, boxes["attic"].taken) == (1, 1, 0)
    assert gathering.get(0.0) is None


def test_a_microphone_with_much_to_tell_takes_turns_with_the_others() -> None:
    gathering: Gathering[str, AudioChunk] = Gathering()
    boxes = {name: SoundBox(gathering.ring) for name in ("hall", "den")}
    gathering.replace(boxes)
    for at in (1.0, 2.0, 3.0):
        boxes["hall"].put(AudioChunk(np.zeros(4, np.float32), at))
    boxes["den"].put(AudioChunk(np.zeros(4, np.float32), 1.5))
    rounds = []
    while (found := gathering.get(0.0)) is not None:
        rounds.append([(key, chunk.captured_at) for key, chunk in found.items])
    assert rounds == [[("hall", 1.0), ("den", 1.5)], [("hall", 2.0)], [("hall", 3.0)]]


def test_a_box_that_is_gone_is_not_asked_and_one_that_comes_is() -> None:
    gathering: Gathering[str, Frame] = Gathering()
    old, new = PacedMailbox(gathering.ring), PacedMailbox(gathering.ring)
    gathering.replace({"old": old})
    old.put(picture(1.0))
    new.put(picture(2.0))
    gathering.replace({"new": new})
    found = gathering.get(1.0)
    assert found is not None
    assert [key for key, _ in found.items] == ["new"]


def test_who_waits_is_woken_by_a_picture_from_another_thread() -> None:
    gathering: Gathering[str, Frame] = Gathering()
    box = PacedMailbox(gathering.ring)
    gathering.replace({"hall": box})
    gathering.get(0.0)
    threading.Thread(target=box.put, args=(picture(1.0),)).start()
    found = gathering.get(30.0)
    while found is None:
        found = gathering.get(30.0)
    assert found.items[0][1].captured_at == 1.0
