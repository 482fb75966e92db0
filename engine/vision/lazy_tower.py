"""What every tower in use shares: an engine that loads on first use and gives its memory back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.vision import runtime
from engine.vision.engines import Engine, EngineFailed

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles


class LazyTower:
    """An engine that loads on first use, works one call at a time, and is replaced if it fails."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._loaded: Engine | None = None
        self.used_at = time.monotonic()
        """When it was last asked for something."""

    @property
    def engine(self) -> str:
        """What computes: "openvino int8"; empty while it is not loaded."""
        engine = self._loaded
        return engine.way.name if engine is not None else ""

    @property
    def device(self) -> str:
        """Where: "cpu", "cuda", "mps"; empty while it is not loaded."""
        engine = self._loaded
        return engine.way.device if engine is not None else ""

    @property
    def precision(self) -> str:
        """With which numbers: "fp32", "bf16", "fp16", "int8"; empty while it is not loaded."""
        engine = self._loaded
        return engine.way.precision if engine is not None else ""

    def load(self) -> None:
        """Load and check the tower, if it is not yet. Takes up to seconds.

        Raises:
            ModelInvalid: the weights are not what they should be.
            ModelError: nothing on this computer computes it.
        """
        with self._lock:
            self._ready()

    def unload(self) -> None:
        """Give the memory back; the next use loads again."""
        with self._lock:
            self._drop()

    def _compute(self, work: Callable[[Engine], NDArray[np.float32]]) -> NDArray[np.float32]:
        """Work with the engine; with the next one where it fails. Under the lock."""
        while True:
            engine = self._ready()
            try:
                return work(engine)
            except EngineFailed as error:
                self._drop()
                self._give_up(engine.way.name, str(error))  # so this ends: each fails once

    def _ready(self) -> Engine:
        self.used_at = time.monotonic()
        if self._loaded is None:
            self._loaded = self._open()
            runtime.release_freed_memory()
        return self._loaded

    def _drop(self) -> None:
        engine, self._loaded = self._loaded, None
        if engine is not None:
            engine.close()
            del engine
            runtime.release_freed_memory()

    def _open(self) -> Engine:
        raise NotImplementedError

    def _give_up(self, name: str, reason: str) -> None:
        raise NotImplementedError
