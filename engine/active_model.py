"""The model in use: which one, whether it is there, opened once and shared by all lanes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from engine.errors import ModelError
from engine.types import ModelStatus

if TYPE_CHECKING:
    from engine.vision.clip import ClipModel
    from engine.vision.models import ModelFiles, ModelStore


class ActiveModel:
    """Resolves the chosen model and opens it on first use. Thread-safe."""

    def __init__(self, store: ModelStore, model_id: str) -> None:
        self._store = store
        self._id = model_id
        self._lock = threading.RLock()
        self._files: ModelFiles | None = None
        self._reason: str | None = None
        self._clip: ClipModel | None = None

    def choose(self, model_id: str) -> ModelFiles:
        """Change to another model; the old one stays if the new one is not usable.

        Raises:
            ModelError: the files are not there or are no model that we accept.
        """
        files = self._store.resolve(model_id)
        with self._lock:
            old, self._clip = self._clip, None
            self._id, self._files, self._reason = files.info.id, files, None
        if old is not None:
            old.image.unload()
            old.text.unload()
        return files

    def files(self) -> ModelFiles:
        """Where the model's files lie, its space and its input; checked once.

        Raises:
            ModelError: with the remedy.
        """
        with self._lock:
            if self._files is None:
                try:
                    self._files = self._store.resolve(self._id)
                except ModelError as error:
                    self._reason = str(error)
                    raise
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

    def status(self) -> ModelStatus:
        """What to show of the model. Loads nothing."""
        files = self.files_or_none()
        with self._lock:
            if files is None:
                return ModelStatus(info=None, ready=False, reason=self._reason or "")
            clip = self._clip
            return ModelStatus(
                info=files.info,
                ready=True,
                device=clip.device if clip else "",
                precision=clip.precision if clip else "",
            )
