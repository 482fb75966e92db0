"""Kills a change of model at random points and at each exact moment; says what was found.

Run: python tests/engine/journeys/switch_kills.py [--photos 60] [--kills 14] [--seed 1]

Heavy libraries are imported once, before the forks, and never used before them. After each kill
the library is opened: does search answer from one space, with every photo? Is every vector that of
its photo in its space? In the end the change must complete, with the photos untouched.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(Path(__file__).resolve().parent)]

QUERY = "a red cat"
BATCH = 4


def fork(work: Callable[[], Any], kill_after_s: float | None = None) -> tuple[bool, Any]:
    """Do something in a child: whether it lived to the end, and what it returned."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            value = work()
            with os.fdopen(writer, "w") as pipe:
                json.dump(value, pipe)
            code = 0
        except BaseException:  # noqa: BLE001 - the fork must not run on as a second parent
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False, None
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed"
    return True, json.loads(text)


# ---- what children do ----------------------------------------------------------------------


def make_library(folder: Path, photos: Path, turned: Path) -> None:
    """All photos known to the demo model, and the turned one to be prepared."""
    from journey import update

    from engine import Library

    with Library.open(folder) as library:
        library.change_settings(replace(library.settings, batch_size=BATCH))
        library.add_root(photos)
        update(library)
        library.prepare_model(str(turned))


def go_on(folder: Path, die: str = "") -> str:
    """Index to the end, or to the moment of death."""
    from engine import Library
    from engine.jobs import drain

    with Library.open(folder) as library:
        DEATHS[die]()
        return drain(library.index()).switched_to


def look(folder: Path) -> dict[str, Any]:
    """What a user finds after the library was opened again, and every vector there is."""
    from engine import Library

    with Library.open(folder) as library:
        info = library.model_status().info
        assert info is not None
        found = {
            "model": info.id,
            "not_searchable": library.counts().not_searchable,
            "scores": {hit.photo_id: hit.score for hit in library.search(QUERY, limit=10_000).hits},
            "wrong": library.doctor()["wrong"],
        }
    with sqlite3.connect(folder / "catalog.db") as catalog:
        assert catalog.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert catalog.execute("PRAGMA foreign_key_check").fetchall() == []
        found["vectors"] = [
            [revision, dim, photo_id, vector.hex()]
            for revision, dim, photo_id, vector in catalog.execute(
                "SELECT s.revision, s.dim, e.photo_id, e.vector FROM embedding e"
                " JOIN embedding_space s ON s.id = e.space_id"
            )
        ]
    catalog.close()
    return found


# ---- the exact moments ---------------------------------------------------------------------


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str, *, before: bool, call: int = 1) -> None:
    """Die just before, or just after, the n-th call of a method."""
    original = getattr(owner, name)
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

    setattr(owner, name, deadly)


def _settings(*, before: bool) -> None:
    from engine.settings import Settings

    _around(Settings, "save", before=before)


def _replacing() -> None:
    """With the new settings written, but not yet in their place."""
    original = Path.replace

    def deadly(self: Path, target: Any) -> Any:
        if self.name == "settings.json.new":
            die()
        return original(self, target)

    Path.replace = deadly  # pyright: ignore[reportAttributeAccessIssue]


def _following(*, before: bool, call: int) -> None:
    """Vectors are committed; the live index does not know them yet, or does."""
    from engine.embedding_index import EmbeddingIndex

    _around(EmbeddingIndex, "add", before=before, call=call)


def _saving(*, before: bool) -> None:
    from engine.vectors.vector_index import VectorIndex

    _around(VectorIndex, "save", before=before)


DEATHS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "before the settings are replaced": lambda: _settings(before=True),
    "while the settings are replaced": _replacing,
    "after the settings were replaced": lambda: _settings(before=False),
    "after the first commit": lambda: _following(before=True, call=1),
    "between two commits": lambda: _following(before=False, call=5),
    "before the new index is saved": lambda: _saving(before=True),
    "after the new index was saved": lambda: _saving(before=False),
}


# ---- judging -------------------------------------------------------------------------------


def furthest(found: dict[str, float], expected: dict[str, float]) -> float:
    """How far a score is off at most; both models score alike, and by mixed vectors about 0."""
    assert found.keys() == expected.keys(), "search lost photos"
    return max(abs(found[photo] - score) for photo, score in expected.items())


def same_vectors(found: dict[str, Any], truth: dict[tuple[str, int], Any]) -> None:
    """Every vector is that of its photo in its space, as an undisturbed run made it."""
    import numpy as np

    for revision, dim, photo_id, text in found["vectors"]:
        vector = np.frombuffer(bytes.fromhex(text), "<f2").astype(np.float32)
        assert len(vector) == dim, "a vector of another space's length"
        cosine = float(vector @ truth[revision, photo_id])
        assert cosine > 0.98, f"photo {photo_id} has a vector that is not its own: {cosine:.3f}"


def main() -> int:
    import numpy as np
    from journey import draw
    from kill_points import digest, import_heavy
    from other_model import rotated_model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--kills", type=int, default=14, help="at random points, beside the exact")
    parser.add_argument("--per-round", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    import_heavy()
    random.seed(options.seed)
    killed = after_the_end = completed = with_new = 0
    with tempfile.TemporaryDirectory() as scratch:
        photos = Path(scratch) / "photos"
        for seed in range(options.photos):
            draw(photos / f"{seed % 5}" / f"IMG_{seed:04}.jpg", seed, (160, 120))
        turned = rotated_model(Path(scratch) / "turned")
        untouched = digest(photos)
        base = Path(scratch) / "base"
        fork(lambda: make_library(base, photos, turned))

        undisturbed = Path(shutil.copytree(base, Path(scratch) / "undisturbed"))
        expected = fork(lambda: look(undisturbed))[1]["scores"]
        assert len(expected) == options.photos
        started = time.monotonic()
        assert fork(lambda: go_on(undisturbed))[1] == str(turned)
        whole_s = time.monotonic() - started
        whole = fork(lambda: look(undisturbed))[1]
        assert whole["model"] == str(turned)
        assert furthest(whole["scores"], expected) < 0.05, "the turned model finds other photos"
        truth = {
            (revision, photo_id): np.frombuffer(bytes.fromhex(text), "<f2").astype(np.float32)
            for revision, _, photo_id, text in whole["vectors"]
        }
        assert len(truth) == 2 * options.photos

        def check(folder: Path, moment: str) -> dict[str, Any]:
            found = fork(lambda: look(folder))[1]
            assert digest(photos) == untouched, f"{moment}: a photo was changed"
            assert found["not_searchable"] == 0, f"{moment}: search lost photos"
            assert furthest(found["scores"], expected) < 0.05, f"{moment}: search mixes spaces"
            assert found["wrong"] == [], f"{moment}: {found['wrong']}"
            same_vectors(found, truth)
            return found

        def finish(folder: Path, moment: str) -> None:
            nonlocal completed
            fork(lambda: go_on(folder))
            found = check(folder, f"{moment}, completed")
            assert found["model"] == str(turned), f"{moment}: it never completed"
            assert len(found["vectors"]) == 2 * options.photos
            completed += 1

        for moment in filter(None, DEATHS):
            folder = Path(shutil.copytree(base, Path(scratch) / moment.replace(" ", "-")))
            lived, _ = fork(lambda folder=folder, moment=moment: go_on(folder, moment))
            assert not lived, f"{moment}: this moment never came"
            killed += 1
            new = check(folder, moment)["model"] == str(turned)
            assert new == (moment == "after the settings were replaced"), moment
            with_new += new
            finish(folder, moment)
        left, round_number = options.kills, 0
        while left:
            round_number += 1
            folder = Path(shutil.copytree(base, Path(scratch) / f"round{round_number}"))
            for _ in range(min(options.per_round, left)):
                delay = random.uniform(0.01, whole_s * 1.1)
                lived, _ = fork(lambda folder=folder: go_on(folder), delay)
                killed, left = killed + 1, left - 1
                after_the_end += lived
                with_new += check(folder, f"after {delay:.3f} s")["model"] == str(turned)
            finish(folder, f"round {round_number}")
    print(
        json.dumps(
            {
                "photos": options.photos,
                "kills": killed,
                "of_these_after_the_end": after_the_end,
                "with_the_new_model_after_the_kill": with_new,
                "completed": completed,
                "undisturbed_s": round(whole_s, 2),
                "mixed": 0,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
