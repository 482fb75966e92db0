"""kill -9 while search changes over: it answers from one space, whole, and completes in the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="forks and SIGKILL")
def test_kills_never_mix_spaces():
    script = Path(__file__).with_name("switch_kills.py")
    done = subprocess.run(
        [sys.executable, str(script), "--photos", "40", "--kills", "13", "--seed", "7"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    print(f"\n{report}")  # noqa: T201
    assert report["kills"] == 20
    assert report["mixed"] == 0
    assert report["completed"] >= 10
