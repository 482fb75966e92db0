"""What a photo took over from a duplicate that was cleared away is told to other programs too."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sidecar_sample import Shelf

from engine.duplicate_types import DuplicateClass
from engine.files.sidecar_fields import told
from engine.jobs import drain
from engine.sidecar_types import Edits, Told


def look(shelf: Shelf) -> None:
    drain(shelf.library.reconcile())
    drain(shelf.library.index())


def test_what_a_keeper_took_over_is_written(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    shutil.copy2(shelf.photos / "a.jpg", shelf.photos / "copy.jpg")
    look(shelf)
    library, a, copy = shelf.library, shelf.id("a.jpg"), shelf.id("copy.jpg")
    library.marking.rate([copy], 5)
    library.marking.caption([copy], "Words")
    library.tagging.tag([copy], "Sea")
    shelf.write()
    look(shelf)
    drain(library.duplicates.find())
    (choice,) = library.duplicates.choices(DuplicateClass.IDENTICAL)
    choice = replace(choice, keep=a, trash=(copy,))
    assert drain(library.duplicates.clear([choice])).photos == 1
    assert shelf.write().written == 1
    assert shelf.names() == ["a.jpg.xmp"]
    assert told(shelf.sidecar().read_bytes()) == Told(("Sea",), 5, "Words")
    look(shelf)
    library.sidecars.include_all()
    assert shelf.write().written == 0  # reading it back changes nothing
    (clearing,) = library.duplicates.clearings()
    drain(library.duplicates.undo(clearing.id))
    shelf.write()
    assert told(shelf.sidecar().read_bytes()) == Told()
    assert told(shelf.sidecar("copy.jpg.xmp").read_bytes()) == Told(("Sea",), 5, "Words")
    look(shelf)
    drain(library.duplicates.clear([choice]))
    shelf.write()
    look(shelf)
    shelf.others_write(Edits(values={"rating": 3}))
    look(shelf)
    assert shelf.write().overtaken == 1
    found = library.detail(a)
    assert found is not None
    assert found.metadata.rating == 3
