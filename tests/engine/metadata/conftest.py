"""A library whose photos say something of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from described import Described


@pytest.fixture
def described(tmp_path: Path) -> Iterator[Described]:
    made = Described(tmp_path)
    yield made
    made.library.close()
