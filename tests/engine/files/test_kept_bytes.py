"""A cache of bytes on the disk: bounded, the least used leaves first, loss is only loss of time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engine.errors import DiskError
from engine.files.disk import TEMPORARY_PREFIX
from engine.files.kept_bytes import KeptBytes


def age(kept: KeptBytes) -> None:
    """All that is kept was used long ago."""
    for number, path in enumerate(sorted(kept.folder.rglob("*"))):
        if path.is_file():
            os.utime(path, (number, number))


def total(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_values_come_back_also_to_the_next_program(tmp_path: Path):
    kept = KeptBytes(tmp_path / "kept", 1000)
    assert kept.get(b"a") is None
    kept.put(b"a", b"one")
    kept.put(b"a", b"two")
    assert KeptBytes(tmp_path / "kept", 1000).get(b"a") == b"two"
    assert kept.get(b"b") is None


def test_what_was_not_used_for_longest_leaves(tmp_path: Path):
    kept = KeptBytes(tmp_path, 1000)
    for number in range(9):
        kept.put(bytes([number]), bytes(100))
    age(kept)
    again = KeptBytes(tmp_path, 1000)  # knows the order from the disk
    assert again.get(b"\0")
    for number in range(9, 12):
        again.put(bytes([number]), bytes(100))
    assert total(tmp_path) <= 1000
    assert again.get(b"\0")
    assert all(again.get(bytes([number])) for number in range(9, 12))


def test_it_never_grows_beyond_its_limit(tmp_path: Path):
    kept = KeptBytes(tmp_path, 5_000)
    for number in range(200):
        kept.put(str(number).encode(), bytes(number * 7 % 900))
        assert total(tmp_path) <= 5_000
    kept.put(b"too large", bytes(5_001))
    assert kept.get(b"too large") is None


def test_the_folder_may_vanish_and_unfinished_writes_go(tmp_path: Path):
    kept = KeptBytes(tmp_path / "kept", 1000)
    kept.put(b"a", bytes(10))
    torn = next((tmp_path / "kept").iterdir()) / f"{TEMPORARY_PREFIX}x"
    torn.write_bytes(b"half")
    again = KeptBytes(tmp_path / "kept", 1000)
    again.put(b"b", bytes(10))
    assert not torn.exists()
    shutil.rmtree(tmp_path / "kept")
    assert again.get(b"a") is None
    again.put(b"c", bytes(10))
    assert again.get(b"c") == bytes(10)


def test_a_disk_that_refuses_is_said(tmp_path: Path):
    (tmp_path / "kept").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(DiskError):
        KeptBytes(tmp_path / "kept", 1000).put(b"a", b"one")
