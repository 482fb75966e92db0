"""The system's change events for one root, by way of watchdog, as dirty folders."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from engine.files.scan import Excludes, is_candidate, is_sidecar
from engine.types import DirtyFolder

Put: TypeAlias = Callable[[DirtyFolder], None]

# Never "opened" or "closed without writing": merely reading a photo sends those.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
_LIMITS = (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class TooManyFolders(Exception):
    """The system's limit of watches does not cover all folders of the root."""


class Notifier:
    """Watches one root from creation until `stop`. Its threads only ever call `put`.

    Args:
        root: an existing folder; it may be a symbolic link.
        excludes: folders of these names are not even watched.
        put: told each folder that may have changed; must not block.
        on_limit: called (from any thread) when a folder that appeared later cannot be watched.
        max_watches: as the system's own limit, for tests.

    Raises:
        TooManyFolders: on creation; nothing is watched.
        OSError: on creation; the root cannot be watched.
    """

    def __init__(
        self,
        root: Path,
        excludes: Excludes,
        put: Put,
        on_limit: Callable[[], None],
        *,
        max_watches: int | None = None,
    ) -> None:
        self._translate = _Translate(root, excludes, put)
        self._on_limit = on_limit
        self._limited = False
        self._started = False
        self._hears: Callable[[], bool] = lambda: True
        self._observer = self._make_observer(max_watches)
        try:
            self._observer.schedule(
                self._translate, self._translate.real, recursive=True, event_filter=_EVENTS
            )
            self._observer.start()
        except OSError as error:
            self.stop()
            if error.errno in _LIMITS:
                raise TooManyFolders from error
            raise
        if self._limited:
            self.stop()
            raise TooManyFolders
        self._started = True

    def alive(self) -> bool:
        """Whether events still come. The observer lives on when its root is deleted; this not."""
        emitters = list(self._observer.emitters)
        running = self._observer.is_alive() and self._hears()
        return running and bool(emitters) and all(emitter.is_alive() for emitter in emitters)

    def overflow(self) -> None:
        """Events were lost: everything below the root may have changed."""
        self._translate.everything()

    def stop(self) -> None:
        """End all of its threads."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()

    def _make_observer(self, max_watches: int | None) -> BaseObserver:
        if sys.platform != "linux":
            return Observer()
        from engine.files.inotify import LinuxObserver

        observer = LinuxObserver(
            is_out=lambda path: self._translate.is_out(os.fsdecode(path)),
            on_overflow=self.overflow,
            on_limit=self._limit_reached,
            max_watches=max_watches,
        )
        self._hears = observer.hears
        return observer

    def _limit_reached(self) -> None:
        self._limited = True
        if self._started:
            self._on_limit()


class _Translate(FileSystemEventHandler):
    """Turns watchdog's events into dirty folders, on watchdog's thread."""

    def __init__(self, root: Path, excludes: Excludes, put: Put) -> None:
        self._root = root
        self._excludes = excludes
        self._put = put
        # A link as root would be watched itself instead of the folder that it leads to.
        self.real = os.path.realpath(root)
        self._prefix = self.real.rstrip(os.sep) + os.sep

    def dispatch(self, event: FileSystemEvent) -> None:
        vanished = isinstance(event, FileDeletedEvent | FileMovedEvent)
        self._mark(event.src_path, folder=event.is_directory, vanished=vanished)
        if event.dest_path:
            self._mark(event.dest_path, folder=event.is_directory, vanished=False)

    def is_out(self, path: str) -> bool:
        """Whether a path is at or below an excluded name."""
        if not path.startswith(self._prefix):
            return False
        below = Path(path[len(self._prefix) :])
        return any(self._excludes.matches(part) for part in below.parts)

    def everything(self) -> None:
        """Mark the whole root."""
        self._put(DirtyFolder(self._root, recursive=True))

    def _mark(self, raw: Any, *, folder: bool, vanished: bool) -> None:
        path = os.fsdecode(raw)
        if path == self.real:
            self.everything()
            return
        if not path.startswith(self._prefix) or self.is_out(path):
            return
        place = self._root / path[len(self._prefix) :]
        if sys.platform == "win32" and vanished and not is_candidate(place.name):
            folder = True  # Windows does not tell whether it was a file or a folder that vanished
        if folder:
            self._put(DirtyFolder(place.parent, recursive=False))
            self._put(DirtyFolder(place, recursive=True))
        elif is_candidate(place.name) or is_sidecar(place.name):
            self._put(DirtyFolder(place.parent, recursive=False))
