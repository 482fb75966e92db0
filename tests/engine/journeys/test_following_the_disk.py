"""Whatever happens to the files, rows, ids and vectors follow and nothing is embedded anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from journey import draw, tree, update

from engine import Library
from engine.jobs import drain
from engine.types import DirtyFolder, PhotoState, Scope


def paths_of(library: Library) -> dict[str, int]:
    ids = library.photo_ids(Scope())
    return {photo.path.name: photo.id for photo in library.photos(ids)}


def test_first_run_then_nothing_to_do(library: Library, photos: Path):
    before = tree(photos)
    library.add_root(photos)
    found, report = update(library)
    assert (found.added, report.read, report.embedded) == (12, 12, 12)
    assert library.counts().not_searchable == 0
    found, report = update(library)
    assert (found.added, found.changed, found.missing) == (0, 0, 0)
    assert (report.embedded, report.reused, report.fresh) == (0, 0, 0)
    assert tree(photos) == before


def test_renames_and_moves_keep_the_row_and_the_vector(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    (photos / "a/IMG_0000.jpg").rename(photos / "a/beach.jpg")
    (photos / "a/IMG_0001.jpg").rename(photos / "b/IMG_0001.jpg")
    (photos / "b").rename(photos / "c")
    found, report = update(library)
    after = paths_of(library)
    assert (found.moved, found.added, found.missing) == (8, 0, 0)
    assert report.embedded == 0
    assert after["beach.jpg"] == before["IMG_0000.jpg"]
    assert after["IMG_0001.jpg"] == before["IMG_0001.jpg"]
    assert set(after.values()) == set(before.values())


def test_two_photos_that_swap_names_swap_rows(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    one, two = photos / "a/IMG_0000.jpg", photos / "a/IMG_0001.jpg"
    one.rename(photos / "a/x.jpg")
    two.rename(one)
    (photos / "a/x.jpg").rename(two)
    found, report = update(library)
    after = paths_of(library)
    assert (found.moved, found.changed) == (2, 0)
    assert report.embedded == 0
    assert after["IMG_0000.jpg"] == before["IMG_0001.jpg"]
    assert after["IMG_0001.jpg"] == before["IMG_0000.jpg"]


def test_a_move_across_file_systems_is_recognised_by_its_bytes(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    source = photos / "a/IMG_0003.jpg"
    shutil.copyfile(source, photos / "b/moved.jpg")  # another inode, another time
    source.unlink()
    _, report = update(library)
    assert report.embedded == 0
    assert paths_of(library)["moved.jpg"] == before["IMG_0003.jpg"]


@pytest.mark.parametrize("target_first", [True, False])
def test_a_move_seen_in_two_batches(library: Library, photos: Path, target_first: bool):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    (photos / "a/IMG_0002.jpg").rename(photos / "b/late.jpg")
    batches = [DirtyFolder(photos / "b", False), DirtyFolder(photos / "a", False)]
    for mark in batches if target_first else reversed(batches):
        drain(library.reconcile([mark]))
    drain(library.index())
    after = paths_of(library)
    assert after["late.jpg"] == before["IMG_0002.jpg"]
    assert len(after) == 12


def test_an_edit_is_read_and_embedded_again(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    draw(photos / "a/IMG_0000.jpg", 99)
    found, report = update(library)
    assert found.changed == 1
    assert report.embedded == 1
    assert paths_of(library) == before
    hits = library.similar(photos / "a/IMG_0000.jpg", limit=3).hits
    assert all(h.photo_id != before["IMG_0000.jpg"] for h in hits)


def test_an_atomic_save_keeps_the_row(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    draw(photos / "a/new.png", 77)
    (photos / "a/new.png").rename(photos / "a/IMG_0000.jpg")
    found, _ = update(library)
    assert found.changed == 1
    assert paths_of(library) == before


def test_an_edit_within_the_clock_s_grain_is_not_missed(library: Library, photos: Path):
    path = photos / "a/IMG_0000.jpg"
    path.touch()  # written just now
    library.add_root(photos)
    update(library)
    stat = path.stat()
    data = bytearray(path.read_bytes())
    other = draw(photos.parent / "other.jpg", 5).read_bytes()
    data = other[: len(data)].ljust(len(data), b"\0")
    with path.open("r+b") as file:  # same inode, same size
        file.write(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # and the same time
    _, report = update(library)
    assert report.read >= 1
    assert report.fresh == 1


def test_a_deleted_photo_leaves_a_tombstone_and_returns_whole(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    path = photos / "b/IMG_0009.jpg"
    kept = path.with_name("kept.txt")
    path.rename(kept)
    found, _ = update(library)
    assert found.missing == 1
    assert library.counts().missing == 1
    assert "IMG_0009.jpg" not in paths_of(library)
    kept.rename(path)
    found, report = update(library)
    assert report.embedded == 0
    assert paths_of(library) == before


def test_a_copy_is_a_photo_of_its_own_with_the_same_vector(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    shutil.copyfile(photos / "a/IMG_0000.jpg", photos / "b/copy.jpg")
    _, report = update(library)
    assert (report.embedded, report.reused) == (0, 1)
    first = library.similar(photos / "b/copy.jpg", limit=1).hits[0]
    assert library.photos([first.photo_id])[0].name == "IMG_0000.jpg"
    assert first.score == pytest.approx(1.0, abs=2e-3)
    identical = library.search("is:identical").hits
    assert {p.name for p in library.photos([h.photo_id for h in identical])} == {
        "IMG_0000.jpg",
        "copy.jpg",
    }


@pytest.mark.expects_warnings
@pytest.mark.parametrize("how", ["renamed", "emptied", "unreadable"])
def test_a_root_that_is_gone_is_offline_and_loses_nothing(
    open_library: Callable[[], Library], photos: Path, how: str
):
    library = open_library()
    root = library.add_root(photos)
    update(library)
    before = paths_of(library)
    away = photos.with_name("away")
    if how == "unreadable" and os.geteuid() == 0:
        pytest.skip("root reads everything")
    if how == "unreadable":
        photos.chmod(0)
    else:
        photos.rename(away)
        if how == "emptied":
            photos.mkdir()
    found, report = update(library)
    assert found.roots_offline == (photos,)
    assert (found.missing, report.embedded) == (0, 0)
    assert paths_of(library) == before
    assert not any(p.online for p in library.photos(library.photo_ids(Scope())))
    assert library.counts().offline == 12
    library = open_library()  # the same after a restart
    assert paths_of(library) == before
    if how == "unreadable":
        photos.chmod(0o700)
    else:
        if how == "emptied":
            photos.rmdir()
        away.rename(photos)
    found, report = update(library)
    assert (found.added, found.missing, report.embedded) == (0, 0, 0)
    assert paths_of(library) == before
    assert library.roots()[0].online
    assert library.roots()[0].id == root.id


@pytest.mark.expects_warnings
def test_many_photos_vanishing_at_once_are_asked_about(library: Library, tmp_path: Path):
    folder = tmp_path / "many"
    for seed in range(100):
        draw(folder / f"{seed}.jpg", seed, (16, 16))
    library.add_root(folder)
    update(library)
    for seed in range(60):
        (folder / f"{seed}.jpg").unlink()
    found, _ = update(library)
    assert found.roots_offline == (folder,)
    assert library.counts().photos == 100
    library.accept_missing(library.roots()[0].id)
    assert library.counts().photos == 40
    assert library.counts().missing == 60
    assert library.roots()[0].online


def test_many_deletions_seen_live_are_believed(library: Library, tmp_path: Path):
    folder = tmp_path / "many"
    for seed in range(100):
        draw(folder / "in" / f"{seed}.jpg", seed, (16, 16))
    draw(folder / "stays.jpg", 200)
    library.add_root(folder)
    update(library)
    for seed in range(100):
        (folder / f"in/{seed}.jpg").unlink()
    drain(library.reconcile([DirtyFolder(folder / "in", recursive=False)]))
    assert library.counts().photos == 1


def test_nested_roots_share_no_row(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    before = paths_of(library)
    library.add_root(photos / "a")
    found, report = update(library)
    assert report.embedded == 0
    assert found.moved == 6
    assert paths_of(library) == before
    assert library.counts().photos == 12


def test_a_forgotten_folder_comes_back_with_all_that_was_known(library: Library, photos: Path):
    root = library.add_root(photos)
    update(library)
    before = paths_of(library)
    library.forget_root(root.id)
    assert library.photo_ids(Scope()) == []
    assert library.search("cat").hits == ()
    library.add_root(photos)
    _, report = update(library)
    assert report.embedded == 0
    assert paths_of(library) == before


def test_excluded_names_leave_quietly(library: Library, photos: Path):
    from dataclasses import replace

    library.add_root(photos)
    update(library)
    settings = library.settings
    library.change_settings(replace(settings, excludes=(*settings.excludes, "b")))
    found, _ = update(library)
    assert found.roots_offline == ()
    assert library.counts().photos == 6
    library.change_settings(settings)
    _, report = update(library)
    assert library.counts().photos == 12
    assert report.embedded == 0


def test_names_that_are_no_utf8_are_photos_too(library: Library, photos: Path):
    raw = os.path.join(os.fsencode(photos), b"caf\xe9 \n \xe2\x80\xae.jpg")  # noqa: PTH118
    with open(raw, "wb") as file:  # noqa: PTH123
        file.write((photos / "a/IMG_0000.jpg").read_bytes())
    library.add_root(photos)
    _, report = update(library)
    assert report.read == 13
    names = [os.fsencode(p.path) for p in library.photos(library.photo_ids(Scope()))]
    assert raw in names


def test_what_is_no_picture_is_listed_with_its_reason(library: Library, photos: Path):
    (photos / "a/empty.jpg").write_bytes(b"")
    (photos / "a/page.jpg").write_text("<!doctype html><html></html>")
    for name in ("empty.jpg", "page.jpg"):  # older than a clock's grain
        os.utime(photos / "a" / name, (1_600_000_000, 1_600_000_000))
    library.add_root(photos)
    _, report = update(library)
    assert {s.path.name for s in report.skipped} == {"empty.jpg", "page.jpg"}
    problems = library.problems()
    assert {p.path.name for p in problems} == {"empty.jpg", "page.jpg"}
    assert all(p.reason for p in problems)
    assert library.counts().photos == 12
    _, report = update(library)
    assert report.skipped == ()  # not tried again until it changes
    draw(photos / "a/good.png", 31)
    (photos / "a/good.png").rename(photos / "a/empty.jpg")
    update(library)
    assert [p.path.name for p in library.problems()] == ["page.jpg"]
    assert library.retry_problems() == 1
    _, report = update(library)
    assert [s.path.name for s in report.skipped] == ["page.jpg"]


def test_states_are_told_apart(library: Library, photos: Path):
    library.add_root(photos)
    drain(library.reconcile())
    ids = library.photo_ids(Scope())
    assert len(ids) == 12  # browsing works before anything was read
    assert all(p.state is PhotoState.PRESENT and p.width is None for p in library.photos(ids))
    assert library.counts().unread == 12
