"""Fetches a model from the hub or a mirror: resumable, verified, and whole or not at all."""

from __future__ import annotations

import importlib
import math
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import Any, TypeVar

from engine.errors import DownloadFailed, ModelError, ModelInvalid, ModelMissing
from engine.jobs import Event, Job, Progress
from engine.types import ModelInfo, ModelSource
from engine.vision import hub
from engine.vision.hub import Again, RemoteFile, Unreachable, WrongPart
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.registry import BY_ID
from engine.vision.staging import Staging, deleting, saving, size_text, verify
from engine.vision.wire import TICK_S, Answer, LeftAlone, Wire

T = TypeVar("T")

_RESERVE = 64 * 2**20  # bytes that stay free on the disk
_TRIES = 6  # attempts in a row that brought nothing new: half a minute with the waits between
_LONGEST_WAIT_S = 16.0
_EVERY_S = 0.2  # between two events
_SYNC_EVERY = 256 * 2**20  # bytes that a power cut may cost


class Clock:
    """Time as a download sees it; tests bring one whose waits take no time."""

    def now(self) -> float:
        return time.monotonic()

    def date(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def download(model_id: str, store: ModelStore, clock: Clock | None = None) -> Job[ModelInfo]:
    """Fetch a model into the store's folder, if it is not on this computer yet, and test it.

    Progress counts bytes of all files and never falls: what has to be fetched twice makes the
    total grow. Its note names the file, or says what is waited for. An event comes at least
    every half second, whatever the network does, so closing the job takes effect at once; that
    and every failure keep what came so far, and running it again goes on from there. A job that
    is not pulled for a while lets its connection go and makes a new one when pulled again.

    Raises:
        DownloadFailed: one sentence with the remedy.
        ModelInvalid: it arrived as the hub has it, but is no model that we accept.
    """
    yield Progress(0, None)
    if model_id in BY_ID and BY_ID[model_id].source is not ModelSource.HUB:
        try:
            return store.resolve(model_id, None).info
        except ModelError as error:
            raise DownloadFailed(
                f"{model_id} ships with Photosift; reinstall Photosift to repair it."
            ) from error
    staging = Staging(store.place(model_id))
    with suppress(ModelError):  # missing or damaged: fetch it
        return store.resolve(model_id, None).info
    with saving(store.folder), staging.locked():
        with suppress(ModelError):  # another window has just finished it, or all but the swap
            staging.settle()
            return store.resolve(model_id, None).info
        yield from _Download(model_id, store, staging, clock or Clock()).run()
    return store.resolve(model_id, None).info


def begun(model_id: str, store: ModelStore) -> int:
    """Bytes of a download that was begun and not finished; 0 for none. Takes a millisecond."""
    try:
        return Staging(store.place(model_id)).kept()
    except ModelMissing:
        return 0


def discard(model_id: str, store: ModelStore) -> int:
    """Delete what came of an unfinished download; returns the bytes.

    Raises:
        DownloadFailed: the download is running.
        ModelError: a file cannot be deleted.
    """
    staging = Staging(store.place(model_id))
    if not staging.folder.exists():
        return 0
    with deleting(store.folder), staging.locked():
        return staging.discard()


def remove(model_id: str, store: ModelStore) -> int:
    """Delete a downloaded model and what belongs to it; returns the bytes.

    Nothing outside of the store's folder is touched: a link goes, what it points to stays.

    Raises:
        ModelMissing: it was not downloaded by us.
        DownloadFailed: it is being downloaded.
        ModelError: a file cannot be deleted.
    """
    place = store.place(model_id)
    staging = Staging(place)
    if not (place.exists() or place.is_symlink() or staging.folder.exists()):
        raise ModelMissing(
            f"{model_id} was not downloaded by Photosift, so there is nothing to delete."
        )
    with deleting(store.folder), staging.locked():
        return staging.remove()


class _Meter:
    """Counts bytes for the user: what has to come twice makes the total grow."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = -math.inf
        self.done = 0
        self.total: int | None = None
        self.note = ""

    def again(self, count: int) -> None:
        """So many bytes that were counted have to come once more."""
        self.total = (self.total or 0) + count

    def event(self, note: str = "") -> Progress:
        self._told = self._clock.now()
        return Progress(self.done, self.total, note or self.note)

    def due(self, note: str = "") -> Generator[Event, None, None]:
        """An event, when the last is old enough."""
        if self._clock.now() - self._told >= _EVERY_S:
            yield self.event(note)


class _Download:
    """One run of a download: listing, files, test, swap."""

    def __init__(self, model_id: str, store: ModelStore, staging: Staging, clock: Clock) -> None:
        self._id = model_id
        self._store = store
        self._staging = staging
        self._clock = clock
        self._base = hub.endpoint()
        self._meter = _Meter(clock)
        # the user's own token goes to the hub itself only, never to a mirror
        self._wire = Wire(hub.HUB if self._base == hub.HUB else "", hub.token)

    def run(self) -> Generator[Event, None, None]:
        with closing(self._wire):
            commit, files = yield from self._listing()
            self._prepare(files)
            for file in files:
                yield from self._fetch(commit, file)
        yield self._meter.event()
        yield from self._test(commit)
        self._staging.finish(self._id, commit)

    # ---- the listing -----------------------------------------------------------------------

    def _listing(self) -> Generator[Event, None, tuple[str, list[RemoteFile]]]:
        entry = BY_ID.get(self._id)
        revision = entry.revision if entry is not None else "main"
        url = hub.listing_url(self._base, self._id, revision)

        def attempt() -> Generator[Event, None, bytes]:
            data = bytearray()
            with closing(self._wire.get(url)) as stream:
                for item in stream:
                    if isinstance(item, Answer):
                        self._check(item, "")
                    elif item is not None:
                        data += item
                    if len(data) > hub.LISTING_LIMIT:
                        break
                    yield from self._meter.due()
            return bytes(data)

        data = yield from self._patiently(attempt, lambda: False)
        return hub.read_listing(self._base, self._id, revision, data)

    def _check(self, answer: Answer, what: str) -> None:
        if answer.status == 401 and answer.authorized:  # an expired login closes open doors too
            self._wire.anonymous = True
            raise Again(DownloadFailed(f"Your login is not accepted any more. {hub.REMEDY}"), 0.0)
        hub.check_status(answer, what, self._id, self._base, self._clock.date())

    def _prepare(self, files: list[RemoteFile]) -> None:
        self._staging.prepare(files)
        have = sum(self._staging.size(file) for file in files)
        self._meter.done, self._meter.total = have, sum(file.size for file in files)
        free = max(self._staging.free() - _RESERVE, 0)
        if self._meter.total - have > free:
            raise DownloadFailed(
                f"{self._id} needs {size_text(self._meter.total - have)} more on the disk of "
                f"{self._store.folder}, which has {size_text(free)}. Make room and try again."
            )

    # ---- one file --------------------------------------------------------------------------

    def _fetch(self, commit: str, file: RemoteFile) -> Generator[Event, None, None]:
        """Bring one file, going on where an earlier run ended, and verify it."""
        self._meter.note = file.name
        yield self._meter.event()
        for last in (False, True):
            yield from self._complete(commit, file)
            checking = verify(self._staging.part(file), file)
            while True:
                try:
                    next(checking)
                except StopIteration as end:
                    good: bool = end.value
                    break
                yield from self._meter.due(f"checking {file.name}")
            if good:
                self._staging.accept(file)
                return
            self._staging.reject(file)
            self._meter.again(file.size)
            if last:
                raise DownloadFailed(
                    f"{file.name} arrived damaged twice: it is not what the hub describes. "
                    f"{hub.REMEDY}"
                )

    def _complete(self, commit: str, file: RemoteFile) -> Generator[Event, None, None]:
        """Append to the part until it has the size that the hub lists."""
        url = hub.file_url(self._base, self._id, commit, file.name)
        path = self._staging.part(file)
        with path.open("ab", buffering=0) as out:
            part = _Part(out, self._meter)
            best = part.have
            ranges = True

            def attempt() -> Generator[Event, None, None]:
                nonlocal ranges
                try:
                    yield from self._receive(url, file, part, ranges)
                except WrongPart:
                    ranges = False
                    raise

            def fruitful() -> bool:
                nonlocal best
                before, best = best, max(best, part.have)
                return best > before

            while part.have < file.size:
                yield from self._patiently(attempt, fruitful)
            part.sync()

    def _receive(
        self, url: str, file: RemoteFile, part: _Part, ranges: bool
    ) -> Generator[Event, None, None]:
        """One request for the rest of a file.

        Raises:
            Again: what came is not the rest of it, or not all of it.
        """
        asked = part.have if ranges else 0
        headers = {"range": f"bytes={asked}-"} if asked else {}
        where = hub.shown(url)
        with closing(self._wire.get(url, headers)) as stream:
            for item in stream:
                if isinstance(item, Answer):
                    if item.status == 416:  # the part we have is no part of this file
                        part.restart()
                        raise Again(DownloadFailed(f"{where} ends {file.name} early. {hub.REMEDY}"))
                    self._check(item, file.name)
                    if hub.start_of(item, file, asked) != part.have:
                        part.restart()
                elif item is not None:
                    if part.have + len(item) > file.size:
                        part.restart()
                        raise Again(
                            DownloadFailed(
                                f"{where} sends more for {file.name} than announced. {hub.REMEDY}"
                            )
                        )
                    part.write(item)
                yield from self._meter.due()
        if part.have < file.size:
            raise Again(DownloadFailed(f"{where} ends {file.name} too early. {hub.REMEDY}"))

    # ---- patience --------------------------------------------------------------------------

    def _patiently(
        self, attempt: Callable[[], Generator[Event, None, T]], fruitful: Callable[[], bool]
    ) -> Generator[Event, None, T]:
        """Repeat an attempt, with growing waits, until it ends or nothing new comes any more."""
        from huggingface_hub.utils import httpx

        failures = 0
        while True:
            try:
                return (yield from attempt())
            except LeftAlone:
                continue  # paused: nobody's fault
            except Again as again:
                problem = again
            except (httpx.RequestError, httpx.InvalidURL) as error:
                problem = hub.broken(error, self._base)
                if isinstance(problem, DownloadFailed):
                    raise problem from error
            failures = 0 if fruitful() else failures + 1
            at_once = self._meter.total is None and isinstance(problem, Unreachable)
            if failures >= _TRIES or at_once:  # at the very start nobody waits for the network
                raise problem.problem from problem
            wait_s = problem.wait_s
            if wait_s is None and failures:
                wait_s = min(2.0 ** (failures - 1), _LONGEST_WAIT_S)
            yield from self._wait(wait_s or 0.0)

    def _wait(self, seconds: float) -> Generator[Event, None, None]:
        end = self._clock.now() + seconds
        while (left := end - self._clock.now()) > 0:
            yield from self._meter.due(f"trying again in {math.ceil(left)} s")
            self._clock.sleep(min(left, TICK_S))

    # ---- the end ---------------------------------------------------------------------------

    def _test(self, commit: str) -> Generator[Event, None, None]:
        """Check the files as a store does, then let the model prove itself.

        Raises:
            ModelInvalid: it is of another kind, or fails.
        """
        folder = self._staging.folder
        try:
            files = self._store.check(self._id, folder, folder, commit)
        except ModelInvalid:
            self._staging.discard()  # its hashes were right: it will never be another
            raise
        verdict: list[str] = []
        test = threading.Thread(
            target=lambda: verdict.append(self_test(files)), name="self-test", daemon=True
        )
        test.start()
        while test.is_alive():
            yield from self._meter.due(f"testing {self._id}")
            test.join(TICK_S)
        if verdict != [""]:
            reason = verdict[0] if verdict else "the test itself failed"
            raise ModelInvalid(
                f"{self._id} arrived as the hub has it, but does not work here: {reason} Choose "
                "another model, or try again to test it once more."
            )


def self_test(files: ModelFiles) -> str:
    """Load the model and try it; the first reason against it, empty when there is none."""
    try:
        test: Any = importlib.import_module("engine.vision.self_test")
    except ImportError:
        return ""
    try:
        failed = [check for check in test.run(files).checks if not check.passed]
    except ModelError as error:
        return str(error)
    return failed[0].detail if failed else ""


class _Part:
    """The bytes of one file that came so far; written at once, so nothing waits in a buffer."""

    def __init__(self, out: Any, meter: _Meter) -> None:
        self._out = out
        self._meter = meter
        self._unsynced = 0
        self.have: int = out.seek(0, os.SEEK_END)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            count = self._out.write(rest)
            rest = rest[count:]
            self.have += count
            self._meter.done += count
            self._unsynced += count
        if self._unsynced >= _SYNC_EVERY:
            self.sync()

    def restart(self) -> None:
        """What came is of no use: begin anew."""
        self._out.truncate(0)
        self._meter.again(self.have)
        self.have = 0

    def sync(self) -> None:
        os.fsync(self._out.fileno())
        self._unsynced = 0
