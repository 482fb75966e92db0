"""Plans as OpenVINO graphs, put together operation by operation: no converter, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.vision.engines import pooled_token
from engine.vision.openvino_import import import_openvino
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

Node: TypeAlias = Any  # openvino.Node or openvino.Output
Model: TypeAlias = Any  # openvino.Model

LEVELS = 256
_WEIGHT_STEPS = 127  # symmetric, so that a weight of 0 stays 0

Steps: TypeAlias = tuple[Floats, Floats, Floats, Floats]
"""Of an input to a product: lowest and highest value before and after rounding to 8 bits.
Before may differ per channel, which is a scaling for free; after is one number each."""


def image_graph(
    plan: ImagePlan, *, half: bool = False, steps: Mapping[str, Steps] | None = None
) -> Model:
    """uint8 pixels (n, size, size, 3) → float32 (n, dim), for any n.

    Args:
        plan: the tower.
        half: hold the numbers in bf16, which halves the memory.
        steps: where a product's input is named here, the product is one of 8 bits.
    """
    return _Builder(half, steps or {}).image(plan)


def observed_image_graph(plan: ImagePlan) -> tuple[Model, list[str]]:
    """As `image_graph`, with two more results for each product that 8 bits could compute.

    They are the lowest and the highest value of each channel of its input; the names are given
    in the order of these pairs.
    """
    builder = _Builder(half=False, steps={})
    builder.watched = []
    model = builder.image(plan)
    return model, [name for name, _ in builder.watched]


def text_graph(plan: TextPlan) -> Model:
    """Embedded words (n, tokens, hidden) float32, positions added → float32 (n, dim)."""
    return _Builder(half=False, steps={}).text(plan)


def heads_graph(heads: Heads) -> Model:
    """Tokens (n, 1 + patches, hidden) float32 → the columns of `Heads`, (n, patches, columns)."""
    return _Builder(half=False, steps={}).heads(heads)


class _Builder:
    """Holds what all parts of one graph share."""

    def __init__(self, half: bool, steps: Mapping[str, Steps]) -> None:
        import_openvino()
        import openvino
        from openvino import Shape, Tensor, Type, opset13
        from openvino.op import Constant

        self._op = opset13
        self._model: Any = openvino.Model  # its stubs contradict each other
        self._tensor, self._shape, self._type, self._constant = Tensor, Shape, Type, Constant
        self._half = half
        self._steps = steps
        self.watched: list[tuple[str, list[Node]]] | None = None

    # ---- towers ------------------------------------------------------------------------------

    def image(self, plan: ImagePlan) -> Model:
        op = self._op
        pixels = op.parameter([-1, plan.size, plan.size, 3], np.uint8, name="pixels")
        side = plan.size // plan.patch
        x = pixels
        if side * plan.patch != plan.size:
            x = op.slice(x, [0, 0], [side * plan.patch] * 2, [1, 1], [1, 2])
        x = self._shaped(x, -1, side, plan.patch, side, plan.patch, 3)
        x = self._shaped(op.transpose(x, [0, 1, 3, 2, 4, 5]), -1, side * side, plan.patch**2 * 3)
        x = op.convert(x, self._type.bf16 if self._half else np.float32)
        x = op.subtract(x, self._number(MIDDLE))
        x = self._dense("patches", x, plan.patches)
        positions = plan.positions
        if plan.class_token is not None:
            x = op.pad(x, [0, 1, 0], [0, 0, 0], "constant", self._number(0))
            positions = np.concatenate([plan.class_token[None], positions])
        x = op.add(x, self._array(positions[None]))
        out = self._tail(self._layers(x, plan.stack, plan.pool, plan.before), plan)
        results = [op.result(op.convert(out, np.float32) if self._half else out)]
        for _, nodes in self.watched or ():
            results += [op.result(node) for node in nodes]
        return self._model(results, [pixels], "image tower")

    def text(self, plan: TextPlan) -> Model:
        op = self._op
        rows = op.parameter([-1, -1, plan.stack.hidden], np.float32, name="rows")
        out = self._tail(self._layers(rows, plan.stack, plan.pool, plan.before), plan)
        return self._model([op.result(out)], [rows], "text tower")

    def heads(self, heads: Heads) -> Model:
        op, width = self._op, len(heads.norm.weight)
        tokens = op.parameter([-1, len(heads.place) + 1, width], np.float32, name="tokens")
        first = self._token(tokens, 0, 1)
        x = op.slice(tokens, [1], [len(heads.place) + 1], [1], [1])
        x = self._norm(op.multiply(x, first), heads.norm)
        words = self._dense("words", x, heads.words)
        dim = len(heads.words.weight) - 1  # all but the last column
        plain = op.slice(words, [0], [dim], [1], [2])
        scale = op.slice(words, [dim], [dim + 1], [1], [2])
        scale = op.add(op.elu(scale, 1.0), self._number(1))
        box = op.sigmoid(op.add(self._three(x, heads.box), self._array(heads.place[None])))
        parts = [plain, scale, box]
        if heads.objectness is not None:
            parts.append(self._three(x, heads.objectness))
        return self._model([op.result(op.concat(parts, 2))], [tokens], "heads")

    def _three(self, x: Node, parts: tuple[Linear, Linear, Linear]) -> Node:
        for part in parts[:2]:
            x = self._op.gelu(self._dense("head", x, part), "ERF")
        return self._dense("head", x, parts[2])

    def _layers(
        self, x: Node, stack: Stack, pool: Pool | AttentionPool, before: Norm | None
    ) -> Node:
        """All layers; of the last only what `pool` looks at: (n, hidden), or all tokens."""
        token = pooled_token(stack, pool)
        if before is not None:
            x = self._norm(x, before)
        for n in range(stack.depth):
            only = token if n == stack.depth - 1 else None
            x = self._layer(n, x, stack, stack.layer(n), only)
        if isinstance(pool, Pool) and pool is not Pool.ALL:
            if token is None or not stack.depth:
                x = self._token(x, 0 if pool is Pool.FIRST else -1, 1)
            x = self._op.squeeze(x, [1])
        return x

    def _tail(self, x: Node, plan: ImagePlan | TextPlan) -> Node:
        if plan.after is not None:
            x = self._norm(x, plan.after)
        if isinstance(plan.pool, AttentionPool):
            x = self._attention_pool(x, plan.pool, plan.stack)
        return x if plan.projection is None else self._dense("projection", x, plan.projection)

    def _attention_pool(self, x: Node, pool: AttentionPool, stack: Stack) -> Node:
        op, heads, width = self._op, stack.heads, stack.hidden // stack.heads
        query = pool.query.reshape(1, heads, 1, width) * np.float32(width**-0.5)
        key, value = self._heads(self._dense("kv", x, pool.kv), 2, heads, width)
        seen = op.softmax(op.matmul(self._array(query), key, False, True), -1)
        y = op.matmul(seen, value, False, False)
        y = self._dense("pool.out", self._shaped(y, -1, stack.hidden), pool.out)
        wide = self._activate(
            self._dense("pool.wide", self._norm(y, pool.norm), pool.wide), stack.activation
        )
        return op.add(y, self._dense("pool.narrow", wide, pool.narrow))

    # ---- one layer ---------------------------------------------------------------------------

    def _layer(self, n: int, x: Node, stack: Stack, layer: Layer, only: int | None) -> Node:
        """One layer; `only` is the one token that is wanted of it, or None for all."""
        op, width = self._op, stack.hidden // stack.heads
        y = x if stack.norm_after else self._norm(x, layer.norm1)
        query, key, value = self._heads(
            self._dense(f"{n}.qkv", y, layer.qkv), 3, stack.heads, width
        )
        if only is not None:
            query, x = self._token(query, only, 2), self._token(x, only, 1)
        causal = stack.causal and only is None
        seen = op.scaled_dot_product_attention(query, key, value, causal=causal)
        seen = op.reshape(
            op.transpose(seen, [0, 2, 1, 3]), np.array([0, 0, stack.hidden]), special_zero=True
        )
        x = op.add(x, self._dense(f"{n}.out", seen, layer.out))
        y = x = self._norm(x, layer.norm1) if stack.norm_after else x
        if not stack.norm_after:
            y = self._norm(x, layer.norm2)
        wide = self._activate(self._dense(f"{n}.wide", y, layer.wide), stack.activation)
        x = op.add(x, self._dense(f"{n}.narrow", wide, layer.narrow))
        return self._norm(x, layer.norm2) if stack.norm_after else x

    def _heads(self, x: Node, parts: int, heads: int, width: int) -> list[Node]:
        """(n, tokens, parts · hidden) → each part as (n, heads, tokens, width)."""
        op = self._op
        x = op.reshape(x, np.array([0, 0, parts, heads, width]), special_zero=True)
        x = op.transpose(x, [2, 0, 3, 1, 4])
        return [op.gather(x, op.constant(np.array(n)), op.constant(np.array(0)))
                for n in range(parts)]  # fmt: skip

    def _activate(self, x: Node, kind: Activation) -> Node:
        op = self._op
        known: dict[Activation, Callable[[], Node]] = {
            Activation.GELU: lambda: op.gelu(x, "ERF"),
            Activation.GELU_TANH: lambda: op.gelu(x, "TANH"),
            Activation.SILU: lambda: op.swish(x, self._number(1)),
            Activation.RELU: lambda: op.relu(x),
        }
        return known[kind]()

    # ---- pieces ------------------------------------------------------------------------------

    def _norm(self, x: Node, norm: Norm) -> Node:
        op = self._op
        axes = op.constant(np.array([-1], np.int64))
        y = op.mvn(x, axes, normalize_variance=True, eps=norm.eps, eps_mode="INSIDE_SQRT")
        return op.add(op.multiply(y, self._array(norm.weight)), self._array(norm.bias))

    def _dense(self, name: str, x: Node, part: Linear) -> Node:
        op = self._op
        steps = self._steps.get(name)
        if self.watched is not None and not name.startswith(("projection", "pool.")):
            self.watched.append((name, [op.reduce_min(x, [0, 1]), op.reduce_max(x, [0, 1])]))
        if steps is None:
            y = op.matmul(x, self._array(part.weight), False, True)
        else:
            x = op.fake_quantize(x, *(self._array(edge) for edge in steps), LEVELS)
            whole, scale = in_8_bits(part.weight)
            weight = op.multiply(op.convert(op.constant(whole), np.float32), self._array(scale))
            y = op.matmul(x, weight, False, True)
        return y if part.bias is None else op.add(y, self._array(part.bias))

    def _token(self, x: Node, place: int, axis: int) -> Node:
        """One token along an axis, which stays: place 0 or -1."""
        end = np.iinfo(np.int64).max if place == -1 else place + 1
        return self._op.slice(x, [place], [end], [1], [axis])

    def _shaped(self, x: Node, *shape: int) -> Node:
        return self._op.reshape(x, np.array(shape), special_zero=False)

    def _number(self, value: float) -> Node:
        return self._array(np.array(value, np.float32))

    def _array(self, values: Floats) -> Node:
        values = np.require(values, np.float32, ["C"])
        if not self._half:
            return self._op.constant(values)
        # a constant made of a tensor shares its memory, so the tensor must own it
        tensor = self._tensor(self._type.bf16, self._shape(values.shape))
        tensor.data.view(np.uint16)[...] = _to_bf16(values)
        return self._constant(tensor)


def in_8_bits(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Whole numbers and one scale per row, whose product is nearly the weight."""
    scale = np.maximum(np.abs(weight).max(1, keepdims=True), np.float32(1e-12)) / _WEIGHT_STEPS
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)


def _to_bf16(values: Floats) -> NDArray[np.uint16]:
    """Round to the nearest, as the processor does."""
    bits = np.asarray(values).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
