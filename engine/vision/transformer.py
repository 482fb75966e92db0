"""CLIP's two transformers as plain torch arithmetic: the work of transformers, without its waste.

The same weights and the same result as `transformers.CLIPModel`, with what a fixed, trained
tower allows: normalisation folded into the patch weights, one product for query, key and value,
the last layer for the one token that is used, and weights laid out once for the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, cast

from engine.vision.model_config import ModelConfig as ClipConfig
from engine.vision.model_config import TowerConfig
from engine.vision.preprocessing import Preprocessing

Tensor: TypeAlias = Any  # torch.Tensor; torch is imported inside functions only
Linear: TypeAlias = Callable[[Tensor], Tensor]

_QUICK = 1.702  # quick_gelu(x) = x · sigmoid(1.702 x) = silu(1.702 x) / 1.702
_MIDDLE = 128  # pixels minus this are small integers, exact in bf16 and fp16
_ROWS_HINT = 400  # tokens of a typical pass; the layout fits any other number too


class ImageTransformer:
    """Pixels to projected vectors. Immutable after construction: threads may share it.

    Args:
        weights: the checkpoint's tensors of this tower, fp32, by their names in the file; they
            are taken out one by one, so that memory holds a tower once and not twice.
        config: their shapes.
        preprocessing: mean and std of the pixels.
        device: where to compute.
        dtype: torch dtype to compute in.
        packed: lay the weights out for oneDNN (CPU only).
    """

    def __init__(
        self,
        weights: dict[str, Tensor],
        config: ClipConfig,
        preprocessing: Preprocessing,
        device: str,
        dtype: Any,
        *,
        packed: bool,
    ) -> None:
        import torch

        load = _Loader(weights, "vision_model.", device, dtype, packed)
        self._size = config.vision
        self._dtype = dtype
        kernel = weights.pop("vision_model.embeddings.patch_embedding.weight")
        mean = torch.tensor(preprocessing.mean).view(1, 3, 1, 1)
        std = torch.tensor(preprocessing.std).view(1, 3, 1, 1)
        bias = (kernel * ((_MIDDLE / 255 - mean) / std)).sum((1, 2, 3))
        kernel = (kernel / (255 * std)).permute(0, 2, 3, 1).flatten(1)
        self._patches = load.linear(kernel, bias)
        positions = weights.pop("vision_model.embeddings.position_embedding.weight")
        first = weights.pop("vision_model.embeddings.class_embedding") + positions[0]
        self._class = load.place(first).view(1, 1, -1)
        self._positions = load.place(positions[1:])
        self._before = load.norm("pre_layrnorm", config.vision)
        self._layers = _layers(load, config.vision, causal=False)
        self._after = load.norm("post_layernorm", config.vision)
        self._projection = load.linear(weights.pop("visual_projection.weight"), None)

    def __call__(self, pixels: Tensor) -> Tensor:
        """(n, size, size, 3) uint8 on the device → (n, dim) float32 on the device."""
        import torch

        patch = self._size.patch_size
        count, side = len(pixels), self._size.image_size // patch
        used = side * patch
        cut = pixels[:, :used, :used].reshape(count, side, patch, side, patch, 3)
        rows = cut.permute(0, 1, 3, 2, 4, 5).reshape(count, side * side, -1)
        patches = self._patches(rows.to(self._dtype) - _MIDDLE) + self._positions
        x = self._before(torch.cat([self._class.expand(count, 1, -1), patches], 1))
        for layer in self._layers[:-1]:
            x = layer(x)
        return self._projection(self._after(self._layers[-1].only(x, 0))).float()


class TextTransformer:
    """Token ids to projected vectors. Immutable after construction: threads may share it."""

    def __init__(
        self,
        weights: dict[str, Tensor],
        config: ClipConfig,
        device: str,
        dtype: Any,
        *,
        packed: bool,
    ) -> None:
        load = _Loader(weights, "text_model.", device, dtype, packed)
        self._tokens = load.place(weights.pop("text_model.embeddings.token_embedding.weight"))
        self._positions = load.place(weights.pop("text_model.embeddings.position_embedding.weight"))
        self._layers = _layers(load, config.text, causal=True)
        self._after = load.norm("final_layer_norm", config.text)
        self._projection = load.linear(weights.pop("text_projection.weight"), None)

    def __call__(self, ids: Tensor) -> Tensor:
        """(n, tokens) int64, each row ending in its end token → (n, dim) float32."""
        x = self._tokens[ids] + self._positions[: ids.shape[1]]
        for layer in self._layers[:-1]:
            x = layer(x)
        return self._projection(self._after(self._layers[-1].only(x, -1))).float()


class _Loader:
    """Takes weights and brings them to their device, precision and layout."""

    def __init__(
        self, weights: dict[str, Tensor], prefix: str, device: str, dtype: Any, packed: bool
    ) -> None:
        self._weights = weights
        self._prefix = prefix
        self._device = device
        self._dtype = dtype
        self._packed = packed

    def take(self, name: str) -> Tensor:
        return self._weights.pop(self._prefix + name)

    def place(self, tensor: Tensor) -> Tensor:
        return tensor.to(self._device, self._dtype).contiguous()

    def norm(self, name: str, tower: TowerConfig) -> Linear:
        import torch.nn.functional as F  # noqa: N812

        weight, bias = (
            self.place(self.take(f"{name}.weight")),
            self.place(self.take(f"{name}.bias")),
        )
        return lambda x: F.layer_norm(x, (tower.hidden,), weight, bias, tower.eps)

    def linear(self, weight: Tensor, bias: Tensor | None) -> Linear:
        import torch
        import torch.nn.functional as F  # noqa: N812

        placed = self.place(weight)
        shift = None if bias is None else self.place(bias)
        if not self._packed:
            return lambda x: F.linear(x, placed, shift)
        # Eager torch would lay out the weights anew in every call: 16 % of the time. These two
        # operators are what torch.compile emits for a frozen model; `packs` tells if they work.
        mkldnn = cast(Any, torch.ops.mkldnn)
        ready = mkldnn._reorder_linear_weight(placed, _ROWS_HINT)
        return lambda x: mkldnn._linear_pointwise(x, ready, shift, "none", [], "")


def packs(dtype: Any) -> bool:
    """Whether this build of torch has working packed weights for a dtype on the CPU."""
    import torch

    if not torch.backends.mkldnn.is_available():
        return False
    weight, x = torch.ones(32, 64, dtype=dtype), torch.ones(3, 64, dtype=dtype)
    try:
        with torch.inference_mode():
            made = _Loader({}, "", "cpu", dtype, packed=True).linear(weight, None)(x)
    except (RuntimeError, AttributeError, TypeError):  # NotImplementedError is a RuntimeError
        return False
    return bool((made == 64).all())


def _layers(load: _Loader, tower: TowerConfig, *, causal: bool) -> list[_Layer]:
    return [_Layer(load, f"encoder.layers.{n}.", tower, causal) for n in range(tower.layers)]


class _Layer:
    """One pre-norm transformer layer: attention, then two dense products."""

    def __init__(self, load: _Loader, prefix: str, tower: TowerConfig, causal: bool) -> None:
        import torch

        quick = _QUICK if tower.activation == "quick_gelu" else 1.0
        attention, dense = f"{prefix}self_attn.", f"{prefix}mlp."
        parts = [(load.take(f"{attention}{p}_proj.weight"), load.take(f"{attention}{p}_proj.bias"))
                 for p in "qkv"]  # fmt: skip
        self._qkv = load.linear(*(torch.cat(list(pair)) for pair in zip(*parts, strict=True)))
        self._out = load.linear(
            load.take(f"{attention}out_proj.weight"), load.take(f"{attention}out_proj.bias")
        )
        self._wide = load.linear(
            load.take(f"{dense}fc1.weight") * quick, load.take(f"{dense}fc1.bias") * quick
        )
        self._narrow = load.linear(
            load.take(f"{dense}fc2.weight") / quick, load.take(f"{dense}fc2.bias")
        )
        self._norm1 = load.norm(f"{prefix}layer_norm1", tower)
        self._norm2 = load.norm(f"{prefix}layer_norm2", tower)
        self._activate = _activation(tower.activation)
        self._heads = tower.heads
        self._causal = causal

    def __call__(self, x: Tensor) -> Tensor:
        """All tokens: (n, tokens, hidden) → the same shape."""
        query, key, value = self._split(x)
        return self._finish(x, query, key, value, self._causal)

    def only(self, x: Tensor, token: int) -> Tensor:
        """One token: (n, tokens, hidden) → (n, hidden). The last may look at all, causal or not."""
        query, key, value = self._split(x)
        at = slice(token, token + 1 or None)
        return self._finish(x[:, at], query[:, :, at], key, value, causal=False)[:, 0]

    def _split(self, x: Tensor) -> Any:
        count, tokens, hidden = x.shape
        rows = self._qkv(self._norm1(x)).view(count, tokens, 3, self._heads, hidden // self._heads)
        return rows.permute(2, 0, 3, 1, 4)

    def _finish(self, x: Tensor, query: Any, key: Any, value: Any, causal: bool) -> Tensor:
        import torch.nn.functional as F  # noqa: N812

        seen = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        x = x + self._out(seen.transpose(1, 2).reshape(x.shape))
        return x + self._narrow(self._activate(self._wide(self._norm2(x))))


def _activation(name: str) -> Linear:
    import torch.nn.functional as F  # noqa: N812

    known: dict[str, Linear] = {
        # quick_gelu's factor lives in the weights
        "quick_gelu": partial(F.silu, inplace=True),
        "silu": partial(F.silu, inplace=True),
        "relu": partial(F.relu, inplace=True),
        "gelu": F.gelu,
        "gelu_new": partial(F.gelu, approximate="tanh"),
        "gelu_pytorch_tanh": partial(F.gelu, approximate="tanh"),
    }
    return known[name]
