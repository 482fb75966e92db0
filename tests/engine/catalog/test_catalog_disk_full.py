"""A disk that is full: told in a sentence, and the catalog is as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from catalog_makers import SPACE, read, seen, vectors

from engine.catalog import Catalog
from engine.errors import CatalogError, DiskError


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "photosift-test", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root on Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost(small_disk: Path):
    catalog = Catalog.open(small_disk / "catalog.db")
    root = catalog.roots.add(Path("/photos"))
    space = catalog.embeddings.space_id(SPACE)
    stored: list[int] = []

    def fill() -> None:
        for n in range(10_000):
            with catalog.write():
                files = [seen(f"{n}-{m}.jpg") for m in range(32)]
                ids = catalog.photos.add(root.id, files)
                for photo_id, file in zip(ids, files, strict=True):
                    read(catalog, photo_id, file)
                catalog.embeddings.put(space, ids, vectors(32))
            stored.extend(ids)

    with pytest.raises(DiskError, match="the disk is full"):
        fill()
    assert len(stored) > 300
    assert sorted(catalog.photos.ids()) == stored
    assert catalog.check() == []
    with pytest.raises(DiskError, match="could not be backed up"):
        catalog.backup_if_due()
    assert list((small_disk / "backups").iterdir()) == []


@pytest.mark.expects_warnings
def test_after_a_full_disk_the_catalog_opens_again(small_disk: Path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2_000_000))
    catalog = Catalog.open(small_disk / "catalog.db")
    root = catalog.roots.add(Path("/photos"))
    stored: list[int] = []

    def fill() -> None:
        for n in range(10_000):
            files = [seen(f"{n}-{m}.jpg") for m in range(32)]
            stored.extend(catalog.photos.add(root.id, files))

    with pytest.raises(DiskError):
        fill()
    catalog.close()
    ballast.unlink()
    catalog = Catalog.open(small_disk / "catalog.db")
    assert catalog.notes == []
    assert sorted(catalog.photos.ids()) == stored
    catalog.photos.add(root.id, [seen("more.jpg")])
    catalog.close()


def test_a_disk_too_full_to_begin_is_told(small_disk: Path):
    (small_disk / "ballast").write_bytes(bytes(3 * 1024 * 1024 - 8192))
    with pytest.raises(CatalogError, match=r"full|No space"):
        Catalog.open(small_disk / "catalog.db")
    (small_disk / "ballast").unlink()
    catalog = Catalog.open(small_disk / "catalog.db")
    assert catalog.notes == []
    catalog.close()


def test_a_disk_without_room_for_shared_memory_is_told_as_full(small_disk: Path):
    Catalog.open(small_disk / "catalog.db").close()
    (small_disk / "catalog.db-shm").unlink(missing_ok=True)
    with suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))
    with pytest.raises(CatalogError, match="the disk is full"):
        Catalog.open(small_disk / "catalog.db")
    (small_disk / "ballast").unlink()
    Catalog.open(small_disk / "catalog.db").close()
