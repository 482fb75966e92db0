"""What every photo scores for every category: vectors read once, columns computed once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.expectations import expected
from engine.learning import Floats, Learned, learn, log_odds, sigmoid
from engine.tag_types import Category, CategoryId, CategorySet, Estimate, SetId, Stage
from engine.tagging.prompts import contrast_texts, ensemble, prompts_of, texts_for
from engine.tagging.scoring import (
    EXCLUSIVE_CUT,
    exclusive,
    exclusive_odds,
    index_of,
    library_cut,
    merged,
    sample,
    two_way,
)
from engine.types import Aspect, CatalogChange, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.switching import InUse
    from engine.vision.clip import TextTower

_COLUMNS = 600  # cosines kept: 240 MB for 100,000 photos, if ever so many prompts are asked
_OTHERS = 400  # photos without an answer, for learning
_BLOCK = 16_384  # photos at a time


@dataclass(frozen=True, slots=True)
class Column:
    """One category on the board.

    `scores` are log-odds of the photos `Sheet.ids`; `cut` is where they begin to belong.
    """

    category: Category
    scores: Floats  # (n,)
    learned: Learned
    cut: float
    default_cut: float  # before any answer
    known: Floats  # (n,) 1 accepted, 0 rejected, NaN without an answer

    @property
    def threshold(self) -> float:
        """The cut as a probability."""
        return float(sigmoid(np.array(self.cut)))


@dataclass(slots=True)
class Asked:
    """The model of one space, as far as it is asked here."""

    text: TextTower
    template: str
    factor: float
    points: dict[tuple[str, ...], NDArray[np.float32]]

    def point(self, texts: Sequence[str]) -> NDArray[np.float32]:
        key = tuple(texts)
        if key not in self.points:
            self.points[key] = ensemble(self.text.embed, texts)
        return self.points[key]


class Sheet:
    """The vectors of one moment and the model that made them; it never changes.

    `ids` are the photos in sight, ascending; all arrays of n rows are in their order.
    """

    def __init__(
        self,
        space_id: SpaceId,
        generation: int,
        asked: Asked,
        all_ids: NDArray[np.int64],
        vectors: NDArray[np.float32],
    ) -> None:
        self.space_id = space_id
        self.generation = generation
        self.asked = asked
        self._all_ids = all_ids
        self._vectors = vectors
        self._columns: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._rows = np.zeros(0, np.int64)
        self.ids = all_ids[:0]
        self.words: dict[SetId, tuple[object, Floats]] = {}

    def showing(self, visible: Sequence[int]) -> Sheet:
        """The same with these photos in sight: who holds the old one keeps its rows."""
        new = copy(self)  # vectors and what was computed of them are shared
        new._rows = np.sort(index_of(self._all_ids, sorted(visible)))
        new.ids = self._all_ids[new._rows]
        new.words = {}
        return new

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows), dim) of rows of `ids`."""
        return self._vectors[self._rows[rows]]

    def times(self, direction: NDArray[np.float32]) -> Floats:
        """(n,) products with one direction."""
        return (self._vectors @ direction)[self._rows].astype(np.float64)

    def cosines(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, k) cosines with k points (k, dim); those asked before cost nothing.

        Cost: 100,000 photos of 512 numbers and 60 points in .4 s.
        """
        keys = [point.tobytes() for point in points]
        fresh = [n for n, key in enumerate(keys) if key not in self._columns]
        if fresh:
            wanted = np.ascontiguousarray(points[fresh].T)
            found = np.empty((len(self._vectors), len(fresh)), np.float32, order="F")
            for start in range(0, len(found), _BLOCK):
                found[start : start + _BLOCK] = self._vectors[start : start + _BLOCK] @ wanted
            for place, n in enumerate(fresh):
                self._columns[keys[n]] = found[:, place]
        asked = np.empty((len(self._rows), len(keys)), np.float32, order="F")
        for n, key in enumerate(keys):
            self._columns.move_to_end(key)
            asked[:, n] = self._columns[key][self._rows]
        while len(self._columns) > max(_COLUMNS, len(keys)):
            self._columns.popitem(last=False)
        return asked


class Board:
    """Scores of all categories, kept in step with the catalog. Thread-safe: one asks at a time.

    Args:
        catalog: the truth.
        in_use: the model that answers with its vectors; raises ModelError without one.
    """

    def __init__(self, catalog: Catalog, in_use: Callable[[], InUse]) -> None:
        self._catalog = catalog
        self._in_use = in_use
        self._lock = threading.RLock()
        self._sheet: Sheet | None = None
        self._seen_stale = True
        self._asked: dict[SpaceId, Asked] = {}
        self._learned: dict[CategoryId, tuple[object, Learned, float]] = {}
        self.forget = catalog.subscribe(self._hear)

    def _hear(self, change: CatalogChange) -> None:
        if change.aspects & (Aspect.EXISTENCE | Aspect.ROOT | Aspect.FILE):
            self._seen_stale = True

    # ---- vectors -----------------------------------------------------------------------------

    def sheet(self) -> Sheet:
        """The vectors in use, read where they changed. Cost: .5 s for 100,000, else nothing.

        Raises:
            ModelError: there is no usable model.
        """
        with self._lock:
            used = self._in_use()
            space_id = used.index.space_id
            if space_id not in self._asked:
                self._asked = {
                    space_id: Asked(used.clip.text, used.clip.template, used.clip.logit_scale, {})
                }
            self._asked[space_id].text = used.clip.text
            generation = self._catalog.embeddings.generation(space_id)
            sheet = self._sheet
            if sheet is None or (sheet.space_id, sheet.generation) != (space_id, generation):
                sheet = self._sheet = Sheet(
                    space_id,
                    generation,
                    self._asked[space_id],
                    *self._catalog.embeddings.load_all(space_id),
                )
                self._seen_stale = True
            if self._seen_stale:
                self._seen_stale = False  # before looking: what comes meanwhile is looked at again
                sheet = self._sheet = sheet.showing(self._catalog.photos.ids())
            return sheet

    def rest(self) -> None:
        """Give the vectors' memory back; the next question reads them again."""
        with self._lock:
            self._sheet = None

    # ---- words -------------------------------------------------------------------------------

    def points(self, sheet: Sheet, texts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """(k, dim): where each group of texts lies in the model's space."""
        with self._lock:
            return np.stack([sheet.asked.point(group) for group in texts])

    def factor(self, sheet: Sheet) -> float:
        """What the model multiplies cosines with."""
        return sheet.asked.factor

    def logits(
        self, sheet: Sheet, categories: Sequence[Category], group: CategorySet
    ) -> tuple[Floats, Floats]:
        """Logits of a set's categories (n, k), and of what says nothing (n,).

        In an exclusive set a category begins to compete where `library_cut` lies, unless the user
        said what none of these is.
        """
        factor = sheet.asked.factor
        owned = [
            [
                texts_for(prompt, group.template, sheet.asked.template)
                for prompt in prompts_of(c.name, c.prompts)
            ]
            for c in categories
        ]
        texts = [t for texts in owned for t in texts]
        texts += [[t] for t in contrast_texts(group.contrast)]
        cosines = sheet.cosines(np.stack([sheet.asked.point(t) for t in texts]))
        cosines *= np.float32(factor)
        found = np.empty((len(sheet.ids), len(categories)), np.float64, order="F")
        start = 0
        for n, own in enumerate(owned):
            found[:, n] = merged(cosines[:, start : start + len(own)])
            start += len(own)
        contrast = merged(cosines[:, start:])
        if group.exclusive and not group.contrast:  # else each category's own cut has it
            for n in range(len(categories)):
                found[:, n] -= library_cut(two_way(found[:, n], contrast))
        return found, contrast

    def _words(
        self, sheet: Sheet, group: CategorySet, categories: Sequence[Category]
    ) -> tuple[object, Floats]:
        """What the words alone say: log-odds (n, k), and what they were computed from."""
        key = (group, tuple((c.id, c.name, c.prompts) for c in categories))
        if group.id in sheet.words and sheet.words[group.id][0] == key:
            return sheet.words[group.id]
        logits, contrast = self.logits(sheet, categories, group)
        if group.exclusive:
            odds = exclusive_odds(logits, contrast)
        else:
            odds = np.asfortranarray(two_way(logits, contrast[:, None]))
        sheet.words[group.id] = (key, odds)
        return key, odds

    # ---- columns -----------------------------------------------------------------------------

    def columns(
        self,
        group: CategorySet,
        categories: Sequence[Category],
        wanted: Sequence[CategoryId] | None = None,
        sheet: Sheet | None = None,
    ) -> tuple[Sheet, list[Column]]:
        """The scores of a set's categories, of all or of some.

        Args:
            group: the set.
            categories: all of its categories, since they compete in an exclusive set.
            wanted: those whose columns are needed; those that are not among them are left out.
            sheet: of which moment, where several columns are put side by side; None is now.
        """
        with self._lock:
            sheet = sheet or self.sheet()
            if not categories:  # a new set: nothing competes
                return sheet, []
            key, odds = self._words(sheet, group, categories)
            return sheet, [
                self._column(sheet, group, category, odds[:, n], key)
                for n, category in enumerate(categories)
                if wanted is None or category.id in wanted
            ]

    def _column(
        self, sheet: Sheet, group: CategorySet, category: Category, words: Floats, key: object
    ) -> Column:
        default_cut = EXCLUSIVE_CUT if group.exclusive else library_cut(words)
        answers = self._answers(category)
        known = np.full(len(sheet.ids), np.nan)
        for accepted in (True, False):
            ids = [photo_id for photo_id, said in answers.items() if said is accepted]
            known[index_of(sheet.ids, ids)] = float(accepted)
        if not category.learning or not (answers or category.examples):
            learned = Learned(Stage.PROMPT, 1.0, -default_cut)
        else:
            facts = (sheet.generation, key, tuple(answers.items()), category.examples)
            before = self._learned.get(category.id)
            if before is not None and before[0] == facts:
                learned = before[1]
                default_cut = before[2]
            else:
                learned = self._learn(sheet, category, words, answers, known, default_cut)
                self._learned[category.id] = (facts, learned, default_cut)
        scores = words
        if learned.direction is not None:
            scores = words + (sheet.times(learned.direction) - learned.offset)
        cut = learned.cut if category.threshold is None else log_odds(category.threshold)
        return Column(category, scores, learned, cut, default_cut, known)

    def _answers(self, category: Category) -> dict[int, bool]:
        """Answers by photo, oldest first; copies of one picture count once when learning."""
        found = sorted(self._catalog.categories.answers(category.id), key=lambda a: a.answered_at)
        return {answer.photo_id: answer.accepted for answer in found}

    def _learn(
        self,
        sheet: Sheet,
        category: Category,
        words: Floats,
        answers: Mapping[int, bool],
        known: Floats,
        default_cut: float,
    ) -> Learned:
        in_sight = {photo_id: row for row, photo_id in enumerate(sheet.ids.tolist())}
        asked = [photo_id for photo_id in answers if photo_id in in_sight]
        rows = np.asarray([in_sight[photo_id] for photo_id in asked], np.int64)
        said = np.asarray([answers[photo_id] for photo_id in asked], bool)
        rest = np.nonzero(np.isnan(known))[0]
        others = rest[sample(len(rest), _OTHERS, category.id)]
        examples = np.asarray([in_sight[i] for i in category.examples if i in in_sight], np.int64)
        return learn(
            words[rows],
            sheet.vectors(rows),
            said,
            default_cut,
            (words[others], sheet.vectors(others)),
            (words[examples], sheet.vectors(examples)),
        )

    # ---- what follows ------------------------------------------------------------------------

    def compete(
        self,
        sheet: Sheet,
        group: CategorySet,
        categories: Sequence[Category],
        chosen: Sequence[Column],
    ) -> Floats:
        """Chances (n, k + 1) of k columns of one exclusive set, and last of none of these.

        The set's other categories compete too: what is theirs is none of these.
        """
        with self._lock:
            logits, contrast = self.logits(sheet, categories, group)
            places = {category.id: n for n, category in enumerate(categories)}
            for column in chosen:
                learned = column.learned
                if learned.direction is not None:
                    moved = sheet.times(learned.direction) - learned.offset
                    logits[:, places[column.category.id]] += moved
            chances = exclusive(logits, contrast)[:, [places[c.category.id] for c in chosen]]
        return with_none(chances)


def with_none(chances: Floats) -> Floats:
    """Chances (n, k) with a last column for what they leave over."""
    return np.concatenate([chances, np.maximum(1 - chances.sum(1, keepdims=True), 0)], axis=1)


def estimate_of(column: Column, threshold: float | None) -> Estimate:
    """What to expect of a column at a threshold; None is its own."""
    cut = column.cut if threshold is None else log_odds(threshold)
    precision, recall = expected(column.learned, column.scores, cut, column.known)
    return Estimate(
        threshold=column.threshold if threshold is None else threshold,
        photos=int(np.count_nonzero(column.scores >= cut)),
        precision=precision,
        recall=recall,
        answers=column.learned.accepted + column.learned.rejected,
    )
