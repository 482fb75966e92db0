"""The door: a photo library on disk, the one object a user interface talks to."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.active_model import ActiveModel
from engine.catalog import Catalog
from engine.doctor import examine
from engine.embedding_index import EmbeddingIndex, in_step
from engine.errors import DiskError, ModelError, PhotoUnreadable, RootError
from engine.files.decode import DecoderPool
from engine.files.scan import Excludes
from engine.files.thumbnails import ThumbnailCache
from engine.indexing import Embedder, index
from engine.jobs import IndexReport, Job, ReconcileReport, drain
from engine.pictures import model_input, preview
from engine.query import parse
from engine.reconcile import reconcile
from engine.search import by_facts, listed, ranked
from engine.settings import Settings
from engine.types import (
    Box,
    CatalogChange,
    Counts,
    DirtyFolder,
    EmbeddingSpace,
    FolderCount,
    LabelScore,
    ModelInfo,
    ModelStatus,
    Photo,
    PhotoDetail,
    PhotoId,
    Problem,
    RGBImage,
    Root,
    RootId,
    Scope,
    SearchResult,
    WatchStatus,
)
from engine.vision.models import ModelStore

if TYPE_CHECKING:
    from engine.files.watch import Watcher
    from engine.vision.clip import ClipModel

_RETRY_AFTER_S = 1800.0  # later looks give a drive or a permission time to come back


class Library:
    """A photo library: one data folder and any number of watched folders, in place.

    All methods may be called from any thread; jobs that write (`reconcile`, `index`) are meant
    to run one after the other.
    """

    def __init__(self, folder: Path, catalog: Catalog, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.notes: list[str] = list(catalog.notes)
        self._catalog = catalog
        self._thumbnails = ThumbnailCache(folder / "thumbnails")
        workers = settings.decoders or min(4, os.cpu_count() or 1)
        self._decoders = DecoderPool(workers)
        self._models = ModelStore()
        self._model = ActiveModel(self._models, settings.model_id)
        self._indexes: dict[EmbeddingSpace, EmbeddingIndex] = {}
        self._lock = threading.RLock()
        self._watcher: Watcher | None = None
        self._retry_after_s = 0.0  # at the first look what could not be opened is tried at once
        self._on_dirty: Callable[[frozenset[DirtyFolder]], None] = lambda _: None

    @classmethod
    def open(cls, folder: Path) -> Library:
        """Open a library, or make one where there is none.

        Raises:
            CatalogError: it is in use, damaged without a backup, or of a newer Photosift.
            DiskError: the folder cannot be written.
        """
        folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DiskError(f"The library folder {folder} cannot be made: {error}.") from error
        settings, warnings = Settings.load(folder / "settings.json")
        library = cls(folder, Catalog.open(folder / "catalog.db"), settings)
        library.notes += warnings
        return library

    def close(self) -> None:
        """Stop watching and decoding, save the vector index, release the catalog."""
        self.unwatch()
        self._decoders.close()
        with self._lock:
            for vectors in self._indexes.values():
                vectors.save()
        self._catalog.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def subscribe(self, listener: Callable[[CatalogChange], None]) -> Callable[[], None]:
        """Be told after each commit, on the thread that committed. Returns the way out."""
        return self._catalog.subscribe(listener)

    def change_settings(self, settings: Settings) -> None:
        """Keep new settings. A changed model is for `use_model`, which checks it first."""
        try:
            settings.save(self.folder / "settings.json")
        except OSError as error:
            raise DiskError(f"The settings could not be saved: {error}.") from error
        excludes_changed = settings.excludes != self.settings.excludes
        self.settings = settings
        if excludes_changed and self._watcher is not None:
            on_dirty = self._on_dirty
            self.unwatch()
            self.watch(on_dirty)

    # ---- folders ---------------------------------------------------------------------------

    def roots(self) -> list[Root]:
        return self._catalog.roots.all()

    def add_root(self, path: Path) -> Root:
        """Watch a folder. Adding one that is watched already returns it.

        Raises:
            RootError: not a folder, not readable, or part of the library's own data.
        """
        path = Path(os.path.abspath(path))  # noqa: PTH100
        if not os.path.isdir(path):  # noqa: PTH112 - never raises, whatever the name
            raise RootError(f"{path} is not a folder.")
        if not os.access(path, os.R_OK | os.X_OK):
            raise RootError(f"{path} cannot be read: no permission.")
        real, own = path.resolve(), self.folder.resolve()
        if real == own or own in real.parents:
            raise RootError(f"{path} belongs to the library's own data and holds no photos.")
        for known in self.roots():  # the same folder by another name
            if known.path.is_dir() and known.path.resolve() == real:
                path = known.path
        stat = path.stat()
        root = self._catalog.roots.add(path, (stat.st_dev, stat.st_ino))
        self._watch_roots()
        return root

    def forget_root(self, root_id: RootId) -> None:
        """Take a folder out of the library. Its files stay; adding it again brings all back."""
        self._catalog.roots.forget(root_id)
        self._watch_roots()

    def accept_missing(self, root_id: RootId) -> None:
        """The user says that the files which vanished from this folder are really deleted."""
        roots = [root for root in self.roots() if root.id == root_id]
        for root in roots:
            mark = DirtyFolder(root.path, recursive=True)
            job = reconcile(
                self._catalog, self._excludes(), [mark], own=self.folder, accept_missing=True
            )
            drain(in_step(job, [*self._indexes.values()]))

    # ---- looking ---------------------------------------------------------------------------

    def counts(self) -> Counts:
        vectors = self._vectors()
        return self._catalog.photos.counts(vectors.space_id if vectors else None)

    def folders(self) -> list[FolderCount]:
        return self._catalog.photos.folders()

    def photo_ids(self, scope: Scope) -> list[PhotoId]:
        return self._catalog.photos.ids(scope)

    def photos(self, ids: Sequence[PhotoId]) -> list[Photo]:
        vectors = self._vectors()
        return self._catalog.photos.page(ids, vectors.space_id if vectors else None)

    def detail(self, photo_id: PhotoId) -> PhotoDetail | None:
        vectors = self._vectors()
        return self._catalog.photos.detail(photo_id, vectors.space_id if vectors else None)

    def problems(self) -> list[Problem]:
        return self._catalog.problems.all()

    def retry_problems(self, ids: Sequence[PhotoId] | None = None) -> int:
        """Have files read again by the next `index`; all of them when `ids` is None."""
        return self._catalog.problems.retry(ids)

    def thumbnail(self, photo_id: PhotoId) -> bytes:
        """A JPEG of at most 256 px, from the cache or decoded now.

        Raises:
            PhotoError: with the reason.
        """
        return preview(self._decoders, self._thumbnails, self._photo(photo_id))

    def picture(self, photo_id: PhotoId, max_side: int | None = None) -> RGBImage:
        """The upright photo, whole or no larger than `max_side`.

        Raises:
            PhotoError: with the reason.
        """
        return self._decoders.picture(self._photo(photo_id).path, max_side)

    def _photo(self, photo_id: PhotoId) -> Photo:
        found = self._catalog.photos.page([photo_id], None)
        if not found:
            raise PhotoUnreadable(Path(), "is no longer in the library")
        return found[0]

    # ---- jobs ------------------------------------------------------------------------------

    def reconcile(self, dirty: Collection[DirtyFolder] | None = None) -> Job[ReconcileReport]:
        """Compare the disk with the catalog: everything, or the folders marked dirty."""
        self._catalog.backup_if_due()
        if dirty is None:
            again_after_s, self._retry_after_s = self._retry_after_s, _RETRY_AFTER_S
            self._catalog.problems.retry_passing(again_after_s)
        job = reconcile(self._catalog, self._excludes(), dirty, own=self.folder)
        return in_step(job, [*self._indexes.values()])

    def index(self) -> Job[IndexReport]:
        """Read what is unread and embed what has no vector yet."""
        embedder = self._embedder()
        job = index(
            self._catalog, self._decoders, self._thumbnails, embedder, self.settings.batch_size
        )
        return in_step(job, [*self._indexes.values()], embedder and embedder.index)

    def _excludes(self) -> Excludes:
        return Excludes(self.settings.excludes)

    def _embedder(self) -> Embedder | None:
        vectors = self._vectors()
        if vectors is None:
            return None
        try:
            clip = self._model.clip()
        except ModelError:
            return None
        return Embedder(clip.spec, clip.image, vectors)

    def _vectors(self) -> EmbeddingIndex | None:
        """The vectors of the active embedding space; None without a usable model."""
        files = self._model.files_or_none()
        if files is None:
            return None
        with self._lock:
            if files.space not in self._indexes:
                self._indexes[files.space] = EmbeddingIndex(
                    self._catalog, files.space, self.folder / "vectors"
                )
            return self._indexes[files.space]

    # ---- search ----------------------------------------------------------------------------

    def search(
        self, text: str, limit: int | None = None, scope: Scope | None = None
    ) -> SearchResult:
        """Photos for a query, best first.

        Raises:
            QueryError: the text cannot be understood, with the position.
            ModelError: words were asked for and there is no usable model.
        """
        query = parse(text)
        vectors = self._vectors()
        space_id = vectors.space_id if vectors else None
        ids = by_facts(self._catalog, query, text, scope or Scope(), space_id)
        if not query.words:
            return listed(ids, limit)
        clip = self._model.clip()
        return ranked(self._need(vectors), clip.text.embed([query.words])[0], ids, limit)

    def similar(
        self, photo: PhotoId | Path, box: Box | None = None, limit: int | None = 200
    ) -> SearchResult:
        """Photos that look like a photo of the library, another file, or a part of it.

        Raises:
            PhotoError: the file cannot be read.
            ModelError: there is no usable model.
        """
        clip = self._model.clip()
        vectors = self._need(self._vectors())
        known = self._catalog.photos.find(photo) if isinstance(photo, Path) else photo
        vector = None
        if known is not None and box is None:
            vector = self._catalog.embeddings.vector(vectors.space_id, known)
        if vector is None:
            path = photo if isinstance(photo, Path) else self._photo(photo).path
            vector = self._embed_file(clip, path, box)
        others = [i for i in self._catalog.photos.ids(Scope()) if i != known or box is not None]
        return ranked(vectors, vector, others, limit)

    def classify(
        self, path: Path, labels: Sequence[str], template: str = "a photo of a {}"
    ) -> list[LabelScore]:
        """How well each label fits a picture; probabilities among these labels, best first.

        Raises:
            PhotoError: the file cannot be read.
            ModelError: there is no usable model.
        """
        from engine.vision.zero_shot import probabilities

        clip = self._model.clip()
        texts = clip.text.embed([template.replace("{}", label) for label in labels])
        shares = probabilities(self._embed_file(clip, path, None), texts, clip.logit_scale)
        scores = [LabelScore(label, float(p)) for label, p in zip(labels, shares, strict=True)]
        return sorted(scores, key=lambda score: -score.probability)

    def _embed_file(self, clip: ClipModel, path: Path, box: Box | None) -> NDArray[np.float32]:
        return clip.image.embed(model_input(self._decoders, clip.spec, path, box)[None])[0]

    def _need(self, vectors: EmbeddingIndex | None) -> EmbeddingIndex:
        if vectors is None:
            raise ModelError(self._model.status().reason or "There is no usable model.")
        return vectors

    # ---- models ----------------------------------------------------------------------------

    def models(self) -> list[ModelInfo]:
        return self._models.all()

    def model_status(self) -> ModelStatus:
        return self._model.status()

    def warm_up(self) -> None:
        """Load the text tower, so that the first search need not wait. Blocks for seconds."""
        self._model.clip().text.load()
        vectors = self._vectors()
        if vectors is not None:
            vectors.ready()

    def use_model(self, model_id: str) -> ModelInfo:
        """Search with another model from now on; `index` then makes what vectors it lacks.

        Raises:
            ModelError: it is not usable; the old one stays.
        """
        files = self._model.choose(model_id)
        self.change_settings(replace(self.settings, model_id=files.info.id))
        return files.info

    def download_model(self, model_id: str) -> Job[ModelInfo]:
        """Fetch a model of the registry; progress in bytes. `DownloadFailed` says the remedy."""
        from engine.vision.download import download

        return download(model_id, self._models)

    # ---- live ------------------------------------------------------------------------------

    def watch(self, on_dirty: Callable[[frozenset[DirtyFolder]], None]) -> None:
        """Have folders marked dirty as they change; called on the watcher's own thread."""
        from engine.files.watch import Watcher

        self._on_dirty = on_dirty
        if self._watcher is None:
            self._watcher = Watcher(on_dirty, self._excludes())
        self._watch_roots()

    def unwatch(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()

    def watch_status(self) -> list[WatchStatus]:
        return self._watcher.status() if self._watcher else []

    def _watch_roots(self) -> None:
        if self._watcher is not None:
            self._watcher.set_roots([root.path for root in self.roots()])

    # ---- health ----------------------------------------------------------------------------

    def doctor(self) -> dict[str, object]:
        """Versions, model, index and what is wrong, for people and for reports."""
        return examine(self._catalog, self._model, self._vectors(), self.folder)
