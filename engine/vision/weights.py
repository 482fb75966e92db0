"""Brings tensors from safetensors into numpy: fp32, each one finite, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelInvalid
from engine.vision.checkpoint import REMEDY, Tensor

_ITEM = {"F32": 4, "F16": 2, "BF16": 2}


class Weights:
    """The tensors of a checkpoint by name, read when asked for.

    A mapped file would cost its memory twice, and end us if it shrank; so it is read.
    """

    def __init__(self, folder: Path, tensors: Mapping[str, Tensor]) -> None:
        self._folder = folder
        self._tensors = tensors

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def read(self, name: str) -> NDArray[np.float32]:
        """One tensor in fp32, the caller's own to change.

        Raises:
            ModelInvalid: the file changed since it was checked, is damaged, or holds numbers
                that are none.
        """
        tensor = self._tensors[name]
        values = _to_fp32(_read(tensor, tensor.start, tensor.end), tensor.dtype)
        if not np.isfinite(values).all():
            raise ModelInvalid(
                f"The weights in {self._folder} are damaged: {name} is not finite. {REMEDY}"
            )
        return values.reshape(tensor.shape)

    def rows(self, name: str, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some rows of a table; places (…) → (…, width) fp32. Cost: one small read per row.

        Raises:
            ModelInvalid: as `read`.
        """
        tensor = self._tensors[name]
        width = tensor.shape[1]
        stride = width * _ITEM[tensor.dtype]
        found, where = np.unique(places, return_inverse=True)
        data = bytearray()
        for place in found.tolist():
            start = tensor.start + place * stride
            data += _read(tensor, start, start + stride)
        table = _to_fp32(data, tensor.dtype).reshape(len(found), width)
        if not np.isfinite(table).all():
            raise ModelInvalid(
                f"The weights in {self._folder} are damaged: {name} is not finite. {REMEDY}"
            )
        return table[where.reshape(places.shape)]


def _read(tensor: Tensor, start: int, end: int) -> bytearray:
    data = bytearray(end - start)
    try:
        with tensor.file.open("rb", buffering=0) as file:
            file.seek(start)
            view, count = memoryview(data), 0
            while count < len(data) and (more := file.readinto(view[count:])):
                count += more
    except OSError as error:
        raise ModelInvalid(f"{tensor.file} cannot be read ({error.strerror}). {REMEDY}") from error
    if count < len(data):
        raise ModelInvalid(f"{tensor.file} is truncated. {REMEDY}")
    return data


def _to_fp32(data: bytearray, dtype: str) -> NDArray[np.float32]:
    if dtype == "F32":
        return np.frombuffer(data, "<f4")  # over a bytearray: may be written to
    if dtype == "F16":
        return np.frombuffer(data, "<f2").astype(np.float32)
    return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
