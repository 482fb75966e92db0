"""A new file is there whole or not at all, and never over another."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from engine.errors import DiskError
from engine.files import writes
from engine.files.new_files import NameTaken, new_file


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "x.json"
    assert new_file(target, b"data") == target
    assert target.read_bytes() == b"data"
    assert names(target.parent) == ["x.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_has_the_users_own_permissions(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    made = new_file(tmp_path / "x.json", b"data")
    assert made.stat().st_mode == plain.stat().st_mode


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "x.jpg"
    target.write_bytes(b"old")
    with pytest.raises(NameTaken, match=r"x\.jpg is there already"):
        new_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["x.jpg"]


def test_another_name_is_the_next_free_one(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"old")
    (tmp_path / "x (2).jpg").mkdir()
    (tmp_path / "x (3).jpg").symlink_to("nowhere")
    made = new_file(tmp_path / "x.jpg", b"new", another_name=True)
    assert made.name == "x (4).jpg"
    assert (tmp_path / "x.jpg").read_bytes() == b"old"


@pytest.mark.parametrize("failing", ["create", "write", "fsync", "rename"])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(name: str, _: Path) -> None:
        if name == failing:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(writes, "before", fail)
    with pytest.raises(DiskError, match="no space left"):
        new_file(tmp_path / "x.jpg", b"data")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="could not be written"):
        new_file(tmp_path / "file" / "x.jpg", b"data")
