"""Scanning lists each photo once and passes over everything that could hurt."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import RootError
from engine.files.scan import Excludes, is_candidate, is_raw, scan
from engine.settings import DEFAULT_EXCLUDES

NONE = Excludes(())
USUAL = Excludes(DEFAULT_EXCLUDES)

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files only")


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(root: Path, excludes: Excludes = NONE, **how: object) -> set[str]:
    found = list(scan(root, excludes, **how))  # type: ignore[arg-type]
    assert len({seen.relpath for seen in found}) == len(found)
    return {os.fsdecode(seen.relpath) for seen in found}


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("a.jpg", True),
        ("A.JPeG", True),
        ("a.b.heic", True),
        ("a.NEF", True),
        ("a.txt", False),
        ("jpg", False),
        (".jpg", False),
        ("a.jpg.part", False),
        ("a.", False),
        ("", False),
    ],
)
def test_candidates_are_known_by_their_extension(name: str, yes: bool) -> None:
    assert is_candidate(name) is yes


def test_raw_kinds() -> None:
    assert is_raw("DSC_1.NEF")
    assert not is_raw("a.tif")


def test_files_are_told_with_their_identity(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b/c/d.PNG", "b/notes.txt")
    found = {seen.relpath: seen for seen in scan(tmp_path, NONE)}
    assert set(found) == {b"a.jpg", b"b/c/d.PNG"}
    info = (tmp_path / "a.jpg").stat()
    seen = found[b"a.jpg"]
    assert (seen.size, seen.mtime_ns) == (info.st_size, info.st_mtime_ns)
    assert (seen.dev, seen.ino) == (info.st_dev, info.st_ino)


def test_excludes_hold_for_folders_and_files_but_not_for_the_root(tmp_path: Path) -> None:
    root = tmp_path / ".hidden"
    make(root, "a.jpg", ".b.jpg", "@eaDir/a.jpg", "x/._c.jpg", "x/#recycle/y/d.jpg", "x/e.jpg.part")
    make(root, ".Trash-1000/files/f.jpg", "lost+found/g.jpg", ".trashed-123-h.jpg")
    assert names(root, USUAL) == {"a.jpg"}


def test_excludes_ignore_case_and_unicode_form() -> None:
    excludes = Excludes(["Private*", "caf\u00e9", "[ab].jpg", ""])
    for name in ("PRIVATE photos", "private", "cafe\u0301", "CAF\u00c9", "A.JPG"):
        assert excludes.matches(name), name
    for name in ("my private", "cafe", "c.jpg", ""):
        assert not excludes.matches(name), name


@posix
def test_links_pipes_and_folders_in_disguise_are_passed_over(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    make(outside, "secret.jpg")
    make(root, "a.jpg", "folder.jpg/b.jpg")
    (root / "link.jpg").symlink_to(outside / "secret.jpg")
    (root / "dangling.jpg").symlink_to(root / "none.jpg")
    (root / "linked").symlink_to(outside, target_is_directory=True)
    (root / "loop").symlink_to(root, target_is_directory=True)
    os.mkfifo(root / "pipe.jpg")
    assert names(root) == {"a.jpg", "folder.jpg/b.jpg"}


@posix
def test_names_need_not_be_text(tmp_path: Path) -> None:
    odd = [b"caf\xe9.jpg", b"new\nline.jpg", b"\xf0\x9f\x98\x80.jpg", b"\xe2\x80\xaegpj.jpg"]
    odd += [b"n" * 251 + b".jpg", b" .jpg", b"a'\"$.jpg"]
    for name in odd:
        os.close(os.open(os.fsencode(tmp_path) + b"/" + name, os.O_CREAT | os.O_WRONLY))
    assert {seen.relpath for seen in scan(tmp_path, USUAL)} == set(odd)


def test_a_file_belongs_to_its_deepest_root(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "inner/b.jpg", "inner/deep/c.jpg", "innermost/d.jpg")
    nested = [tmp_path, tmp_path / "inner"]
    assert names(tmp_path, nested_roots=nested) == {"a.jpg", "innermost/d.jpg"}
    assert names(tmp_path, nested_roots=nested, folder=b"inner/deep") == set()
    assert names(tmp_path / "inner", nested_roots=nested) == {"b.jpg", "deep/c.jpg"}


def test_a_part_of_a_root_can_be_scanned(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "x/b.jpg", "x/y/c.jpg", ".git/d.jpg")
    assert names(tmp_path, recursive=False) == {"a.jpg"}
    assert names(tmp_path, folder=b"x") == {"x/b.jpg", "x/y/c.jpg"}
    assert names(tmp_path, folder=b"x", recursive=False) == {"x/b.jpg"}
    assert names(tmp_path, folder=b"gone") == set()
    assert names(tmp_path, folder=b"a.jpg") == set()
    assert names(tmp_path, USUAL, folder=b".git") == set()
    assert names(tmp_path / "x", folder=b"../.git") == set()


@posix
def test_a_part_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "outside/y/a.jpg", "root/b.jpg")
    (tmp_path / "root" / "x").symlink_to(tmp_path / "outside")
    assert names(tmp_path / "root", folder=b"x/y") == set()


def test_an_empty_root_is_empty_and_a_missing_one_an_error(tmp_path: Path) -> None:
    assert names(tmp_path) == set()
    with pytest.raises(RootError, match="gone"):
        scan(tmp_path / "gone", NONE)
    make(tmp_path, "file.jpg")
    with pytest.raises(RootError):
        scan(tmp_path / "file.jpg", NONE)


@contextmanager
def as_nobody() -> Generator[None]:
    """Permissions mean nothing to root, who runs many a CI."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@posix
def test_an_unreadable_folder_is_told_and_the_scan_goes_on(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "closed/b.jpg", "open/c.jpg")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o755)
    problems: list[tuple[Path, str]] = []

    def tell(path: Path, why: str) -> None:
        problems.append((path, why))

    (tmp_path / "closed").chmod(0)
    try:
        with as_nobody():
            found = names(tmp_path, on_problem=tell)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert found == {"a.jpg", "open/c.jpg"}
    assert problems == [(tmp_path / "closed", "This folder cannot be read: permission was denied.")]


def test_a_folder_that_vanishes_meanwhile_is_empty(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "x/b.jpg", "x/c.jpg")
    walk = scan(tmp_path, NONE)
    assert next(walk).relpath == b"a.jpg"
    shutil.rmtree(tmp_path / "x")
    assert list(walk) == []


def test_very_deep_folders_are_reached(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 500)
    make(tmp_path, f"{deep}/a.jpg")
    assert names(tmp_path) == {f"{deep}/a.jpg"}
