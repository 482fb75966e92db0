"""How fast photos are planned, moved and copied, and taken back.

Run: python bench/filing.py [--photos 1000] [--kilobytes 200] [--into DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests" / "engine" / "journeys")]

from filing_kills import second_disk  # noqa: E402
from filing_sample import Sample, assigned  # noqa: E402

from engine.file_types import SortMode, SortRule  # noqa: E402


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def durable_commit_ms(sample: Sample) -> dict[str, float]:
    """What `synchronous=FULL` costs a commit, against the usual one."""
    found: dict[str, float] = {}
    run = sample.filing.runs()[0]
    for name, durable in (("usual", False), ("durable", True)):
        started = time.perf_counter()
        for _ in range(50):
            with sample.catalog.write(durable=durable):
                sample.catalog.journal.set_state(run.id, run.state)
        found[name] = round((time.perf_counter() - started) / 50 * 1e3, 3)
    return found


def measure(photos: int, kilobytes: int, into: Path | None) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as scratch, second_disk(4096) as other:
        sample = Sample(Path(scratch))
        for number in range(photos):
            path = sample.photos / str(number % 20) / f"IMG_{number:06}.jpg"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(os.urandom(1024) * kilobytes)
            if number % 4 == 0:
                path.with_suffix(".xmp").write_bytes(b"<x/>" * 500)
        sample.look()
        ids = sorted(sample.paths())
        scores = assigned({i: f"group {i % 10}" for i in ids})
        names = tuple(f"group {n}" for n in range(10))
        found: dict[str, object] = {"photos": photos, "megabytes": photos * kilobytes / 1024}
        rounds = [("same disk", sample.folder / "sorted"), ("other disk", into or other)]
        for place, target in rounds:
            if target is None:
                continue
            for mode in (SortMode.MOVE, SortMode.COPY, SortMode.LINK):
                if mode is SortMode.LINK and place == "other disk":
                    continue
                rule = SortRule(names, target / "photosift bench", mode)
                plan_s = timed(lambda rule=rule: sample.sorting.plan(scores, rule))
                plan = sample.sorting.plan(scores, rule)
                again_s = timed(lambda plan=plan: sample.sorting.replan(plan))
                apply_s = timed(lambda plan=plan: sample.apply(plan))
                undo_s = timed(sample.undo)
                found[f"{mode.value}, {place}"] = {
                    "plan_s": round(plan_s, 3),
                    "replan_s": round(again_s, 4),
                    "photos_per_s": round(photos / apply_s),
                    "megabytes_per_s": round(photos * kilobytes / 1024 / apply_s),
                    "undone_per_s": round(photos / undo_s),
                }
        found["commit_ms"] = durable_commit_ms(sample)
        sample.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--kilobytes", type=int, default=200)
    parser.add_argument("--into", type=Path, default=None, help="on another disk")
    options = parser.parse_args()
    print(json.dumps(measure(options.photos, options.kilobytes, options.into), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
