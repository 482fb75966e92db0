"""docs/proofs.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
_TEXT = (CHECKOUT / "docs" / "proofs.md").read_text(encoding="utf-8")
_NAMED = sorted(set(re.findall(r"`([a-z_/0-9]+\.py)(?:::(test_\w+))?`", _TEXT)))


def test_tests_are_named():
    assert len(_NAMED) > 30


@pytest.mark.parametrize(("file", "test"), _NAMED)
def test_what_is_named_exists(file: str, test: str):
    path = CHECKOUT / ("tests" if test or file.startswith("screens") else "") / file
    assert path.is_file()
    assert not test or re.search(rf"^\s*def {test}\(", path.read_text(encoding="utf-8"), re.M)
