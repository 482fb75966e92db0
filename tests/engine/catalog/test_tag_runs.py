"""Runs and taking them back, in any order with what the user does: nothing of theirs is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from catalog_makers import SPACE, read, seen, vectors
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.catalog import Catalog
from engine.tag_types import (
    Category,
    CategoryId,
    CategoryRun,
    CategorySet,
    Mode,
    RunKind,
    SetId,
    TagRunId,
    TagSource,
    TagUndo,
)
from engine.types import PhotoId, Root

PHOTOS = 6
SOME = st.sets(st.integers(0, PHOTOS - 1), max_size=PHOTOS)


class TagsAgainstDict(RuleBasedStateMachine):
    """One category, its tag, a few photos; the model says who put the tag on each photo."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.catalog = Catalog.open(Path(self.folder.name) / "catalog.db")
        root = self.catalog.roots.add(Path("/photos"))
        files = [seen(f"{n}.jpg") for n in range(PHOTOS)]
        self.ids = self.catalog.photos.add(root.id, files)
        for photo_id, file in zip(self.ids, files, strict=True):
            read(self.catalog, photo_id, file, str(photo_id))
        self.space = self.catalog.embeddings.space_id(SPACE)
        group = self.catalog.categories.add_set(CategorySet(SetId(0), "Set"))
        self.category = self.catalog.categories.add(Category(CategoryId(0), group.id, "Tag"))
        tag_id = self.catalog.tags.find("Tag")
        assert tag_id is not None
        self.tag = tag_id
        self.links: dict[PhotoId, TagRunId | None] = {}  # None: the user's own
        self.rejected: set[PhotoId] = set()
        self.accepted: set[PhotoId] = set()
        self.runs: list[TagRunId] = []
        self.undone: set[TagRunId] = set()
        self.removed: dict[TagRunId, dict[PhotoId, TagRunId]] = {}
        self.last: tuple[TagUndo, tuple[object, ...]] | None = None

    def teardown(self) -> None:
        if hasattr(self, "catalog"):
            self.catalog.close()
            self.folder.cleanup()

    def some(self, numbers: set[int]) -> list[PhotoId]:
        return [self.ids[n] for n in sorted(numbers)]

    def before(self) -> tuple[object, ...]:
        return dict(self.links), set(self.rejected), set(self.accepted)

    @rule(numbers=SOME)
    def user_tags(self, numbers: set[int]) -> None:
        was = self.before()
        undo = self.catalog.tags.put(self.some(numbers), "tag")
        for photo_id in self.some(numbers):
            if self.links.get(photo_id, TagRunId(0)) is not None:
                self.accepted.add(photo_id)
                self.rejected.discard(photo_id)
            self.links[photo_id] = None
        self.last = undo, was

    @rule(numbers=SOME)
    def user_untags(self, numbers: set[int]) -> None:
        was = self.before()
        undo = self.catalog.tags.take(self.some(numbers), "Tag")
        for photo_id in self.some(numbers):
            if photo_id in self.links:
                del self.links[photo_id]
                self.rejected.add(photo_id)
                self.accepted.discard(photo_id)
        self.last = undo, was

    @rule(numbers=SOME, said=st.sampled_from([True, False, None]))
    def user_answers(self, numbers: set[int], said: bool | None) -> None:
        was = self.before()
        undo = self.catalog.categories.answer(self.category.id, self.some(numbers), said)
        for photo_id in self.some(numbers):
            self.accepted.discard(photo_id)
            self.rejected.discard(photo_id)
            if said:
                self.accepted.add(photo_id)
                self.links[photo_id] = None
            elif said is False:
                self.rejected.add(photo_id)
                self.links.pop(photo_id, None)
        self.last = undo, was

    @rule()
    def user_undoes(self) -> None:
        if self.last is None:
            return
        undo, (links, rejected, accepted) = self.last
        redo = self.catalog.tags.restore(undo)
        self.catalog.tags.restore(redo)
        self.catalog.tags.restore(undo)
        self.links, self.rejected, self.accepted = links, rejected, accepted  # pyright: ignore[reportAttributeAccessIssue]
        self.last = None

    @rule(fits=SOME)
    def run(self, fits: set[int]) -> None:
        """As a run does: photos that fit and were not rejected, less those that fit no more."""
        good = [i for i in self.some(fits) if i not in self.rejected]
        weak = [i for i in self.ids if i not in good and i not in self.accepted]
        with self.catalog.write():
            run_id = self.catalog.tag_runs.start(RunKind.ASKED, self.space)
            self.catalog.tag_runs.add(run_id, self.tag, dict.fromkeys(good, 0.5))
            self.catalog.tag_runs.take(run_id, self.tag, weak)
            entry = CategoryRun("Tag", "Tag", ("tag",), 0.5)
            kept = self.catalog.tag_runs.finish(run_id, [entry])
        taken = {i: run for i in weak if (run := self.links.get(i)) is not None}
        fresh = [i for i in good if i not in self.links]
        assert kept is bool(taken or fresh)
        if kept:
            self.runs.append(run_id)
            self.removed[run_id] = taken
        for photo_id in taken:
            del self.links[photo_id]
        self.links |= dict.fromkeys(fresh, run_id)
        self.last = None  # an undo is offered only as long as nothing else has happened

    @rule(number=st.integers(0, 20))
    def take_back(self, number: int) -> None:
        if not self.runs:
            return
        run_id = self.runs[number % len(self.runs)]
        done = self.catalog.tag_runs.roll_back(run_id)
        if run_id in self.undone:
            assert (done.removed, done.restored) == (0, 0)
            return
        mine = [i for i, run in self.links.items() if run == run_id]
        for photo_id in mine:
            del self.links[photo_id]
        back = {
            i: run
            for i, run in self.removed[run_id].items()
            if run not in self.undone and i not in self.links and i not in self.rejected
        }
        self.links |= back
        self.undone.add(run_id)
        assert (done.removed, done.restored) == (len(mine), len(back))
        self.last = None

    @rule()
    def reopen(self) -> None:
        self.catalog.close()
        self.catalog = Catalog.open(self.catalog.path)
        assert self.catalog.notes == []

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "catalog"):
            return
        held = {
            photo_id: tag.run_id if tag.source is TagSource.ZERO_SHOT else None
            for photo_id, tags in self.catalog.tags.of(self.ids).items()
            for tag in tags
        }
        assert held == self.links
        said = {a.photo_id: a.accepted for a in self.catalog.categories.answers(self.category.id)}
        assert {i for i, yes in said.items() if yes} == self.accepted
        assert {i for i, yes in said.items() if not yes} == self.rejected
        assert {run.id for run in self.catalog.tag_runs.all()} == set(self.runs)


TestTagsAgainstDict = TagsAgainstDict.TestCase
TestTagsAgainstDict.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture
def automatic(catalog: Catalog) -> Category:
    group = catalog.categories.add_set(CategorySet(SetId(0), "Set"))
    entry = Category(CategoryId(0), group.id, "Tag", mode=Mode.AUTOMATIC)
    return catalog.categories.add(entry)


def embed(catalog: Catalog, root: Root, name: str, seed: int = 0) -> PhotoId:
    file = seen(name)
    (photo_id,) = catalog.photos.add(root.id, [file])
    read(catalog, photo_id, file, name)
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [photo_id], vectors(1, seed=seed))
    return photo_id


def test_new_photos_wait_for_automatic_categories_until_they_were_seen(
    catalog: Catalog, root: Root
):
    embed(catalog, root, "before.jpg")
    space = catalog.embeddings.space_id(SPACE)
    assert not catalog.tag_runs.any_waiting()  # nothing is automatic yet
    group = catalog.categories.add_set(CategorySet(SetId(0), "Set"))
    catalog.categories.add(Category(CategoryId(0), group.id, "Tag", mode=Mode.AUTOMATIC))
    fresh = embed(catalog, root, "fresh.jpg")
    assert catalog.tag_runs.waiting(space) == [fresh]
    other = catalog.embeddings.space_id(SPACE.__class__("other", "", "", "", 8))
    assert catalog.tag_runs.waiting(other) == []
    catalog.tag_runs.seen([fresh])
    assert not catalog.tag_runs.any_waiting()
    catalog.embeddings.put(other, [fresh], vectors(1))  # another model is no new photo
    assert not catalog.tag_runs.any_waiting()
    read(catalog, fresh, seen("fresh.jpg"), "other bytes")
    catalog.embeddings.put(space, [fresh], vectors(1))
    assert catalog.tag_runs.waiting(space) == [fresh]


def test_new_photos_of_a_day_are_one_run(catalog: Catalog, root: Root, automatic: Category):
    a, b = embed(catalog, root, "a.jpg"), embed(catalog, root, "b.jpg")
    space = catalog.embeddings.space_id(SPACE)
    tag_id = catalog.tags.make("Tag")

    def once(photo_id: PhotoId, kind: RunKind) -> TagRunId:
        with catalog.write():
            run_id = catalog.tag_runs.start(kind, space)
            added = catalog.tag_runs.add(run_id, tag_id, {photo_id: 0.9})
            entry = CategoryRun("Tag", "Tag", ("tag",), 0.5, added=added)
            catalog.tag_runs.finish(run_id, [entry])
        return run_id

    first = once(a, RunKind.NEW_PHOTOS)
    assert once(b, RunKind.NEW_PHOTOS) == first
    (run,) = catalog.tag_runs.all()
    assert (run.added, run.held, run.what[0].added) == (2, 2, 2)
    assert catalog.tag_runs.roll_back(first).removed == 2
    assert once(a, RunKind.NEW_PHOTOS) != first
    assert automatic.mode is Mode.AUTOMATIC
