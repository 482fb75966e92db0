"""What every vector must be: finite, of length 1, and different for different things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelInvalid
from engine.types import Embeddings
from engine.vision.checkpoint import REMEDY

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles


def normalise(vectors: NDArray[np.float32]) -> Embeddings:
    """Rows scaled to length 1; (n, dim) float32."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.float32(1e-12))


def unit(vectors: NDArray[np.float32]) -> Embeddings:
    """As `normalise`, but vectors that are not finite or zero are refused."""
    if not np.isfinite(vectors).all() or not np.linalg.norm(vectors, axis=1).all():
        raise ModelInvalid(f"The model computes vectors that are no numbers. {REMEDY}")
    return normalise(vectors)


def check_vectors(
    vectors: NDArray[np.float32], again: NDArray[np.float32], files: ModelFiles, name: str
) -> None:
    """A look before use: the right width, finite, the same twice, different inputs told apart.

    Raises:
        ModelInvalid: with the sentence to show.
    """
    where = f"The {name} tower in {files.folder}"
    if vectors.shape[1] != files.space.dim:
        raise ModelInvalid(f"{where} gives vectors of the wrong length. {REMEDY}")
    rows = unit(vectors)
    if np.abs(rows[: len(again)] - unit(again)).max() > 1e-3:
        raise ModelInvalid(f"{where} answers differently each time. {REMEDY}")
    if np.abs(rows - rows[:1]).max() < 1e-6:
        raise ModelInvalid(f"{where} answers the same to everything. {REMEDY}")
