"""Each change to the disk fails once, with each cause: what was there is whole, and it goes on."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from sidecar_sample import FOREIGN, Shelf

from engine.errors import DiskError
from engine.files import writes
from engine.files.sidecar_fields import told


def say(shelf: Shelf, stars: int) -> None:
    shelf.library.marking.rate([shelf.id("a.jpg"), shelf.id("b.jpg")], stars)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS])
def test_whatever_the_disk_refuses(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = shelf.pixels()
    failing = calls = 0

    def fail(name: str, _: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == failing and name != "unlink":
            raise OSError(number, os.strerror(number))

    while failing <= calls:
        failing, calls = failing + 1, 0
        for name in shelf.names():
            shelf.sidecar(name).unlink()
        shelf.sidecar("b.xmp").write_text(FOREIGN, encoding="utf-8")
        stars = 4 + failing % 2
        say(shelf, stars)
        with monkeypatch.context() as patch:
            patch.setattr(writes, "before", fail)
            with contextlib.suppress(DiskError):
                shelf.write()
        assert shelf.pixels() == before  # and no file of ours lies about
        foreign = shelf.sidecar("b.xmp").read_bytes()
        assert b"dt:history" in foreign
        assert told(foreign).rating in (2, stars)
        shelf.library.sidecars.retry()
        shelf.write()
        for name in ("a.jpg.xmp", "b.xmp"):
            assert told(shelf.sidecar(name).read_bytes()).rating == stars
        assert shelf.library.sidecars.status().waiting == 0
    assert failing > 8


def test_a_folder_that_cannot_be_written_is_a_problem_until_it_can(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = shelf.library
    library.change_settings(replace(library.settings, write_sidecars=True))
    say(shelf, 3)

    def refuse(name: str, path: Path) -> None:
        if path.parent == shelf.photos:
            raise OSError(errno.EACCES, "no")

    with monkeypatch.context() as patch:
        patch.setattr(writes, "before", refuse)
        report = shelf.write()
        assert [one.path.name for one in report.skipped] == ["a.jpg.xmp", "b.jpg.xmp"]
        assert shelf.write().skipped == ()  # not tried again at once
    first, second = sorted(library.problems(), key=lambda problem: problem.path)
    assert first.reason == "Its sidecar could not be written: permission was denied."
    assert (first.unwritten, second.unwritten, library.counts().problems) == (True, True, 2)
    assert library.sidecars.status().failed == 2
    assert library.retry_problems([first.photo_id]) == 1
    assert shelf.write().written == 1
    say(shelf, 4)  # said anew, tried anew
    assert shelf.write().written == 2
    assert library.problems() == []


def test_a_full_disk_is_one_sentence_and_what_was_written_is_known(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(shelf, 3)
    written = 0

    def full(name: str, path: Path) -> None:
        nonlocal written
        written += name == "rename"
        if written > 1:
            raise OSError(errno.ENOSPC, "no")

    with monkeypatch.context() as patch:
        patch.setattr(writes, "before", full)
        with pytest.raises(DiskError, match=r"b\.jpg\.xmp .*no space left"):
            shelf.write()
    assert shelf.names() == ["a.jpg.xmp"]
    assert shelf.library.sidecars.status().waiting == 1
    assert shelf.write().written == 1


@pytest.mark.parametrize("content", [b"", b"<a>", b"\xff\xfe\x00", b"<!DOCTYPE x><x/>"])
def test_a_sidecar_that_we_do_not_understand_is_left(shelf: Shelf, content: bytes) -> None:
    shelf.sidecar("a.xmp").write_bytes(content)
    say(shelf, 3)
    report = shelf.write()
    assert [one.path.name for one in report.skipped] == ["a.xmp"]
    assert "move it away or repair it" in report.skipped[0].reason
    assert shelf.sidecar("a.xmp").read_bytes() == content


def test_links_and_permissions(shelf: Shelf) -> None:
    real = shelf.folder / "real.xmp"
    real.write_text(FOREIGN, encoding="utf-8")
    shelf.sidecar("a.xmp").symlink_to(real)
    shelf.sidecar("b.xmp").write_text(FOREIGN, encoding="utf-8")
    shelf.sidecar("b.xmp").chmod(0o640)
    os.link(shelf.sidecar("b.xmp"), shelf.folder / "other name.xmp")
    say(shelf, 3)
    report = shelf.write()
    assert [one.reason for one in report.skipped] == [
        "is a link to another file; it was left as it is"
    ]
    assert real.read_text(encoding="utf-8") == FOREIGN
    assert shelf.sidecar("b.xmp").stat().st_mode & 0o777 == 0o640
    # The other name of a hard link keeps what it had: nothing is written in place.
    assert (shelf.folder / "other name.xmp").read_text(encoding="utf-8") == FOREIGN


def test_another_program_writes_at_the_same_moment(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.sidecar("a.xmp").write_text(FOREIGN, encoding="utf-8")
    shelf.library.marking.rate([shelf.id("a.jpg")], 5)
    theirs = FOREIGN.replace("Old", "Newer")
    done: list[str] = []

    def meanwhile(name: str, path: Path) -> None:
        if name == "exchange" and not done:
            done.append(name)
            shelf.sidecar("a.xmp").write_text(theirs, encoding="utf-8")

    monkeypatch.setattr(writes, "before", meanwhile)
    report = shelf.write()
    assert report.written == 1
    found = told(shelf.sidecar("a.xmp").read_bytes())
    assert (found.title, found.rating) == ("Newer", 5)
    assert shelf.names() == ["a.xmp"]
