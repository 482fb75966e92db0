"""Whatever is done with files in whatever order: no photo's bytes go, and all of it is undone."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Library
from engine.file_types import FilingReport, RunId
from engine.jobs import Job, drain
from engine.types import DirtyFolder, PhotoId, Scope
from gui.filing.work import repeated

ACTS = st.tuples(
    st.sampled_from(["trash", "move", "copy", "name", "bring", "undo", "redo", "put back"]),
    st.integers(0, 5),
    st.integers(0, 3),
)


def bytes_of(folder: Path) -> Counter[bytes]:
    return Counter(path.read_bytes() for path in folder.rglob("*.jpg"))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Deeds:
    """The window's deeds by its own way back and again, through the door."""

    def __init__(self, library: Library, photos: Path, card: Path) -> None:
        self.filing = library.filing
        self.library = library
        self.photos, self.card = photos, card
        self.done: list[RunId] = []
        self.undone: list[RunId] = []

    def act(self, what: str, which: int, where: int) -> None:
        ids = self.library.photo_ids(Scope())
        chosen: list[PhotoId] = ids[which : which + 2]
        folder = self.photos / ("", "a", "b", "c/d")[where]
        if what == "undo" and self.done:
            run_id = self.done.pop()
            drain(self.filing.undo(run_id))
            self.undone.append(run_id)
        elif what == "redo" and self.undone:
            run_id = self.undone.pop()
            run = next(run for run in self.filing.operations() if run.id == run_id)
            self.note(repeated(self.filing, run, self.filing.steps(run_id)))
        elif what == "put back" and self.done:
            held = [one for one in self.filing.in_trash() if one.run_id in self.done][:1]
            for one in held:
                drain(self.filing.undo(one.run_id, [one.photo_id] if one.photo_id else None))
        elif what == "trash":
            self.fresh(self.filing.trash(chosen))
        elif what == "move":
            self.fresh(self.filing.move_to(chosen, folder))
        elif what == "copy":
            self.fresh(self.filing.copy_to(chosen, folder))
        elif what == "name" and chosen:
            names = self.filing.names(chosen, ("{name}x", "{n}", "Sea {n:02}", "p1")[where], which)
            self.fresh(self.filing.rename(names))
        elif what == "bring":
            self.fresh(self.filing.bring_in([self.card / "new.jpg"], folder))

    def fresh(self, job: Job[FilingReport]) -> None:
        self.undone.clear()
        self.note(job)

    def note(self, job: Job[FilingReport]) -> None:
        if run_id := drain(job).run_id:
            self.done.append(run_id)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=1, max_size=9))
def test_no_photo_is_lost_and_undoing_all_is_the_beginning(
    acts: list[tuple[str, int, int]],
) -> None:
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as scratch:
        home = Path(scratch)
        photos, card = home / "photos", home / "card"
        before = os.environ.get("XDG_DATA_HOME")
        os.environ["XDG_DATA_HOME"] = str(home / "xdg")
        try:
            for path in (*(photos / f"p{n}.jpg" for n in range(4)), card / "new.jpg"):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"the bytes of " + path.name.encode())
            (photos / "p1.xmp").write_text("of p1")
            there, whole = tree(photos), bytes_of(home)
            with Library.open(home / "library") as library:
                library.add_root(photos)
                drain(library.reconcile([DirtyFolder(photos, recursive=True)]))
                deeds = Deeds(library, photos, card)
                for act in acts:
                    deeds.act(*act)
                    assert not whole - bytes_of(home), "bytes of a photo are gone"
                for run_id in reversed(deeds.done):
                    drain(library.filing.undo(run_id))
                assert tree(photos) == there
        finally:
            if before is None:
                del os.environ["XDG_DATA_HOME"]
            else:
                os.environ["XDG_DATA_HOME"] = before
