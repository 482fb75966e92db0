"""Towers as plain torch arithmetic: for graphics cards, and where OpenVINO does not work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engine.vision.engines import EngineFailed, Way, pooled_token
from engine.vision.tower import (
    MIDDLE,
    Activation,
    AttentionPool,
    Floats,
    Heads,
    ImagePlan,
    Layer,
    Linear,
    Norm,
    Pool,
    Stack,
    TextPlan,
)

T = TypeVar("T")
R = TypeVar("R")
Tensor: TypeAlias = Any  # torch.Tensor; torch is imported inside functions only
Step: TypeAlias = Callable[[Tensor], Tensor]

_ROWS_HINT = 400  # tokens of a typical pass; the layout fits any other number too
_PART = 8  # photos per pass and stream: more fall out of the processor's cache
_CARD_PART = 64
_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


class TorchImage:
    """An image tower. Any number of photos: they go in parts, on several streams on a CPU.

    Raises:
        EngineFailed: torch is not there, or the device does not do it.
    """

    def __init__(self, plan: ImagePlan, way: Way, streams: int, threads: int) -> None:
        self.way = way
        self._detects = plan.heads is not None
        try:
            self._tower = ImageArithmetic(plan, way)
            self._streams = Streams("image tower", streams, max(1, threads // streams))
        except (ImportError, OSError, RuntimeError) as error:
            raise _failed(error) from error

    def __call__(self, inputs: NDArray[np.uint8]) -> Floats:
        part = _CARD_PART if self.way.device != "cpu" else _PART
        if self._detects:  # its tokens are ten times as many
            part = _CARD_PART // 8 if self.way.device != "cpu" else 1
        part = max(1, min(part, -(-len(inputs) // self._streams.count)))
        parts = [inputs[first : first + part] for first in range(0, len(inputs), part)]
        try:
            return np.concatenate(self._streams.map(partial(_run, self._tower, self.way), parts))
        except RuntimeError as error:  # torch.OutOfMemoryError too
            raise _failed(error) from error

    def close(self) -> None:
        self._streams.close()
        self._tower = cast(Any, None)


class TorchText:
    """A text tower, on one stream of its own: a query never waits for photos."""

    def __init__(self, plan: TextPlan, way: Way, threads: int) -> None:
        self.way = way
        self._plan = plan
        try:
            self._tower = TextArithmetic(plan, way)
            self._streams = Streams("text tower", 1, threads)
        except (ImportError, OSError, RuntimeError) as error:
            raise _failed(error) from error

    def __call__(self, inputs: NDArray[np.int64]) -> Floats:
        rows = self._plan.rows(inputs) + self._plan.positions[: inputs.shape[1]]
        try:
            return self._streams.map(partial(_run, self._tower, self.way), [rows])[0]
        except RuntimeError as error:
            raise _failed(error) from error

    def close(self) -> None:
        self._streams.close()
        self._tower = cast(Any, None)


def _run(tower: Step, way: Way, inputs: NDArray[Any]) -> Floats:
    import torch

    with torch.inference_mode():
        # torch wants memory that it may write to
        rows = torch.from_numpy(np.require(inputs, requirements=["C", "W"]))
        return tower(rows.to(way.device)).cpu().numpy()


def _failed(error: Exception) -> EngineFailed:
    return EngineFailed(f"torch: {(str(error).splitlines() or [type(error).__name__])[0][:200]}")


class Streams:
    """A few threads that each run whole passes, with few threads inside each operation.

    One pass on all cores waits at a barrier after every operation for its slowest thread; while
    decoders keep the cores busy that halves the speed (measured: 7.6 against 13 photos/s on two
    busy cores). Separate passes never wait for each other.
    """

    def __init__(self, name: str, streams: int, threads_each: int) -> None:
        import torch

        self.count = streams
        before = torch.get_num_threads()
        started = threading.Barrier(streams + 1)

        def begin() -> None:
            torch.set_num_threads(threads_each)  # of this thread, and the default of later ones
            started.wait()

        self._pool = ThreadPoolExecutor(streams, thread_name_prefix=name)
        for _ in range(streams):
            self._pool.submit(begin)
        started.wait()
        torch.set_num_threads(before)  # give other threads their default back

    def map(self, work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
        """Do the parts, several at a time; results in their order."""
        return list(self._pool.map(work, parts))

    def close(self) -> None:
        self._pool.shutdown(wait=False)


# ---- arithmetic ------------------------------------------------------------------------------


class ImageArithmetic:
    """Pixels to projected vectors. Immutable after construction: threads may share it."""

    def __init__(self, plan: ImagePlan, way: Way) -> None:
        place = _Placer(way)
        self._plan = (plan.size, plan.patch)
        self._dtype = place.dtype
        self._patches = place.linear(plan.patches)
        positions = plan.positions
        self._class: Tensor = None
        if plan.class_token is not None:
            self._class = place.array(plan.class_token).view(1, 1, -1)
        self._positions = place.array(positions)
        self._rest = _Rest(place, plan)

    def __call__(self, pixels: Tensor) -> Tensor:
        """(n, size, size, 3) uint8 on the device → (n, dim) float32 on the device."""
        import torch

        size, patch = self._plan
        count, side = len(pixels), size // patch
        used = side * patch
        cut = pixels[:, :used, :used].reshape(count, side, patch, side, patch, 3)
        rows = cut.permute(0, 1, 3, 2, 4, 5).reshape(count, side * side, -1)
        x = self._patches(rows.to(self._dtype) - MIDDLE) + self._positions
        if self._class is not None:
            x = torch.cat([self._class.expand(count, 1, -1), x], 1)
        return self._rest(x)


class TextArithmetic:
    """Embedded words to projected vectors. Immutable after construction: threads may share it."""

    def __init__(self, plan: TextPlan, way: Way) -> None:
        place = _Placer(way)
        self._dtype = place.dtype
        self._rest = _Rest(place, plan)

    def __call__(self, rows: Tensor) -> Tensor:
        """(n, tokens, hidden) float32, positions added → (n, dim) float32."""
        return self._rest(rows.to(self._dtype))


class _Rest:
    """All that comes after the embeddings, the same for both towers."""

    def __init__(self, place: _Placer, plan: ImagePlan | TextPlan) -> None:
        stack, pool = plan.stack, plan.pool
        self._before = place.norm(plan.before) if plan.before is not None else None
        self._layers = [_Layer(place, stack, stack.layer(n)) for n in range(stack.depth)]
        self._token = pooled_token(stack, pool)
        self._pool = pool if isinstance(pool, Pool) else _AttentionPool(place, stack, pool)
        self._after = place.norm(plan.after) if plan.after is not None else None
        projection = plan.projection
        self._projection = place.linear(projection) if projection is not None else None
        self._heads = None
        if isinstance(plan, ImagePlan) and plan.heads is not None:
            self._heads = _Heads(place.in_fp32(), plan.heads)

    def __call__(self, x: Tensor) -> Tensor:
        if self._before is not None:
            x = self._before(x)
        for layer in self._layers[:-1]:
            x = layer(x)
        for layer in self._layers[-1:]:
            x = layer(x) if self._token is None else layer.only(x, self._token)
        if isinstance(self._pool, Pool) and self._pool is not Pool.ALL:
            x = x[:, -1 if self._pool is Pool.LAST else 0]
        if self._after is not None:
            x = self._after(x)
        if not isinstance(self._pool, Pool):
            x = self._pool(x)
        x = (x if self._projection is None else self._projection(x)).float()
        return x if self._heads is None else self._heads(x)


class _Heads:
    """A detector's, in full precision."""

    def __init__(self, place: _Placer, heads: Heads) -> None:
        self._norm = place.norm(heads.norm)
        self._words = place.linear(heads.words)
        self._box, self._place = _three(place, heads.box), place.array(heads.place)
        self._objectness = _three(place, heads.objectness) if heads.objectness else None

    def __call__(self, tokens: Tensor) -> Tensor:
        import torch
        import torch.nn.functional as F  # noqa: N812

        x = self._norm(tokens[:, 1:] * tokens[:, :1])
        words = self._words(x)
        box = torch.sigmoid(self._box(x) + self._place)
        parts = [words[..., :-1], F.elu(words[..., -1:]) + 1, box]
        if self._objectness is not None:
            parts.append(self._objectness(x))
        return torch.cat(parts, -1)


def _three(place: _Placer, parts: tuple[Linear, Linear, Linear]) -> Step:
    import torch.nn.functional as F  # noqa: N812

    first, second, third = (place.linear(part) for part in parts)
    return lambda x: third(F.gelu(second(F.gelu(first(x)))))


class _AttentionPool:
    """SigLIP's: a learned query looks at all tokens."""

    def __init__(self, place: _Placer, stack: Stack, pool: AttentionPool) -> None:
        self._query = place.array(pool.query).view(1, stack.heads, 1, -1)
        self._kv = place.linear(pool.kv)
        self._out = place.linear(pool.out)
        self._norm = place.norm(pool.norm)
        self._dense = _dense(place, pool.wide, pool.narrow, stack.activation)

    def __call__(self, x: Tensor) -> Tensor:
        import torch.nn.functional as F  # noqa: N812

        count, tokens, hidden = x.shape
        heads, width = self._query.shape[1], self._query.shape[3]
        key, value = self._kv(x).view(count, tokens, 2, heads, width).permute(2, 0, 3, 1, 4)
        query = self._query.expand(count, -1, -1, -1)
        y = self._out(F.scaled_dot_product_attention(query, key, value).reshape(count, hidden))
        return y + self._dense(self._norm(y))


class _Layer:
    """One transformer layer: attention, then two dense products."""

    def __init__(self, place: _Placer, stack: Stack, layer: Layer) -> None:
        self._qkv = place.linear(layer.qkv)
        self._out = place.linear(layer.out)
        self._dense = _dense(place, layer.wide, layer.narrow, stack.activation)
        self._norm1 = place.norm(layer.norm1)
        self._norm2 = place.norm(layer.norm2)
        self._heads = stack.heads
        self._causal = stack.causal
        self._norm_after = stack.norm_after

    def __call__(self, x: Tensor) -> Tensor:
        """All tokens: (n, tokens, hidden) → the same shape."""
        query, key, value = self._split(x)
        return self._finish(x, query, key, value, self._causal)

    def only(self, x: Tensor, token: int) -> Tensor:
        """One token, which may look at all: (n, tokens, hidden) → (n, 1, hidden)."""
        query, key, value = self._split(x)
        at = slice(token, token + 1 or None)
        return self._finish(x[:, at], query[:, :, at], key, value, causal=False)

    def _split(self, x: Tensor) -> Any:
        count, tokens, hidden = x.shape
        rows = self._qkv(x if self._norm_after else self._norm1(x))
        rows = rows.view(count, tokens, 3, self._heads, hidden // self._heads)
        return rows.permute(2, 0, 3, 1, 4)

    def _finish(self, x: Tensor, query: Any, key: Any, value: Any, causal: bool) -> Tensor:
        import torch.nn.functional as F  # noqa: N812

        seen = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        x = x + self._out(seen.transpose(1, 2).reshape(x.shape))
        if self._norm_after:
            x = self._norm1(x)
            return self._norm2(x + self._dense(x))
        return x + self._dense(self._norm2(x))


def _dense(place: _Placer, wide: Linear, narrow: Linear, activation: Activation) -> Step:
    first, second, between = place.linear(wide), place.linear(narrow), _activation(activation)
    return lambda x: second(between(first(x)))


class _Placer:
    """Brings arrays to their device, precision and layout."""

    def __init__(self, way: Way) -> None:
        import torch

        self.dtype = getattr(torch, _DTYPES[way.precision])
        self._device = way.device
        self._packed = way.device == "cpu" and packs(self.dtype)

    def in_fp32(self) -> _Placer:
        """The same device, in full precision."""
        return _Placer(Way("torch", self._device, "fp32"))

    def array(self, values: Floats) -> Tensor:
        import torch

        writable = np.require(values, np.float32, ["C", "W"])
        return torch.from_numpy(writable).to(self._device, self.dtype).contiguous()

    def norm(self, norm: Norm) -> Step:
        import torch.nn.functional as F  # noqa: N812

        weight, bias, eps = self.array(norm.weight), self.array(norm.bias), norm.eps
        return lambda x: F.layer_norm(x, (len(weight),), weight, bias, eps)

    def linear(self, part: Linear) -> Step:
        placed = self.array(part.weight)
        shift = None if part.bias is None else self.array(part.bias)
        return _packed(placed, shift) if self._packed else _plain(placed, shift)


def _plain(weight: Tensor, bias: Tensor | None) -> Step:
    import torch.nn.functional as F  # noqa: N812

    return lambda x: F.linear(x, weight, bias)


def _packed(weight: Tensor, bias: Tensor | None) -> Step:
    """Eager torch would lay out the weights anew in every call: 16 % of the time.

    These two operators are what torch.compile emits for a frozen model; `packs` tells if they
    work.
    """
    import torch

    mkldnn = cast(Any, torch.ops.mkldnn)
    ready = mkldnn._reorder_linear_weight(weight, _ROWS_HINT)
    return lambda x: mkldnn._linear_pointwise(x, ready, bias, "none", [], "")


def packs(dtype: Any) -> bool:
    """Whether this build of torch has working packed weights for a dtype on the CPU."""
    import torch

    if not torch.backends.mkldnn.is_available():
        return False
    weight, x = torch.ones(32, 64, dtype=dtype), torch.ones(3, 64, dtype=dtype)
    try:
        with torch.inference_mode():
            made = _packed(weight, None)(x)
    except (RuntimeError, AttributeError, TypeError):  # NotImplementedError is a RuntimeError
        return False
    return bool((made == 64).all())


def _activation(kind: Activation) -> Step:
    import torch.nn.functional as F  # noqa: N812

    known: dict[Activation, Step] = {
        Activation.SILU: partial(F.silu, inplace=True),
        Activation.RELU: partial(F.relu, inplace=True),
        Activation.GELU: F.gelu,
        Activation.GELU_TANH: partial(F.gelu, approximate="tanh"),
    }
    return known[kind]
