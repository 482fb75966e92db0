"""Which vectors a library has, by model; the live index of each embedding space."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.embedding_index import EmbeddingIndex
from engine.errors import ModelError
from engine.types import EmbeddingSpace, ModelInfo, ModelSource, SpaceId, SpaceStatus

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.open_model import OpenModel
    from engine.vision.clip import ClipModel, ImageTower
    from engine.vision.models import ModelFiles, ModelStore

_LOCAL = "local"  # what the space of a folder's model is called: its place does not matter
_ROW_BYTES = 48  # of SQLite and Faiss, beside the vector in each
_GONE = "The model's files are not on this computer."


@dataclass(frozen=True, slots=True)
class InUse:
    """A model and its vectors, taken together once per question: so spaces never mix."""

    clip: ClipModel
    index: EmbeddingIndex


@dataclass(frozen=True, slots=True)
class Embedder:
    """What makes photos searchable with one model.

    `wanted` turns false when the user changes their mind; nothing is stored from then on.
    `live` says that search uses the index, so that it is kept in memory.
    """

    model: OpenModel
    clip: ClipModel
    index: EmbeddingIndex
    wanted: Callable[[], bool]
    live: bool

    @property
    def tower(self) -> ImageTower:
        return self.clip.image

    @property
    def title(self) -> str:
        return self.clip.files.info.title


@dataclass(frozen=True, slots=True)
class NamedSpace:
    """A space of the catalog with the name by which the user may speak of it.

    That of a model on this computer is the model's id. The vectors of one that is gone, or of
    an earlier revision, are named after it, with the revision where that would be ambiguous.
    """

    id: SpaceId
    space: EmbeddingSpace
    name: str
    title: str
    here: bool
    vectors: int


class ModelSpaces:
    """Thread-safe.

    Args:
        catalog: the truth about vectors.
        folder: where the vector indexes are kept.
        store: the models on this computer.
    """

    def __init__(self, catalog: Catalog, folder: Path, store: ModelStore) -> None:
        self._catalog = catalog
        self._folder = folder
        self._store = store
        self._lock = threading.Lock()
        self._live: dict[EmbeddingSpace, EmbeddingIndex] = {}

    def of(self, files: ModelFiles) -> EmbeddingIndex:
        """The vectors of a model; nothing is loaded yet."""
        with self._lock:
            if files.space not in self._live:
                self._live[files.space] = EmbeddingIndex(self._catalog, files.space, self._folder)
            return self._live[files.space]

    def live(self) -> list[EmbeddingIndex]:
        """Those that were asked for since the start."""
        with self._lock:
            return [*self._live.values()]

    def save(self) -> None:
        """Write every vector index that changed."""
        for index in self.live():
            index.save()

    def rest(self, now: float, idle_s: float, active: EmbeddingSpace | None) -> None:
        """Free the indexes that nobody used for so long, but for the active one."""
        for index in self.live():
            if index.space != active:
                index.rest(now, idle_s)

    def drop(self, named: NamedSpace) -> None:
        """Delete the vectors of a space, and what was built from them."""
        self._catalog.embeddings.drop_space(named.id)
        with self._lock:
            index = self._live.pop(named.space, None)
        (index or EmbeddingIndex(self._catalog, named.space, self._folder)).remove()

    def named(self) -> list[NamedSpace]:
        """Every space that was ever used, also without vectors."""
        found: list[NamedSpace] = []
        for space_id, space, vectors in self._catalog.embeddings.spaces():
            info, ambiguous = self._whose(space)
            name = info.id if info else space.model_id
            title = info.title if info else self.title(space.model_id)
            if info is None and (ambiguous or any(name == other.name for other in found)):
                name = f"{space.model_id}@{space.revision[:12]}"
            found.append(NamedSpace(space_id, space, name, title, info is not None, vectors))
        return found

    def _whose(self, space: EmbeddingSpace) -> tuple[ModelInfo | None, bool]:
        """The model on this computer whose vectors these are, or whether its name is taken."""
        candidates = [space.model_id]
        if space.model_id == _LOCAL:
            folders = (i for i in self._store.all() if i.source is ModelSource.FOLDER)
            candidates = [info.id for info in reversed([*folders])]  # the latest place first
        there = space.model_id == _LOCAL
        for model_id in candidates:
            try:
                files = self._store.resolve(model_id)
            except ModelError:
                continue
            if files.space == space:
                return files.info, False
            there = True
        return None, there

    def title(self, model_id: str) -> str:
        """What to call a model that may not be there."""
        if model_id == _LOCAL:
            return "A model from a folder"
        try:
            return self._store.info(model_id).title
        except ModelError:
            return model_id

    def status(
        self, named: NamedSpace, *, active: bool, upcoming: bool, stopped: str = ""
    ) -> SpaceStatus:
        """How complete a space is. Cost: 60 ms for 100,000 photos."""
        counts = self._catalog.photos.counts(named.id)
        embedded = counts.photos - counts.not_searchable
        return SpaceStatus(
            model_id=named.name,
            title=named.title,
            embedded=embedded,
            total=embedded + len(self._catalog.photos.without_embedding(named.id)),
            bytes=named.vectors * 2 * (2 * named.space.dim + _ROW_BYTES),
            active=active,
            upcoming=upcoming,
            usable=named.here,
            reason=stopped if named.here else _GONE,
        )
