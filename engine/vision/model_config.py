"""config.json of a model with an image tower and a text tower, reduced to checked numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import ModelInvalid
from engine.vision.checkpoint import REMEDY, JsonObject, as_list, as_object

_MOST_PIXELS = 1024  # of a side; OWLv2 L/14 has 1008
_MOST_LAYERS = 96  # a ViT-bigG has 48

_MOST_VALUES = 2**25
"""Of what a tower computes in a layer, per photo: a ViT-L/14 for 1008 pixels has 2**24.5."""

_MOST_PAIRS = 2**29
"""Of tokens that look at each other, over all heads: the same tower has 2**28.7."""

_ACTIVATIONS = frozenset({"quick_gelu", "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"})


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
    token_types: int = 0  # BERT's: 0 where a tower has none

    @property
    def patches(self) -> int:
        """How many patches the picture is cut into."""
        return (self.image_size // self.patch_size) ** 2


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Both towers, and the width of the space that they share."""

    dim: int
    vision: TowerConfig
    text: TowerConfig


def number(path: Path, raw: JsonObject, key: str, default: int, most: int, least: int = 1) -> int:
    """A whole number of a JSON object, within bounds.

    Raises:
        ModelInvalid: it is none, or outside of them.
    """
    value = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ModelInvalid(f"{path} has an impossible {key}: {value!r:.60}. {REMEDY}")
    return value


def part(raw: JsonObject, name: str, *, old: bool = False) -> JsonObject:
    """A tower's settings. `old`: an old `*_config_dict`, where there is one, replaces them."""
    replacement = raw.get(f"{name}_dict") if old else None
    return as_object(replacement) if isinstance(replacement, dict) else as_object(raw.get(name))


def vision_tower(path: Path, raw: JsonObject, defaults: TowerConfig) -> TowerConfig:
    """An image tower. `defaults` are transformers' own: config.json tells only what differs.

    Raises:
        ModelInvalid: it is not one that we can build.
    """
    tower = _tower(path, raw, defaults)
    sides = {"image_size": _side(raw, "image_size"), "patch_size": _side(raw, "patch_size")}
    sides = {name: side for name, side in sides.items() if side is not None}
    size = number(path, sides, "image_size", defaults.image_size, _MOST_PIXELS)
    patch = number(path, sides, "patch_size", defaults.patch_size, 512)
    if raw.get("num_channels", 3) != 3 or patch > size:
        raise ModelInvalid(f"{path} describes an image tower that we cannot build. {REMEDY}")
    tower = replace(tower, image_size=size, patch_size=patch)
    _check_work(path, tower, tower.patches + 1)
    return tower


def text_tower(path: Path, raw: JsonObject, defaults: TowerConfig) -> TowerConfig:
    """A text tower; see `vision_tower`. Without `eos_token_id` in the defaults, none is read."""
    tower = _tower(path, raw, defaults)
    end = defaults.eos_token_id
    if end:
        end = number(path, raw, "eos_token_id", end, 2_000_000, least=0)
    tower = replace(
        tower,
        vocabulary=number(path, raw, "vocab_size", defaults.vocabulary, 2_000_000),
        # at least room for a start, one word and an end
        positions=number(path, raw, "max_position_embeddings", defaults.positions, 65536, least=3),
        eos_token_id=end,
        token_types=number(path, raw, "type_vocab_size", defaults.token_types, 65536)
        if defaults.token_types
        else 0,
    )
    _check_work(path, tower, tower.positions)
    return tower


def _check_work(path: Path, tower: TowerConfig, tokens: int) -> None:
    """Refuse what small weights could ask for without an end: tokens cost no weights."""
    widest = max(tower.intermediate, 3 * tower.hidden)
    if tokens * widest > _MOST_VALUES or tokens * tokens * tower.heads > _MOST_PAIRS:
        raise ModelInvalid(f"{path} describes a tower too large to be computed. {REMEDY}")


def _tower(path: Path, raw: JsonObject, defaults: TowerConfig) -> TowerConfig:
    config = TowerConfig(
        hidden=number(path, raw, "hidden_size", defaults.hidden, 16384),
        intermediate=number(path, raw, "intermediate_size", defaults.intermediate, 65536),
        layers=number(path, raw, "num_hidden_layers", defaults.layers, _MOST_LAYERS),
        heads=number(path, raw, "num_attention_heads", defaults.heads, 1024),
        activation=str(raw.get("hidden_act", defaults.activation)),
        eps=_eps(raw.get("layer_norm_eps", defaults.eps)),
    )
    if config.hidden % config.heads or config.activation not in _ACTIVATIONS or not config.eps:
        raise ModelInvalid(f"{path} describes a tower that we cannot build. {REMEDY}")
    return config


def _eps(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 < value < 1 else 0.0


def _side(raw: JsonObject, key: str) -> object:
    """A side that may be given as a number or as two equal ones."""
    value = raw.get(key)
    sides = as_list(value)
    return sides[0] if len(sides) == 2 and sides[0] == sides[1] else value
