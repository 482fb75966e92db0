"""Roots that lie in each other, move photos between them or go away; files made to trip over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journey import draw, update

from engine import Library
from engine.commands import main
from engine.errors import ModelMissing, QueryError, RootError
from engine.files.scan import Excludes, OnProblem, scan
from engine.jobs import drain
from engine.reconcile import reconcile
from engine.settings import Settings
from engine.types import Box, DirtyFolder, FileSeen, Scope


def many(folder: Path, count: int = 100) -> Path:
    for seed in range(count):
        draw(folder / ("sub" if seed < 60 else "rest") / f"{seed}.jpg", seed, (16, 16))
    return folder


def ids(library: Library) -> set[int]:
    return set(library.photo_ids(Scope()))


# ---- roots in roots ------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [False, True])
def test_the_library_s_own_folder_holds_no_photos(photos: Path, tmp_path: Path, linked: bool):
    root = photos
    if linked:
        root = tmp_path / "link"
        root.symlink_to(photos)
    with Library.open(photos / "library") as library:
        library.add_root(root)
        update(library)
        assert library.counts().photos == 12
        found, report = update(library)
        assert (found.added, report.read, library.counts().photos) == (0, 0, 12)


def test_previews_that_were_taken_for_photos_leave_quietly(tmp_path: Path):
    root = many(tmp_path / "many")
    with Library.open(root / "library") as library:
        library.add_root(root)
        update(library)
        catalog = library._catalog  # pyright: ignore[reportPrivateUsage]
        drain(reconcile(catalog, Excludes(())))  # as it was done before
        assert library.counts().photos == 200
        found, _ = update(library)
        assert found.roots_offline == ()
        assert library.counts().photos == 100


def test_a_root_within_a_root_may_hold_most_of_its_photos(library: Library, tmp_path: Path):
    outer = many(tmp_path / "many")
    library.add_root(outer)
    update(library)
    before = ids(library)
    nested = library.add_root(outer / "sub")
    for change in (lambda: None, lambda: library.forget_root(nested.id),
                   lambda: library.add_root(outer / "sub")):  # fmt: skip
        change()
        found, report = update(library)
        assert found.roots_offline == ()
        assert report.embedded == 0
        assert ids(library) == before


def test_a_folder_is_watched_once_whatever_its_name(library: Library, photos: Path, tmp_path: Path):
    root = library.add_root(photos)
    link = tmp_path / "link"
    link.symlink_to(photos)
    assert library.add_root(link) == root
    inner = tmp_path / "inner"
    inner.symlink_to(photos / "a")
    library.add_root(inner)
    update(library)
    assert library.counts().photos == 12


def test_photos_may_move_from_root_to_root(library: Library, tmp_path: Path):
    old, new = many(tmp_path / "old"), tmp_path / "new"
    new.mkdir()
    library.add_root(old)
    library.add_root(new)
    update(library)
    before = ids(library)
    (old / "sub").rename(new / "sub")
    found, report = update(library)
    assert (found.roots_offline, found.moved, report.read) == ((), 60, 0)
    assert ids(library) == before


# ---- roots that go away --------------------------------------------------------------------------


@pytest.mark.expects_warnings
def test_a_late_mark_does_not_empty_an_unmounted_drive(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    away = photos.with_name("away")
    photos.rename(away)
    photos.mkdir()  # the mount point
    found = drain(library.reconcile([DirtyFolder(photos / "a", recursive=False)]))
    assert (found.missing, found.roots_offline) == (0, (photos,))
    photos.rmdir()
    away.rename(photos)
    drain(library.reconcile([DirtyFolder(photos / "a", recursive=False)]))
    assert library.roots()[0].online
    assert library.counts().photos == 12


@pytest.mark.expects_warnings
def test_a_mark_does_not_answer_what_the_user_was_asked(library: Library, tmp_path: Path):
    root = many(tmp_path / "many")
    library.add_root(root)
    update(library)
    for path in (root / "sub").iterdir():
        path.unlink()
    update(library)
    assert not library.roots()[0].online
    drain(library.reconcile([DirtyFolder(root / "rest", recursive=False)]))
    assert not library.roots()[0].online
    assert library.counts().missing == 0


# ---- rows and vectors ----------------------------------------------------------------------------


@pytest.mark.parametrize("read_before", [True, False])
def test_vectors_follow_a_move_seen_in_two_batches(
    open_library: Callable[[], Library], photos: Path, read_before: bool
):
    library = open_library()
    library.add_root(photos)
    update(library)
    draw(photos / "a/new.jpg", 77)
    drain(library.reconcile())
    if read_before:
        drain(library.index())
    (photos / "a/new.jpg").rename(photos / "b/new.jpg")
    for name in "ba":
        drain(library.reconcile([DirtyFolder(photos / name, recursive=False)]))
        drain(library.index())
    for _ in range(2):
        assert library.doctor()["wrong"] == []
        assert {h.photo_id for h in library.search("cat", limit=50).hits} == ids(library)
        library = open_library()


def test_hard_links_renamed_together_keep_their_rows(library: Library, photos: Path):
    os.link(photos / "a/IMG_0000.jpg", photos / "a/link.jpg")
    library.add_root(photos)
    update(library)
    before = ids(library)
    (photos / "a/IMG_0000.jpg").rename(photos / "a/one.jpg")
    (photos / "a/link.jpg").rename(photos / "a/two.jpg")
    found, report = update(library)
    assert (found.moved, found.added, report.read) == (2, 0, 0)
    assert ids(library) == before


# ---- traps ---------------------------------------------------------------------------------------


def test_a_photo_of_the_far_future_is_read_once(library: Library, photos: Path):
    os.utime(photos / "a/IMG_0000.jpg", (4_000_000_000, 4_000_000_000))
    library.add_root(photos)
    update(library)
    _, report = update(library)
    assert report.read == 0


def test_times_that_no_column_holds_are_clamped(photos: Path):
    from engine.files.source import modified_ns

    stat = os.stat_result(
        (0,) * 10, {"st_mtime_ns": 10**30}
    )  # file systems differ in what they keep
    assert modified_ns(stat) == 2**63 - 1
    stat = os.stat_result((0,) * 10, {"st_mtime_ns": -(10**30)})
    assert modified_ns(stat) == -(2**63)


def test_a_file_that_cannot_be_looked_at_is_not_gone(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    library.add_root(photos)
    update(library)

    def hidden(root: Path, *rest: Any, on_problem: OnProblem, **options: Any) -> list[FileSeen]:
        for name in ("a/IMG_0000.jpg", "b"):
            on_problem(root / name, "permission was denied")
        return [file for file in scan(root, *rest, **options) if file.relpath == b"a/IMG_0005.jpg"]

    monkeypatch.setattr("engine.reconcile.scan", hidden)
    drain(library.reconcile([DirtyFolder(photos, recursive=True)]))
    assert library.counts().missing == 4


def test_a_folder_that_closes_after_it_was_listed_is_a_problem(library: Library, photos: Path):
    library.add_root(photos)
    drain(library.reconcile())
    code = (
        "import sys; from pathlib import Path; from engine.indexing import _is_gone;"
        "sys.exit(_is_gone(Path(sys.argv[1])))"
    )
    for path, gone in ((photos / "a/IMG_0000.jpg", 0), (photos / "none", 1),
                       (photos / "a/IMG_0000.jpg/x", 1), (photos / ("x" * 300), 0)):  # fmt: skip
        assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == gone


@pytest.mark.parametrize("name", ["x" * 300, "no/where"])
def test_folders_that_cannot_be(library: Library, tmp_path: Path, name: str):
    with pytest.raises(RootError):
        library.add_root(tmp_path / name)
    with pytest.raises(ModelMissing):
        library.use_model(str(tmp_path / name))


def test_settings_that_are_no_settings(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("[" * 200_000)
    settings, warnings = Settings.load(path)
    assert settings == Settings()
    assert len(warnings) == 1
    odd = Settings(model_id=os.fsdecode(b"/m\xe9"))
    odd.save(path)
    assert Settings.load(path) == (odd, [])


def test_wrong_numbers_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for arguments in (["search", "cat", "--limit", "x"], ["similar", "p.jpg", "--box", "nan,0,1,1"],
                      ["similar", "p.jpg", "--box", "0,0,inf,inf"]):  # fmt: skip
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--library", str(tmp_path)])
        assert left.value.code == 2
        assert "_positive" not in capsys.readouterr().err


def test_a_query_that_is_no_utf8(
    library: Library, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    raw = photos / os.fsdecode(b"caf\xe9.jpg")
    raw.write_bytes((photos / "a/IMG_0000.jpg").read_bytes())
    library.add_root(photos)
    update(library)
    library.close()
    assert main(["search", "name:caf\udce9", "--json", "--library", str(tmp_path / "library")]) == 0
    (hit,) = json.loads(capsys.readouterr().out)
    assert Path(hit["path"]) == raw


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_an_answer_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    checkout = Path(__file__).parents[3]
    command = [sys.executable, checkout / "main.py", "models", "list", "--library", tmp_path / "l"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1


def test_a_model_s_folder_is_found_again_from_anywhere(
    open_library: Callable[[], Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = Path(__file__).parents[3] / "resources/demo/model"
    (tmp_path / "model").symlink_to(model, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    open_library().use_model("model")
    monkeypatch.chdir("/")
    assert open_library().model_status().ready


def test_what_could_not_be_opened_is_tried_again_though_it_did_not_change(
    open_library: Callable[[], Library], photos: Path
):
    """As after a permission or a drive came back; a folder in its place stands for that."""
    path, away = photos / "a/IMG_0000.jpg", photos / "a/away.bin"
    library = open_library()
    library.add_root(photos)
    drain(library.reconcile())
    path.rename(away)
    path.mkdir()
    report = drain(library.index())
    assert [skipped.path for skipped in report.skipped] == [path]
    path.rmdir()
    away.rename(path)
    _, report = update(library)
    assert report.read == 0  # not at every look
    library = open_library()
    _, report = update(library)
    assert (report.read, report.skipped) == (1, ())
    assert library.problems() == []
    assert library.counts().photos == 12


def test_a_box_outside_of_the_picture_is_refused(library: Library, photos: Path):
    library.add_root(photos)
    update(library)
    photo = photos / "a/IMG_0000.jpg"
    with pytest.raises(QueryError, match="outside the picture of 96 × 64"):
        library.similar(photo, Box(9000, 9000, 9100, 9100))
    assert library.similar(photo, Box(-50, -50, 40, 30)).hits
