"""Notice changes below the roots. Events are hints that mark folders; the disk is the truth."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from engine.errors import RootError
from engine.files.disk import reason
from engine.files.mounts import is_network_drive
from engine.files.notifier import Notifier, TooManyFolders
from engine.files.scan import Excludes, scan
from engine.types import DirtyFolder, FileSeen, WatchStatus

log = logging.getLogger(__name__)

Batch: TypeAlias = frozenset[DirtyFolder]

_JOIN_LIMIT_S = 5.0  # a thread may hang in a dead network drive; it is a daemon
_POLL_SHARE = 20  # a poll that takes a second is made every 20 seconds at most

NOT_THERE = "This folder is not there."
LIMIT = (
    "This folder has more subfolders than the system lets a program watch "
    "(fs.inotify.max_user_watches); it is looked through regularly instead."
)
NETWORK = "Network drives do not tell of changes; this folder is looked through regularly instead."


class Watcher:
    """Tells which folders may have changed, in settled batches.

    A batch is handed out when nothing happened for `quiet_s`, or `at_most_s` after its first
    event. Every root is marked once after it was armed: nothing that happened before is missed.

    Args:
        on_dirty: called on a thread of the watcher; a folder below another that is marked
            recursive is left out. May take long; what happens meanwhile comes in the next batch.
        excludes: names to pass over; such folders are not even watched.
        quiet_s: how long to wait for more.
        at_most_s: how long a batch may wait in a flood.
        poll_s: how often roots are looked through where events are not to be had.
        tick_s: how often to check whether each root is still there and watched.
        max_pending: more marks than this become "look everywhere".
        max_watches: as the system's own limit of watches per root, for tests.
    """

    def __init__(
        self,
        on_dirty: Callable[[Batch], None],
        excludes: Excludes,
        *,
        quiet_s: float = 1.0,
        at_most_s: float = 10.0,
        poll_s: float = 10.0,
        tick_s: float = 2.0,
        max_pending: int = 20_000,
        max_watches: int | None = None,
    ) -> None:
        self._on_dirty = on_dirty
        self._excludes = excludes
        self._poll_s = poll_s
        self._tick_s = tick_s
        self._max_watches = max_watches
        self._arrivals = _Arrivals(quiet_s, at_most_s, max_pending, self._everything)
        self._changed = threading.Condition()
        self._roots: dict[Path, _Watched] = {}
        self._hurry = False
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._settle, name="watch-settle", daemon=True),
            threading.Thread(target=self._supervise, name="watch-supervise", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Watch exactly these folders. Returns at once; arming happens on the watcher's thread."""
        with self._changed:
            gone = [self._roots.pop(path) for path in set(self._roots) - set(roots)]
            for path in roots:
                if path not in self._roots:
                    self._roots[path] = _Watched(path)
            self._wake()
        for watched in gone:
            watched.forget()

    def status(self) -> list[WatchStatus]:
        """How each root is watched, in the order they were set."""
        with self._changed:
            return [WatchStatus(each.path, each.polling, each.note) for each in self._watched()]

    def armed(self, timeout_s: float) -> bool:
        """Wait until every root was tried; False if that took longer."""
        with self._changed:
            return self._changed.wait_for(
                lambda: all(each.tried for each in self._roots.values()), timeout_s
            )

    def stop(self) -> None:
        """End all threads. What has not settled is dropped: the next start looks everywhere."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            watched = self._watched()
            self._roots.clear()
        self._arrivals.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(_JOIN_LIMIT_S)
        for each in watched:
            each.forget()

    def _watched(self) -> list[_Watched]:
        return list(self._roots.values())

    def _wake(self) -> None:
        self._hurry = True
        self._changed.notify_all()

    def _everything(self) -> Batch:
        with self._changed:
            return frozenset(DirtyFolder(path, recursive=True) for path in self._roots)

    def _settle(self) -> None:
        while (batch := self._arrivals.take()) is not None:
            try:
                self._on_dirty(compact(batch))
            except Exception:
                # The next batch must come whatever became of this one.
                log.exception("Changed folders could not be handed on")

    def _supervise(self) -> None:
        while True:
            with self._changed:
                watched = self._watched()
            for each in watched:
                try:
                    each.tick(self)
                except Exception:
                    # One root's trouble must not leave the others unwatched.
                    log.exception("%s could not be looked after", each.path)
            with self._changed:
                self._changed.notify_all()  # for `armed`
                self._changed.wait_for(lambda: self._hurry or self._stopping, self._tick_s)
                self._hurry = False
                if self._stopping:
                    return

    # What a watched root needs of its watcher.

    def mark(self, dirty: DirtyFolder) -> None:
        """Add to the batch that is being gathered."""
        self._arrivals.put(dirty)

    def notifier(self, root: Path, on_limit: Callable[[], None]) -> Notifier:
        """Start watching a root by events; raises as `Notifier` does."""

        def limit_reached() -> None:
            on_limit()
            with self._changed:
                self._wake()

        return Notifier(
            root, self._excludes, self.mark, limit_reached, max_watches=self._max_watches
        )

    def signature(self, root: Path) -> int:
        """A number that changes when a photo below a root appears, changes or vanishes."""
        return signature(root, self._excludes)

    @property
    def poll_s(self) -> float:
        return self._poll_s


class _Watched:
    """One root: watched by events, or looked through regularly, or waited for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.polling = False
        self.note = ""
        self.tried = False
        self._lock = threading.Lock()
        self._forgotten = False
        self._identity: tuple[int, int] | None = None
        self._notifier: Notifier | None = None
        self._limited = False
        self._signature: int | None = None
        self._next_poll = 0.0

    def tick(self, watcher: Watcher) -> None:
        """Look after this root; on the supervising thread only."""
        with self._lock:
            if self._forgotten:
                return
            identity = _identity(self.path)
            dead = self._notifier is not None and not self._notifier.alive()
            if identity != self._identity or dead or self._limited or not self.tried:
                self._rearm(watcher, identity)
            elif self.polling and monotonic() >= self._next_poll:
                self._poll(watcher)

    def forget(self) -> None:
        """Stop watching; on any thread."""
        with self._lock:
            self._forgotten = True
            self._stop_notifier()

    def _rearm(self, watcher: Watcher, identity: tuple[int, int] | None) -> None:
        """The root appeared, vanished, was replaced, or its events ended: begin anew."""
        self._stop_notifier()
        limited, self._limited = self._limited, False
        if identity is None:
            self.polling, self.note = False, NOT_THERE
        elif limited:
            self.polling, self.note = True, LIMIT
        elif is_network_drive(self.path):
            self.polling, self.note = True, NETWORK
        else:
            self.polling, self.note = self._arm(watcher)
        if self.polling:
            self._poll(watcher)  # before the mark: what changes from now on differs from this
        if self._identity is not None or identity is not None:
            watcher.mark(DirtyFolder(self.path, recursive=True))
        self._identity = identity
        self.tried = True
        if self.note:
            log.info("%s: %s", self.path, self.note)

    def _arm(self, watcher: Watcher) -> tuple[bool, str]:
        try:
            self._notifier = watcher.notifier(self.path, self._limit_reached)
        except TooManyFolders:
            return True, LIMIT
        except OSError as error:
            return True, f"This folder cannot be watched ({reason(error)}); it is looked through."
        return False, ""

    def _limit_reached(self) -> None:
        self._limited = True

    def _poll(self, watcher: Watcher) -> None:
        began = monotonic()
        try:
            found = watcher.signature(self.path)
        except RootError:
            found = None
        if found != self._signature:
            watcher.mark(DirtyFolder(self.path, recursive=True))
        self._signature = found
        took = monotonic() - began
        self._next_poll = monotonic() + max(watcher.poll_s, _POLL_SHARE * took)

    def _stop_notifier(self) -> None:
        if self._notifier is not None:
            self._notifier.stop()
            self._notifier = None


class _Arrivals:
    """Marks gathered until they settle. Doubled ones cost nothing; too many become "everywhere"."""

    def __init__(
        self, quiet_s: float, at_most_s: float, most: int, everything: Callable[[], Batch]
    ) -> None:
        self._quiet_s = quiet_s
        self._at_most_s = at_most_s
        self._most = most
        self._everything = everything
        self._changed = threading.Condition()
        self._marks: set[DirtyFolder] = set()
        self._overflowed = False
        self._closed = False
        self._first = self._last = 0.0

    def put(self, dirty: DirtyFolder) -> None:
        with self._changed:
            self._last = monotonic()
            if not self._marks:
                self._first = self._last
                self._changed.notify()
            if len(self._marks) < self._most:
                self._marks.add(dirty)
            elif dirty not in self._marks:
                self._overflowed = True

    def take(self) -> Batch | None:
        """Wait for a settled batch; None once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._marks or self._closed)
            while not self._closed:
                now = monotonic()
                left = min(
                    self._quiet_s - (now - self._last), self._at_most_s - (now - self._first)
                )
                if left <= 0:
                    break
                self._changed.wait(left)
            if self._closed:
                return None
            batch, overflowed = frozenset(self._marks), self._overflowed
            self._marks.clear()
            self._overflowed = False
        if overflowed:
            log.warning("More than %d changes at once; looking everywhere", self._most)
            return self._everything()
        return batch

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def compact(batch: Iterable[DirtyFolder]) -> Batch:
    """Leave out folders that lie at or below one marked recursive."""
    deep = {each.path for each in batch if each.recursive}
    return frozenset(
        each
        for each in batch
        if not any(parent in deep for parent in each.path.parents)
        and (each.recursive or each.path not in deep)
    )


def signature(root: Path, excludes: Excludes) -> int:
    """A number over names, sizes and times of all photos and sidecars below a root, in any order.

    Raises:
        RootError: the root cannot be read.
    """
    mixed = count = 0
    sidecars: list[FileSeen] = []
    for seen in chain(scan(root, excludes, on_sidecar=sidecars.append), sidecars):
        mixed ^= hash((seen.relpath, seen.size, seen.mtime_ns))
        count += 1
    return hash((mixed, count))


def _identity(path: Path) -> tuple[int, int] | None:
    """Which folder is at this path now: another one after a rename, a mount, a re-creation."""
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino
