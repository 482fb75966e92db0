"""watchdog's inotify with its silent failures told: overflow, and the limit of watches."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

_LIMITS = (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class LinuxObserver(BaseObserver):
    """One inotify instance of its own, so that a flood in one root loses no events of another.

    Args:
        is_out: whether a folder is excluded; such folders cost no watch.
        on_overflow: called when the kernel dropped events.
        on_limit: called when a folder cannot be watched for lack of watches.
        max_watches: as the system's own limit, for tests.

    Raises:
        OSError: no more inotify instances are to be had.
    """

    def __init__(
        self,
        *,
        is_out: Callable[[bytes], bool],
        on_overflow: Callable[[], None],
        on_limit: Callable[[], None],
        max_watches: int | None,
    ) -> None:
        self._watches_fd = _TellingFD(is_out, on_overflow, on_limit, max_watches)
        self._watches_fd.start()
        super().__init__(InotifyEmitter, inotify_fd=self._watches_fd)

    def hears(self) -> bool:
        """Whether the thread that reads the kernel's events lives; without it all is silent."""
        return self._watches_fd.is_alive()

    def on_thread_stop(self) -> None:
        super().on_thread_stop()
        self._watches_fd.stop()
        self._watches_fd.join()


class _TellingFD(InotifyFD):
    def __init__(
        self,
        is_out: Callable[[bytes], bool],
        on_overflow: Callable[[], None],
        on_limit: Callable[[], None],
        max_watches: int | None,
    ) -> None:
        super().__init__()
        self._is_out = is_out
        self._on_overflow = on_overflow
        self._on_limit = on_limit
        self._left = max_watches

    def handle_event(self, event: InotifyEvent) -> None:
        super().handle_event(event)
        if event.is_queue_overflow:
            self._on_overflow()

    def add_callback(
        self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
    ) -> WatchDescriptor:
        # The caller passes over folders for which an OSError is raised.
        if self._is_out(path):
            raise FileNotFoundError(errno.ENOENT, "excluded")
        if not os.access(path, os.R_OK):
            # watchdog 7.1 ignores this one, and then counts a watch numbered -1.
            raise PermissionError(errno.EACCES, "not readable")
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self._on_limit()
                raise OSError(errno.ENOSPC, "inotify watch limit reached")
        try:
            return super().add_callback(path, mask, callback, id_)
        except OSError as error:
            if error.errno in _LIMITS:
                self._on_limit()
            raise

    def _add_callback(
        self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
    ) -> WatchDescriptor:
        # watchdog 7.1 warns when a new folder is found twice, by its event and by its parent's
        # walk. It is harmless, but where warnings are errors it would end the reading thread.
        watch = self._get_or_create_watch(path, mask)
        watch.callbacks[id_] = callback
        return watch.wd
