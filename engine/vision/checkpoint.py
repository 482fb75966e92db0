"""The files of a checkpoint, read and checked without torch: JSON and safetensors."""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from engine.errors import ModelInvalid

JsonObject = Mapping[str, object]
Shapes = Iterable[tuple[str, tuple[int, ...]]]

_JSON_LIMIT = 16 * 2**20  # bytes; the largest that we read ourselves, CLIP's vocab.json, has .9 MB
_HEADER_LIMIT = 16 * 2**20  # bytes of all files; a thousand tensors take .2 MB
_WEIGHTS_LIMIT = 16 * 2**30  # bytes of all files; a ViT-bigG in fp32 has 10 GB
_SAMPLE = 16384  # bytes read at three places of a matrix: more than one row, which may be 0
_MOST_SIDES = 8  # of a tensor
_MOST_SIDE = 2**40
_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1}
_FLOATS = frozenset({"F32", "F16", "BF16"})
_LAYER = re.compile(r"\.layers?\.\d+\.")
_TOWERS = ("vision_model.", "text_model.", "owlvit.", "owlv2.")
REMEDY = "Download the model again or choose another one."


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies: `start` and `end` are byte offsets in `file`."""

    file: Path
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


# ---- JSON -----------------------------------------------------------------------------------


def read_json(path: Path) -> JsonObject:
    """Read a JSON object; anything else is ModelInvalid."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would never end
            raise ModelInvalid(f"{path} is no plain file. {REMEDY}")
        if status.st_size > _JSON_LIMIT:
            raise ModelInvalid(f"{path} is too large to be what its name says. {REMEDY}")
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelInvalid(f"{path.parent} has no {path.name}. {REMEDY}") from error
    except OSError as error:
        raise ModelInvalid(f"{path} cannot be read ({error.strerror}). {REMEDY}") from error
    except (ValueError, RecursionError) as error:
        raise ModelInvalid(f"{path} is not valid JSON. {REMEDY}") from error
    if not isinstance(value, dict):
        raise ModelInvalid(f"{path} is not a JSON object. {REMEDY}")
    return cast(JsonObject, value)


def as_object(value: object) -> JsonObject:
    """The value where it is a JSON object; else an empty one."""
    return cast(JsonObject, value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value where it is a JSON list; else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


# ---- weights --------------------------------------------------------------------------------


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint; nothing else is ever opened."""
    single = folder / "model.safetensors"
    if single.is_file():
        return [single]
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        names = sorted(
            {str(name) for name in as_object(read_json(index).get("weight_map")).values()}
        )
        for name in names:
            if Path(name).name != name or not name.endswith(".safetensors"):
                raise ModelInvalid(f"{index} points outside of its folder. {REMEDY}")
            if not os.path.isfile(folder / name):  # noqa: PTH113 - pathlib raises where too long
                raise ModelInvalid(f"{folder} has no {told(name)}. {REMEDY}")
        if names:
            return [folder / name for name in names]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelInvalid(
            f"{folder} has its weights only as a pickle file, which could run foreign code. "
            "Get the model.safetensors of the same model."
        )
    raise ModelInvalid(f"{folder} has no model.safetensors. {REMEDY}")


def told(name: str) -> str:
    """A foreign name as a sentence may show it: on one line, short, without control characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:120])


def read_header(path: Path) -> dict[str, Tensor]:
    """Read the names, shapes and places of the tensors in a safetensors file, and check them.

    Of a kind of numbers that we do not know only the place is checked: a model may have more
    than we use.

    Source: the format's description, huggingface.co/docs/safetensors: 8 bytes length
    (little-endian), that many bytes of JSON, then the data.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or 8 + length > size:
                raise ModelInvalid(f"{path} is truncated. {REMEDY}")
            if length > _HEADER_LIMIT:
                raise ModelInvalid(f"{path} is not a safetensors file. {REMEDY}")
            raw: object = json.loads(file.read(length))
    except OSError as error:
        raise ModelInvalid(f"{path} cannot be read ({error.strerror}). {REMEDY}") from error
    except (ValueError, RecursionError) as error:
        raise ModelInvalid(f"{path} is not a safetensors file. {REMEDY}") from error
    if not isinstance(raw, dict):
        raise ModelInvalid(f"{path} is not a safetensors file. {REMEDY}")
    data = 8 + length
    return {
        name: _tensor(path, name, entry, data, size)
        for name, entry in cast(JsonObject, raw).items()
        if name != "__metadata__"
    }


def _tensor(path: Path, name: str, value: object, data: int, size: int) -> Tensor:
    entry = as_object(value)
    dtype = str(entry.get("dtype"))
    shape = as_list(entry.get("shape"))
    ends = as_list(entry.get("data_offsets"))
    if len(ends) != 2 or len(shape) > _MOST_SIDES:
        raise ModelInvalid(f"{path} describes {name!r:.80} in a way we do not know. {REMEDY}")
    numbers = [n for n in (*shape, *ends) if isinstance(n, int) and not isinstance(n, bool)]
    if len(numbers) != len(shape) + 2:
        raise ModelInvalid(f"{path} describes {name!r:.80} in a way we do not know. {REMEDY}")
    dims, (start, end) = tuple(numbers[:-2]), numbers[-2:]
    count = end - start
    if dtype in _ITEM_BYTES and max(dims, default=0) <= _MOST_SIDE:  # else a product for hours
        count = math.prod(dims) * _ITEM_BYTES[dtype]
    if min(numbers) < 0 or max(numbers) > _MOST_SIDE or end - start != count or count < 0:
        raise ModelInvalid(f"{path} describes {name!r:.80} wrongly. {REMEDY}")
    if data + end > size:
        raise ModelInvalid(f"{path} is truncated. {REMEDY}")
    return Tensor(path, dtype, dims, data + start, data + end)


def read_tensors(files: list[Path]) -> dict[str, Tensor]:
    """The tensors of all files of a checkpoint."""
    found: dict[str, Tensor] = {}
    sizes = [_header_and_size(path) for path in files]
    if sum(header for header, _ in sizes) > _HEADER_LIMIT:
        raise ModelInvalid(f"{files[0].parent} describes too many weights. {REMEDY}")
    if (total := sum(size for _, size in sizes)) > _WEIGHTS_LIMIT:
        raise ModelInvalid(
            f"The weights in {files[0].parent} have {total / 1e9:,.0f} GB, which is more than "
            f"{_WEIGHTS_LIMIT / 1e9:,.0f} GB. Choose a smaller model."
        )
    for path in files:
        found.update(read_header(path))
    return found


def _header_and_size(path: Path) -> tuple[int, int]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ModelInvalid(f"{path} cannot be read ({error.strerror}). {REMEDY}") from error
    return min(length, size), size


def check_tensors(folder: Path, shapes: Shapes, tensors: Mapping[str, Tensor]) -> None:
    """Refuse a checkpoint that lacks a weight of its model, or has it in another shape.

    More layers than config.json tells are refused too: without its last layers a tower still
    computes, only nonsense.
    """
    expected = dict(shapes)
    for name in tensors:
        if name not in expected and _LAYER.search(name) and name.startswith(_TOWERS):
            raise ModelInvalid(
                f"The weights in {folder} do not fit its config.json, which leaves out "
                f"{told(name)}. {REMEDY}"
            )
    for name, shape in expected.items():
        tensor = tensors.get(name)
        if tensor is None:
            raise ModelInvalid(f"The weights in {folder} lack {name}. {REMEDY}")
        if tensor.shape != shape or tensor.dtype not in _FLOATS:
            raise ModelInvalid(
                f"The weights in {folder} do not fit its config.json: {name} is "
                f"{told(tensor.dtype[:20])} {list(tensor.shape)}, not {list(shape)}. {REMEDY}"
            )
    ends: dict[Path, int] = {}
    for tensor in tensors.values():
        ends[tensor.file] = max(tensor.end, ends.get(tensor.file, 0))
    for path, end in ends.items():
        if _header_and_size(path)[1] != end:
            raise ModelInvalid(f"{path} is longer than its tensors. {REMEDY}")


def check_content(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Refuse matrices of zeros, told by samples: a hole in a file reads as zeros.

    Raises:
        ModelInvalid: with the name of the matrix.
    """
    for name, tensor in tensors.items():
        matrix = tensor.dtype in _FLOATS and len(tensor.shape) > 1 and min(tensor.shape) > 1
        if matrix and not _holds_something(tensor):
            raise ModelInvalid(f"The weights in {folder} are empty: {told(name)}. {REMEDY}")


def _holds_something(tensor: Tensor) -> bool:
    middle = (tensor.start + tensor.end) // 2
    try:
        with tensor.file.open("rb") as file:
            for start in (tensor.start, middle, max(tensor.start, tensor.end - _SAMPLE)):
                file.seek(start)
                if not any(file.read(min(_SAMPLE, tensor.end - start))):
                    return False
    except OSError as error:
        raise ModelInvalid(f"{tensor.file} cannot be read ({error.strerror}). {REMEDY}") from error
    return True


def read_scalar(tensor: Tensor) -> float:
    """Read a single number from the weights (the logit scale) without torch."""
    with tensor.file.open("rb") as file:
        file.seek(tensor.start)
        data = file.read(tensor.end - tensor.start)
    if tensor.dtype == "BF16":
        return float(np.frombuffer(b"\0\0" + data, "<f4")[0])
    return float(np.frombuffer(data, "<f4" if tensor.dtype == "F32" else "<f2")[0])
