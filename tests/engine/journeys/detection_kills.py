"""Kills a detection run at random points and at exact moments; says what was found.

Run: python tests/engine/journeys/detection_kills.py [--photos 40] [--kills 10] [--seed 1]

Heavy libraries are imported once, before the forks, and never used before them. After each kill
the library is opened: has every photo that was looked at just the boxes of an undisturbed run, and
every other photo none? Gone on with, does the run come to the same in the end, with no photo
looked at twice and all photo files untouched?
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(Path(__file__).resolve().parent)]

from switch_kills import fork  # noqa: E402 - a script finds its neighbours first

LABELS = ("cat", "car", "flower")
THRESHOLD = 0.1
ALL = "SELECT photo_id, label, score, box_left, box_top, box_right, box_bottom FROM detection"

Boxes = dict[str, list[list[Any]]]


# ---- what children do ----------------------------------------------------------------------


def make_library(folder: Path, photos: Path) -> None:
    """All photos read; nothing is embedded."""
    from engine import Library
    from engine.jobs import drain

    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({"model_id": "no/model"}), encoding="utf-8")
    with Library.open(folder) as library:
        library.add_root(photos)
        drain(library.reconcile())
        drain(library.index())


def run(folder: Path, die: str = "") -> int:
    """Begin a run, or go on with the last one, to the end or to the moment of death.

    Returns:
        How many photos the detector had to look at anew.
    """
    from engine import Library
    from engine.detection_types import Label
    from engine.jobs import drain
    from engine.types import Scope

    with Library.open(folder) as library:
        DEATHS[die]()
        known = library.detecting.runs()
        if known:
            job = library.detecting.resume(known[0].id)
        else:
            ids = library.photo_ids(Scope())
            job = library.detecting.run(ids, [Label(name) for name in LABELS], THRESHOLD, "All")
        before = known[0].looked if known else 0
        report = drain(job)
        assert library.detecting.runs()[0].finished
        return report.looked - before


def look(folder: Path) -> dict[str, Any]:
    """What a user finds after the library was opened again."""
    from engine import Library
    from engine.types import Scope

    with Library.open(folder) as library:
        shown = library.detecting.of_photos(library.photo_ids(Scope()))
        runs = library.detecting.runs()
        wrong = library._catalog.check()  # pyright: ignore[reportPrivateUsage]
    with sqlite3.connect(folder / "catalog.db") as catalog:
        assert catalog.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert catalog.execute("PRAGMA foreign_key_check").fetchall() == []
        looked = [
            str(row[0])
            for row in catalog.execute(
                "SELECT photo_id FROM detection_run_photo WHERE state = 'looked'"
            )
        ]
        stored: Boxes = {}
        for photo_id, *box in catalog.execute(f"{ALL} ORDER BY label, score, box_left"):
            stored.setdefault(str(photo_id), []).append(box)
    catalog.close()
    assert sum(map(len, shown.values())) == sum(map(len, stored.values())), "a box is hidden"
    return {"runs": len(runs), "looked": looked, "boxes": stored, "wrong": wrong}


# ---- the exact moments ---------------------------------------------------------------------


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(module: str, owner: str, name: str, call: int, *, before: bool) -> None:
    """Die just before, or just after, the n-th call of a method."""
    kind = getattr(importlib.import_module(module), owner)
    original = getattr(kind, name)
    calls = 0

    def deadly(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and before:
            die()
        result = original(*arguments, **named)
        if calls == call:
            die()
        return result

    setattr(kind, name, deadly)


def _runs(name: str, call: int, *, before: bool) -> None:
    _dying("engine.catalog.detection_runs", "DetectionRuns", name, call, before=before)


def _keeping(call: int, *, before: bool) -> None:
    _dying("engine.files.kept_bytes", "KeptBytes", "put", call, before=before)


def _announced() -> None:
    """Just after the second commit."""
    _dying("engine.catalog.store", "Store", "_announce", 2, before=True)


DEATHS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "before the run is written down": lambda: _runs("start", 1, before=True),
    "before the run is committed": lambda: _runs("start", 1, before=False),
    "between two photos of a commit": lambda: _runs("record", 6, before=False),
    "at the end of a commit": lambda: _runs("record", 8, before=False),
    "after a commit": _announced,
    "before features are kept": lambda: _keeping(3, before=True),
    "after features were kept": lambda: _keeping(3, before=False),
}
_BEFORE_ALL = ("before the run is written down", "before the run is committed")


# ---- judging -------------------------------------------------------------------------------


def main() -> int:
    from journey import draw
    from kill_points import digest

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--kills", type=int, default=10, help="at random points, beside the exact")
    parser.add_argument("--per-round", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    for heavy in ("numpy", "openvino", "engine.library", "engine.vision.owl_vit"):
        importlib.import_module(heavy)
    random.seed(options.seed)
    killed = in_the_middle = completed = after_the_end = 0
    with tempfile.TemporaryDirectory() as scratch:
        photos = Path(scratch) / "photos"
        for seed in range(options.photos):
            draw(photos / f"{seed % 3}" / f"IMG_{seed:04}.jpg", seed, (320, 240))
        untouched = digest(photos)
        base = Path(scratch) / "base"
        fork(lambda: make_library(base, photos))
        undisturbed = Path(shutil.copytree(base, Path(scratch) / "undisturbed"))
        started = time.monotonic()
        assert fork(lambda: run(undisturbed)) == (True, options.photos)
        whole_s = time.monotonic() - started
        truth: Boxes = fork(lambda: look(undisturbed))[1]["boxes"]
        assert truth, "the detector finds nothing at all"

        def check(folder: Path, moment: str) -> dict[str, Any]:
            nonlocal in_the_middle
            found = fork(lambda: look(folder))[1]
            assert digest(photos) == untouched, f"{moment}: a photo was changed"
            assert found["wrong"] == [], f"{moment}: {found['wrong']}"
            expected = {photo: truth[photo] for photo in found["looked"] if photo in truth}
            assert found["boxes"] == expected, f"{moment}: boxes are lost, or there too early"
            in_the_middle += 0 < len(found["looked"]) < options.photos
            return found

        def finish(folder: Path, moment: str, looked: int) -> None:
            nonlocal completed
            lived, anew = fork(lambda: run(folder))
            assert lived
            assert anew == options.photos - looked, f"{moment}: photos were looked at twice"
            found = check(folder, f"{moment}, gone on")
            assert len(found["looked"]) == options.photos
            assert found["runs"] == 1, f"{moment}: one run became two"
            completed += 1

        for moment in filter(None, DEATHS):
            folder = Path(shutil.copytree(base, Path(scratch) / moment.replace(" ", "-")))
            lived, _ = fork(lambda folder=folder, moment=moment: run(folder, moment))
            assert not lived, f"{moment}: this moment never came"
            killed += 1
            found = check(folder, moment)
            assert found["runs"] == (0 if moment in _BEFORE_ALL else 1), moment
            finish(folder, moment, len(found["looked"]))
        left, round_number = options.kills, 0
        while left:
            round_number += 1
            folder = Path(shutil.copytree(base, Path(scratch) / f"round{round_number}"))
            looked = 0
            for _ in range(min(options.per_round, left)):
                delay = random.uniform(0.05, whole_s)
                lived, _ = fork(lambda folder=folder: run(folder), delay)
                killed, left, after_the_end = killed + 1, left - 1, after_the_end + lived
                now = len(check(folder, f"after {delay:.3f} s")["looked"])
                assert now >= looked, "what was looked at is lost"
                looked = now
            finish(folder, f"round {round_number}", looked)
    print(
        json.dumps(
            {
                "photos": options.photos,
                "kills": killed,
                "in_the_middle": in_the_middle,
                "of_these_after_the_end": after_the_end,
                "completed": completed,
                "undisturbed_s": round(whole_s, 2),
                "lost": 0,
                "twice": 0,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
