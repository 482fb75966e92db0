"""Towers on OpenVINO's CPU plugin: the fastest way here on processors, and without torch."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.vision import openvino_graph as graphs
from engine.vision.engines import EngineFailed, Way
from engine.vision.leaving import native_work
from engine.vision.openvino_graph import Steps
from engine.vision.openvino_import import import_openvino
from engine.vision.tower import Floats, ImagePlan, TextPlan

Model: TypeAlias = Any  # openvino.Model
Request: TypeAlias = Any  # openvino.InferRequest

_PART = 8  # photos per request: more fall out of the processor's cache (16: 1 % slower)
_HINTS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}
_core_lock = threading.Lock()
_cores: list[Any] = []


def precisions() -> tuple[str, ...]:
    """What this processor computes natively, the fastest first; empty without OpenVINO."""
    try:
        able = set(_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    except (ImportError, RuntimeError, OSError):
        return ()
    named = {"INT8": "int8", "BF16": "bf16", "FP16": "fp16"}
    return (*(name for capability, name in named.items() if capability in able), "fp32")


class OpenVinoImage:
    """An image tower. Any number of photos: they go in parts, one stream each at a time.

    Args:
        plan: the tower, for int8 the one that `quantise.smooth` made.
        way: "int8" computes what has no steps in the shortest float precision.
        streams: passes at a time.
        threads: of all streams together.
        steps: for int8, from `quantise.smooth`.

    Raises:
        EngineFailed: OpenVINO is not there, or refuses the graph.
    """

    def __init__(
        self,
        plan: ImagePlan,
        way: Way,
        streams: int,
        threads: int,
        steps: Mapping[str, Steps] | None = None,
    ) -> None:
        self.way = way
        rest = next(p for p in (*precisions(), "fp32") if p != "int8")
        precision = rest if way.precision == "int8" else way.precision
        half = way.precision == "bf16"
        self._requests = _compiled(
            lambda: graphs.image_graph(plan, half=half, steps=steps), precision, streams, threads
        )
        self._heads: list[Request] = []
        if (heads := plan.heads) is not None:
            self._heads = _compiled(lambda: graphs.heads_graph(heads), "fp32", streams, threads)

    def __call__(self, inputs: NDArray[np.uint8]) -> Floats:
        if not self._heads:
            return np.concatenate([results[0] for results in _run(self._requests, inputs)])
        # the tokens of a photo are megabytes: never those of many at a time
        parts: list[Floats] = []
        for first in range(0, len(inputs), len(self._requests)):
            some = inputs[first : first + len(self._requests)]
            tokens = np.concatenate([results[0] for results in _run(self._requests, some)])
            parts += [results[0] for results in _run(self._heads, tokens)]
        return np.concatenate(parts)

    def close(self) -> None:
        self._requests, self._heads = [], []


class OpenVinoText:
    """A text tower, in fp32 and on one stream of its own: a query never waits for photos."""

    def __init__(self, plan: TextPlan, way: Way, threads: int) -> None:
        self.way = way
        self._plan = plan
        self._requests = _compiled(lambda: graphs.text_graph(plan), way.precision, 1, threads)

    def __call__(self, inputs: NDArray[np.int64]) -> Floats:
        rows = self._plan.rows(inputs) + self._plan.positions[: inputs.shape[1]]
        return _run(self._requests, rows)[0][0]

    def close(self) -> None:
        self._requests = []


def observe(
    plan: ImagePlan, pixels: NDArray[np.uint8], streams: int, threads: int
) -> dict[str, tuple[Floats, Floats]]:
    """What goes into each product while the tower looks at photos, in fp32.

    Returns:
        The lowest and the highest value of each channel, (channels,), by the product's name.

    Raises:
        EngineFailed: OpenVINO is not there, or refuses the graph.
    """
    names: list[str] = []

    def build() -> Model:
        model, found = graphs.observed_image_graph(plan)
        names.extend(found)
        return model

    parts = _run(_compiled(build, "fp32", streams, threads), pixels)
    return {
        name: (
            np.min([results[1 + 2 * n] for results in parts], axis=0),
            np.max([results[2 + 2 * n] for results in parts], axis=0),
        )
        for n, name in enumerate(names)
    }


def _core() -> Any:
    import_openvino()
    from openvino import Core

    with _core_lock:
        if not _cores:
            _cores.append(Core())
        return _cores[0]


def _compiled(
    build: Callable[[], Model], precision: str, streams: int, threads: int
) -> list[Request]:
    """A graph made ready to run, as one request per stream. The graph itself is let go."""
    wishes = {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": _HINTS[precision],
        # decoders and searches share the processor: the system knows best who runs where
        "ENABLE_CPU_PINNING": False,
    }
    try:
        model = build()
        with native_work():
            compiled = _core().compile_model(model, "CPU", wishes)
            return [compiled.create_infer_request() for _ in range(streams)]
    except (ImportError, OSError, RuntimeError, TypeError, AttributeError) as error:
        # what a version that we do not know may do: gone functions, other arguments
        raise EngineFailed(f"OpenVINO: {_first_line(error)}") from error


def _run(requests: Sequence[Request], inputs: NDArray[Any]) -> list[list[Floats]]:
    """Compute in parts, on all streams; for each part its results in order."""
    part = min(_PART, -(-len(inputs) // len(requests))) if len(requests) > 1 else len(inputs)
    # not copied by OpenVINO: so they are held until all is done
    rows = [
        np.ascontiguousarray(inputs[first : first + part]) for first in range(0, len(inputs), part)
    ]
    running: deque[Request] = deque()
    found: list[list[Floats]] = []

    def finish() -> None:
        running[0].wait()
        found.append([np.array(tensor.data) for tensor in running.popleft().output_tensors])

    with native_work():
        try:
            for n, some in enumerate(rows):
                if len(running) == len(requests):
                    finish()
                requests[n % len(requests)].start_async({0: some}, share_inputs=True)
                running.append(requests[n % len(requests)])
            while running:
                finish()
        except RuntimeError as error:
            raise EngineFailed(f"OpenVINO: {_first_line(error)}") from error
        finally:
            for request in running:  # only after a failure: none may be at work on freed memory
                with suppress(RuntimeError):
                    request.wait()
    return found


def _first_line(error: Exception) -> str:
    """OpenVINO explains over many lines, with places in its source first."""
    lines = [line for line in str(error).splitlines() if line and "Exception from" not in line]
    return lines[0][:200] if lines else type(error).__name__
