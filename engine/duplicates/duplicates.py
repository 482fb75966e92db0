"""The door of duplicates: find groups, look at them, choose, clear, take back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.embedding_index import EmbeddingIndex
    from engine.files.decode import DecoderPool


class Duplicates:
    """Finds photos that are there more than once, and helps to clear them safely."""

    def __init__(
        self,
        catalog: Catalog,
        decoders: DecoderPool,
        vectors: Callable[[], EmbeddingIndex | None],
        folder: Path,
    ) -> None:
        self._catalog = catalog
        self._decoders = decoders
        self._vectors = vectors
        self._folder = folder
