"""What a detector has seen of a photo, before anyone says what to look for. Plain arrays."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
"""Of `to_bytes`: goes up when older bytes can no longer be read, or mean something else."""

_MOST = 32767  # of an int16
_CHECK = 16  # bytes of a checksum before the arrays


@dataclass(frozen=True, slots=True)
class Features:
    """One photo's patches: what each looks like, and the box it would draw.

    Independent of labels: any words are compared with it in a millisecond. 606 KB for OWL-ViT's
    576 patches, 3.8 MB for OWLv2's 3,600.

    What a patch looks like is a row of length 1, kept as `looks` · `step`: half of the memory of
    floats, and ten times as exact as 16-bit ones.
    """

    looks: NDArray[np.int16]  # (patches, dim)
    step: NDArray[np.float32]  # (patches,)
    shift: NDArray[np.float32]  # (patches,)
    scale: NDArray[np.float32]  # (patches,): the logit is (cosine + shift) · scale
    boxes: NDArray[np.float32]  # (patches, 4): centre x, centre y, width, height of 0..1
    objectness: NDArray[np.float32] | None = None  # (patches,) logits, where there is such a head

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return sum(array.nbytes for array in self._arrays().values())

    def cosines(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each patch with each of n vectors of length 1, (n, dim) → (patches, n)."""
        return (self.looks.astype(np.float32) @ vectors.T) * self.step[:, None]

    def looks_of(self, patches: NDArray[np.int64]) -> NDArray[np.float32]:
        """What some patches look like: (n, dim) float32, rows of length 1."""
        return self.looks[patches] * self.step[patches, None]

    def _arrays(self) -> dict[str, NDArray[Any]]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def to_bytes(self) -> bytes:
        """A checksum, then an npz."""
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, format=np.array(FORMAT), **self._arrays())
        data = file.getvalue()
        return hashlib.blake2b(data, digest_size=_CHECK).digest() + data

    @classmethod
    def from_bytes(cls, data: bytes) -> Features | None:
        """What `to_bytes` gave; None for anything else: torn, foreign, of another version."""
        check, data = data[:_CHECK], data[_CHECK:]
        if hashlib.blake2b(data, digest_size=_CHECK).digest() != check:
            return None
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                if int(arrays["format"]) != FORMAT:
                    return None
                return cls(**{name: arrays[name] for name in arrays if name != "format"})
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile):
            return None


def unpack(columns: NDArray[np.float32], dim: int) -> Features:
    """The columns of `tower.Heads` for one photo, (patches, dim + 6 or 7)."""
    embeds = columns[:, :dim]
    lengths = np.linalg.norm(embeds, axis=1, keepdims=True) + np.float32(1e-6)
    step = np.maximum(np.abs(embeds).max(1, keepdims=True), np.float32(1e-30)) / _MOST
    return Features(
        np.rint(embeds / step).astype(np.int16),
        (step / lengths)[:, 0],
        columns[:, dim].copy(),
        columns[:, dim + 1].copy(),
        columns[:, dim + 2 : dim + 6].copy(),
        columns[:, dim + 6].copy() if columns.shape[1] > dim + 6 else None,
    )
