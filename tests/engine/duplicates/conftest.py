"""A small library in memory with a trash of its own, where flushing costs nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from clearing_sample import ClearingSample


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path, None, None]:
    """A folder of our own, in memory where that is possible; never the user's own trash."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    memory = Path("/dev/shm")
    if os.name != "posix" or not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        yield Path(scratch)


@pytest.fixture
def sample(home: Path) -> Generator[ClearingSample, None, None]:
    sample = ClearingSample(home)
    yield sample
    sample.close()
