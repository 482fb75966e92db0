"""Files of the library itself are damaged: it opens, says what it did, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from journey import tree, update

from engine import Library
from engine.types import Scope

Damage = Callable[[Path], None]


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _zero(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 3)
        file.write(bytes(4096))


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _foreign(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(5000))


def _delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [_truncate, _zero, _empty, _foreign, _delete])
def test_the_vector_file_is_rebuilt_silently(
    open_library: Callable[[], Library], photos: Path, tmp_path: Path, damage: Damage
):
    library = open_library()
    library.add_root(photos)
    update(library)
    hits = library.search("cat", limit=12).hits
    library.close()
    files = sorted((tmp_path / "library" / "vectors").iterdir())
    assert [file.suffix for file in files] == [".background", ".faiss"]
    for file in files:
        damage(file)
    library = open_library()
    assert library.notes == []
    assert library.search("cat", limit=12).hits == hits
    _, report = update(library)
    assert (report.embedded, report.read) == (0, 0)
    library.close()
    assert all(file.stat().st_size > 500 for file in files)  # and saved whole again


@pytest.mark.expects_warnings
@pytest.mark.parametrize("damage", [_truncate, _zero, _empty, _foreign])
def test_a_damaged_catalog_is_put_aside_and_the_library_opens(
    open_library: Callable[[], Library], photos: Path, tmp_path: Path, damage: Damage
):
    library = open_library()
    library.add_root(photos)
    update(library)
    library.close()
    before = tree(photos)
    catalog = tmp_path / "library" / "catalog.db"
    for companion in ("catalog.db-wal", "catalog.db-shm"):
        catalog.with_name(companion).unlink(missing_ok=True)
    damage(catalog)
    library = open_library()
    assert library.notes, "nothing was said"
    assert list(catalog.parent.glob("catalog.db.damaged*")), "the damaged file is gone"
    library.add_root(photos)
    update(library)
    assert len(library.photo_ids(Scope())) == 12
    assert library.counts().not_searchable == 0
    assert tree(photos) == before


def test_previews_come_back(library: Library, photos: Path, tmp_path: Path):
    import shutil

    library.add_root(photos)
    update(library)
    ids = library.photo_ids(Scope())
    first = library.thumbnail(ids[0])
    shutil.rmtree(tmp_path / "library" / "thumbnails")
    assert library.thumbnail(ids[0]) == first
