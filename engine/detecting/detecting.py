"""The door of detection: look at a photo, run over many, keep and correct what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.decode import DecoderPool
    from engine.vision.models import ModelStore


class Detecting:
    """Finds things by words or by a box, and keeps what it found."""

    def __init__(
        self, catalog: Catalog, decoders: DecoderPool, store: Callable[[], ModelStore], folder: Path
    ) -> None:
        self._catalog = catalog
        self._decoders = decoders
        self._store = store
        self._folder = folder

    def close(self) -> None:
        """Give back what is held."""
