"""Killed at random points while duplicates go and come back; the long run is a script."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from clearing_kills import torture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks and kills")


@pytest.fixture(autouse=True)
def own_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # and what it was comes back


def test_whatever_is_killed_a_verified_copy_is_left():
    figures = torture(groups=30, kills=6, seed=5, per_round=3)
    assert figures.kills >= 6
    assert figures.cleared > 30
    assert figures.slowest_recover_s < 3


@pytest.mark.slow
def test_five_hundred_groups_and_a_hundred_kills():
    assert torture(groups=500, kills=100, seed=1, per_round=24).kills >= 100
