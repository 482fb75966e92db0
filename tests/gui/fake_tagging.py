"""Tagging in memory: a category's words are a colour, and photos of that colour score high."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.assignment import Assignment
from engine.errors import ModelMissing, TagError
from engine.jobs import Job, Progress
from engine.tag_types import (
    Answer,
    Category,
    CategoryId,
    CategoryIdea,
    CategoryRun,
    CategorySet,
    CategoryState,
    Concept,
    Estimate,
    Misfiled,
    Mode,
    PhotoTag,
    ReviewOrder,
    RolledBack,
    RunKind,
    SetId,
    Share,
    Stage,
    Suggestion,
    Tag,
    TagId,
    TagReport,
    TagRun,
    TagRunId,
    TagSource,
    TagUndo,
)
from engine.types import Aspect, PhotoId

if TYPE_CHECKING:
    from fake_library import FakeLibrary

Links = dict[tuple[PhotoId, str], PhotoTag]
Answers = dict[tuple[CategoryId, PhotoId], bool]

VOCABULARY = [
    Concept("red", "红", ("something red",), "Colours", "颜色"),
    Concept("green", "绿", (), "Colours", "颜色"),
    Concept("dog", "狗", (), "Animals", "动物"),
]


class FakeTagging:
    """Answers as the real one does, where the window looks."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._lock = threading.RLock()
        self.groups: dict[SetId, CategorySet] = {}
        self.shelf: dict[CategoryId, Category] = {}
        self.gone: dict[CategoryId, Category] = {}
        self.links: Links = {}
        self.said: Answers = {}
        self.made_runs: list[TagRun] = []
        self.lost: list[Misfiled] = []
        self.ideas: list[CategoryIdea] = []
        self.no_model = ""
        self.previews: list[Category] = []
        self.rested = 0
        self._undos: dict[int, tuple[Links, Answers]] = {}
        self._number = 0

    # -- by hand -------------------------------------------------------------------------------

    def _told(self) -> None:
        self._library.announce([], Aspect.TAG)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _undoable(self, change: Callable[[], object]) -> TagUndo:
        with self._lock:
            key = self._next()
            self._undos[key] = (dict(self.links), dict(self.said))
            change()
        self._told()
        return TagUndo(tags=((TagId(key), None),))

    def undo(self, undo: TagUndo) -> TagUndo:
        links, said = self._undos[undo.tags[0][0]]

        def back() -> None:
            self.links, self.said = dict(links), dict(said)

        return self._undoable(back)

    def tags(self) -> list[Tag]:
        paths = sorted({path for _, path in self.links} | {c.tag for c in self.shelf.values()})
        return [Tag(TagId(at), path, None, "", 1, 1) for at, path in enumerate(paths, 1)]

    def tags_of(self, photo_id: PhotoId) -> list[PhotoTag]:
        return [tag for (owner, _), tag in sorted(self.links.items()) if owner == photo_id]

    def tag(self, ids: Sequence[PhotoId], name: str) -> TagUndo:
        if not name.strip("/ "):
            raise TagError("A tag needs a name.")
        return self._undoable(lambda: self._link(ids, name))

    def _link(self, ids: Sequence[PhotoId], name: str, score: float | None = None) -> None:
        source = TagSource.USER if score is None else TagSource.ZERO_SHOT
        for photo_id in ids:
            self.links[photo_id, name] = PhotoTag(TagId(1), name, "", source, score)

    def untag(self, ids: Sequence[PhotoId], name: str) -> TagUndo:
        return self._undoable(lambda: [self.links.pop((id_, name), None) for id_ in ids])

    # -- categories ----------------------------------------------------------------------------

    def sets(self) -> list[CategorySet]:
        return list(self.groups.values())

    def add_set(
        self,
        name: str,
        *,
        exclusive: bool = False,
        template: str = "a photo of a {}",
        contrast: Sequence[str] = (),
    ) -> CategorySet:
        made = CategorySet(SetId(self._next()), name, exclusive, template, tuple(contrast))
        self.groups[made.id] = made
        self._told()
        return made

    def change_set(self, entry: CategorySet) -> None:
        self.groups[entry.id] = entry
        self._told()

    def remove_set(self, set_id: SetId) -> list[CategoryId]:
        ids = [entry.id for entry in self.categories(set_id)]
        for category_id in ids:
            self.remove_category(category_id)
        del self.groups[set_id]
        self._told()
        return ids

    def categories(self, set_id: SetId | None = None) -> list[Category]:
        return [c for c in list(self.shelf.values()) if set_id in (None, c.set_id)]

    def add_category(
        self,
        name: str,
        prompts: Sequence[str] = (),
        *,
        set_id: SetId | None = None,
        mode: Mode = Mode.SUGGEST,
        examples: Sequence[PhotoId] = (),
        tag: str = "",
    ) -> Category:
        if any(c.name == name for c in self.shelf.values()):
            raise TagError(f"There is one called “{name}” already.")
        if set_id is None:
            set_id = next(iter(self.groups), None) or self.add_set("Categories").id
        made = Category(
            CategoryId(self._next()), set_id, name, tuple(prompts), tuple(examples), mode,
            tag=tag or name,
        )  # fmt: skip
        self.shelf[made.id] = made
        self._told()
        return made

    def change_category(self, entry: Category) -> None:
        if any(c.name == entry.name and c.id != entry.id for c in self.shelf.values()):
            raise TagError(f"There is one called “{entry.name}” already.")
        self.shelf[entry.id] = entry
        self._told()

    def remove_category(self, category_id: CategoryId) -> None:
        self.gone[category_id] = self.shelf.pop(category_id)
        self._told()

    def restore_categories(self, ids: Sequence[CategoryId]) -> None:
        for category_id in ids:
            entry = self.shelf[category_id] = self.gone.pop(category_id)
            if entry.set_id not in self.groups:
                self.groups[entry.set_id] = CategorySet(entry.set_id, "Restored")
        self._told()

    # -- scores --------------------------------------------------------------------------------

    def scores(
        self, category_id: CategoryId, photo_ids: Sequence[PhotoId] | None = None
    ) -> dict[PhotoId, float]:
        found = self._scores(self.shelf[category_id])
        return {id_: found[id_] for id_ in photo_ids} if photo_ids is not None else found

    def preview(
        self, category: Category, photo_ids: Sequence[PhotoId] | None = None
    ) -> dict[PhotoId, float]:
        self.previews.append(category)
        return self._scores(category)

    def _scores(self, category: Category) -> dict[PhotoId, float]:
        if self.no_model:
            raise ModelMissing(self.no_model)
        words = " ".join(category.prompts or (category.name,)).casefold()
        return {
            id_: (0.95 if photo.name.split(" ")[0] in words else 0.25) - id_ / 1000
            for id_, photo in self._library.shelf.items()
        }

    def assign(
        self, category_names: Sequence[str] | None = None, threshold: float | None = None
    ) -> list[Assignment]:
        """Photos of a category's colour belong to it; the higher their number, the less surely."""
        if self.no_model:
            raise ModelMissing(self.no_model)
        cut = 0.75 if threshold is None else threshold
        chosen = [c for c in self.categories() if c.name in (category_names or ())]
        found: list[Assignment] = []
        for id_, photo in self._library.shelf.items():
            colour, name = photo.name.split(" ")[0], None
            for category in chosen:
                if colour in " ".join(category.prompts or (category.name,)).casefold():
                    name = category.name
            score = 0.95 - id_ % 400 / 1000 if name is not None else 0.25
            best = name or chosen[0].name
            if score >= cut:
                found.append(Assignment(id_, best, score, None, 2 * score - 1))
            else:
                found.append(Assignment(id_, None, 1 - score, best, 1 - 2 * score))
        return found

    def states(self, set_id: SetId | None = None) -> list[CategoryState]:
        return [self._state(entry) for entry in self.categories(set_id)]

    def _state(self, entry: Category) -> CategoryState:
        scores = self._scores(entry)
        cut = self._cut(entry)
        reached = {id_ for id_, score in scores.items() if score >= cut}
        tagged = {id_ for id_, path in self.links if path == entry.tag}
        said = self._said(entry.id)
        accepted = sum(said.values())
        return CategoryState(
            entry, cut, Stage.CALIBRATED if said else Stage.PROMPT, accepted,
            len(said) - accepted, len(reached), len(tagged), len(reached - tagged - set(said)),
        )  # fmt: skip

    def _cut(self, entry: Category) -> float:
        return 0.5 if entry.threshold is None else entry.threshold

    def _said(self, category_id: CategoryId) -> dict[PhotoId, bool]:
        return {id_: said for (owner, id_), said in self.said.items() if owner == category_id}

    def suggestions(
        self,
        category_id: CategoryId,
        order: ReviewOrder = ReviewOrder.INFORMATIVE,
        limit: int = 60,
    ) -> list[Suggestion]:
        entry = self.shelf[category_id]
        said, cut = self._said(category_id), self._cut(entry)
        found = [
            Suggestion(id_, score, (id_, entry.tag) in self.links)
            for id_, score in self._scores(entry).items()
            if score >= cut and id_ not in said
        ]
        found.sort(key=lambda s: s.score, reverse=order is ReviewOrder.BEST)
        return found[:limit]

    def estimate(self, category_id: CategoryId, threshold: float | None = None) -> Estimate:
        entry = self.shelf[category_id]
        cut = self._cut(entry) if threshold is None else threshold
        photos = sum(score >= cut for score in self._scores(entry).values())
        share = Share(0.9, 0.8, 1.0)
        return Estimate(cut, photos, share, share, len(self._said(category_id)))

    def answer(
        self, category_id: CategoryId, ids: Sequence[PhotoId], accepted: bool | None
    ) -> TagUndo:
        tag = self.shelf[category_id].tag

        def change() -> None:
            for id_ in ids:
                self.said.pop((category_id, id_), None)
                if accepted is not None:
                    self.said[category_id, id_] = accepted
            if accepted:
                self._link(ids, tag)

        return self._undoable(change)

    def answers(self, category_id: CategoryId) -> list[Answer]:
        return [Answer(id_, said, 0.0) for id_, said in self._said(category_id).items()]

    def reset_learning(self, category_id: CategoryId) -> TagUndo:
        return self._undoable(lambda: [self.said.pop((category_id, id_))
                                       for id_ in self._said(category_id)])  # fmt: skip

    # -- ideas, runs ---------------------------------------------------------------------------

    def vocabulary(self) -> list[Concept]:
        return VOCABULARY

    def add_from_vocabulary(
        self, names: Sequence[str], *, set_id: SetId | None = None
    ) -> list[Category]:
        known = {concept.name: concept for concept in VOCABULARY}
        known |= {concept.chinese: concept for concept in VOCABULARY}
        return [self.add_category(name, known[name].prompts, set_id=set_id) for name in names]

    def suggest_categories(self) -> list[CategoryIdea]:
        return self.ideas

    def find_concepts(self, most: int = 40) -> Job[list[CategoryIdea]]:
        yield Progress(0, 1)
        return [CategoryIdea("blue", "About 20 photos seem to show it.", (), (), 20)]

    def misfiled(self) -> Job[list[Misfiled]]:
        yield Progress(0, 1)
        return self.lost

    def run(self, category_ids: Sequence[CategoryId] | None = None) -> Job[TagReport]:
        done: list[CategoryRun] = []
        run_id = TagRunId(self._next())
        entries = [c for c in self.categories() if c.mode is not Mode.OFF]
        yield Progress(0, len(entries))
        for entry in entries:
            if entry.mode is Mode.SUGGEST:
                waiting = self._state(entry).waiting
                done.append(CategoryRun(entry.name, entry.tag, (), 0.5, suggested=waiting))
                continue
            fresh = [
                id_
                for id_, score in self._scores(entry).items()
                if score >= self._cut(entry) and (id_, entry.tag) not in self.links
            ]
            self._link(fresh, entry.tag, 0.93)
            done.append(CategoryRun(entry.name, entry.tag, (), 0.5, added=len(fresh)))
            yield Progress(len(done), len(entries), entry.name)
        added = sum(entry.added for entry in done)
        if added:
            run = TagRun(
                run_id, RunKind.ASKED, 1_732_200_000.0, "demo", tuple(done), added, 0, added
            )
            self.made_runs.insert(0, run)
        self._told()
        return TagReport(run_id if added else None, 60, tuple(done), 0.1)

    def new_photos(self) -> Job[TagReport]:
        yield Progress(0, 0)
        return TagReport(None, 0, (), 0.0)

    def runs(self) -> list[TagRun]:
        return list(self.made_runs)

    def roll_back(self, run_id: TagRunId) -> RolledBack:
        taken = [key for key, tag in self.links.items() if tag.source is TagSource.ZERO_SHOT]
        for key in taken:
            del self.links[key]
        self.made_runs = [
            replace(run, held=0, undone_at=1.0) if run.id == run_id else run
            for run in self.made_runs
        ]
        self._told()
        return RolledBack(len(taken), 0, 0)

    def rest(self) -> None:
        self.rested += 1
