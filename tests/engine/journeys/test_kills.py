"""kill -9 while indexing: no photo changed, no orphan vector, the same set in the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="forks and SIGKILL")
def test_kills_lose_nothing():
    script = Path(__file__).with_name("kill_points.py")
    done = subprocess.run(
        [sys.executable, str(script), "--photos", "120", "--kills", "30", "--seed", "7"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    print(f"\n{report}")  # noqa: T201
    assert report["kills"] == 30
    assert report["lost"] == report["orphans"] == 0
    assert report["slowest_reopen_s"] < 3
