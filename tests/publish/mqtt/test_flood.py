from edge.publish.mqtt.flood import FloodGate


def test_a_burst_passes_and_a_steady_trickle_too() -> None:
    gate = FloodGate(burst=50, rate=20.0)
    assert all(gate.admits(0.0) for _ in range(50))
    assert not gate.admits(0.0)
    assert all(gate.admits(moment / 10) for moment in range(10, 100))
    assert not gate.flooded(10.0)


def test_a_flood_is_told_from_a_burst() -> None:
    gate = FloodGate(burst=50, rate=20.0, tolerated=100)
    admitted = sum(gate.admits(number / 10_000) for number in range(10_000))
    assert 50 <= admitted <= 71
    assert gate.flooded(1.0)
    assert not gate.flooded(3.0)
    assert gate.flooded_at > 0.9


def test_a_few_too_many_are_no_flood() -> None:
    gate = FloodGate(burst=5, rate=1.0, tolerated=100)
    for number in range(100):
        gate.admits(number / 100)
    assert not gate.flooded(1.0)
