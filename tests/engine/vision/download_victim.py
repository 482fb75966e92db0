"""Downloads in forked children that are killed with -9; started by test_download_kills.py.

Usage: download_victim.py STORE ID, then one number per line on stdin: fork a child that dies at
that many touches of the store's folder (0: never), and answer with how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from engine.errors import ModelError
from engine.jobs import drain
from engine.vision import download as downloads
from engine.vision.models import ModelStore

_TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


def works(files: object) -> str:
    """Stands for the self-test, which would load torch."""
    return ""


def die_at(count: int, folder: str) -> None:
    """Kill this process right before it touches the folder for the n-th time."""
    seen = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in _TOUCHES and str(arguments[0]).startswith(folder):
            seen += 1
            if seen == count:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def child(count: int, store: ModelStore, model_id: str) -> int:
    """The forked process: exit code 0 when it finished."""
    if count:
        die_at(count, str(store.folder))
    try:
        drain(downloads.download(model_id, store))
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def answer(**told: int) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def serve() -> None:
    """Fork on request, from a process that imported everything and started no thread."""
    from huggingface_hub.utils import httpx

    httpx.Client().close()  # loads what every child needs
    downloads.self_test = works
    store, model_id = ModelStore(Path(sys.argv[1])), sys.argv[2]
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os._exit(child(int(line), store, model_id))
        answer(pid=pid)
        _, status = os.waitpid(pid, 0)
        answer(status=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
