"""Progress in a terminal: amounts, speed and time left, and nothing where there is no terminal."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Generator

import pytest

from engine.jobs import Event, Progress
from engine.terminal import Terminal, bar, shown

MB = 1_000_000


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("progress", "rate", "in_bytes", "says"),
    [
        (Progress(0, None, "asking"), 0, True, "asking"),
        (Progress(1_500, None), 0, False, "1,500"),
        (Progress(50, 100), 0, False, f"[{'#' * 12}{'.' * 12}] 50/100"),
        (Progress(50, 100), 5, False, "50/100, 10 s left"),
        (Progress(100, 100), 5, False, "100/100"),
        (Progress(300 * MB, 600 * MB, "model.safetensors"), 2 * MB, True,
         "300.0 MB/600.0 MB, 2.0 MB/s, 2 min left"),
        (Progress(300 * MB, 3_950 * MB, "m"), MB / 8, True, "0.1 MB/s, 8.1 h left"),
        (Progress(300 * MB, 600 * MB, "trying again in 4 s"), 2 * MB, True,
         "300.0 MB/600.0 MB, trying again in 4 s"),
    ],
)  # fmt: skip
def test_what_the_bar_says(progress: Progress, rate: float, in_bytes: bool, says: str):
    assert bar(progress, rate, in_bytes).endswith(says)


def resumed() -> Generator[Event, None, str]:
    """Half of it was there before."""
    for done in range(300, 601, 10):
        yield Progress(done * MB, 600 * MB, "model.safetensors")
    return "done"


def test_speed_counts_only_what_came_now(monkeypatch: pytest.MonkeyPatch):
    screen, seconds = Screen(), iter(range(1, 1000))
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(seconds)))
    with Terminal() as terminal:
        assert terminal.run("downloading", resumed(), in_bytes=True) == "done"
    lines = screen.getvalue().split("\r\x1b[K")
    assert "310.0 MB/600.0 MB, 10.0 MB/s, 29 s left" in lines[2]
    assert "10.0 MB/s" in lines[-2]
    assert all(len(line) < 80 for line in lines)


def test_a_file_gets_no_bars(monkeypatch: pytest.MonkeyPatch):
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    with Terminal() as terminal:
        terminal.run("downloading", resumed(), in_bytes=True)
    assert file.getvalue() == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("é 🐱 \u200d 世界.jpg", "é 🐱 \u200d 世界.jpg"),
        ("a\nb\tc.jpg", "a\\nb\\tc.jpg"),
        ("\x1b]0;gone\x07.jpg", "\\x1b]0;gone\\x07.jpg"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("bad \udcff.jpg", "bad \udcff.jpg"),
    ],
)
def test_names_cannot_command_the_terminal(name: str, says: str):
    assert shown(name) == says
