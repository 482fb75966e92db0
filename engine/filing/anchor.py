"""Whether the drive that a run put photos on is connected."""

from __future__ import annotations

from pathlib import Path

from engine.errors import DiskError
from engine.file_types import FilingRun, SortMode


def anchor(into: Path) -> dict[str, object]:
    """The nearest folder that is there, for a run's rule: by it the drive is known again."""
    there = next((path for path in (into, *into.parents) if path.is_dir()), into)
    return {"anchor": str(there), "anchor_ino": there.stat().st_ino if there.is_dir() else 0}


def is_there(run: FilingRun) -> bool:
    """Whether the folder is the one that it was.

    Else a drive that is not connected would look as if all of its photos had been deleted, and
    its folders would be made anew on the disk below.
    """
    known = run.rule.get("anchor")
    if run.rule.get("mode") == SortMode.ALBUM.value or not isinstance(known, str):
        return True
    try:
        return Path(known).is_dir() and Path(known).stat().st_ino == run.rule.get("anchor_ino")
    except OSError:
        return False


def check_anchor(run: FilingRun) -> None:
    """Raises DiskError where another folder, or none, lies where a run's target lay."""
    if not is_there(run):
        known = run.rule.get("anchor")
        raise DiskError(f"{known} is not there. Is its drive connected? Nothing was begun.")
