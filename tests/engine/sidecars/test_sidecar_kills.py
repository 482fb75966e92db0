"""kill -9 while sidecars are written: each is the old or the new one, and nothing is forgotten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="forks and SIGKILL")
def test_killed_writing_goes_on():
    script = Path(__file__).with_name("sidecar_kills.py")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["kills"] > 10
    assert report["lost"] == 0
