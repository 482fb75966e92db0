"""One model of a library: whether it is there, opened once and shared by all lanes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from engine.errors import ModelError, ModelInvalid
from engine.types import ModelSlot, ModelStatus

if TYPE_CHECKING:
    from engine.vision.clip import ClipModel
    from engine.vision.models import ModelFiles, ModelStore


class OpenModel:
    """Resolves a model and opens it on first use. Thread-safe."""

    def __init__(self, store: ModelStore, model_id: str) -> None:
        self.id = model_id
        self._store = store
        self._lock = threading.RLock()
        self._files: ModelFiles | None = None
        self._reason = ""
        self._clip: ClipModel | None = None

    def files(self) -> ModelFiles:
        """Where the model's files lie, its space and its input; checked once.

        Raises:
            ModelError: with the remedy.
        """
        with self._lock:
            if self._files is None:
                try:
                    self._files = self._store.resolve(self.id)
                except ModelError as error:
                    self._reason = str(error)
                    raise
                self._reason = ""
            return self._files

    def files_or_none(self) -> ModelFiles | None:
        """As `files`, for those who can do without a model."""
        try:
            return self.files()
        except ModelError:
            return None

    def clip(self) -> ClipModel:
        """The model; its towers load on first use.

        Raises:
            ModelError: with the remedy.
        """
        from engine.vision.clip import open_clip

        with self._lock:
            if self._clip is None:
                self._clip = open_clip(self.files())
            return self._clip

    def check_again(self) -> None:
        """Look at the files anew: they may have come, gone or changed since.

        Towers that were loaded from other files are let go of, so that no vector of the new
        weights is taken for one of the old.
        """
        with self._lock:
            before, self._files = self._files, None
            now = self.files_or_none()
            if before is not None and (now is None or now.space != before.space):
                self.unload()

    def rest(self, now: float, image_idle_s: float, text_idle_s: float) -> None:
        """Unload the towers that were last used so many seconds before `now`."""
        with self._lock:
            clip = self._clip
        if clip is None:
            return
        for tower, idle_s in ((clip.image, image_idle_s), (clip.text, text_idle_s)):
            if tower.engine and now - tower.used_at >= idle_s:
                tower.unload()

    def unload(self) -> None:
        """Give the memory of both towers back; the next use opens the model anew."""
        with self._lock:
            clip, self._clip = self._clip, None
        if clip is not None:
            clip.unload()

    @property
    def reason(self) -> str:
        """Why the model is not usable, one sentence; empty when it is."""
        return "" if self.files_or_none() is not None else self._reason

    def status(self) -> ModelStatus:
        """What to show of the model. Loads nothing."""
        files = self.files_or_none()
        with self._lock:
            clip = self._clip
        if files is None:
            return ModelStatus(info=None, ready=False, reason=self._reason)
        if clip is None:
            return ModelStatus(info=files.info, ready=True)
        return ModelStatus(
            info=files.info,
            ready=True,
            device=clip.device,
            precision=clip.precision,
            engine=clip.image.engine,
            measured=clip.image.measured,
            note=clip.image.note,
        )


def accepted(store: ModelStore, model_id: str) -> ModelFiles:
    """The files of a model that is there and made for search.

    Raises:
        ModelError: with the reason.
    """
    info = store.info(model_id)
    if info.slot is not ModelSlot.SEARCH:
        raise ModelInvalid(f"{info.title} finds things inside photos; it cannot search them.")
    return store.resolve(model_id)


def tested(store: ModelStore, model_id: str) -> ModelFiles:
    """The same of a model that passed its self-test, now or before.

    Raises:
        ModelError: with the reason.
    """
    from engine.vision import self_test

    files = accepted(store, model_id)
    if self_test.passed_before(files):
        return files
    failed = [check for check in self_test.run(files).checks if not check.passed]
    if failed:
        raise ModelInvalid(f"{files.info.title} failed its test: {failed[0].detail}")
    return files
