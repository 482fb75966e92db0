"""A library of five pictures for the tests of marks, albums and file operations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from marking_sample import Marked


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[Marked]:
    made = Marked(tmp_path)
    yield made
    made.library.close()


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    """One library for many walks through it."""
    made = Marked(tmp_path_factory.mktemp("walked"))
    yield made
    made.library.close()
