"""What a user asks: words, a picture or labels, each answered by one model from start to end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.background import Keeper
from engine.errors import ModelError, PhotoUnreadable
from engine.jobs import Job, R
from engine.meaning import Aim, aim_at, parts_of
from engine.pictures import model_input
from engine.query import (
    Contribution,
    PictureTerm,
    Query,
    language_note,
    mostly_unknown,
    read,
    unknown_note,
    unreadable_to,
)
from engine.search import NOTHING_CLEAR, arranged, by_facts, listed, ranked, without_matches
from engine.types import Box, LabelScore, ModelTest, Order, PhotoId, Scope, SearchResult
from engine.why import contributions

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.decode import DecoderPool
    from engine.priority import Gate
    from engine.settings import SettingsFile
    from engine.switching import InUse, Models
    from engine.vision.clip import ClipModel

log = logging.getLogger(__name__)

_UNSEEN = "{} has seen none of these photos yet; they are found once they are indexed with it."


class Answers:
    """Thread-safe. Work in the background makes room while one of these runs."""

    def __init__(
        self,
        catalog: Catalog,
        decoders: DecoderPool,
        models: Models,
        gate: Gate,
        settings: SettingsFile,
    ) -> None:
        self._catalog = catalog
        self._decoders = decoders
        self._models = models
        self._gate = gate
        self._settings = settings
        self._backgrounds = Keeper()

    def search(
        self,
        text: str,
        limit: int | None,
        scope: Scope,
        strictness: float | None = None,
        order: Order | None = None,
    ) -> SearchResult:
        """Photos for a query, best first; see `Library.search`."""
        asked = read(text)
        if strictness is None:
            strictness = self._settings.current.strictness
        strict = max(-1.0, min(1.0, strictness))
        with self._gate.asking():
            vectors = self._models.vectors()
            space_id = vectors.space_id if vectors else None
            shown_in = scope if order is None else replace(scope, order=order)
            ids = by_facts(self._catalog, asked, shown_in, space_id)
            if not asked.query.ranks:
                return listed(ids, limit)
            used = self._models.in_use()
            shown = self._but_the_asked(asked.query, ids)
            found = ranked(used.index, self._aim(used, asked.query), shown, limit, strict)
            info = used.clip.files.info
            if not found.hits and shown:
                return replace(found, note=_UNSEEN.format(info.title))
            foreign = language_note(asked.query.words, info.languages)
            unknown = used.clip.text.unknown(asked.query.words)
            words = asked.query.words
            guessed = mostly_unknown(words, unknown) or unreadable_to(words, info.languages)
            if guessed and not asked.query.pictures:
                found = without_matches(found, limit)
            if order is not None:
                found = arranged(found, ids)
            note = foreign or unknown_note(info.title, unknown)
            if note and found.note == NOTHING_CLEAR and not foreign:
                note = f"{note} {found.note}"
            return replace(found, note=note or found.note)

    def compare(
        self, text: str, model_id: str, limit: int = 50
    ) -> tuple[SearchResult, SearchResult]:
        """A query answered by the model in use and by another, to look at side by side.

        Both rank only photos that both have vectors of.

        Raises:
            QueryError: the text cannot be understood, with the position.
            ModelError: one of them is not usable.
        """
        asked = read(text)
        with self._gate.asking():
            used, other = self._models.in_use(), self._models.other(model_id)
            ids = by_facts(self._catalog, asked, Scope(), used.index.space_id)
            both = np.intersect1d(used.index.ready().ids(), other.index.ready().ids())
            common = set(both.tolist())
            ids = [photo_id for photo_id in ids if photo_id in common]
            if not asked.query.ranks:
                return listed(ids, limit), listed(ids, limit)
            strict = self._settings.current.strictness
            ours, theirs = (
                ranked(one.index, self._aim(one, asked.query), ids, limit, strict)
                for one in (used, other)
            )
            return ours, theirs

    def similar(self, photo: PhotoId | Path, box: Box | None, limit: int | None) -> SearchResult:
        """Photos that look like a picture or a part of it; see `Library.similar`."""
        with self._gate.asking():
            used = self._models.in_use()
            known = self._catalog.photos.find(photo) if isinstance(photo, Path) else photo
            aim = self._aim(used, Query(pictures=(PictureTerm(photo, box),)))
            all_ids = self._catalog.photos.ids(Scope())
            others = [i for i in all_ids if i != known or box is not None]
            return ranked(used.index, aim, others, limit, self._settings.current.strictness)

    def why(self, text: str, photo_id: PhotoId) -> list[Contribution]:
        """What each part of a query did for a photo, in the order of the query.

        Words and pictures by leave-one-out (docs/search.md); empty for plain filters, and for a
        photo that the model in use has not seen.

        Raises:
            QueryError: the text cannot be understood.
            ModelError: there is no usable model.
        """
        query = read(text).query
        if not query.ranks:
            return []
        with self._gate.asking():
            used = self._models.in_use()
            vector = used.index.vector(photo_id)
            return [] if vector is None else contributions(used, self._aim(used, query), vector)

    def heat(self, words: str, photo_id: PhotoId) -> NDArray[np.float32]:
        """Where in a photo the words are, as the model in use sees it.

        Returns:
            (rows, columns) of 0..1, row by row over the upright photo, whose parts that the model
            does not look at are NaN. All 0: nowhere more than anywhere.

        Raises:
            PhotoError: the photo cannot be read.
            ModelError: there is no usable model, or no way to look into it on this computer.

        Cost: two passes of the image tower, and loading it the first time.
        """
        from engine.vision.heat import over_photo, patches

        with self._gate.asking():
            used = self._models.in_use()
            pixels = model_input(self._decoders, used.clip.spec, self._path(photo_id), None)
            asked = used.clip.text.embed([words])[0]
            usual = self._backgrounds.of(used).prompts
            (photo,) = self._catalog.photos.page([photo_id], None)
            seen = patches(used.clip.files, pixels, asked, usual)
            return over_photo(seen, used.clip.spec, photo.width or 1, photo.height or 1)

    def warm_up(self) -> None:
        """Load what the first question needs; see `Library.warm_up`."""
        self._models.warm_up()
        self._backgrounds.of(self._models.in_use())

    def prepared(self, job: Job[R]) -> Job[R]:
        """Run a job that adds photos, then measure what questions are judged by."""
        report = yield from job
        try:
            used = self._models.in_use()
            if len(used.index.ready()):
                self._backgrounds.of(used)
        except ModelError as error:  # whoever asks next is told
            log.info("nothing was measured for the cut: %s", error)
        return report

    def classify(self, path: Path, labels: Sequence[str], template: str) -> list[LabelScore]:
        """How well each label fits a picture; see `Library.classify`."""
        from engine.vision.zero_shot import probabilities

        with self._gate.asking():
            clip = self._models.in_use().clip
            template = template or clip.template
            texts = clip.text.embed([template.replace("{}", label) for label in labels])
            vector, scale = self._embed_file(clip, path, None), clip.logit_scale
            shares = probabilities(vector, texts, scale, clip.logit_bias, sigmoid=clip.sigmoid)
        scores = [LabelScore(label, float(p)) for label, p in zip(labels, shares, strict=True)]
        return sorted(scores, key=lambda score: -score.probability)

    def with_figures(self, test: ModelTest, photo: Path) -> ModelTest:
        """A self-test with what the model says of the tutorials' photo, against what they say."""
        from engine.vision.known_figures import compare

        files = self._models.store.resolve(test.model_id, None)
        pixels = model_input(self._decoders, files.spec, photo, None)
        return replace(test, checks=(*test.checks, *compare(files, pixels)))

    def _path(self, photo_id: PhotoId) -> Path:
        path = self._catalog.photos.path_of(photo_id)
        if path is None:
            raise PhotoUnreadable(Path(), "is no longer in the library")
        return path

    def _embed_file(self, clip: ClipModel, path: Path, box: Box | None) -> NDArray[np.float32]:
        return clip.image.embed(model_input(self._decoders, clip.spec, path, box)[None])[0]

    def _picture(self, used: InUse, photo: PhotoId | Path, box: Box | None) -> NDArray[np.float32]:
        """(dim,): where a photo of the library, another file, or a part of it lies."""
        known = self._catalog.photos.find(photo) if isinstance(photo, Path) else photo
        if known is not None and box is None:
            vector = self._catalog.embeddings.vector(used.index.space_id, known)
            if vector is not None:
                return vector
        path = photo if isinstance(photo, Path) else self._path(photo)
        return self._embed_file(used.clip, path, box)

    def _but_the_asked(self, query: Query, ids: list[PhotoId]) -> list[PhotoId]:
        """Photos without those that the others are to be like: they are at hand already."""
        whole = [one.photo for one in query.pictures if one.box is None and one.weight > 0]
        found = {self._catalog.photos.find(p) if isinstance(p, Path) else p for p in whole}
        return [photo_id for photo_id in ids if photo_id not in found] if found else ids

    def _aim(self, used: InUse, query: Query) -> Aim:
        kept = self._backgrounds.of(used)
        vectors = used.index.ready()

        def picture(entry: PictureTerm) -> NDArray[np.float32]:
            return self._picture(used, entry.photo, entry.box)

        return aim_at(parts_of(used, query, kept, picture), vectors)
