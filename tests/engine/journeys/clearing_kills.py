"""Clears duplicates on several disks, killed at random points, and looks whether all is safe.

Run: python tests/engine/journeys/clearing_kills.py [--groups 500] [--kills 100] [--seed 1]

Groups of two or three, a third of them with companions, some with hard links; in each round a few
keepers are changed behind the library's back. The copies lie on the disk of the home's trash or on
another one, with a trash or without. Each round clears and undoes, killed again and again on the
way. After each kill, before anything is repaired: does every content exist, whole, and does what
stays of every group still hold its bytes? After reopening: is each photo at its place or in the
trash, never parted from its companions, no leftover and no lonely note? After the undo: is the tree
the same, paths, bytes and times?
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(Path(__file__).resolve().parent)]

from clearing_sample import ClearingSample  # noqa: E402
from filing_kills import Tree, in_child, second_disk, snapshot  # noqa: E402
from filing_sample import write  # noqa: E402

from engine.catalog.journal import CLEARING  # noqa: E402
from engine.duplicate_types import Choice  # noqa: E402
from engine.file_types import StepState  # noqa: E402
from engine.jobs import drain  # noqa: E402

_FIRST_S = 0.03  # of life before a kill, on average, until it is known how long the work takes


def make_photos(folder: Path, groups: int, rng: random.Random) -> None:
    """Groups of equal photos: `keep/1.jpg`, `copies/…/1 (1).jpg`; some copies are hard links."""
    for number in range(groups):
        data = f"photo {number} ".encode() + rng.randbytes(rng.randrange(10, 9_000))
        write(folder / "keep" / f"{number}.jpg", data, 1_500_000_000 + number)
        for copy in range(1, 3 if number % 4 == 0 else 2):
            path = folder / "copies" / f"{number % 7}" / f"{number} ({copy}).jpg"
            if number % 25 == 7:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(folder / "keep" / f"{number}.jpg", path)
                continue
            write(path, data, 1_500_100_000 + number)
            if number % 3 == 0:
                write(path.with_suffix(".xmp"), f"edits {number} {copy}".encode())
            if number % 11 == 0:
                movie = f"movie {number}".encode() * 100
                write(folder / "keep" / f"{number}.mov", movie)
                write(path.with_suffix(".mov"), movie)


@dataclass
class Figures:
    """What was found."""

    kills: int = 0
    rounds: int = 0
    recovered: int = 0
    cleared: int = 0
    left_alone: int = 0
    slowest_recover_s: float = 0.0


class Round:
    """One clearing of all groups and its undo, killed on the way."""

    def __init__(self, folder: Path, photos: Path, rng: random.Random, figures: Figures) -> None:
        self.folder, self.photos, self.rng, self.figures = folder, photos, rng, figures
        self.places = [folder / "xdg" / "Trash", folder / "data" / "trash"]
        self.places.append(photos.parent / f".Trash-{os.getuid()}")
        self.changed = self._change_keepers()
        self.before = snapshot(photos)
        self.wanted = Counter(data for data, _ in self.before.values())

    def open(self) -> ClearingSample:
        return ClearingSample(self.folder, self.photos)

    def _change_keepers(self) -> set[Path]:
        """A few keepers get other bytes of the same size and time: only reading tells."""
        found: set[Path] = set()
        keepers = sorted((self.photos / "keep").glob("*.jpg"))
        for path in self.rng.sample(keepers, len(keepers) // 50):
            info = path.stat()
            if info.st_nlink > 1:
                continue
            data = path.read_bytes()
            path.write_bytes(bytes([data[0] ^ 255]) + data[1:])
            os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
            found.add(path)
        return found

    def heal(self) -> None:
        """Give the changed keepers their bytes again."""
        for path in self.changed:
            info = path.stat()
            data = path.read_bytes()
            path.write_bytes(bytes([data[0] ^ 255]) + data[1:])
            os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    # ---- work in children ---------------------------------------------------------------------

    def go_on(self, begins: Callable[[], None]) -> None:
        sample = self.open()
        begins()
        sample.clearing.recover()
        drain(sample.clearing.clear(self.choices(sample)))
        sample.close()

    def go_back(self, begins: Callable[[], None]) -> None:
        sample = self.open()
        begins()
        sample.clearing.recover()
        for done in sample.clearing.clearings():
            if not done.undone:
                report = drain(sample.clearing.undo(done.id))
                assert not report.left_alone, report.left_alone[:3]
                assert not report.stopped, report.stopped
        sample.close()

    def choices(self, sample: ClearingSample) -> list[Choice]:
        """The keeper stays, whatever the rules would say."""
        paths = sample.paths()
        found: list[Choice] = []
        for one in sample.choices():
            ids = (one.keep, *one.trash)
            keep = next(i for i in ids if paths[i].parent.name == "keep")
            trash = tuple(i for i in ids if i != keep)
            found.append(Choice(one.group_id, one.kind, keep, trash))
        return found

    # ---- looking ------------------------------------------------------------------------------

    def everything(self) -> Tree:
        now = snapshot(self.photos, *self.places)
        return {path: held for path, held in now.items() if not path.endswith(".trashinfo")}

    def check_untouched(self) -> None:
        """Right after a kill, nothing repaired: every content is there, and every keeper."""
        now = self.everything()
        ours = {path for path in now if os.path.basename(path).startswith(".photosift-")}  # noqa: PTH119
        missing = self.wanted - Counter(data for path, (data, _) in now.items() if path not in ours)
        assert not missing, f"{sum(missing.values())} contents are gone"
        strange = {data for path, (data, _) in now.items() if path not in ours} - set(self.wanted)
        assert not strange, f"{len(strange)} files hold what no photo held"
        for path, held in self.before.items():
            if "/keep/" in path:
                assert now[path] == held, path

    def check_recovered(self) -> None:
        """After reopening: photos whole, at one place each, journal, disk and catalog agree."""
        sample = self.open()
        opened = len({(s.run_id, s.bundle) for s in sample.catalog.journal.open_steps(CLEARING)})
        started = time.monotonic()
        sample.clearing.recover()
        took = time.monotonic() - started
        self.figures.slowest_recover_s = max(self.figures.slowest_recover_s, took)
        self.figures.recovered += opened
        assert sample.catalog.journal.open_steps(CLEARING) == []
        now = self.everything()
        assert not [path for path in now if ".photosift-" in path]
        assert Counter(data for data, _ in now.values()) == self.wanted
        filed = {StepState.DONE, StepState.LEFT}
        gone: set[str] = set()
        for run in sample.catalog.journal.runs(CLEARING):
            sides: dict[int, set[bool]] = {}
            for step in sample.catalog.journal.steps(run.id):
                there = step.state in filed
                sides.setdefault(step.bundle, set()).add(there)
                if there:
                    gone.add(str(step.source))
                    assert now[str(step.target)] == self.before[str(step.source)], step
            assert all(len(side) == 1 for side in sides.values()), "companions were parted"
        assert {path for path in now if path.startswith(f"{self.photos}/")} == {
            path for path in self.before if path not in gone
        }
        self.check_notes()
        for path in self.changed:  # nothing goes for a keeper that is not what it was
            stem = path.stem
            assert not [p for p in gone if Path(p).stem.partition(" ")[0] == stem], path
        known = {str(path) for path in sample.paths().values()}
        pictures = {path for path in self.before if path.endswith(".jpg")}
        assert known & pictures == pictures - gone
        sample.close()

    def check_notes(self) -> None:
        """Every file in a trash has its note, every note its file."""
        for place in self.places:
            if (place / "info").is_dir():
                files = {path.name for path in (place / "files").iterdir()}
                notes = {path.stem for path in (place / "info").iterdir()}
                assert files == notes, files ^ notes

    def run(self, kills: int, paces: dict[str, float]) -> None:
        """Clear and undo, with at most so many kills."""
        for work in (self.go_on, self.go_back):
            pace = f"{self.photos.parent.name} {work.__name__}"
            for number in range(1 + kills // 2):
                last = number == kills // 2
                delay = None if last else self.rng.expovariate(1 / paces.get(pace, _FIRST_S))
                started = time.monotonic()
                lived = in_child(work, delay)
                self.check_untouched()
                if lived:  # a kill after the end is none
                    paces[pace] = max(0.002, (time.monotonic() - started) / 12)
                    break
                self.figures.kills += 1
                if self.rng.random() < 0.5:  # else the next child has to recover, and may die
                    self.check_recovered()
            self.check_recovered()
            if work == self.go_on:
                self.check_cleared()
        assert snapshot(self.photos) == self.before, "the undone tree differs"
        self.figures.rounds += 1

    def check_cleared(self) -> None:
        """What was safe to go has gone, and nothing else."""
        copies = {path for path in self.before if "/copies/" in path and path.endswith(".jpg")}
        stay = {path for path in copies if os.path.lexists(path)}
        self.figures.cleared += len(copies) - len(stay)
        self.figures.left_alone += len(stay)
        changed = {path.stem for path in self.changed}
        for path in copies:
            number = Path(path).stem.partition(" ")[0]
            assert (path in stay) == (number in changed or int(number) % 25 == 7), path


def torture(groups: int, kills: int, seed: int, per_round: int) -> Figures:
    """Rounds of all kinds until so many kills were made in the middle of the work."""
    figures, rng, paces = Figures(), random.Random(seed), dict[str, float]()
    with tempfile.TemporaryDirectory() as scratch, second_disk() as other:
        homes = [Path(scratch) / "home"]
        disks = [homes[0] / "photos"]
        if other is not None:
            homes += [Path(scratch) / "trash", Path(scratch) / "none"]
            disks += [other / "trash" / "photos", other / "none" / "photos"]
        for folder, photos in zip(homes, disks, strict=True):
            make_photos(photos, groups, random.Random(7))
            sample = ClearingSample(folder, photos)
            sample.look()
            sample.close()
        while figures.kills < kills:
            at = figures.rounds % len(disks)
            if other is not None and os.path.ismount(other):
                set_trash(other, usable=homes[at].name == "trash")
            one = Round(homes[at], disks[at], rng, figures)
            if other is not None:
                one.places.append(other / f".Trash-{os.getuid()}")
            one.run(min(per_round, kills - figures.kills + 1), paces)
            one.heal()
    return figures


def set_trash(disk: Path, *, usable: bool) -> None:
    """Let a disk have a trash, or something in its way."""
    own = disk / f".Trash-{os.getuid()}"
    if own.is_dir() and not usable:
        own.rename(disk / "trash of before")
    elif own.is_file() and usable:
        own.unlink()
    if not usable:
        own.write_bytes(b"in the way")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=500)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--per-round", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    figures = torture(options.groups, options.kills, options.seed, options.per_round)
    print(
        json.dumps(
            {
                "groups": options.groups,
                "kills": figures.kills,
                "rounds": figures.rounds,
                "photos_cleared_and_brought_back": figures.cleared,
                "left_alone_as_they_must_be": figures.left_alone,
                "units_found_begun": figures.recovered,
                "slowest_recover_s": round(figures.slowest_recover_s, 3),
                "lost": 0,
                "parted": 0,
                "seconds": round(time.monotonic() - started, 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
