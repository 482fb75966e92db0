"""Decode photos in child processes, so that no picture can crash, block or bloat Photosift."""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import (
    PhotoError,
    PhotoTooLarge,
    PhotoUndecodable,
    PhotoUnreadable,
    PhotoUnsupported,
)
from engine.files.decoder_process import (
    PROGRAM,
    CannotStart,
    ChildDied,
    Deadlines,
    DecoderProcess,
    TookTooLong,
)
from engine.files.frames import Header, pack_spec, unpack_content
from engine.types import Box, InputSpec, PhotoContent, RGBImage

log = logging.getLogger(__name__)

_PHOTOS_PER_PROCESS = 5000  # then a fresh one: decoders leak, and memory falls to pieces
_CLOSE_GRACE_S = 1.0
_KILLED_GRACE_S = 3.0  # threads are daemons; one may wait for a process that cannot be killed
_ERRORS: dict[str, type[PhotoError]] = {
    kind.__name__: kind
    for kind in (PhotoUnreadable, PhotoUndecodable, PhotoUnsupported, PhotoTooLarge)
}


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """What to make of one photo in one decode.

    `box` asks for the model input of a part, in pixels of the upright photo; the thumbnail is of
    the whole photo all the same.
    """

    path: Path
    spec: InputSpec | None = None
    thumbnail: bool = True
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class FileRead:
    """The identity of the file at the moment its bytes were read."""

    size: int
    mtime_ns: int
    dev: int
    ino: int
    read_ns: int  # time.time_ns() when it was opened


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """What one decode gave.

    `pixels` is (crop, crop, 3) uint8, what the model gets before normalising; None without a
    spec. `thumbnail` is a JPEG, longest edge at most 256; None if it was not asked for.
    """

    content: PhotoContent
    seen: FileRead
    pixels: NDArray[np.uint8] | None
    thumbnail: bytes | None

    @property
    def read_ns(self) -> int:
        return self.seen.read_ns


@dataclass(frozen=True, slots=True)
class ReadSidecar:
    """What one sidecar tells (see `xmp_facts.facts_of`), or in `trouble` why it cannot."""

    seen: FileRead
    content_hash: bytes | None  # None where it is too large to be read
    facts: dict[str, Any]
    trouble: str


@dataclass(order=True)
class _Work:
    """One request in the queue: urgent ones first, then in the order they came."""

    rank: int
    number: int
    path: Path = field(compare=False)
    request: Header = field(compare=False)
    finish: Callable[[Header, list[bytearray]], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)


class DecoderPool:
    """Decoder processes, started when there is work, ended when there has been none for long.

    A process that crashes is replaced and its photo tried once more; one that is too slow is
    killed. Safe to use from several threads.
    """

    def __init__(
        self,
        workers: int,
        *,
        memory_mb: int = 2048,
        time_limit_s: float = 30.0,
        idle_s: float = 120.0,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """Nothing is started yet.

        Args:
            workers: how many processes at most.
            memory_mb: address space of each process (where the system can limit it).
            time_limit_s: wall clock for one photo.
            idle_s: a process without work for this long is ended.
            program: the command of a decoder process.
        """
        self._most = max(1, workers)
        self._memory_mb = memory_mb
        self._time_limit_s = time_limit_s
        self._idle_s = idle_s
        self._program = program
        self._changed = threading.Condition()
        self._queue: list[_Work] = []
        self._numbers = itertools.count()
        self._idle = 0
        self._threads: list[threading.Thread] = []
        self._processes: set[DecoderProcess] = set()
        self._deadlines: Deadlines | None = None
        self._closed = False

    def submit(self, request: DecodeRequest, *, urgent: bool = False) -> Future[DecodedPhoto]:
        """Queue a photo; urgent ones, for somebody who is looking, go before all others.

        The future raises a PhotoError when the photo is at fault, and CannotStart (a bug of
        ours, or of the installation) when no decoder can be started at all. It can be cancelled
        while it is queued.
        """
        spec, box = request.spec, request.box

        def finish(header: Header, blobs: list[bytearray]) -> DecodedPhoto:
            pixels = None
            if spec is not None:
                pixels = np.frombuffer(blobs.pop(0), np.uint8).reshape(spec.crop, spec.crop, 3)
            return DecodedPhoto(
                content=unpack_content(header["content"]),
                seen=FileRead(*header["seen"]),
                pixels=pixels,
                thumbnail=bytes(blobs.pop(0)) if request.thumbnail else None,
            )

        return self._put(
            request.path,
            {
                "want": "photo",
                "spec": pack_spec(spec),
                "box": box and list(box),
                "thumbnail": request.thumbnail,
            },
            finish,
            urgent=urgent,
        )

    def picture(self, path: Path, max_side: int | None = None) -> RGBImage:
        """The photo to look at, upright, sRGB; blocks, but goes before all indexing.

        Args:
            path: any picture file.
            max_side: shrink so that no side is longer. Without, every pixel up to 120 megapixels.

        Raises:
            PhotoError: it cannot be shown.
        """

        def finish(header: Header, blobs: list[bytearray]) -> RGBImage:
            shape = (header["height"], header["width"], 3)
            return np.frombuffer(blobs[0], np.uint8).reshape(shape)

        request: Header = {"want": "picture", "max_side": max_side}
        return self._put(path, request, finish, urgent=True).result()

    def orientation(self, path: Path) -> int:
        """EXIF's number, 1-8, by which the stored picture becomes the upright photo; blocks.

        Raises:
            PhotoError: it is no picture that we can read.
        """

        def finish(header: Header, _: list[bytearray]) -> int:
            return header["orientation"]

        return self._put(path, {"want": "orientation"}, finish, urgent=True).result()

    def beyond(self, path: Path) -> tuple[bool, bytes | None]:
        """What a file holds beside the picture that is shown; blocks.

        Returns:
            Whether there are further pages or an animation; and a digest by which files with the
            same pixels differ in metadata only, None where nothing can tell that.

        Raises:
            PhotoError: it is no picture that we can read.
        """

        def finish(header: Header, _: list[bytearray]) -> tuple[bool, bytes | None]:
            rest = header["rest"]
            return header["several"], None if rest is None else bytes.fromhex(rest)

        return self._put(path, {"want": "beyond"}, finish, urgent=True).result()

    def sidecar(self, path: Path) -> Future[ReadSidecar]:
        """Queue a sidecar; the future raises a PhotoError where it cannot be opened."""

        def finish(header: Header, _: list[bytearray]) -> ReadSidecar:
            digest = bytes.fromhex(header["content_hash"]) or None
            return ReadSidecar(
                FileRead(*header["seen"]), digest, header["facts"], header["trouble"]
            )

        return self._put(path, {"want": "sidecar"}, finish, urgent=False)

    def pids(self) -> list[int]:
        """The processes that run now."""
        with self._changed:
            return sorted(process.pid for process in self._processes)

    def close(self) -> None:
        """Cancel what is queued, give what is being decoded a second, end all processes."""
        with self._changed:
            self._closed = True
            queued, self._queue = self._queue, []
            self._changed.notify_all()
        for work in queued:
            work.future.cancel()
        patience_ends = monotonic() + _CLOSE_GRACE_S
        for thread in self._threads:
            thread.join(max(0.0, patience_ends - monotonic()))
        with self._changed:
            for process in self._processes:
                process.kill()
        for thread in self._threads:
            thread.join(_KILLED_GRACE_S)
        if self._deadlines is not None:
            self._deadlines.stop()
            self._deadlines = None

    def _put(
        self,
        path: Path,
        request: Header,
        finish: Callable[[Header, list[bytearray]], Any],
        *,
        urgent: bool,
    ) -> Future[Any]:
        request = {**request, "path": os.fsencode(path).hex(), "urgent": urgent}
        future: Future[Any] = Future()
        work = _Work(0 if urgent else 1, next(self._numbers), path, request, finish, future)
        with self._changed:
            if self._closed:
                raise RuntimeError("the decoder pool is closed")
            heapq.heappush(self._queue, work)
            if len(self._queue) > self._idle and len(self._threads) < self._most:
                name = f"decode-{len(self._threads)}"
                thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return future

    def _run(self) -> None:
        """One thread with one process; it only moves bytes."""
        process: DecoderProcess | None = None
        try:
            while True:
                work = self._next(self._idle_s if process else None)
                if work is not None:
                    if work.future.set_running_or_notify_cancel():
                        process = self._do_surely(work, process)
                elif self._closed:
                    return
                else:
                    process = self._end(process)
        finally:
            self._end(process)

    def _next(self, patience_s: float | None) -> _Work | None:
        """The next request; None when closed, or when there was none for `patience_s`."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._queue or self._closed, patience_s)
            self._idle -= 1
            return heapq.heappop(self._queue) if self._queue and not self._closed else None

    def _do_surely(self, work: _Work, process: DecoderProcess | None) -> DecoderProcess | None:
        """As `_do`; our own mistakes go to who waits for the photo instead of ending the thread."""
        try:
            return self._do(work, process)
        except Exception as error:  # noqa: BLE001  it is raised again where the result is asked for
            work.future.set_exception(error)
            return self._end(process)

    def _do(self, work: _Work, process: DecoderProcess | None) -> DecoderProcess | None:
        """Get one photo done or refused; returns the process to go on with."""
        crashes = 0
        while True:
            if self._closed:
                work.future.set_exception(CancelledError())
                return self._end(process)
            try:
                process = process or self._start()
                header, blobs = process.ask(work.request)
            except TookTooLong:
                log.warning("%s took longer than %g s", work.path, self._time_limit_s)
                why = f"took longer than {self._time_limit_s:g} s"
                work.future.set_exception(PhotoUndecodable(work.path, why))
                return self._end(process)
            except ChildDied:
                process = self._end(process)
                if self._closed:
                    continue
                crashes += 1
                log.warning("%s crashed the decoder (%d of 2)", work.path, crashes)
                if crashes == 2:
                    why = "crashed the decoder"
                    work.future.set_exception(PhotoUndecodable(work.path, why))
                    return None
                continue
            except CannotStart as error:
                work.future.set_exception(error)
                return None
            if header.get("memory") and process.answered > 1:
                # Perhaps the photos before it left the memory in pieces: ask a fresh process.
                process = self._end(process)
                continue
            self._resolve(work, header, blobs)
            worn = process.expired or process.answered >= _PHOTOS_PER_PROCESS
            return self._end(process) if worn or header.get("memory") else process

    def _resolve(self, work: _Work, header: Header, blobs: list[bytearray]) -> None:
        if "error" in header:
            work.future.set_exception(_ERRORS[header["error"]](work.path, header["reason"]))
        else:
            work.future.set_result(work.finish(header, blobs))

    def _start(self) -> DecoderProcess:
        with self._changed:
            if self._deadlines is None:
                self._deadlines = Deadlines()
            deadlines = self._deadlines
        process = DecoderProcess(deadlines, self._memory_mb, self._time_limit_s, self._program)
        with self._changed:
            self._processes.add(process)
        return process

    def _end(self, process: DecoderProcess | None) -> None:
        if process is not None:
            with self._changed:
                self._processes.discard(process)
            process.close()
