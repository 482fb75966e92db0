"""Reads and checks a CLIP checkpoint folder without torch: config, preprocessing, weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from engine.errors import ModelInvalid
from engine.types import InputSpec

JsonObject = Mapping[str, object]

_JSON_LIMIT = 64 * 2**20  # bytes; tokenizer.json of CLIP is 2 MB
_HEADER_LIMIT = 100 * 2**20  # bytes; the same cap as the safetensors library
_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1}
_FLOATS = frozenset({"F32", "F16", "BF16"})
_ACTIVATIONS = frozenset({"quick_gelu", "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"})
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
REMEDY = "Download the model again or choose another one."


@dataclass(frozen=True, slots=True)
class TowerConfig:
    """The numbers that fix the shape of one transformer tower."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    activation: str
    eps: float
    # image tower only
    image_size: int = 0
    patch_size: int = 0
    # text tower only
    vocabulary: int = 0
    positions: int = 0
    eos_token_id: int = 0


@dataclass(frozen=True, slots=True)
class ClipConfig:
    """config.json of a CLIPModel, reduced to the numbers that we checked."""

    dim: int
    vision: TowerConfig
    text: TowerConfig


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What happens between an upright photo and the tower; `mean` and `std` are of 0..1 pixels."""

    spec: InputSpec
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def text(self) -> str:
        """A compact, stable name: photos prepared differently are not comparable."""
        spec = self.spec
        shape = f"resize{spec.resize}-crop{spec.crop}" if spec.keep_aspect else f"fit{spec.crop}"
        mean = ",".join(f"{value:.6g}" for value in self.mean)
        std = ",".join(f"{value:.6g}" for value in self.std)
        return f"{shape}-resample{spec.resample}-mean{mean}-std{std}"


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
        if path.stat().st_size > _JSON_LIMIT:
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


def _object(value: object) -> JsonObject:
    return cast(JsonObject, value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _number(path: Path, raw: JsonObject, key: str, default: int, most: int, least: int = 1) -> int:
    value = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ModelInvalid(f"{path} has an impossible {key}: {value!r:.60}. {REMEDY}")
    return value


# ---- config.json ----------------------------------------------------------------------------


def read_config(folder: Path) -> ClipConfig:
    """Read config.json; keys that could run code or choose kernels are never looked at."""
    path = folder / "config.json"
    raw = read_json(path)
    kind = raw.get("model_type")
    classes = _list(raw.get("architectures"))
    if kind != "clip" or (classes and "CLIPModel" not in classes):
        found = classes[0] if classes else kind
        raise ModelInvalid(
            f"{folder} holds a model of kind {found!r:.60}, not a CLIPModel. Choose a CLIP model."
        )
    dim = _number(path, raw, "projection_dim", 512, 65536)
    return ClipConfig(dim, _vision(path, raw), _text(path, raw))


def _part(raw: JsonObject, name: str) -> JsonObject:
    """A tower's settings; the old `*_config_dict`, where there is one, replaces them."""
    old = raw.get(f"{name}_dict")
    return _object(old) if isinstance(old, dict) else _object(raw.get(name))


def _tower(path: Path, raw: JsonObject, hidden: int, heads: int) -> TowerConfig:
    config = TowerConfig(
        hidden=_number(path, raw, "hidden_size", hidden, 16384),
        intermediate=_number(path, raw, "intermediate_size", 4 * hidden, 65536),
        layers=_number(path, raw, "num_hidden_layers", 12, 256),
        heads=_number(path, raw, "num_attention_heads", heads, 1024),
        activation=str(raw.get("hidden_act", "quick_gelu")),
        eps=_eps(raw.get("layer_norm_eps", 1e-5)),
    )
    if config.hidden % config.heads or config.activation not in _ACTIVATIONS or not config.eps:
        raise ModelInvalid(f"{path} describes a tower that we cannot build. {REMEDY}")
    return config


def _eps(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 < value < 1 else 0.0


def _vision(path: Path, config: JsonObject) -> TowerConfig:
    raw = _part(config, "vision_config")
    tower = _tower(path, raw, 768, 12)
    size = _number(path, raw, "image_size", 224, 2048)
    patch = _number(path, raw, "patch_size", 32, 512)
    if raw.get("num_channels", 3) != 3 or patch > size:
        raise ModelInvalid(f"{path} describes an image tower that we cannot build. {REMEDY}")
    return replace(tower, image_size=size, patch_size=patch)


def _text(path: Path, config: JsonObject) -> TowerConfig:
    raw = _part(config, "text_config")
    return replace(
        _tower(path, raw, 512, 8),
        vocabulary=_number(path, raw, "vocab_size", 49408, 2_000_000),
        positions=_number(path, raw, "max_position_embeddings", 77, 65536),
        eos_token_id=_number(path, raw, "eos_token_id", 49407, 2_000_000, least=0),
    )


# ---- preprocessor_config.json ---------------------------------------------------------------


def read_preprocessing(folder: Path, config: ClipConfig) -> Preprocessing:
    """Read how photos are prepared, in the old and the new spelling of transformers."""
    path = folder / "preprocessor_config.json"
    raw: JsonObject
    if path.exists():
        raw = read_json(path)
    else:
        path = folder / "processor_config.json"
        if not path.exists():
            raise ModelInvalid(f"{folder} has no preprocessor_config.json. {REMEDY}")
        raw = _object(read_json(path).get("image_processor"))
    steps = ("do_resize", "do_center_crop", "do_normalize", "do_rescale")
    resize, crop, normalise, rescale = (raw.get(step, True) is True for step in steps)
    wanted = config.vision.image_size
    shape = raw.get("size", {"shortest_edge": wanted})
    edge, keep_aspect = _edge(shape)
    cut, _ = _edge(raw.get("crop_size", wanted))
    if not keep_aspect and edge == wanted:
        cut = edge  # squeezed to the final size: a crop after it does nothing
    elif not crop:
        cut = 0
    factor = raw.get("rescale_factor", 1 / 255)
    usable = isinstance(factor, int | float) and math.isclose(factor, 1 / 255, rel_tol=1e-3)
    resample = raw.get("resample", 3)
    if not (resize and normalise and rescale and usable and edge and cut == wanted) or (
        keep_aspect and edge < cut
    ):
        raise ModelInvalid(f"{path} asks for a preparation of photos that we do not do. {REMEDY}")
    if isinstance(resample, bool) or not isinstance(resample, int) or not 0 <= resample <= 5:
        raise ModelInvalid(f"{path} names no known resampling: {resample!r:.60}. {REMEDY}")
    return Preprocessing(
        InputSpec(edge, cut, resample, keep_aspect),
        _channels(path, raw.get("image_mean", list(_CLIP_MEAN)), positive=False),
        _channels(path, raw.get("image_std", list(_CLIP_STD)), positive=True),
    )


def _edge(size: object) -> tuple[int, bool]:
    """(pixels, keeps its aspect) of 224, {"shortest_edge": 224} or {"height": …, "width": …}."""
    if isinstance(size, int) and not isinstance(size, bool) and size > 0:
        return size, True
    parts = _object(size)
    edge = parts.get("shortest_edge")
    if isinstance(edge, int) and 0 < edge <= 4096:
        return edge, True
    height, width = parts.get("height"), parts.get("width")
    if isinstance(height, int) and height == width and 0 < height <= 4096:
        return height, False
    return 0, True


def _channels(path: Path, value: object, *, positive: bool) -> tuple[float, float, float]:
    numbers = [
        float(entry)
        for entry in _list(value)
        if isinstance(entry, int | float) and math.isfinite(entry) and (entry > 0 or not positive)
    ]
    if len(numbers) != 3:
        raise ModelInvalid(f"{path} has an impossible image_mean or image_std. {REMEDY}")
    return numbers[0], numbers[1], numbers[2]


# ---- weights --------------------------------------------------------------------------------


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint; nothing else is ever opened."""
    single = folder / "model.safetensors"
    if single.is_file():
        return [single]
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        names = sorted({str(name) for name in _object(read_json(index).get("weight_map")).values()})
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
    entry = _object(value)
    dtype = str(entry.get("dtype"))
    shape = _list(entry.get("shape"))
    ends = _list(entry.get("data_offsets"))
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


def check_tensors(folder: Path, config: ClipConfig, tensors: Mapping[str, Tensor]) -> None:
    """Refuse a checkpoint that lacks a part of either tower, or has it in another shape."""
    for name, shape in expected_shapes(config):
        tensor = tensors.get(name)
        if tensor is None:
            raise ModelInvalid(f"The weights in {folder} lack {name}. {REMEDY}")
        if tensor.shape != shape or tensor.dtype not in _FLOATS:
            raise ModelInvalid(
                f"The weights in {folder} do not fit its config.json: {name} is "
                f"{tensor.dtype} {list(tensor.shape)}, not {list(shape)}. {REMEDY}"
            )


def expected_shapes(config: ClipConfig) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every weight of a CLIPModel with its shape. Source: transformers' modeling_clip."""
    vision, text = config.vision, config.text
    yield "logit_scale", ()
    yield "visual_projection.weight", (config.dim, vision.hidden)
    yield "text_projection.weight", (config.dim, text.hidden)
    image = "vision_model.embeddings"
    patch = vision.patch_size
    yield f"{image}.class_embedding", (vision.hidden,)
    yield f"{image}.patch_embedding.weight", (vision.hidden, 3, patch, patch)
    yield (
        f"{image}.position_embedding.weight",
        ((vision.image_size // patch) ** 2 + 1, vision.hidden),
    )
    yield "text_model.embeddings.token_embedding.weight", (text.vocabulary, text.hidden)
    yield "text_model.embeddings.position_embedding.weight", (text.positions, text.hidden)
    norms = ("vision_model.pre_layrnorm", "vision_model.post_layernorm")
    for norm, size in (*((name, vision.hidden) for name in norms),
                       ("text_model.final_layer_norm", text.hidden)):  # fmt: skip
        yield f"{norm}.weight", (size,)
        yield f"{norm}.bias", (size,)
    for prefix, tower in (("vision_model", vision), ("text_model", text)):
        for layer in range(tower.layers):
            yield from _layer_shapes(f"{prefix}.encoder.layers.{layer}", tower)


def _layer_shapes(prefix: str, tower: TowerConfig) -> Iterator[tuple[str, tuple[int, ...]]]:
    wide, narrow = tower.intermediate, tower.hidden
    for part in ("k", "v", "q", "out"):
        yield f"{prefix}.self_attn.{part}_proj.weight", (narrow, narrow)
        yield f"{prefix}.self_attn.{part}_proj.bias", (narrow,)
    for norm in ("layer_norm1", "layer_norm2"):
        yield f"{prefix}.{norm}.weight", (narrow,)
        yield f"{prefix}.{norm}.bias", (narrow,)
    yield f"{prefix}.mlp.fc1.weight", (wide, narrow)
    yield f"{prefix}.mlp.fc1.bias", (wide,)
    yield f"{prefix}.mlp.fc2.weight", (narrow, wide)
    yield f"{prefix}.mlp.fc2.bias", (narrow,)


def read_scalar(tensor: Tensor) -> float:
    """Read a single number from the weights (the logit scale) without torch."""
    with tensor.file.open("rb") as file:
        file.seek(tensor.start)
        data = file.read(tensor.end - tensor.start)
    if tensor.dtype == "BF16":
        return float(np.frombuffer(b"\0\0" + data, "<f4")[0])
    return float(np.frombuffer(data, "<f4" if tensor.dtype == "F32" else "<f2")[0])
