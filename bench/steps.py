"""Where indexing spends its time: clocks around its steps, and the processors' share of each."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil


class Steps:
    """Wraps the steps of `engine.indexing` for the life of this process."""

    def __init__(self) -> None:
        from engine import indexing
        from engine.files.decode import DecoderPool
        from engine.one_ahead import OneAhead
        from engine.vision.clip import ImageTower

        self._lock = threading.Lock()
        self._seconds: dict[str, float] = {}
        self._began: dict[str, float] = {}
        for owner, method, step in (
            (ImageTower, "embed", "model computes"),
            (OneAhead, "start", "waiting for the model"),
            (indexing, "_sort_in", "looking up copies"),
            (indexing, "_keep_previews", "writing previews"),
            (indexing, "_commit", "catalog and vector index"),
            (DecoderPool, "submit", "asking for photos"),
        ):
            setattr(owner, method, self._timed(getattr(owner, method), step))

    def _timed(self, act: Callable[..., Any], step: str) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return act(*args, **named)
            finally:
                took = time.perf_counter() - began
                with self._lock:
                    self._seconds[step] = self._seconds.get(step, 0.0) + took

        return timed

    def begin(self) -> None:
        self._seconds = {}
        self._began = _processor_seconds()

    def end(self, seconds: float) -> dict[str, float]:
        """Seconds by step, the tower's busy share, and core-seconds of us and the decoders."""
        used = _processor_seconds()
        found = {"seconds in all": seconds, **self._seconds}
        along = ("seconds in all", "model computes")  # the model works beside the other steps
        known = sum(took for step, took in found.items() if step not in along)
        found["waiting for photos, and the rest"] = seconds - known
        result = {step: round(took, 3) for step, took in found.items()}
        result["share of time the model computes"] = round(found["model computes"] / seconds, 3)
        for who in ("this process", "decoders"):
            result[f"core-seconds of {who}"] = round(used[who] - self._began.get(who, 0.0), 2)
        idle = seconds * (os.cpu_count() or 1) - sum(
            used[who] - self._began.get(who, 0.0) for who in ("this process", "decoders")
        )
        result["core-seconds idle, or others'"] = round(idle, 2)
        return result


def _processor_seconds() -> dict[str, float]:
    me = psutil.Process()
    children = 0.0
    for child in me.children():
        spent = child.cpu_times()
        children += spent.user + spent.system
    own = me.cpu_times()
    return {"this process": own.user + own.system, "decoders": children}
