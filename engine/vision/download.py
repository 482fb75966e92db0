"""Fetches a model from the hub or a mirror: resumable, verified, and whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from engine.errors import DownloadFailed, ModelError, ModelInvalid, ModelMissing
from engine.jobs import Event, Job, Progress
from engine.types import ModelInfo, ModelSource
from engine.vision import hub
from engine.vision.hub import Again, RemoteFile, WrongPart
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.patience import Clock, Meter, patiently
from engine.vision.registry import BY_ID
from engine.vision.staging import Staging, deleting, saving, size_text, verify
from engine.vision.wire import TICK_S, Answer, Wire

_RESERVE = 64 * 2**20  # bytes that stay free on the disk
_SYNC_EVERY = 256 * 2**20  # bytes that a power cut may cost


def download(model_id: str, store: ModelStore, clock: Clock | None = None) -> Job[ModelInfo]:
    """Fetch a model into the store's folder, if no good one is on this computer, and test it.

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
    failed: Path | None = None  # a copy that is valid, and of no use
    with suppress(ModelError):  # missing, damaged or failing its test: fetch it
        files = store.resolve(model_id, None)
        testing = Progress(0, None, f"testing {model_id}")
        if not (yield from _verdict(files, lambda: iter((testing,)))):
            return files.info
        failed = files.folder
    with saving(store.folder), staging.locked():
        with suppress(ModelError):  # another window has just finished it, or all but the swap
            staging.settle()
            files = store.resolve(model_id, None)
            if files.folder != failed:
                return files.info
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


class _Download:
    """One run of a download: listing, files, test, swap."""

    def __init__(self, model_id: str, store: ModelStore, staging: Staging, clock: Clock) -> None:
        self._id = model_id
        self._store = store
        self._staging = staging
        self._base = hub.endpoint()
        self._meter = Meter(clock)
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

        data = yield from patiently(attempt, lambda: False, self._meter, self._base)
        return hub.read_listing(self._base, self._id, revision, data)

    def _check(self, answer: Answer, what: str) -> None:
        if answer.status == 401 and answer.authorized:  # an expired login closes open doors too
            self._wire.anonymous = True
            raise Again(DownloadFailed(f"Your login is not accepted any more. {hub.REMEDY}"), 0.0)
        hub.check_status(answer, what, self._id, self._base, self._meter.clock.date())

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
                yield from patiently(attempt, fruitful, self._meter, self._base)
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

    # ---- the end ---------------------------------------------------------------------------

    def _test(self, commit: str) -> Generator[Event, None, None]:
        """Check the files as a store does, then let the model prove itself.

        Raises:
            ModelInvalid: it is of another kind, or fails.
        """
        folder = self._staging.folder
        try:
            files = self._store.check(self._id, folder, folder, commit)
        except ModelInvalid as error:
            self._staging.discard()  # its hashes were right: it will never be another
            raise ModelInvalid(str(error).replace(str(folder), self._id)) from error
        note = f"testing {self._id}"
        reason = yield from _verdict(files, lambda: self._meter.due(note))
        if reason:
            raise ModelInvalid(
                f"{self._id} arrived as the hub has it, but does not work here: {reason} Choose "
                "another model, or try again to test it once more."
            )


def _verdict(files: ModelFiles, tell: Callable[[], Iterator[Event]]) -> Generator[Event, None, str]:
    """What `self_test` says, found on a thread of its own while `tell` is shown."""
    from engine.vision import self_test as test

    if test.passed_before(files):
        return ""
    found: list[str] = []
    work = threading.Thread(
        target=lambda: found.append(self_test(files)), name="self-test", daemon=True
    )
    work.start()
    while work.is_alive():
        yield from tell()
        work.join(TICK_S)
    return found[0] if found else "the test itself failed"


def self_test(files: ModelFiles) -> str:
    """Load the model and try it; the first reason against it, empty when there is none."""
    from engine.vision import self_test as test

    try:
        failed = [check for check in test.run(files).checks if not check.passed]
    except ModelError as error:
        return str(error)
    return failed[0].detail if failed else ""


class _Part:
    """The bytes of one file that came so far; written at once, so nothing waits in a buffer."""

    def __init__(self, out: Any, meter: Meter) -> None:
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
