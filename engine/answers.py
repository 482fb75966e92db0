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
from engine.query import parse
from engine.search import by_facts, listed, ranked
from engine.types import Box, LabelScore, ModelTest, PhotoId, Scope, SearchResult

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.decode import DecoderPool
    from engine.priority import Gate
    from engine.switching import InUse, Models
    from engine.vision.clip import ClipModel


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
        query = parse(text)
        with self._gate.asking():
            vectors = self._models.vectors()
            space_id = vectors.space_id if vectors else None
            ids = by_facts(self._catalog, query, text, scope, space_id)
            if not query.words:
                return listed(ids, limit)
            used = self._models.in_use()
            found = ranked(used.index, _point(used, query.words), ids, limit)
            if found.hits or not ids:
                return found
            return replace(found, note=_UNSEEN.format(used.clip.files.info.title))

    def compare(self, text: str, model_id: str, limit: int) -> tuple[SearchResult, SearchResult]:
        """The same query answered by two models; see `Library.compare`."""
        query = parse(text)
        with self._gate.asking():
            used, other = self._models.in_use(), self._models.other(model_id)
            ids = by_facts(self._catalog, query, text, Scope(), used.index.space_id)
            both = np.intersect1d(used.index.ready().ids(), other.index.ready().ids())
            common = set(both.tolist())
            ids = [photo_id for photo_id in ids if photo_id in common]
            if not query.words:
                return listed(ids, limit), listed(ids, limit)
            ours, theirs = (
                ranked(one.index, _point(one, query.words), ids, limit) for one in (used, other)
            )
            return ours, theirs

    def similar(self, photo: PhotoId | Path, box: Box | None, limit: int | None) -> SearchResult:
        """Photos that look like a picture or a part of it; see `Library.similar`."""
        with self._gate.asking():
            used = self._models.in_use()
            known = self._catalog.photos.find(photo) if isinstance(photo, Path) else photo
            vector = None
            if known is not None and box is None:
                vector = self._catalog.embeddings.vector(used.index.space_id, known)
            if vector is None:
                path = photo if isinstance(photo, Path) else self._path(photo)
                vector = self._embed_file(used.clip, path, box)
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


def _point(used: InUse, words: str) -> NDArray[np.float32]:
    """(dim,): where these words lie in the model's space."""
    return used.clip.text.embed([words])[0]
