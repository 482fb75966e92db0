"""One decoder process as its parent sees it: start, ask, and end it whatever state it is in."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import BinaryIO, cast

from engine.files.frames import Broken, Header, receive, send

log = logging.getLogger(__name__)

PROGRAM = (sys.executable, "-m", "engine.files.decoder_child")
"""What to start; memory in MB and the time limit in seconds follow as arguments."""

_CHECKOUT = Path(__file__).resolve().parents[2]
_START_LIMIT_S = 60.0
_CLOSE_LIMIT_S = 2.0
_KILL_LIMIT_S = 2.0  # a process waiting for a dead network drive does not even die
_PIPE_BYTES = 1 << 20
# glibc: give large pictures back to the system at once, instead of keeping a heap in pieces.
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ChildDied(Exception):
    """The process ended while it had a photo."""


class TookTooLong(Exception):
    """The process was killed because its photo took longer than allowed."""


class CannotStart(RuntimeError):
    """The process does not even start: an installation that is broken, not a photo."""


class Deadlines:
    """Kills decoder processes whose time is up. One thread for a whole pool."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[DecoderProcess, float] = {}
        self._wakes_at = float("inf")
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="decode-deadlines", daemon=True)
        self._thread.start()

    def arm(self, process: DecoderProcess, seconds: float) -> None:
        """Kill `process` in that many seconds, unless it is disarmed before."""
        due = monotonic() + seconds
        with self._changed:
            self._due[process] = due
            if due < self._wakes_at:
                self._changed.notify()

    def disarm(self, process: DecoderProcess) -> None:
        """Let `process` live. After this returns, it is not killed any more."""
        with self._changed:
            self._due.pop(process, None)

    def stop(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                now = monotonic()
                for process in [process for process, due in self._due.items() if due <= now]:
                    del self._due[process]
                    process.expire()
                self._wakes_at = min(self._due.values(), default=float("inf"))
                finite = self._wakes_at != float("inf")
                self._changed.wait(max(0.0, self._wakes_at - now) if finite else None)


class DecoderProcess:
    """A running decoder. Use from one thread; `expire` and `kill` may come from another.

    Raises:
        CannotStart: on creation, if the process ends or stays silent before its first photo.
    """

    def __init__(
        self,
        deadlines: Deadlines,
        memory_mb: int,
        time_limit_s: float,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._deadlines = deadlines
        self.time_limit_s = time_limit_s
        self.expired = False
        self.answered = 0
        try:
            self._process = _spawn([*program, str(memory_mb), str(time_limit_s)])
        except OSError as error:
            raise CannotStart(f"The decoder process cannot be started: {error}") from error
        self._requests = cast("BinaryIO", self._process.stdin)
        self._answers = _Answers(cast("BinaryIO", self._process.stdout))
        try:
            self._exchange(None, _START_LIMIT_S)
        except (ChildDied, TookTooLong) as error:
            self.close()
            code = self._process.returncode
            raise CannotStart(f"The decoder process ends at its start (exit {code})") from error

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: Header) -> tuple[Header, list[bytearray]]:
        """Send one request and wait for its answer.

        Raises:
            TookTooLong: the time limit passed; the process is gone.
            ChildDied: the process crashed or was killed; it is gone.
        """
        answer = self._exchange(request, self.time_limit_s)
        self.answered += 1
        return answer

    def expire(self) -> None:
        """Kill it because its time is up."""
        self.expired = True
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it in order: its input closes, so it leaves; if it does not, it is killed."""
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            self._process.wait(0 if self.expired else _CLOSE_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            try:
                self._process.wait(_KILL_LIMIT_S)
            except subprocess.TimeoutExpired:
                log.warning("Decoder process %d does not end; it is left behind", self.pid)

    def _exchange(self, request: Header | None, limit_s: float) -> tuple[Header, list[bytearray]]:
        self._deadlines.arm(self, limit_s)
        self._answers.wait_until(monotonic() + limit_s + _KILL_LIMIT_S)
        try:
            if request is not None:
                send(self._requests, request)
            return receive(self._answers)
        except Broken as error:
            self.kill()  # it may live on with a garbled pipe
            raise (TookTooLong if self.expired else ChildDied) from error
        finally:
            self._deadlines.disarm(self)


class _Answers:
    """The reading end of a process's pipe, which is given up if the process cannot be killed."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._until = 0.0
        # Windows can neither wait for a pipe nor has it processes that do not die.
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(pipe.fileno(), select.POLLIN)

    def wait_until(self, moment: float) -> None:
        """From then on (`time.monotonic`), reading fails."""
        self._until = moment

    def readinto(self, view: memoryview) -> int:
        """As of any unbuffered file.

        Raises:
            TimeoutError: nothing came in time.
        """
        if self._poll is not None:
            left_s = max(0.0, self._until - monotonic())
            if not self._poll.poll(left_s * 1000):
                raise TimeoutError
        return self._pipe.readinto(view)  # type: ignore[attr-defined]

    def close(self) -> None:
        self._pipe.close()


def _spawn(command: Sequence[str]) -> subprocess.Popen[bytes]:
    paths = [str(_CHECKOUT), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        **dict.fromkeys(_ONE_THREAD, "1"),  # photos are decoded side by side already
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        **_MALLOC,
    }
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        stderr=subprocess.DEVNULL,  # libtiff and libheif tell every broken tag there
        cwd=_CHECKOUT,
        env=environment,
        start_new_session=True,  # Ctrl+C in a terminal is for the parent
        creationflags=flags,
    )
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError, AttributeError):
            assert process.stdout is not None
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process
