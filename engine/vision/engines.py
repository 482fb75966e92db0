"""What every engine is: a tower made ready to compute, one way of doing it on one device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from engine.vision.tower import AttentionPool, Floats, Pool, Stack


@dataclass(frozen=True, slots=True)
class Way:
    """One way of computing: which library, where, and with what numbers."""

    library: str  # "openvino" or "torch"
    device: str  # "cpu", "cuda", "mps"
    precision: str  # "fp32", "bf16", "fp16", "int8"

    @property
    def name(self) -> str:
        """As people read it: "openvino int8", "cuda fp16"."""
        return f"{self.library if self.device == 'cpu' else self.device} {self.precision}"


class Engine(Protocol):
    """A tower in memory. Calls come one at a time; `close` gives the memory back.

    An image engine takes (n, size, size, 3) uint8 pixels, a text engine (n, tokens) int64 ids;
    both give (n, dim) float32, not normalised. RuntimeError: it does not work here.
    """

    way: Way

    def __call__(self, inputs: NDArray[Any]) -> Floats: ...

    def close(self) -> None: ...


class EngineFailed(RuntimeError):
    """A way of computing does not work on this computer; the text says why."""


def pooled_token(stack: Stack, pool: Pool | AttentionPool) -> int | None:
    """The only token that is wanted of the last layer; None where all are."""
    if pool is Pool.LAST:
        return -1
    # a causal first token would see itself alone, so it cannot look at all as the others do
    return 0 if pool is Pool.FIRST and not stack.causal else None
