"""The thumbnail cache gives back what was put, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DiskError
from engine.files.thumbnails import ThumbnailCache

JPEG = b"\xff\xd8\xff\xe0 pixels \xff\xd9"
HASH = bytes(range(32))


def test_what_was_put_comes_back(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "thumbnails")
    assert cache.get(HASH) is None
    cache.put(HASH, JPEG)
    assert cache.get(HASH) == JPEG
    assert cache.get(bytes(32)) is None
    cache.remove(HASH)
    assert cache.get(HASH) is None
    cache.remove(HASH)


@pytest.mark.parametrize("broken", [b"", JPEG[:-3], b"\0" * 20])
def test_a_file_cut_short_by_a_power_failure_counts_as_none(tmp_path: Path, broken: bytes) -> None:
    cache = ThumbnailCache(tmp_path)
    cache.put(HASH, JPEG)
    (file,) = (path for path in tmp_path.rglob("*.jpg"))
    file.write_bytes(broken)
    assert cache.get(HASH) is None
    cache.put(HASH, JPEG)
    assert cache.get(HASH) == JPEG


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "thumbnails").write_bytes(b"a file where the folder should be")
    with pytest.raises(DiskError):
        ThumbnailCache(tmp_path / "thumbnails").put(HASH, JPEG)
