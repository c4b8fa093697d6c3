from edge.publish.mqtt.timers import Timers


def test_calls_run_when_due_and_the_later_order_wins() -> None:
    now, ran, wakes = [0.0], [], []
    timers = Timers(lambda: now[0], lambda: wakes.append(1))
    timers.after("birth", 1.0, lambda: ran.append("first"))
    timers.after("birth", 2.0, lambda: ran.append("second"))
    timers.after("identify", 5.0, lambda: ran.append("third"))
    assert len(wakes) == 3
    assert timers.until_next() == 2.0
    assert timers.until_next(0.5) == 0.5
    now[0] = 2.5
    assert timers.until_next() == 0.0
    timers.run_due()
    assert ran == ["second"]
    now[0] = 5.0
    timers.run_due()
    assert ran == ["second", "third"]
    assert timers.until_next() is None


def test_a_call_may_order_the_next_one() -> None:
    now, ran = [0.0], []

    def again() -> None:
        ran.append(now[0])
        timers.after("again", 1.0, again)

    timers = Timers(lambda: now[0], lambda: None)
    timers.after("again", 0.0, again)
    for moment in (0.0, 0.5, 1.0, 2.0):
        now[0] = moment
        timers.run_due()
    assert ran == [0.0, 1.0, 2.0]
