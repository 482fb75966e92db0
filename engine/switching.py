"""The models of one library: the one that search uses, the next one, and each one's vectors.

A new model's vectors are made beside the old. Replacing the settings file is the one moment at
which search changes over; what is in memory follows by replacing one reference.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ModelError
from engine.model_spaces import Embedder, InUse, ModelSpaces, NamedSpace
from engine.open_model import OpenModel, accepted, tested
from engine.settings import SettingsFile
from engine.types import (
    EmbeddingSpace,
    ModelInfo,
    ModelSource,
    ModelStatus,
    ModelTest,
    PhotoId,
    SpaceStatus,
)

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.embedding_index import EmbeddingIndex
    from engine.vision.models import ModelFiles, ModelStore

log = logging.getLogger(__name__)

_IMAGE_TOWER_RESTS_S = 60.0  # at most: it is large, and after indexing seldom needed


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which model is which, at one moment."""

    active: OpenModel
    upcoming: OpenModel | None = None
    stopped: str = ""  # what the preparation of `upcoming` stopped at


class Models:
    """Who answers, who is prepared, and which vectors there are. Thread-safe.

    Questions never wait for a change: they read one reference. Changes wait for each other.

    Args:
        catalog: the truth about vectors.
        folder: where the vector indexes are kept.
        settings: remembers `model_id` and `next_model_id`.
        store: the models on this computer.
        clock: seconds, monotonic; the same that towers note their last use with.
    """

    def __init__(
        self,
        catalog: Catalog,
        folder: Path,
        settings: SettingsFile,
        store: ModelStore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._catalog = catalog
        self._settings = settings
        self._clock = clock
        self._changing = threading.RLock()
        self._lock = threading.Lock()
        self._opened: dict[str, OpenModel] = {}
        self._spaces = ModelSpaces(catalog, folder, store)
        ids = settings.current
        upcoming = ids.next_model_id if ids.next_model_id != ids.model_id else ""
        self._chosen = _Chosen(
            self._model(ids.model_id), self._model(upcoming) if upcoming else None
        )

    # ---- the model in use --------------------------------------------------------------------

    def vectors(self) -> EmbeddingIndex | None:
        """The vectors of the active embedding space; None without a usable model."""
        files = self._chosen.active.files_or_none()
        return None if files is None else self._spaces.of(files)

    def in_use(self) -> InUse:
        """What answers a question from its beginning to its end.

        Raises:
            ModelError: there is no usable model; with the remedy.
        """
        return self._whole(self._chosen.active)

    def other(self, model_id: str) -> InUse:
        """Another model with its vectors, to compare.

        Raises:
            ModelError: it is not usable.
        """
        return self._whole(self._model(accepted(self.store, model_id).info.id))

    def status(self) -> ModelStatus:
        """What to show of the model in use. Loads nothing."""
        return self._chosen.active.status()

    def warm_up(self) -> None:
        """Load the text tower and the vectors of the model in use. Blocks for seconds."""
        used = self.in_use()
        used.clip.text.load()
        used.index.ready()

    def live(self) -> list[EmbeddingIndex]:
        """The vector indexes that may be in memory, whoever's they are."""
        return self._spaces.live()

    def rest(self, idle_s: float) -> None:
        """Unload what nobody used for so long; the next use loads it again."""
        now = self._clock()
        with self._lock:
            opened = [*self._opened.values()]
        for model in opened:
            model.rest(now, min(idle_s, _IMAGE_TOWER_RESTS_S), idle_s)
        files = self._chosen.active.files_or_none()
        self._spaces.rest(now, idle_s, files.space if files else None)

    def save(self) -> None:
        """Write every vector index that changed."""
        self._spaces.save()

    # ---- choosing ----------------------------------------------------------------------------

    def prepare(self, model_id: str) -> ModelInfo:
        """Have a model's vectors made beside those in use; see `complete`.

        Where nothing would be gained by waiting, search changes over at once: the old model is
        not usable or has no vectors, or the new one has all of them.

        Raises:
            ModelError: it is not usable, or failed its test; nothing was changed.
            DiskError: the choice could not be kept; nothing was changed.
        """
        files = tested(self.store, model_id)
        with self._changing:
            model = self._fresh(files)
            active = self._chosen.active
            if _space_of(active) == files.space:
                self._choose(_Chosen(active))  # as it is: nothing is to be prepared any more
            elif self._worth_waiting(self.vectors(), self._spaces.of(files)):
                self._choose(_Chosen(active, model))
            else:
                self._choose(_Chosen(model))
        return files.info

    def _worth_waiting(self, old: EmbeddingIndex | None, new: EmbeddingIndex) -> bool:
        return (
            old is not None
            and self._catalog.embeddings.count(old.space_id) > 0
            and len(self._catalog.photos.without_embedding(new.space_id)) > 0
        )

    def use(self, model_id: str) -> ModelInfo:
        """Search with this model from now on, whether its vectors are complete or not.

        Raises:
            ModelError: it is not usable, or failed its test; nothing was changed.
            DiskError: the choice could not be kept; nothing was changed.
        """
        files = tested(self.store, model_id)
        with self._changing:
            model = self._fresh(files)
            upcoming = self._chosen.upcoming
            self._choose(_Chosen(model, None if upcoming is model else upcoming))
        return files.info

    def cancel(self) -> None:
        """Prepare no other model. Vectors made so far are kept."""
        with self._changing:
            self._choose(_Chosen(self._chosen.active))

    def complete(self, model: OpenModel, beyond_reach: Collection[PhotoId] = ()) -> bool:
        """Let search change over to a prepared model, if all its vectors are there.

        Args:
            model: the one whose vectors were made.
            beyond_reach: photos that it was tried with in vain.

        Returns:
            Whether search uses it from now on.

        Raises:
            ModelError: its text tower cannot be loaded; the old model stays.
            DiskError: the choice could not be kept; the old model stays.
        """
        if self._chosen.upcoming is not model or not self._all_there(model, beyond_reach):
            return False
        whole = self._whole(model)
        whole.index.catch_up()
        whole.index.ready()  # search shall not wait for it after the change
        whole.index.save()
        whole.clip.text.load()
        with self._changing:
            old = self._chosen
            if old.upcoming is not model:
                return False
            self._choose(_Chosen(model))
        old.active.rest(self._clock(), 0.0, float("inf"))  # going back needs its text tower only
        log.info("search uses %s from now on", model.id)
        return True

    def _all_there(self, model: OpenModel, beyond_reach: Collection[PhotoId]) -> bool:
        left = self._catalog.photos.without_embedding(self._spaces.of(model.files()).space_id)
        return not set(left).difference(beyond_reach)

    def stop(self, model: OpenModel, reason: str) -> None:
        """Note why a model cannot be prepared further; the next run tries again."""
        with self._changing:
            chosen = self._chosen
            if chosen.upcoming is model:
                self._chosen = _Chosen(chosen.active, model, reason)

    def _choose(self, chosen: _Chosen) -> None:
        """The moment of change: the settings file first, then what is in memory."""
        self._settings.change(
            model_id=chosen.active.id,
            next_model_id=chosen.upcoming.id if chosen.upcoming else "",
        )
        self._chosen = chosen

    # ---- what indexing needs -----------------------------------------------------------------

    def check_again(self) -> None:
        """Before a run of indexing: are the files still those that were checked?"""
        chosen = self._chosen
        for model in (chosen.active, chosen.upcoming):
            if model is not None:
                model.check_again()

    def embedder(self) -> Embedder | None:
        """For the model in use; None where there is no usable one: photos are read only."""
        model = self._chosen.active
        try:
            whole = self._whole(model)
        except ModelError:
            return None

        def wanted() -> bool:
            return self._chosen.active is model

        return Embedder(model, whole.clip, whole.index, wanted, live=True)

    def next_embedder(self) -> Embedder | None:
        """For the model being prepared; None where there is none, or it is not usable."""
        model = self._chosen.upcoming
        if model is None:
            return None
        try:
            whole = self._whole(model)
        except ModelError as error:
            self.stop(model, str(error))
            return None

        def wanted() -> bool:
            chosen = self._chosen
            return model in (chosen.active, chosen.upcoming)

        return Embedder(model, whole.clip, whole.index, wanted, live=False)

    # ---- what there is -----------------------------------------------------------------------

    def upcoming(self) -> SpaceStatus | None:
        """How far the model being prepared is; None when none is."""
        chosen = self._chosen
        model = chosen.upcoming
        if model is None:
            return None
        files = model.files_or_none()
        if files is None:
            title = self._spaces.title(model.id)
            total = self._catalog.photos.counts(None).photos
            return SpaceStatus(model.id, title, 0, total, 0, False, True, False, model.reason)
        space_id = self._spaces.of(files).space_id
        vectors = self._catalog.embeddings.count(space_id)
        named = NamedSpace(space_id, files.space, model.id, files.info.title, True, vectors)
        return self._spaces.status(named, active=False, upcoming=True, stopped=chosen.stopped)

    def spaces(self) -> list[SpaceStatus]:
        """Every model with vectors in this library: the one in use, the next one, the others."""
        chosen = self._chosen
        active, upcoming = _space_of(chosen.active), _space_of(chosen.upcoming)
        found = [
            self._spaces.status(
                named,
                active=named.space == active,
                upcoming=named.space == upcoming,
                stopped=chosen.stopped if named.space == upcoming else "",
            )
            for named in self._named(chosen)
            if named.vectors or named.space in (active, upcoming)
        ]
        return sorted(found, key=lambda s: (not s.active, not s.upcoming, -s.embedded))

    def _named(self, chosen: _Chosen) -> list[NamedSpace]:
        """With the names of the chosen ones first: a folder's model may have copies elsewhere."""
        ours: dict[EmbeddingSpace, ModelInfo] = {}
        for model in (chosen.upcoming, chosen.active):
            if model is not None and (files := model.files_or_none()) is not None:
                ours[files.space] = files.info
        return [
            named
            if (info := ours.get(named.space)) is None
            else replace(named, name=info.id, title=info.title)
            for named in self._spaces.named()
        ]

    def test(self, model_id: str) -> ModelTest:
        """The self-test with every check.

        Raises:
            ModelError: the files are not there or are no model that we accept.
        """
        from engine.vision import self_test

        return self_test.run(self.store.resolve(model_id, None))

    def drop_vectors(self, model_id: str) -> None:
        """Delete the vectors of a model that search does not use.

        Args:
            model_id: as `spaces` names it.

        Raises:
            ModelError: it is in use, or has no vectors.
        """
        named = next((n for n in self._named(self._chosen) if n.name == model_id), None)
        if named is None or not named.vectors:
            raise ModelError(f"{model_id} has no vectors in this library.")
        with self._changing:
            if named.space == _space_of(self._chosen.active):
                raise ModelError(f"{named.title} is in use; choose another model first.")
            if named.space == _space_of(self._chosen.upcoming):
                self.cancel()  # from here on indexing stores no vector of it
            self._spaces.drop(named)

    def remove(self, model_id: str) -> None:
        """Delete a downloaded model from this computer. Its vectors are kept.

        Raises:
            ModelError: it is in use, or was not downloaded by us.
        """
        from engine.vision.download import remove

        info = self.store.info(model_id)
        if info.source is not ModelSource.HUB:
            raise ModelError(f"{info.title} was not downloaded, so it is not deleted.")
        with self._changing:
            if self._chosen.active.id == info.id:
                raise ModelError(f"{info.title} is in use; choose another model first.")
            if self._chosen.upcoming is not None and self._chosen.upcoming.id == info.id:
                self.cancel()
            with self._lock:
                model = self._opened.pop(info.id, None)
        if model is not None:
            model.unload()
        remove(info.id, self.store)

    # ---- inside ------------------------------------------------------------------------------

    def _model(self, model_id: str) -> OpenModel:
        with self._lock:
            return self._opened.setdefault(model_id, OpenModel(self.store, model_id))

    def _fresh(self, files: ModelFiles) -> OpenModel:
        """The model of these files; what was opened of earlier ones is let go of."""
        model = self._model(files.info.id)
        model.check_again()
        return model

    def _whole(self, model: OpenModel) -> InUse:
        clip = model.clip()
        clip.allow_int8 = self._settings.current.allow_int8
        return InUse(clip, self._spaces.of(clip.files))


def _space_of(model: OpenModel | None) -> EmbeddingSpace | None:
    files = model.files_or_none() if model is not None else None
    return None if files is None else files.space
