"""The files of a checkpoint, read and checked without torch: JSON and safetensors."""

from __future__ import annotations

import json
import math
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

_JSON_LIMIT = 64 * 2**20  # bytes; the largest known tokenizer.json (SigLIP 2's) has 35 MB
_HEADER_LIMIT = 16 * 2**20  # bytes; a thousand tensors take .2 MB
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
            if not (folder / name).is_file():
                raise ModelInvalid(f"{folder} has no {name}. {REMEDY}")
        if names:
            return [folder / name for name in names]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelInvalid(
            f"{folder} has its weights only as a pickle file, which could run foreign code. "
            "Get the model.safetensors of the same model."
        )
    raise ModelInvalid(f"{folder} has no model.safetensors. {REMEDY}")


def read_header(path: Path) -> dict[str, Tensor]:
    """Read the names, shapes and places of the tensors in a safetensors file, and check them.

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
    numbers = [n for n in (*shape, *ends) if isinstance(n, int) and not isinstance(n, bool)]
    if dtype not in _ITEM_BYTES or len(ends) != 2 or len(numbers) != len(shape) + 2:
        raise ModelInvalid(f"{path} describes {name!r:.80} in a way we do not know. {REMEDY}")
    dims, (start, end) = tuple(numbers[:-2]), numbers[-2:]
    if min(numbers) < 0 or end - start != math.prod(dims) * _ITEM_BYTES[dtype]:
        raise ModelInvalid(f"{path} describes {name!r:.80} wrongly. {REMEDY}")
    if data + end > size:
        raise ModelInvalid(f"{path} is truncated. {REMEDY}")
    return Tensor(path, dtype, dims, data + start, data + end)


def read_tensors(files: list[Path]) -> dict[str, Tensor]:
    """The tensors of all files of a checkpoint."""
    found: dict[str, Tensor] = {}
    for path in files:
        found.update(read_header(path))
    return found


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
                f"{name:.120}. {REMEDY}"
            )
    for name, shape in expected.items():
        tensor = tensors.get(name)
        if tensor is None:
            raise ModelInvalid(f"The weights in {folder} lack {name}. {REMEDY}")
        if tensor.shape != shape or tensor.dtype not in _FLOATS:
            raise ModelInvalid(
                f"The weights in {folder} do not fit its config.json: {name} is "
                f"{tensor.dtype} {list(tensor.shape)}, not {list(shape)}. {REMEDY}"
            )


def read_scalar(tensor: Tensor) -> float:
    """Read a single number from the weights (the logit scale) without torch."""
    with tensor.file.open("rb") as file:
        file.seek(tensor.start)
        data = file.read(tensor.end - tensor.start)
    if tensor.dtype == "BF16":
        return float(np.frombuffer(b"\0\0" + data, "<f4")[0])
    return float(np.frombuffer(data, "<f4" if tensor.dtype == "F32" else "<f2")[0])
