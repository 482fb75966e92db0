"""What the tests of the watcher share: a listener that collects marks and waits for them."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import pytest

from engine.files.scan import Excludes
from engine.files.watch import Watcher
from engine.settings import DEFAULT_EXCLUDES
from engine.types import DirtyFolder

PATIENCE_S = 20.0
USUAL = Excludes(DEFAULT_EXCLUDES)

Start: TypeAlias = Callable[..., Watcher]


class Marks:
    """Collects batches and waits for marks."""

    def __init__(self) -> None:
        self._batches: queue.Queue[frozenset[DirtyFolder]] = queue.Queue()
        self.seen: list[frozenset[DirtyFolder]] = []

    def take(self, batch: frozenset[DirtyFolder]) -> None:
        self._batches.put(batch)

    def wait_for(self, *wanted: DirtyFolder) -> frozenset[DirtyFolder]:
        """All marks until the wanted ones were among them."""
        gathered: set[DirtyFolder] = set()
        deadline = monotonic() + PATIENCE_S
        while not gathered.issuperset(wanted):
            try:
                batch = self._batches.get(timeout=max(0.0, deadline - monotonic()))
            except queue.Empty:
                pytest.fail(f"not marked: {set(wanted) - gathered}; only {gathered}")
            self.seen.append(batch)
            gathered |= batch
        return frozenset(gathered)

    def keep_asking(self, photo: Path, wanted: DirtyFolder) -> None:
        """Change a photo again and again until that alone marks its folder."""
        deadline = monotonic() + PATIENCE_S
        while monotonic() < deadline:
            photo.write_bytes(b"x")
            try:
                if wanted in self._batches.get(timeout=0.5):
                    return
            except queue.Empty:
                continue
        pytest.fail(f"never marked: {wanted}")

    def rest(self) -> set[DirtyFolder]:
        """What came without waiting."""
        found: set[DirtyFolder] = set()
        while not self._batches.empty():
            found |= self._batches.get()
        return found


def shallow(path: Path) -> DirtyFolder:
    return DirtyFolder(path, recursive=False)


def deep(path: Path) -> DirtyFolder:
    return DirtyFolder(path, recursive=True)
