"""Chooses device and precision: the fastest that was measured to agree with fp32."""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np

log = logging.getLogger(__name__)

MIN_AGREEMENT = 0.995
"""Least centred cosine to fp32 at which a shorter precision is accepted."""

_quiet = threading.Lock()


def quiet() -> None:
    """Keep transformers off stderr: no progress bars, no advice; our own log tells what counts."""
    with _quiet:
        from transformers.utils import logging as noise

        noise.set_verbosity_error()
        noise.disable_progress_bar()


def choose_device() -> str:
    """CUDA, then Apple's MPS, then the CPU."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    return "cpu"


def short_precision(device: str) -> str | None:
    """The 16-bit precision that this device computes natively, or None. Costs no forward pass."""
    import torch

    if device in ("cuda", "mps"):
        return "fp16"
    # mkldnn also says yes where it only emulates bf16 with AVX-512, which is slower than fp32.
    native = any(
        getattr(torch.cpu, name, lambda: False)()
        for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return "bf16" if native and torch.ops.mkldnn._is_mkldnn_bf16_supported() else None  # pyright: ignore[reportPrivateUsage]


def dtype_of(precision: str) -> Any:
    """The dtype of torch for "fp32", "bf16" or "fp16"."""
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def threads() -> int:
    """How many threads torch uses inside one operation."""
    import torch

    return torch.get_num_threads()


def set_threads(count: int) -> None:
    """Limit torch's threads, for the whole process."""
    import torch

    torch.set_num_threads(max(1, count))


def agreement(exact: np.ndarray, short: np.ndarray) -> float:
    """Least cosine between rows after their mean is taken away; 0 when anything is not finite.

    Vectors of one model share a large common part, so a plain cosine is near 1 for anything.
    """
    if not (np.isfinite(exact).all() and np.isfinite(short).all()):
        return 0.0
    middle = exact.mean(axis=0)
    a, b = exact - middle, short - middle
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1) / np.maximum(norms, 1e-12)).min())


def sample_pixels(crop: int, count: int = 6) -> np.ndarray:
    """Drawn pictures, (count, crop, crop, 3) uint8: smooth colours, edges and grain, all distinct.

    They are different enough from each other that a tower which tells photos apart must
    tell these apart too.
    """
    random = np.random.default_rng(20_24)
    y, x = np.mgrid[0:crop, 0:crop] / crop
    pictures = []
    for _ in range(count):
        low, high, wave = (
            random.uniform(0, 255, 3),
            random.uniform(0, 255, 3),
            random.uniform(1, 9, 2),
        )
        blend = 0.5 + 0.5 * np.sin(wave[0] * x + wave[1] * y)[..., None]
        picture = low * blend + high * (1 - blend)
        left, top = random.uniform(0.1, 0.5, 2)
        inside = (x > left) & (x < left + 0.4) & (y > top) & (y < top + 0.4)
        picture[inside] = random.uniform(0, 255, 3)
        picture += random.normal(0, 12, picture.shape)
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(pictures)
