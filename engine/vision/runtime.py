"""Device, precision, threads: the fastest way here that was measured to agree with fp32."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

MIN_AGREEMENT = 0.995
"""Least centred cosine to fp32 at which a shorter precision is accepted."""

EXACT = 0.9999
"""Least centred cosine to transformers at which our own fp32 arithmetic is accepted."""

_MOST_STREAMS = 4


def choose_device() -> str:
    """CUDA, then Apple's MPS, then the CPU."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    return "cpu"


def short_precision(device: str) -> str:
    """The precision of 16 bits that this device computes natively; "fp32" where it has none."""
    import torch

    if device in ("cuda", "mps"):
        return "fp16"
    # oneDNN says yes also where it only emulates bf16 with AVX-512, slower than fp32.
    native = any(
        getattr(torch.cpu, name, bool)()
        for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return "bf16" if native and torch.backends.mkldnn.is_available() else "fp32"


def fingerprint(device: str) -> str:
    """What a measurement depends on besides the model: when it changes, measure again."""
    import torch

    chip = (
        torch.cuda.get_device_name()
        if device == "cuda"
        else torch.backends.cpu.get_cpu_capability()
    )
    short = short_precision(device)
    return (
        f"{device} {chip} {short} torch {torch.__version__} transformers {version('transformers')}"
    )


def threads() -> int:
    """How many threads torch uses inside one operation, by default one per core."""
    import torch

    return torch.get_num_threads()


def set_threads(count: int) -> None:
    """Choose how many threads torch uses; towers loaded from now on follow it."""
    import torch

    torch.set_num_threads(max(1, count))


def release_freed_memory() -> None:
    """Give freed memory back to the system after a tower came or went.

    glibc keeps the holes that reading and re-laying the weights leaves: 270 MB of a ViT-B/32.
    """
    import ctypes

    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)


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

    @classmethod
    def for_images(cls, device: str) -> Streams:
        """As many passes at a time as there are cores, four at most; one on a graphics card."""
        cores = threads()
        streams = min(cores, _MOST_STREAMS) if device == "cpu" else 1
        return cls("image tower", streams, max(1, cores // streams))

    @classmethod
    def for_texts(cls) -> Streams:
        """One pass, on half of the cores: a query comes while photos are being embedded."""
        return cls("text tower", 1, max(1, threads() // 2))

    def map(self, work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
        """Do the parts, several at a time; results in their order."""
        return list(self._pool.map(work, parts))

    def close(self) -> None:
        self._pool.shutdown(wait=False)


def agreement(exact: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Least cosine between rows after their mean is taken away; 0 when anything is not finite.

    Vectors of one model share a large common part, so a plain cosine is near 1 for anything.
    """
    if not (np.isfinite(exact).all() and np.isfinite(other).all()):
        return 0.0
    a, b = exact - exact.mean(axis=0), other - other.mean(axis=0)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1) / np.maximum(lengths, 1e-12)).min())


def sample_pixels(crop: int, count: int = 6) -> NDArray[np.uint8]:
    """Drawn pictures, (count, crop, crop, 3) uint8: smooth colours, edges and grain, all distinct.

    They differ enough that a tower which tells photos apart must tell these apart too.
    """
    random = np.random.default_rng(2024)
    y, x = np.mgrid[0:crop, 0:crop] / crop
    pictures: list[NDArray[np.uint8]] = []
    for _ in range(count):
        low, high, box = random.uniform(0, 255, (3, 3))
        wave = random.uniform(1, 9, 2)
        blend = 0.5 + 0.5 * np.sin(wave[0] * x + wave[1] * y)[..., None]
        picture = low * blend + high * (1 - blend)
        left, top = random.uniform(0.1, 0.5, 2)
        picture[(x > left) & (x < left + 0.4) & (y > top) & (y < top + 0.4)] = box
        picture += random.normal(0, 12, picture.shape)
        pictures.append(cast("NDArray[np.uint8]", np.clip(picture, 0, 255).astype(np.uint8)))
    return np.stack(pictures)
