"""Writing is all or nothing, whichever system call fails."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DiskError
from engine.files import disk
from engine.files.disk import make_folder, remove_file, replace_file


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_as_a_whole(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "index"
    replace_file(path, b"old", durable=durable)
    replace_file(path, memoryview(b"new and longer"), durable=durable)
    assert path.read_bytes() == b"new and longer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    replace_file(tmp_path / "index", b"secret")
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o600
    make_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


CALLS = ("write", "fsync", "replace", "read")
FAULTS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_any_failing_call_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: int
) -> None:
    path = tmp_path / "index"
    replace_file(path, b"old")

    def fail(*_: object, **__: object) -> Any:
        raise OSError(fault, os.strerror(fault))

    if call == "write":
        monkeypatch.setattr(disk.tempfile, "mkstemp", fail)
    elif call == "fsync":
        monkeypatch.setattr(disk.os, "fsync", fail)
    elif call == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    else:
        monkeypatch.setattr(disk.hashlib, "file_digest", fail)
    with pytest.raises(DiskError, match="index could not be written"):
        replace_file(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_that_come_back_different_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index"
    replace_file(path, b"old")
    blake2b = disk.hashlib.blake2b

    class LosingDisk:
        @staticmethod
        def digest() -> bytes:
            return b"something else"

    def read_back(*_: object) -> type[LosingDisk]:
        return LosingDisk

    monkeypatch.setattr(disk.hashlib, "file_digest", read_back)
    with pytest.raises(DiskError, match="differ"):
        replace_file(path, b"new")
    assert blake2b(path.read_bytes()).digest() == blake2b(b"old").digest()


def test_the_message_names_the_cause(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="its folder is not there"):
        replace_file(tmp_path / "none" / "index", b"")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskError, match="could not be created"):
        make_folder(tmp_path / "file" / "folder")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full's companion: a tiny tmpfs")
def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / "index"
    replace_file(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(DiskError, match="could not be written"):
            replace_file(path, b"x" * (2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_removing_is_calm_about_missing_files(tmp_path: Path) -> None:
    remove_file(tmp_path / "none")
    (tmp_path / "cache").write_bytes(b"")
    remove_file(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    (tmp_path / "folder").mkdir()
    with pytest.raises(DiskError, match="could not be deleted"):
        remove_file(tmp_path / "folder")
