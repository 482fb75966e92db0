"""What a user asks: words, a picture or labels, each answered by one model from start to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import PhotoUnreadable
from engine.pictures import model_input
from engine.query import Query, language_note, read
from engine.search import by_facts, listed, ranked
from engine.types import Box, LabelScore, ModelTest, PhotoId, Scope, SearchResult

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.decode import DecoderPool
    from engine.priority import Gate
    from engine.switching import InUse, Models
    from engine.vision.clip import ClipModel

_LESS = 0.5  # of what is not wanted is taken away: enough to push it down, not to seek its opposite
_UNSEEN = "{} has seen none of these photos yet; they are found once they are indexed with it."


class Answers:
    """Thread-safe. Work in the background makes room while one of these runs."""

    def __init__(self, catalog: Catalog, decoders: DecoderPool, models: Models, gate: Gate) -> None:
        self._catalog = catalog
        self._decoders = decoders
        self._models = models
        self._gate = gate

    def search(self, text: str, limit: int | None, scope: Scope) -> SearchResult:
        """Photos for a query, best first; see `Library.search`."""
        asked = read(text)
        with self._gate.asking():
            vectors = self._models.vectors()
            space_id = vectors.space_id if vectors else None
            ids = by_facts(self._catalog, asked, scope, space_id)
            if not asked.query.ranks:
                return listed(ids, limit)
            used = self._models.in_use()
            found = ranked(used.index, self._point(used, asked.query), ids, limit)
            info = used.clip.files.info
            if found.hits or not ids:
                return replace(found, note=language_note(asked.query.words, info.languages))
            return replace(found, note=_UNSEEN.format(info.title))

    def compare(self, text: str, model_id: str, limit: int) -> tuple[SearchResult, SearchResult]:
        """The same query answered by two models; see `Library.compare`."""
        asked = read(text)
        with self._gate.asking():
            used, other = self._models.in_use(), self._models.other(model_id)
            ids = by_facts(self._catalog, asked, Scope(), used.index.space_id)
            both = np.intersect1d(used.index.ready().ids(), other.index.ready().ids())
            common = set(both.tolist())
            ids = [photo_id for photo_id in ids if photo_id in common]
            if not asked.query.ranks:
                return listed(ids, limit), listed(ids, limit)
            ours, theirs = (
                ranked(one.index, self._point(one, asked.query), ids, limit)
                for one in (used, other)
            )
            return ours, theirs

    def similar(self, photo: PhotoId | Path, box: Box | None, limit: int | None) -> SearchResult:
        """Photos that look like a picture or a part of it; see `Library.similar`."""
        with self._gate.asking():
            used = self._models.in_use()
            known = self._catalog.photos.find(photo) if isinstance(photo, Path) else photo
            vector = self._picture(used, photo, box)
            all_ids = self._catalog.photos.ids(Scope())
            others = [i for i in all_ids if i != known or box is not None]
            return ranked(used.index, vector, others, limit)

    def classify(self, path: Path, labels: Sequence[str], template: str) -> list[LabelScore]:
        """How well each label fits a picture; see `Library.classify`."""
        from engine.vision.zero_shot import probabilities

        with self._gate.asking():
            clip = self._models.in_use().clip
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

    def _point(self, used: InUse, query: Query) -> NDArray[np.float32]:
        """(dim,): where what was asked for lies, words and pictures by their weights."""
        texts = [term.words for term in query.terms]
        vectors = list(used.clip.text.embed(texts)) if texts else []
        vectors += [self._picture(used, entry.photo, entry.box) for entry in query.pictures]
        if len(vectors) == 1 and all(term.weight > 0 for term in (*query.terms, *query.pictures)):
            return vectors[0]
        weights = [
            entry.weight if entry.weight > 0 else _LESS * entry.weight
            for entry in (*query.terms, *query.pictures)
        ]
        mixed = np.asarray(weights, np.float32) @ np.stack(vectors)
        length = float(np.linalg.norm(mixed))
        return mixed / length if length else vectors[0]
