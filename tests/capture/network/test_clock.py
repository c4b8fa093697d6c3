import pytest

from edge.capture.network.clock import MediaClock


def test_the_least_delayed_packet_fixes_the_zero_and_nothing_lies_in_the_future() -> None:
    clock = MediaClock()
    delays = enumerate((0.3, 0.1, 0.4))
    moments = [clock.at("sound", second, 100.0 + second + delay) for second, delay in delays]
    assert moments == pytest.approx([100.3, 101.1, 102.1], abs=2e-3)


def test_picture_and_sound_of_one_moment_get_the_same_moment_however_late_one_comes() -> None:
    clock = MediaClock()
    for second in range(10):
        picture = clock.at("picture", float(second), 50.0 + second + 0.4)
        sound = clock.at("sound", float(second), 50.0 + second + 0.05)
    assert picture == pytest.approx(sound, abs=5e-3)


def test_halves_that_count_from_different_zeros_are_each_taken_for_themselves() -> None:
    clock = MediaClock()
    for second in range(5):
        now = 50.0 + second
        assert clock.at("picture", 900.0 + second, now) == pytest.approx(now, abs=2e-3)
        assert clock.at("sound", float(second), now) == pytest.approx(now, abs=2e-3)


def test_a_slower_clock_is_followed_and_times_that_start_anew_are_accepted() -> None:
    clock = MediaClock()
    for second in range(3600):
        moment = clock.at("sound", second * 0.9998, 10.0 + second)
    assert 3609.0 - moment < 0.1
    assert clock.at("sound", 0.0, 4000.0) == 4000.0


def test_without_a_time_of_its_own_the_moment_of_arrival_counts() -> None:
    assert MediaClock().at("picture", None, 7.0) == 7.0


def test_a_recording_is_due_at_its_own_speed_and_a_live_stream_at_once() -> None:
    clock = MediaClock(recorded=True)
    assert clock.ahead(5.0, 100.0) == 0.0
    assert clock.ahead(5.5, 100.1) == pytest.approx(0.4)
    assert clock.ahead(90.0, 101.0) == 0.0, "after a jump the recording goes on from there"
    assert clock.ahead(None, 101.0) == 0.0
    assert MediaClock().ahead(60.0, 0.0) == 0.0
