"""Kills the writing of sidecars at each change to the disk and at each commit; says what was found.

Run: python tests/engine/sidecars/sidecar_kills.py

After each kill the library is opened again: is each sidecar the old or the new one, whole, with all
that others wrote? Does it come to the same as an undisturbed run, and does taking everything back
bring others' words back? The photos are untouched throughout.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE), str(HERE.parent / "journeys")]

from sidecar_sample import FOREIGN, Shelf  # noqa: E402 - a script finds its neighbours first
from switch_kills import fork  # noqa: E402

from engine import Library  # noqa: E402
from engine.files import writes  # noqa: E402
from engine.files.sidecar_fields import told  # noqa: E402
from engine.jobs import drain  # noqa: E402
from engine.mark_types import MarkUndo  # noqa: E402
from engine.types import Scope  # noqa: E402

NEW = (5, "Mine", ("Places/Sea", "theirs", "both"))
OLD = (2, None, ("theirs", "both"))


def make(folder: Path) -> None:
    """A photo with a sidecar of others, one without; much was said of both."""
    folder.mkdir()
    shelf = Shelf(folder, "a.jpg", "c.jpg")
    shelf.sidecar("a.xmp").write_text(FOREIGN, encoding="utf-8")
    ids = [shelf.id(name) for name in ("a.jpg", "c.jpg")]
    shelf.library.marking.rate(ids, 5)
    shelf.library.marking.caption(ids, "Mine")
    shelf.library.tagging.tag(ids, "Places/Sea")
    shelf.library.tagging.tag(ids, "both")
    shelf.library.close()


def write(folder: Path, last: int) -> int:
    """Write, and die at the last-th change to the disk or commit. Returns: how many there were."""
    calls = 0

    def die(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)

    with Library.open(folder / "library") as library:
        dues = library._catalog.sidecar_dues  # pyright: ignore[reportPrivateUsage]
        for name in ("plan", "done"):
            commit = getattr(dues, name)

            def killed(rows: Any, commit: Any = commit) -> None:
                die()
                commit(rows)
                die()

            setattr(dues, name, killed)
        writes.before = die
        drain(library.sidecars.write())
        writes.before = None
    return calls


def look(folder: Path) -> dict[str, Any]:
    """What the sidecars tell; of those of others all else must be there."""
    found: dict[str, Any] = {}
    for path in sorted((folder / "photos").glob("[!.]*.xmp")):
        data = path.read_bytes()
        if path.name != "c.jpg.xmp":
            assert b"dt:history" in data, f"{path.name} lost what others wrote"
            assert b"Alt &amp; gut" in data
        told_now = told(data)
        found[path.name] = [told_now.rating, told_now.caption, sorted(told_now.tags)]
    return found


def go_on(folder: Path) -> list[dict[str, Any]]:
    """What is left is written; then all that was said is taken back. Returns: both looks."""
    with Library.open(folder / "library") as library:
        drain(library.sidecars.write())
        now = look(folder)
        ids = library.photo_ids(Scope())
        names = ("rating", "caption")
        library.marking.undo(MarkUndo(marks=tuple((i, n, None) for i in ids for n in names)))
        library.tagging.untag(ids, "Places/Sea")
        drain(library.sidecars.write())
    return [now, look(folder)]


def main() -> int:
    """Kill at each point until a run lives to its end."""
    kills = 0
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "base"
        fork(lambda: make(base))
        truth = {"a.xmp": NEW, "c.jpg.xmp": (5, "Mine", ("Places/Sea", "both"))}
        whole = {name: [*row[:2], sorted(row[2])] for name, row in truth.items()}
        old = [*OLD[:2], sorted(OLD[2])]
        last = 0
        while True:
            last += 1
            folder = Path(scratch) / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(base, folder)
            catalog = folder / "library" / "catalog.db"
            _moved(catalog, folder)
            lived, _ = fork(lambda folder=folder, last=last: write(folder, last))
            for name, row in look(folder).items():
                assert row in (whole[name], old), f"at {last}: {name} is neither old nor new: {row}"
            if lived:
                break
            kills += 1
            _, (now, then) = fork(lambda folder=folder: go_on(folder))
            assert now == whole, f"at {last}: it did not go on: {now}"
            assert then["a.xmp"] == old, f"at {last}: {then}"
    print(json.dumps({"kills": kills, "lost": 0}))  # noqa: T201
    return 0


def _moved(catalog: Path, folder: Path) -> None:
    """The library's photos lie in the copy."""
    with sqlite3.connect(catalog) as db:
        photos = folder / "photos"
        info = photos.stat()
        db.execute(
            "UPDATE root SET path = ?, marker_dev = ?, marker_ino = ?",
            (os.fsencode(photos), info.st_dev, info.st_ino),
        )
    db.close()


if __name__ == "__main__":
    sys.exit(main())
