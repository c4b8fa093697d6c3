from math import inf

import pytest

from edge.publish.stats import Histogram, Latencies, RunStats


def test_percentiles_are_in_milliseconds() -> None:
    latencies = Latencies()
    for milliseconds in range(1, 101):
        latencies.add(milliseconds / 1000)
    assert latencies.percentile(50) == pytest.approx(50.5)
    assert latencies.summary()["p99"] == pytest.approx(99.01)


def test_nothing_measured_is_said_as_such() -> None:
    assert Latencies().summary() == {"p50": None, "p99": None}


def test_the_oldest_latencies_give_way() -> None:
    latencies = Latencies(kept=2)
    for seconds in (9.0, 0.001, 0.001):
        latencies.add(seconds)
    assert latencies.percentile(100) == 1.0


def test_the_summary_counts_from_the_start_of_the_run() -> None:
    stats = RunStats(started=10.0, frames=30, faces=28, speech_windows=4)
    stats.moods.update(["happy", "sad", "happy"])
    summary = stats.summary(now=12.5)
    assert summary["duration_s"] == 2.5
    assert summary["moods"] == {"happy": 2, "sad": 1}
    assert summary["frames"] == 30


def test_a_histogram_counts_up_to_and_including_each_bound() -> None:
    histogram = Histogram([1.0, 2.0])
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.add(value)
    buckets, total = histogram.snapshot()
    assert buckets == [(1.0, 2), (2.0, 4), (inf, 5)]
    assert total == 14.0


def test_the_histogram_keeps_what_the_percentiles_have_forgotten() -> None:
    latencies = Latencies(kept=2)
    for _ in range(5):
        latencies.add(0.05)
    assert len(latencies) == 2
    assert latencies.histogram.snapshot()[0][-1] == (inf, 5)
