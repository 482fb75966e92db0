"""Killed at random points while sorting over two file systems; the long run is a script."""

from __future__ import annotations

import sys

import pytest
from filing_kills import torture


@pytest.mark.skipif(sys.platform != "linux", reason="forks and kills")
def test_whatever_is_killed_every_content_is_there():
    figures = torture(photos=60, kills=20, seed=5, per_round=4)
    assert figures.kills >= 20
    assert figures.slowest_recover_s < 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks and kills")
def test_three_hundred_kills_over_a_thousand_photos():
    assert torture(photos=1000, kills=300, seed=1, per_round=50).kills >= 300
