"""Sidecars that are due while photos move: none is left behind, none lies beside another photo."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sidecar_sample import Shelf

from engine.files import writes
from engine.files.sidecar_fields import told
from engine.jobs import drain


def test_nothing_is_written_while_photos_are_being_moved(shelf: Shelf) -> None:
    library, a, b = shelf.library, shelf.id("a.jpg"), shelf.id("b.jpg")
    moving = library.filing.rename({a: "b", b: "a"})
    next(moving)
    library.marking.rate([a], 5)
    report = shelf.write()
    assert (report.held, report.written) == (True, 0)
    assert library.sidecars.status().waiting == 1
    drain(moving)
    report = shelf.write()
    assert (report.held, report.written) == (False, 1)


def test_photos_move_after_the_sidecars_at_hand(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.rate([a], 4)
    sea = shelf.photos / "sea"
    mover = threading.Thread(target=lambda: drain(library.filing.move_to([a], sea)))

    def meanwhile(name: str, _path: Path) -> None:
        if name == "create":
            monkeypatch.setattr(writes, "before", None)
            mover.start()
            mover.join(0.3)  # long enough to move one photo, if nothing kept it from that

    monkeypatch.setattr(writes, "before", meanwhile)
    assert shelf.write().written == 1
    mover.join()
    assert not shelf.sidecar().exists()
    assert told((sea / "a.jpg.xmp").read_bytes()).rating == 4


@pytest.mark.parametrize("has_one", [False, True])
def test_another_program_moves_a_photo_at_that_moment(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, has_one: bool
) -> None:
    library, a = shelf.library, shelf.id("a.jpg")
    if has_one:
        library.marking.rate([a], 1)
        shelf.write()
    library.marking.rate([a], 4)
    (shelf.photos / "sea").mkdir()
    dues = library.sidecars._dues  # pyright: ignore[reportPrivateUsage]
    plan = dues.plan

    def planned(rows: list[tuple[int, bytes, str]]) -> None:
        plan(rows)  # pyright: ignore[reportArgumentType]
        for path in list(shelf.photos.glob("a.jpg*")):
            path.rename(path.parent / "sea" / path.name)

    monkeypatch.setattr(dues, "plan", planned)
    report = shelf.write()
    assert (report.written, report.skipped) == (0, ())
    assert not shelf.sidecar().exists()
    drain(library.reconcile())
    assert library.sidecars.status().failed == 0
    monkeypatch.setattr(dues, "plan", plan)
    assert shelf.write().written == 1
    assert told((shelf.photos / "sea" / "a.jpg.xmp").read_bytes()).rating == 4


@pytest.mark.expects_warnings
def test_a_sidecar_that_was_taken_at_that_moment_is_no_failure(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.rate([a], 1)
    shelf.write()
    library.marking.rate([a], 4)

    def meanwhile(name: str, _path: Path) -> None:
        if name == "create":
            monkeypatch.setattr(writes, "before", None)
            shelf.sidecar().unlink()

    monkeypatch.setattr(writes, "before", meanwhile)
    report = shelf.write()
    assert (report.written, report.skipped) == (1, ())
    assert told(shelf.sidecar().read_bytes()).rating == 4
