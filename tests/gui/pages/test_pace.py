"""Pace: rate over a window, a time left that does not jump, and a fresh start after a pause."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gui.pace import Pace, time_left_text


def steady(pace: Pace, rate: int, seconds: int, total: int = 10_000, start: float = 0.0) -> None:
    for second in range(seconds + 1):
        pace.add(second * rate, total, start + second)


def test_nothing_is_told_before_it_is_known() -> None:
    pace = Pace()
    assert pace.rate() is None
    pace.add(0, 100, 0.0)
    pace.add(50, 100, 0.5)
    assert pace.rate() is None
    assert pace.seconds_left() is None


def test_steady_work() -> None:
    pace = Pace()
    steady(pace, 40, 10, total=4000)
    assert pace.rate() == pytest.approx(40)
    assert pace.seconds_left() == pytest.approx(90)


def test_without_a_total_there_is_a_rate_but_no_end() -> None:
    pace = Pace()
    for second in range(5):
        pace.add(second * 10, None, float(second))
    assert pace.rate() == pytest.approx(10)
    assert pace.seconds_left() is None


def test_only_the_last_seconds_count() -> None:
    pace = Pace()
    steady(pace, 100, 60)
    for second in range(1, 41):
        pace.add(6000 + second * 10, 10_000, 60.0 + second)
    assert pace.rate() == pytest.approx(10, rel=0.05)


def test_small_changes_of_speed_do_not_make_it_jump() -> None:
    pace = Pace()
    done, told = 0, list[float]()
    for tick in range(400):
        done += 3 if tick % 3 else 5  # bursts, as batches make them
        pace.add(done, 4000, tick * 0.25)
        if (left := pace.seconds_left()) is not None:
            told.append(left)
    assert all(later <= earlier + 1.5 for earlier, later in pairwise(told))


def test_a_real_change_of_speed_is_told() -> None:
    pace = Pace()
    steady(pace, 100, 30)
    before = pace.seconds_left()
    assert before is not None
    for second in range(1, 31):
        pace.add(3000 + second * 5, 10_000, 30.0 + second)
        pace.seconds_left()
    after = pace.seconds_left()
    assert after is not None
    assert after > 5 * before


def test_a_new_stage_starts_over_but_a_growing_total_does_not() -> None:
    pace = Pace()
    steady(pace, 40, 10)
    pace.add(440, 12_000, 11.0)  # more files were found
    assert pace.rate() == pytest.approx(40)
    pace.add(3, 900, 12.0)  # the next stage counts from the start
    assert pace.rate() is None


def test_a_pause_does_not_count_as_slow() -> None:
    pace = Pace()
    steady(pace, 40, 10)
    pace.restart()
    steady(pace, 40, 5, start=1000.0)
    assert pace.rate() == pytest.approx(40)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "a few seconds left"),
        (42, "40 seconds left"),
        (61, "1 minute left"),
        (330, "6 minutes left"),
        (1330, "20 minutes left"),
        (3500, "1 hour left"),
        (7300, "2 hours left"),
        (200_000, "2 days left"),
    ],
)
def test_time_left_as_one_says_it(seconds: float, text: str) -> None:
    assert time_left_text(seconds) == text
