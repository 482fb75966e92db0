"""A decoder process that crashes, hangs or mumbles when the name of the photo says so."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from engine.files import decoder_child
from engine.files.frames import Blob, Header

honest = decoder_child.answer


def answer(request: Header) -> tuple[Header, list[Blob]]:
    """Do what the name says, else what a decoder does."""
    path = Path(os.fsdecode(bytes.fromhex(request["path"])))
    if "crash once" in path.name:
        crashed = path.with_suffix(".crashed")
        if not crashed.exists():
            crashed.touch()
            os.abort()
    elif "crash" in path.name:
        os.abort()
    if "hang" in path.name:
        signal.pause()
    if "mumble" in path.name:
        os.write(4, b"not a frame at all, but long enough to be read as one")
    return honest(request)


if __name__ == "__main__":
    if sys.argv[1] == "dead on arrival":
        sys.exit(3)
    decoder_child.answer = answer
    decoder_child.main(int(sys.argv[1]), float(sys.argv[2]))
