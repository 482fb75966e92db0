"""A sort while the watcher runs: our own moves are no news, nothing is read or embedded anew."""

from __future__ import annotations

import queue
from pathlib import Path
from time import monotonic

import pytest
from filing_sample import assigned
from journey import draw, tree, update

from engine import Library
from engine.file_types import SortMode, SortRule
from engine.jobs import drain
from engine.types import DirtyFolder, PhotoId, Scope

PHOTOS = 200
PATIENCE_S = 30.0


class Watched:
    """A library of 200 photos with the watcher running."""

    def __init__(self, library: Library, folder: Path) -> None:
        self.library = library
        self.folder = folder
        for seed in range(PHOTOS):
            draw(folder / str(seed % 4) / f"IMG_{seed:04}.jpg", seed, (32, 24))
        library.add_root(folder)
        update(library)
        self.sorting, self.filing = library.sorting, library.filing
        self._marks: queue.Queue[frozenset[DirtyFolder]] = queue.Queue()
        library.watch(self._marks.put)
        self.after({folder})

    def after(self, folders: set[Path]) -> tuple[int, ...]:
        """Once the watcher has told of these folders: reconcile and index, as the window does.

        Returns:
            How many were added, changed, moved, missing, read, embedded.
        """
        marks: set[DirtyFolder] = set()
        deadline = monotonic() + PATIENCE_S
        while not folders <= {mark.path for mark in marks}:
            try:
                marks |= self._marks.get(timeout=max(0.0, deadline - monotonic()))
            except queue.Empty:
                pytest.fail(f"not told of {folders - {mark.path for mark in marks}}")
        found = drain(self.library.reconcile(marks))
        report = drain(self.library.index())
        assert report.skipped == ()
        return (
            found.added, found.changed, found.moved, found.missing, report.read, report.embedded,
        )  # fmt: skip

    def ids(self) -> list[PhotoId]:
        return self.library.photo_ids(Scope())

    def sort(self, mode: SortMode) -> None:
        categories = {i: f"group {n % 2}" for n, i in enumerate(self.ids())}
        rule = SortRule(("group 0", "group 1"), self.folder / "sorted", mode)
        plan = self.sorting.plan(assigned(categories), rule)
        assert drain(self.filing.apply(plan)).photos == PHOTOS

    def undo(self) -> None:
        assert drain(self.filing.undo(self.filing.runs()[0].id)).skipped == ()


def test_a_sort_and_its_undo_have_no_echo(library: Library, tmp_path: Path):
    watched = Watched(library, tmp_path / "photos")
    before, ids = tree(watched.folder), set(watched.ids())
    watched.sort(SortMode.MOVE)
    assert watched.after({watched.folder / str(n) for n in range(4)}) == (0, 0, 0, 0, 0, 0)
    assert set(watched.ids()) == ids
    assert {p.path.parent.name for p in library.photos(list(ids))} == {"group 0", "group 1"}
    watched.undo()
    assert watched.after({watched.folder / str(n) for n in range(4)}) == (0, 0, 0, 0, 0, 0)
    assert tree(watched.folder) == before
    assert set(watched.ids()) == ids
    assert library.problems() == []


def test_copies_are_found_once_and_never_embedded(library: Library, tmp_path: Path):
    watched = Watched(library, tmp_path / "photos")
    watched.sort(SortMode.COPY)
    groups = {watched.folder / "sorted" / f"group {n}" for n in range(2)}
    *found, read, embedded = watched.after({watched.folder})
    assert (*found, embedded) == (0, 0, 0, 0, 0)
    assert read == PHOTOS  # once, to be shown; their vectors are those of equal bytes
    assert len(watched.ids()) == 2 * PHOTOS
    assert library.counts().not_searchable == 0
    assert all(group.is_dir() for group in groups)
    watched.undo()
    assert len(watched.ids()) == PHOTOS
    found = drain(library.reconcile())
    assert (found.added, found.changed, found.missing, found.unchanged) == (0, 0, 0, PHOTOS)
    assert library.problems() == []
