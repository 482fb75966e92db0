"""What this computer can compute with, found without importing torch where there is no card."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.vision import openvino_engine
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.quantise import Calibration, smooth
from engine.vision.tower import ImagePlan, TextPlan

_ROUND = 1
"""Part of the fingerprint: counts changes of ours after which measurements are to be repeated."""

_MOST_STREAMS = 4
_chosen_threads: list[int] = []


# ---- ways ------------------------------------------------------------------------------------


def image_ways() -> list[Way]:
    """All that may work here, the fastest first as far as can be told without measuring.

    torch on the processor comes last: it is for where OpenVINO does not work.
    """
    ways = [Way("torch", card, "fp16") for card in cards()]
    ways += [Way("openvino", "cpu", precision) for precision in openvino_engine.precisions()]
    if (short := _short_torch_precision()) != "fp32":
        ways.append(Way("torch", "cpu", short))
    return [*ways, Way("torch", "cpu", "fp32")]


def text_ways() -> list[Way]:
    """For the text tower: full precision is quick enough, and exact."""
    ways = [Way("openvino", "cpu", "fp32")] if openvino_engine.precisions() else []
    ways += [Way("torch", card, "fp32") for card in cards()]
    return [*ways, Way("torch", "cpu", "fp32")]


def cards() -> list[str]:
    """The card that torch can use here, "cuda" or "mps"; none where there is none."""
    if not _may_have_card():
        return []
    try:
        import torch
    except (ImportError, OSError):
        return []
    if torch.cuda.is_available():
        return ["cuda"]
    return ["mps"] if torch.backends.mps.is_available() else []


def _may_have_card() -> bool:
    """Whether importing torch, which takes seconds, could show one."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if "+rocm" in _version("torch"):
        return True
    if "+cpu" in _version("torch"):
        return False
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _short_torch_precision() -> str:
    """The shortest precision that the processor computes natively.

    oneDNN says yes also where it only emulates bf16 with AVX-512, slower than fp32.
    """
    return "bf16" if {"avx512_bf16", "amx_bf16"} & _processor_flags() else "fp32"


# ---- engines ---------------------------------------------------------------------------------


def open_image(plan: ImagePlan, way: Way, calibration: Calibration | None = None) -> Engine:
    """Make an image tower ready in one way; int8 needs the calibration.

    Raises:
        EngineFailed: this way does not work here.
        ModelInvalid: the weights are damaged.
    """
    streams = min(threads(), _MOST_STREAMS) if way.device == "cpu" else 1
    if plan.heads is not None:
        streams = 1  # someone waits for one photo, whose products are large enough for all cores
    if way.library == "torch":
        from engine.vision.torch_engine import TorchImage

        return TorchImage(plan, way, streams, threads())
    steps = None
    if way.precision == "int8":
        if calibration is None:
            raise EngineFailed("8 bits were not calibrated")
        try:
            plan, steps = smooth(plan, calibration)
        except ValueError as error:
            raise EngineFailed(str(error)) from error
    return openvino_engine.OpenVinoImage(plan, way, streams, threads(), steps)


def open_text(plan: TextPlan, way: Way, *, all_cores: bool = False) -> Engine:
    """Make a text tower ready, on half of the cores: queries come while photos are embedded.

    Args:
        plan: the tower.
        way: how to compute it.
        all_cores: for words that a photo waits for, which has been seen already.

    Raises:
        EngineFailed: this way does not work here.
        ModelInvalid: the weights are damaged.
    """
    cores = threads() if all_cores else max(1, threads() // 2)
    if way.library == "torch":
        from engine.vision.torch_engine import TorchText

        return TorchText(plan, way, cores)
    return openvino_engine.OpenVinoText(plan, way, cores)


# ---- the computer ----------------------------------------------------------------------------


def threads() -> int:
    """How many threads compute: one per core that we may use, or as chosen."""
    if _chosen_threads:
        return _chosen_threads[0]
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = getattr(os, "sched_getaffinity", None)
    return max(1, min(cores, len(allowed(0)) if allowed else cores))


def set_threads(count: int) -> None:
    """Choose how many threads compute; towers loaded from now on follow it. 0: one per core."""
    _chosen_threads[:] = [count] if count > 0 else []


def fingerprint() -> str:
    """What a measurement depends on besides the model: when it changes, measure again."""
    return " ".join(
        (
            _processor_name(),
            f"{threads()} threads",
            *(f"{name} {_version(name)}" for name in ("openvino", "torch")),
            *(["card"] if _may_have_card() else []),
            f"round {_ROUND}",
        )
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _processor_name() -> str:
    return _processor_line("model name") or platform.processor() or platform.machine()


def _processor_flags() -> set[str]:
    return set(_processor_line("flags").split())


def _processor_line(key: str) -> str:
    """The first line of this name in Linux' description of the processor; else empty."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return ""


def release_freed_memory() -> None:
    """Give freed memory back to the system after a tower came or went.

    glibc keeps the holes that reading and re-laying the weights leaves: 270 MB of a ViT-B/32.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
