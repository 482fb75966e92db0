"""What the journeys do over and over: draw photos, bring a library up to date, compare trees."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from engine import Library
from engine.jobs import IndexReport, ReconcileReport, drain


def draw(path: Path, seed: int, size: tuple[int, int] = (96, 64)) -> Path:
    """A small picture that differs for every seed; older than a clock's grain."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path)
    os.utime(path, (1_600_000_000 + seed, 1_600_000_000 + seed))
    return path


def update(library: Library) -> tuple[ReconcileReport, IndexReport]:
    """What happens at each start: compare the disk, then read and embed what is new."""
    found = drain(library.reconcile())
    return found, drain(library.index())


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file's bytes and time: what must never change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def copy_tree(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target))
