"""Sorts photos over two file systems, kills it at random points, and looks whether all is there.

Run: python tests/engine/journeys/filing_kills.py [--photos 1000] [--kills 300] [--seed 1]

Each round sorts (moved or copied, to the same or to another file system) and undoes, killed again
and again on the way. After each kill, before anything is repaired: does every content exist, and
nothing else under a name that is not ours? After reopening: is every bundle whole, each content
exactly where it belongs, no leftover, journal, disk and catalog of one mind? After the undo: is the
tree the same, paths, bytes and times?
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(Path(__file__).resolve().parent)]

from filing_sample import Sample, write  # noqa: E402

from engine.file_types import RunState, SortMode, StepState  # noqa: E402
from engine.files.scan import is_candidate  # noqa: E402
from engine.jobs import drain  # noqa: E402

Tree = dict[str, tuple[bytes, int]]
Paces = dict[str, float]
_FIRST_S = 0.03  # of life before a kill, on average, until it is known how long the work takes


@contextmanager
def second_disk(megabytes: int = 512) -> Generator[Path | None, None, None]:
    """A folder on another file system: a tmpfs of our own, else shared memory, else None."""
    with tempfile.TemporaryDirectory() as scratch:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", scratch]
        if sys.platform == "linux" and os.geteuid() == 0:
            if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
                try:
                    yield Path(scratch)
                finally:
                    subprocess.run(["umount", "-l", scratch], check=False)
                return
    memory = Path("/dev/shm")
    if memory.is_dir() and memory.stat().st_dev != Path(tempfile.gettempdir()).stat().st_dev:
        with tempfile.TemporaryDirectory(dir=memory) as scratch:
            yield Path(scratch)
        return
    yield None


def make_photos(folder: Path, photos: int) -> None:
    """Photos in folders, a part of them with companions; every content is different."""
    rng = random.Random(7)
    for number in range(photos):
        stem = folder / f"{number % 5}" / f"IMG_{number // 2:05}"  # each name twice
        kinds = [".jpg"]
        if number % 3 == 0:
            kinds += [".xmp"]
        if number % 7 == 0:
            kinds = [".CR2", ".JPG", ".CR2.xmp"]
        if number % 11 == 0:
            kinds += [".mov"]
        for kind in kinds:
            path = stem.with_name(stem.name + kind)
            if not path.exists():
                data = f"{number} {kind} ".encode() + rng.randbytes(rng.randrange(10, 9_000))
                write(path, data, 1_500_000_000 + number)


def snapshot(*folders: Path) -> Tree:
    found: Tree = {}
    for folder in folders:
        for top, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(top, name)  # noqa: PTH118
                with open(path, "rb") as file:  # noqa: PTH123
                    found[path] = file.read(), os.lstat(path).st_mtime_ns
    return found


def in_child(work: Callable[[Callable[[], None]], None], kill_after_s: float | None) -> bool:
    """Work in a forked child, killed so long after it says that it begins; did it live?"""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            work(lambda: os.close(writer))
            code = 0
        except BaseException:  # noqa: BLE001 - the fork must not run on as a second parent
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    os.read(reader, 1)  # until the child has closed its end
    os.close(reader)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "the child failed"
    return os.WIFEXITED(status)


@dataclass
class Figures:
    """What a round found."""

    kills: int = 0
    rounds: int = 0
    recovered_bundles: int = 0
    slowest_recover_s: float = 0.0


class Round:
    """One sort and its undo, killed on the way."""

    def __init__(self, folder: Path, into: Path, mode: SortMode, rng: random.Random) -> None:
        self.folder, self.into, self.mode, self.rng = folder, into, mode, rng
        self.photos = folder / "photos"
        self.before = snapshot(self.photos)
        self.wanted = Counter(data for data, _ in self.before.values())

    def begin(self) -> None:
        """Plan and write the run down, without doing anything of it yet."""
        sample = Sample(self.folder, self.into)
        sample.look()
        ids = sorted(sample.paths())
        plan = sample.plan({i: f"group {i % 4}" for i in ids}, self.mode)
        assert plan.going == len(ids), [p for p in plan.photos if not p.fate.goes][:3]
        job = sample.filing.apply(plan)
        next(job)
        job.close()
        sample.close()

    def go_on(self, begins: Callable[[], None]) -> None:
        sample = Sample(self.folder, self.into)
        begins()
        sample.filing.recover()
        run = sample.filing.runs()[0]
        if run.can_resume:
            report = drain(sample.filing.resume(run.id))
            assert not report.skipped, report.skipped[:3]
            assert not report.stopped, report.stopped
        sample.close()

    def go_back(self, begins: Callable[[], None]) -> None:
        sample = Sample(self.folder, self.into)
        begins()
        sample.filing.recover()
        run = sample.filing.runs()[0]
        if run.state is not RunState.UNDONE:
            report = drain(sample.filing.undo(run.id))
            assert not report.skipped, report.skipped[:3]
            assert not report.stopped, report.stopped
        sample.close()

    def check_untouched(self) -> None:
        """Right after a kill, nothing repaired: every content is there, whole."""
        now = snapshot(self.photos, self.into)
        ours = {path for path in now if os.path.basename(path).startswith(".photosift-")}  # noqa: PTH119
        there = Counter(data for path, (data, _) in now.items() if path not in ours)
        missing = self.wanted - there
        assert not missing, f"{sum(missing.values())} contents are gone"
        strange = set(there) - set(self.wanted)
        assert not strange, f"{len(strange)} files hold what no photo held"

    def check_recovered(self, figures: Figures) -> None:
        """After reopening: bundles whole, contents where they belong, journal of one mind."""
        sample = Sample(self.folder, self.into)
        opened = len({(s.run_id, s.bundle) for s in sample.catalog.journal.open_steps()})
        started = time.monotonic()
        sample.filing.recover()
        figures.slowest_recover_s = max(figures.slowest_recover_s, time.monotonic() - started)
        figures.recovered_bundles += opened
        assert sample.catalog.journal.open_steps() == []
        now = snapshot(self.photos, self.into)
        leftovers = [path for path in now if ".photosift-" in path]
        assert not leftovers, leftovers[:3]
        steps = sample.filing.steps(sample.filing.runs()[0].id)
        filed = {StepState.DONE, StepState.LEFT}
        states: dict[int, set[bool]] = {}
        for step in steps:
            there = step.state in filed
            states.setdefault(step.bundle, set()).add(there)
            assert (str(step.target) in now) == there, step
            if self.mode is SortMode.MOVE:
                assert (str(step.source) in now) != there, step
            data, mtime_ns = now[str(step.target if there else step.source)]
            assert (data, mtime_ns) == self.before[str(step.source)], step
        assert all(len(found) == 1 for found in states.values()), "a bundle was split"
        if self.mode is SortMode.MOVE:
            assert Counter(data for data, _ in now.values()) == self.wanted
        known = set(sample.paths().values())
        for path in map(Path, self.before):
            if is_candidate(path.name):
                assert (path in known) == (str(path) in now), path
        sample.close()

    def run(self, kills: int, figures: Figures, paces: Paces) -> None:
        """Sort and undo, with at most so many kills."""
        self.begin()
        for work in (self.go_on, self.go_back):
            pace = f"{self.mode.value} {self.into.name} {work.__name__}"
            for number in range(1 + kills // 2):
                last = number == kills // 2
                delay = None if last else self.rng.expovariate(1 / paces.get(pace, _FIRST_S))
                started = time.monotonic()
                lived = in_child(work, delay)
                self.check_untouched()
                if lived:  # a kill after the end is none
                    paces[pace] = max(0.002, (time.monotonic() - started) / 12)
                    break
                figures.kills += 1
                if self.rng.random() < 0.5:  # else the next child has to recover, and may die
                    self.check_recovered(figures)
            self.check_recovered(figures)
        assert snapshot(self.photos) == self.before, "the undone tree differs"
        assert not snapshot(self.into)
        figures.rounds += 1


def torture(photos: int, kills: int, seed: int, per_round: int) -> Figures:
    """Rounds of all kinds until so many kills were made in the middle of the work."""
    figures = Figures()
    rng = random.Random(seed)
    paces: Paces = {}
    with tempfile.TemporaryDirectory() as scratch, second_disk() as other:
        folder = Path(scratch)
        make_photos(folder / "photos", photos)
        sample = Sample(folder)
        sample.catalog.roots.add(sample.photos)
        sample.look()
        sample.close()
        targets = [folder / "photos" / "sorted", folder / "outside"]
        targets += [other / "other disk"] if other is not None else []
        kinds = [(into, mode) for mode in (SortMode.MOVE, SortMode.COPY) for into in targets[::-1]]
        while figures.kills < kills:
            into, mode = kinds[figures.rounds % len(kinds)]
            Round(folder, into, mode, rng).run(
                min(per_round, kills - figures.kills + 1), figures, paces
            )
    if other is None:
        print("there is no second file system here: moves across were not tried", file=sys.stderr)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--per-round", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    figures = torture(options.photos, options.kills, options.seed, options.per_round)
    print(
        json.dumps(
            {
                "photos": options.photos,
                "kills": figures.kills,
                "bundles_found_begun": figures.recovered_bundles,
                "slowest_recover_s": round(figures.slowest_recover_s, 3),
                "rounds": figures.rounds,
                "lost": 0,
                "split": 0,
                "seconds": round(time.monotonic() - started, 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
