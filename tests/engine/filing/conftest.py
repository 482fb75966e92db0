"""A small library in memory, where flushing costs nothing, for the tests of sorting and filing."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from filing_sample import Sample


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path, None, None]:
    """A folder of our own, in memory where that is possible."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        yield Path(scratch)


@pytest.fixture
def sample(home: Path) -> Generator[Sample, None, None]:
    sample = Sample(home)
    yield sample
    sample.close()
