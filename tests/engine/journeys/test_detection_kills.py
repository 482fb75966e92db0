"""kill -9 during a detection run: no box is lost or doubled, and it goes on where it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="forks and SIGKILL")
def test_killed_runs_go_on():
    script = Path(__file__).with_name("detection_kills.py")
    done = subprocess.run(
        [sys.executable, str(script), "--photos", "20", "--kills", "2", "--seed", "3"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    print(f"\n{report}")  # noqa: T201
    assert report["kills"] == 9
    assert report["completed"] == 8
    assert report["in_the_middle"] >= 3
    assert report["lost"] == report["twice"] == 0
