"""When background work waits: on battery, while someone is there, while others are at work."""

from __future__ import annotations

import threading
from typing import NamedTuple

import pytest

from engine import power
from engine.power import BATTERY, IDLE, Power

psutil = pytest.importorskip("psutil")


class Battery(NamedTuple):
    """As psutil tells it."""

    percent: float
    secsleft: int
    power_plugged: bool | None


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("battery", "expected"),
    [(Battery(80, 100, True), False), (Battery(80, 100, False), True),
     (Battery(80, 100, None), None), (None, None)],
)  # fmt: skip
def test_what_the_system_says_of_its_battery(
    monkeypatch: pytest.MonkeyPatch, battery: object, expected: bool | None
):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert Power().on_battery() is expected


def test_a_system_that_cannot_tell(monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise OSError("odd files")

    monkeypatch.setattr(psutil, "sensors_battery", refuse, raising=False)
    assert Power().on_battery() is None
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert Power().on_battery() is None


def test_the_battery_is_asked_rarely(monkeypatch: pytest.MonkeyPatch, clock: Clock):
    asked: list[float] = []

    def ask() -> bool:
        asked.append(clock.now)
        return True

    monkeypatch.setattr(power, "plugged_out", ask)
    here = Power(clock)
    for _ in range(10):
        assert here.on_battery()
        clock.now += 1
    assert asked == [1000.0, 1005.0]


def test_why_it_waits(monkeypatch: pytest.MonkeyPatch, clock: Clock):
    plugged_out: bool | None = True
    monkeypatch.setattr(power, "plugged_out", lambda: plugged_out)
    monkeypatch.setattr(power, "busy_seconds", lambda: (clock.now * 0.1, 0.0))
    here = Power(clock)
    assert here.may_work(0, pause_on_battery=False, only_when_idle=False) == (True, "")
    assert here.may_work(0, pause_on_battery=True, only_when_idle=False) == (False, BATTERY)
    plugged_out = False
    clock.now += 10
    assert here.may_work(0, pause_on_battery=True, only_when_idle=False) == (True, "")
    assert here.may_work(5, pause_on_battery=True, only_when_idle=True) == (False, IDLE)
    assert here.may_work(90, pause_on_battery=True, only_when_idle=True) == (True, "")
    plugged_out = None  # nobody knows: nothing waits for that
    clock.now += 10
    assert here.may_work(0, pause_on_battery=True, only_when_idle=False) == (True, "")


def test_others_at_work_count_and_we_do_not(monkeypatch: pytest.MonkeyPatch, clock: Clock):
    spent = [0.0, 0.0]  # by all, by us
    monkeypatch.setattr(power, "busy_seconds", lambda: (spent[0], spent[1]))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    here = Power(clock)
    assert here.others_busy() == 0.0  # nothing to compare with yet
    clock.now += 10
    spent[:] = [38.0, 36.0]  # of 40 seconds
    assert here.others_busy() == pytest.approx(0.05)
    clock.now += 1
    spent[:] = [42.0, 36.0]
    assert here.others_busy() == pytest.approx(0.05)  # too short a stretch to judge
    clock.now += 9
    spent[:] = [58.0, 36.0]
    assert here.others_busy() == pytest.approx(0.5)
    assert here.may_work(90, pause_on_battery=False, only_when_idle=True) == (False, IDLE)


def test_our_own_work_is_seen_as_ours():
    """Real figures: a second of our own arithmetic is not taken for others'."""
    before = power.busy_seconds()
    done = threading.Event()

    def work() -> None:
        total = 0
        for number in range(3_000_000):
            total += number
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert done.wait(60)
    thread.join()
    after = power.busy_seconds()
    assert after[1] - before[1] > 0.02
    assert after[0] - before[0] > -0.5  # the system counts in hundredths, and not at one moment
