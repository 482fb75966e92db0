"""The journal of filed photos: rows as they were written, and on the disk before work begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.errors import CatalogError
from engine.file_types import FilingStep, RunId, RunState, StepOp, StepState
from engine.types import PhotoId


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog.open(tmp_path / "catalog.db")
    yield opened
    opened.close()


def step(bundle: int, source: str | bytes, target: str = "/to/a.jpg") -> FilingStep:
    path = Path(os.fsdecode(source))
    return FilingStep(
        0, RunId(0), bundle, PhotoId(7), StepOp.MOVE, "Cats", path, Path(target), 3, -5, 2**64 - 1,
        2**63, b"hash",
    )  # fmt: skip


def test_steps_come_back_as_they_were(catalog: Catalog):
    odd = step(0, b"/photos/\xff\n.jpg", "/to/\u202e.jpg")
    run_id = catalog.journal.begin("sort", {"mode": "move"}, "token", [odd, step(1, "/b.jpg")])
    first, second = catalog.journal.steps(run_id)
    assert first == replace(odd, id=first.id, run_id=run_id)
    assert (second.bundle, second.state) == (1, StepState.PLANNED)
    done = replace(
        first, state=StepState.DONE, target_dev=1, target_ino=2**64 - 2, target_mtime_ns=9,
        made_photo_id=PhotoId(8), target=Path("/to/a (2).jpg"), reason="none",
    )  # fmt: skip
    catalog.journal.update([done])
    assert catalog.journal.steps(run_id, [StepState.DONE]) == [done]
    (run,) = catalog.journal.runs()
    assert (run.files, run.done, run.planned, run.rule) == (2, 1, 1, {"mode": "move"})
    assert (run.state, run.ended_at, catalog.journal.token(run_id)) == (
        RunState.APPLYING, None, "token",
    )  # fmt: skip
    assert catalog.journal.unfinished_runs() == [run_id]
    catalog.journal.set_state(run_id, RunState.STOPPED, "The disk is full.")
    (run,) = catalog.journal.runs()
    assert (run.can_resume, run.can_undo, run.note) == (True, True, "The disk is full.")
    assert run.ended_at is not None


def test_what_was_begun_is_found_with_its_whole_bundle(catalog: Catalog):
    run_id = catalog.journal.begin(
        "sort", {}, "t", [step(0, "/a.jpg"), step(0, "/a.xmp"), step(1, "/b.jpg")]
    )
    first, *_ = catalog.journal.steps(run_id)
    assert catalog.journal.open_steps() == []
    catalog.journal.start([replace(first, state=StepState.STARTED)], [(run_id, Path("/to/x"))])
    assert [s.source.name for s in catalog.journal.open_steps()] == ["a.jpg", "a.xmp"]
    catalog.journal.start([], [(run_id, Path("/to")), (run_id, Path("/to/x"))])
    assert catalog.journal.folders(run_id) == [Path("/to/x"), Path("/to")]
    catalog.journal.forget_folder(run_id, Path("/to/x"))
    assert catalog.journal.folders(run_id) == [Path("/to")]


def test_files_are_followed_through_later_runs(catalog: Catalog):
    journal = catalog.journal
    runs = [
        journal.begin("sort", {}, "t", [step(0, source, target)])
        for source, target in (("/a", "/b"), ("/b", "/c"), ("/c", "/d"))
    ]
    for run_id in runs:
        journal.update([replace(s, state=StepState.DONE) for s in journal.steps(run_id)])
    (first,) = journal.steps(runs[0])
    assert journal.moved_on_by(first) == runs[1]
    assert journal.now_at(Path("/b"), runs[0]) == Path("/d")
    assert journal.now_at(Path("/b"), runs[2]) == Path("/b")
    journal.update([replace(s, state=StepState.UNDONE) for s in journal.steps(runs[1])])
    assert journal.moved_on_by(first) is None


def test_a_durable_commit_waits_for_the_disk_and_only_that_one(catalog: Catalog):
    store = catalog._store  # pyright: ignore[reportPrivateUsage]
    levels: list[int] = []

    def note() -> None:
        with store.write() as db:  # joins the outer one
            levels.append(db.execute("PRAGMA synchronous").fetchone()[0])

    for durable in (False, True, False):
        with catalog.write(durable=durable):
            note()
    with pytest.raises(CatalogError), catalog.write(durable=True):
        raise CatalogError("no")
    note()
    assert levels == [1, 2, 1, 1]


def test_albums_know_who_put_a_photo_in(catalog: Catalog, tmp_path: Path):
    from catalog_makers import seen

    root = catalog.roots.add(tmp_path)
    one, two = catalog.photos.add(root.id, [seen("a.jpg"), seen("b.jpg")])
    run_id = catalog.journal.begin("sort", {}, "t", [])
    catalog.albums.add("Best", [one])
    catalog.albums.add("BEST", [one, two, PhotoId(99)], run_id)
    assert catalog.albums.all() == [("Best", [one, two])]
    catalog.albums.take_back([one, two], run_id)
    assert catalog.albums.all() == [("Best", [one])]
