from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.actions.action_queue import ActionQueue
from edge.actions.plan import MqttRequest, PlannedAction


def action(payload: str, firing: int, target: str = "lamp", **fields: Any) -> PlannedAction:
    request = MqttRequest(target, payload.encode())
    return PlannedAction("rule", "then", target, request, firing, fields.pop("planned_at", 0.0), **fields)


def new_queue(rate: float = 2.0, limit: int = 10, max_age: float = 30.0) -> ActionQueue:
    return ActionQueue(rate=rate, limit=limit, max_age=max_age)


def run(queue: ActionQueue, now: float) -> list[str]:
    """Carries out everything that may begin now."""
    done = []
    while (waiting := queue.take(now)) is not None:
        assert isinstance(waiting.action.request, MqttRequest)
        done.append(waiting.action.request.payload.decode())
        queue.finish(waiting, now)
    return done


def test_the_newest_firing_replaces_what_waits_for_the_same_target() -> None:
    queue = new_queue()
    queue.add([action("red", 1), action("blue", 2), action("green", 3)])
    assert run(queue, 0.0) == ["green"]
    assert queue.superseded == 2


def test_other_targets_are_left_alone() -> None:
    queue = new_queue()
    queue.add([action("red", 1), action("play", 2, target="music")])
    assert run(queue, 0.0) == ["red", "play"]


def test_the_steps_of_one_firing_stay_together_and_in_order() -> None:
    queue = new_queue()
    queue.add([action("volume", 1), action("play", 1)])
    queue.add([action("volume 2", 2), action("uri", 2), action("go", 2)])
    assert run(queue, 0.0) == ["volume 2", "uri", "go"]


def test_a_flood_reaches_a_target_at_the_given_rate_and_ends_with_the_newest() -> None:
    queue = new_queue(rate=2.0)
    sent = []
    for step in range(1000):
        now = step / 100
        queue.add([action(str(step), step + 1, planned_at=now)])
        sent += run(queue, now)
    sent += run(queue, 11.0)
    assert len(sent) <= 2 * 10 + 2
    assert sent[0] == "0"
    assert sent[-1] == "999"
    assert queue.superseded == 1000 - len(sent)


def test_log_entries_are_all_kept_in_order() -> None:
    queue = new_queue(rate=100.0)
    queue.add([action(str(number), number, supersede=False) for number in range(1, 5)])
    queue.add([action("newest", 9)])
    sent = [payload for now in range(6) for payload in run(queue, float(now))]
    assert sent == ["1", "2", "3", "4", "newest"]


def test_the_oldest_is_dropped_and_counted_when_too_many_wait() -> None:
    queue = new_queue(limit=3)
    queue.add([action(str(number), number, target=f"t{number}") for number in range(5)])
    assert run(queue, 0.0) == ["2", "3", "4"]
    assert queue.dropped == 2


def test_a_pause_between_steps_is_kept() -> None:
    queue = new_queue()
    queue.add([action("uri", 1), action("play", 1, after=1.0)])
    assert run(queue, 0.0) == ["uri"]
    assert queue.next_at() == 1.0
    assert run(queue, 0.9) == []
    assert run(queue, 1.0) == ["play"]


def test_one_action_of_a_target_at_a_time() -> None:
    queue = new_queue()
    queue.add([action("volume", 1), action("play", 1)])
    first = queue.take(0.0)
    assert first is not None
    assert queue.take(0.0) is None
    assert queue.next_at() is None
    queue.finish(first, 0.0)
    assert run(queue, 0.0) == ["play"]


def test_a_failed_action_comes_back_before_the_rest_of_its_firing() -> None:
    queue = new_queue()
    queue.add([action("volume", 1), action("play", 1)])
    first = queue.take(0.0)
    assert first is not None
    assert queue.retry(first, 0.0, delay=2.0)
    assert run(queue, 1.9) == []
    assert run(queue, 2.0) == ["volume", "play"]


def test_a_failed_action_does_not_come_back_over_a_newer_one() -> None:
    queue = new_queue()
    queue.add([action("red", 1)])
    first = queue.take(0.0)
    assert first is not None
    queue.add([action("blue", 2)])
    assert not queue.retry(first, 0.0, delay=0.0)
    assert run(queue, 1.0) == ["blue"]


def test_giving_up_on_a_step_gives_up_on_the_rest_of_its_firing() -> None:
    queue = new_queue()
    queue.add([action("uri", 1), action("play", 1), action("other", 1, target="lamp 2")])
    first = queue.take(0.0)
    assert first is not None
    queue.finish(first, 0.0)
    queue.abandon(first)
    assert run(queue, 0.0) == ["other"]


def test_what_has_lost_its_point_expires() -> None:
    queue = new_queue(max_age=30.0)
    queue.add([action("red", 1, planned_at=0.0)])
    assert run(queue, 31.0) == []
    assert queue.expired == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0.0, 0.3)), max_size=60))
def test_every_action_is_sent_superseded_or_waiting_and_the_last_of_each_target_wins(
    flood: list[tuple[int, float]],
) -> None:
    queue = new_queue(rate=2.0, limit=100)
    now, sent, last = 0.0, list[str](), dict[int, str]()
    for firing, (target, pause) in enumerate(flood, 1):
        now += pause
        last[target] = f"{target}:{firing}"
        queue.add([action(last[target], firing, target=str(target), planned_at=now)])
        sent += run(queue, now)
    sent += run(queue, now + 1.0)
    assert len(sent) + queue.superseded == len(flood)
    assert set(last.values()) <= set(sent)


def test_targets_that_never_come_again_are_forgotten() -> None:
    queue = new_queue(limit=5)
    for number in range(1000):
        queue.add([action("on", number, target=f"lamp {number}", planned_at=float(number))])
        assert run(queue, float(number)) == ["on"]
    assert len(queue._lanes) <= 10


def leaving(answers: int, firing: int, target: str = "lamp") -> PlannedAction:
    request = MqttRequest(target, b"back")
    return PlannedAction("rule", "on_exit", target, request, firing, 0.0, answers=answers)


def test_leaving_answers_what_was_carried_out_of_the_firing() -> None:
    queue = new_queue()
    queue.add([action("red", 1)])
    waiting = queue.take(0.0)
    assert waiting is not None
    queue.finish(waiting, 0.0, done=True)
    queue.add([leaving(1, 2)])
    assert run(queue, 1.0) == ["back"]


def test_leaving_answers_what_is_under_way() -> None:
    queue = new_queue()
    queue.add([action("red", 1)])
    waiting = queue.take(0.0)
    assert waiting is not None
    queue.add([leaving(1, 2, target="music")])
    assert run(queue, 0.0) == ["back"]
    assert not queue.retry(waiting, 1.0, delay=1.0)


def test_leaving_does_nothing_when_nothing_of_the_firing_was_carried_out() -> None:
    queue = new_queue()
    queue.add([leaving(1, 2)])
    queue.add([action("red", 3), leaving(3, 4)])
    queue.add([action("green", 5)])
    waiting = queue.take(0.0)
    assert waiting is not None
    assert queue.retry(waiting, 0.0, delay=5.0)
    queue.add([leaving(5, 6)])
    assert run(queue, 60.0) == []
    assert len(queue) == 0


def test_log_entries_are_kept_when_the_mood_has_passed() -> None:
    queue = new_queue()
    queue.add([action("entry", 1, supersede=False), leaving(1, 2)])
    assert run(queue, 0.0) == ["entry"]
    assert run(queue, 0.5) == ["back"]
