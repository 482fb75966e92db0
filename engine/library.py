"""The door: a photo library on disk, the one object a user interface talks to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, replace
from pathlib import Path

from engine.answers import Answers
from engine.catalog import Catalog
from engine.detecting import Detecting
from engine.doctor import examine
from engine.duplicates import Duplicates
from engine.embedding_index import in_step
from engine.errors import DiskError, PhotoUnreadable
from engine.files.decode import DecoderPool
from engine.files.scan import Excludes
from engine.files.thumbnails import ThumbnailCache
from engine.filing import Filing
from engine.folders import Folders
from engine.indexing import Means, index
from engine.jobs import IndexReport, Job, ReconcileReport, drain
from engine.marking import Albums, Marking
from engine.pictures import preview
from engine.power import Power
from engine.priority import Gate
from engine.reconcile import reconcile
from engine.settings import Settings, SettingsFile
from engine.sidecars import Sidecars
from engine.sorting import Sorting
from engine.switching import Models
from engine.tagging import Tagging
from engine.types import (
    Box,
    CatalogChange,
    Counts,
    DirtyFolder,
    FolderCount,
    LabelScore,
    ModelInfo,
    ModelStatus,
    ModelTest,
    Order,
    Photo,
    PhotoDetail,
    PhotoId,
    Problem,
    RGBImage,
    Root,
    RootId,
    Scope,
    SearchResult,
    SpaceStatus,
    WatchStatus,
)
from engine.vision.models import ModelStore
from engine.vision.shelf import shelf

_MODELS = ("model_id", "next_model_id")
_RETRY_AFTER_S = 1800.0  # later looks give a drive or a permission time to come back


class Library:
    """A photo library: one data folder and any number of watched folders, in place.

    All methods may be called from any thread; jobs that write (`reconcile`, `index`) are meant
    to run one after the other.
    """

    def __init__(self, folder: Path, catalog: Catalog, settings: Settings) -> None:
        self.folder = folder
        self.notes: list[str] = list(catalog.notes)
        self._catalog = catalog
        self._thumbnails = ThumbnailCache(folder / "thumbnails")
        self._decoders = DecoderPool(settings.decoders or min(4, os.cpu_count() or 1))
        self._settings = SettingsFile(folder / "settings.json", settings)
        self._models = Models(catalog, folder / "vectors", self._settings, ModelStore())
        self._gate = Gate()
        self._answers = Answers(catalog, self._decoders, self._models, self._gate, self._settings)
        self.compare, self.why = self._answers.compare, self._answers.why
        self.heat = self._answers.heat
        self.query_values = catalog.photos.query_values  # for the completion of queries
        self.summary = catalog.summaries.of
        self.timeline, self.undated = catalog.timeline.months, catalog.timeline.undated
        self.spots = catalog.map_places.all  # where photos were taken
        self.pairs = catalog.pairs.all  # RAW photos, and what each is shown as
        self._power = Power()
        self._folders = Folders(catalog, folder, self._excludes)
        self.tagging = Tagging(catalog, self._models.in_use, folder)
        self.sorting = Sorting(catalog, folder)
        self.filing = Filing(catalog, self._excludes, folder)
        self.marking = Marking(catalog)
        self.sidecars = Sidecars(catalog, lambda: self.settings, folder)
        self.albums = Albums(catalog, self._answers.search)
        self.detecting = Detecting(
            *(catalog, self._decoders, lambda: self._models.store, folder),
            *(lambda: self.settings, self._gate),
        )
        self.duplicates = Duplicates(catalog, self._decoders, self._models.vectors, folder)
        self._retry_after_s = 0.0  # at the first look what could not be opened is tried at once

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
        library.notes += [*warnings, *library.filing.recover(), *library.duplicates.recover()]
        return library

    def close(self) -> None:
        """Stop watching and decoding, save the vector index, release the catalog."""
        self.unwatch()
        self.tagging.close()
        self.detecting.close()
        self._decoders.close()
        self._models.save()
        self._catalog.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def subscribe(self, listener: Callable[[CatalogChange], None]) -> Callable[[], None]:
        """Be told after each commit, on the thread that committed. Returns the way out."""
        return self._catalog.subscribe(listener)

    @property
    def settings(self) -> Settings:
        return self._settings.current

    def change_settings(self, settings: Settings) -> None:
        """Keep new settings, but for the models: see `use_model` and `prepare_model`.

        Raises:
            DiskError: nothing was changed.
        """
        before = self.settings
        chosen = {f.name: getattr(settings, f.name) for f in fields(settings)}
        self._settings.change(**{k: v for k, v in chosen.items() if k not in _MODELS})
        if settings.excludes != before.excludes:
            self._folders.watch_anew()

    # ---- folders ---------------------------------------------------------------------------

    def roots(self) -> list[Root]:
        return self._folders.all()

    def add_root(self, path: Path) -> Root:
        """Watch a folder. Adding one that is watched already returns it.

        Raises:
            RootError: not a folder, not readable, or part of the library's own data.
        """
        return self._folders.add(path)

    def forget_root(self, root_id: RootId) -> None:
        """Take a folder out of the library. Its files stay; adding it again brings all back."""
        self._folders.forget(root_id)

    def accept_missing(self, root_id: RootId) -> None:
        """The user says that the files which vanished from this folder are really deleted."""
        gone = [DirtyFolder(r.path, recursive=True) for r in self.roots() if r.id == root_id]
        job = reconcile(self._catalog, self._excludes(), gone, own=self.folder, accept_missing=True)
        drain(in_step(job, self._models.live))

    # ---- looking ---------------------------------------------------------------------------

    def counts(self) -> Counts:
        vectors = self._models.vectors()
        found = self._catalog.photos.counts(vectors.space_id if vectors else None)
        return replace(found, problems=found.problems + self.sidecars.failed())

    def folders(self) -> list[FolderCount]:
        return self._catalog.photos.folders()

    def photo_ids(self, scope: Scope) -> list[PhotoId]:
        return self._catalog.photos.ids(scope)

    def photos(self, ids: Sequence[PhotoId]) -> list[Photo]:
        vectors = self._models.vectors()
        return self._catalog.photos.page(ids, vectors.space_id if vectors else None)

    def detail(self, photo_id: PhotoId) -> PhotoDetail | None:
        vectors = self._models.vectors()
        return self._catalog.photos.detail(photo_id, vectors.space_id if vectors else None)

    def problems(self) -> list[Problem]:
        return [*self._catalog.problems.all(), *self.sidecars.problems()]

    def retry_problems(self, ids: Sequence[PhotoId] | None = None) -> int:
        """Have files read again by the next `index`; all of them when `ids` is None."""
        return self._catalog.problems.retry(ids) + self.sidecars.retry(ids)

    def thumbnail(self, photo_id: PhotoId) -> bytes:
        """A JPEG of at most 256 px, from the cache or decoded now. PhotoError: why not."""
        return preview(self._decoders, self._thumbnails, self._photo(photo_id))

    def picture(self, photo: PhotoId | Path, max_side: int | None = None) -> RGBImage:
        """A photo or any file, upright, whole or no larger than `max_side`. PhotoError: why not."""
        path = photo if isinstance(photo, Path) else self._photo(photo).path
        return self._decoders.picture(path, max_side)

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
        return in_step(job, self._models.live)

    def index(self) -> Job[IndexReport]:
        """Read what is unread and embed what has no vector yet, then prepare the next model."""
        models, size = self._models, self.settings.batch_size
        means = Means(self._catalog, self._decoders, self._thumbnails, models, self._gate, size)
        return self._answers.prepared(index(means))

    def _excludes(self) -> Excludes:
        return Excludes(self.settings.excludes)

    def may_work(self, input_idle_s: float) -> tuple[bool, str]:
        """Whether background work may go on now, or one sentence why it waits.

        Args:
            input_idle_s: seconds since the user last touched anything.

        Cost: 10 ms at most, and only every few seconds.
        """
        now = self.settings
        return self._power.may_work(
            input_idle_s, pause_on_battery=now.pause_on_battery, only_when_idle=now.only_when_idle
        )

    def on_battery(self) -> bool | None:
        """Whether the computer runs on its battery; None where that cannot be told."""
        return self._power.on_battery()

    # ---- search ----------------------------------------------------------------------------

    def search(
        self,
        text: str,
        limit: int | None = None,
        scope: Scope | None = None,
        strictness: float | None = None,
        order: Order | None = None,
    ) -> SearchResult:
        """Photos for a query, best first; `strictness` of -1 to 1, None: that of the settings.

        With an `order` what words and pictures rank is put in it, matches before weaker ones.

        Raises:
            QueryError: the text cannot be understood, with the position.
            ModelError: words were asked for and there is no usable model.
        """
        return self._answers.search(text, limit, scope or Scope(), strictness, order)

    def similar(
        self, photo: PhotoId | Path, box: Box | None = None, limit: int | None = 200
    ) -> SearchResult:
        """Photos that look like a photo of the library, another file, or a part of it.

        Raises:
            PhotoError: the file cannot be read.
            ModelError: there is no usable model.
        """
        return self._answers.similar(photo, box, limit)

    def classify(self, path: Path, labels: Sequence[str], template: str = "") -> list[LabelScore]:
        """How well each label fits a picture, best first; an empty template is the model's own.

        Probabilities among these labels, or of each for itself where the model was trained so
        (SigLIP).

        Raises:
            PhotoError: the file cannot be read.
            ModelError: there is no usable model.
        """
        return self._answers.classify(path, labels, template)

    # ---- models ----------------------------------------------------------------------------

    def models(self) -> list[ModelInfo]:
        """Every model to choose from, with what was begun to download and measured here."""
        return shelf(self._models.store)

    def model_status(self) -> ModelStatus:
        """The model that search uses. Loads nothing."""
        return self._models.status()

    def next_model(self) -> SpaceStatus | None:
        """The model whose vectors are being made, and how far they are; None when none is."""
        return self._models.upcoming()

    def spaces(self) -> list[SpaceStatus]:
        """Every model with vectors in this library: the one in use, the next one, the others."""
        return self._models.spaces()

    def warm_up(self) -> None:
        """Load text tower and vectors, so that the first search need not wait. Blocks: seconds."""
        self._answers.warm_up()

    def rest(self, idle_s: float) -> None:
        """Give back the memory of what nobody used for so long; it loads again when needed."""
        self._models.rest(idle_s)
        self.detecting.rest(idle_s)

    def prepare_model(self, model_id: str) -> ModelInfo:
        """Have `index` make a model's vectors beside those in use, and then change over to it.

        Changes over at once where nothing would be gained by waiting: see `next_model`.

        Raises:
            ModelError: it is not usable or failed its test, with the reason; the old one stays.
            DiskError: the choice could not be kept.
        """
        return self._models.prepare(model_id)

    def use_model(self, model_id: str) -> ModelInfo:
        """Search with another model from now on; `index` then makes what vectors it lacks.

        Raises:
            ModelError: it is not usable or failed its test; the old one stays.
            DiskError: the choice could not be kept.
        """
        return self._models.use(model_id)

    def cancel_switch(self) -> None:
        """Prepare no other model; the vectors made so far are kept."""
        self._models.cancel()

    def drop_vectors(self, model_id: str) -> None:
        """Delete the vectors of a model, as `spaces` names it. ModelError: it is in use."""
        self._models.drop_vectors(model_id)

    def remove_model(self, model_id: str) -> None:
        """Delete a download. ModelError: it is in use, or not ours to delete."""
        self._models.remove(model_id)

    def test_model(self, model_id: str, photo: Path | None = None) -> ModelTest:
        """Put a model to its self-test; with the photo of two cats to the known figures too.

        Raises:
            ModelError: there is none to test. PhotoError: the photo cannot be read.
        """
        test = self._models.test(model_id)
        return self._answers.with_figures(test, photo) if photo and test.passed else test

    def download_model(self, model_id: str) -> Job[ModelInfo]:
        """Fetch a model of the registry; progress in bytes. `DownloadFailed` says the remedy."""
        from engine.vision.download import download

        return download(model_id, self._models.store)

    def discard_download(self, model_id: str) -> int:
        """Delete what came of an unfinished download; gives the bytes. ModelError: it runs."""
        from engine.vision.download import discard

        return discard(model_id, self._models.store)

    # ---- live ------------------------------------------------------------------------------

    def watch(self, on_dirty: Callable[[frozenset[DirtyFolder]], None]) -> None:
        """Have folders marked dirty as they change; called on the watcher's own thread."""
        self._folders.watch(on_dirty)

    def unwatch(self) -> None:
        self._folders.unwatch()

    def watch_status(self) -> list[WatchStatus]:
        return self._folders.status()

    # ---- health ----------------------------------------------------------------------------

    def doctor(self) -> dict[str, object]:
        """Versions, model, index and what is wrong, for people and for reports."""
        return examine(self._catalog, self._models, self._power, self.folder)
