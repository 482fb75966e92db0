"""Both sides write: by field the newer holds, in a conflict the user's, and nothing goes unkept."""

from __future__ import annotations

import re

import pytest
from sidecar_sample import FOREIGN, Shelf

from engine.files.sidecar_fields import edited, key_of, told
from engine.mark_types import Flag
from engine.sidecar_types import Edits, Told
from engine.sidecars.merging import Last, Wish, merge


def test_a_value_that_others_changed_since_holds(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.rate([a], 3)
    library.marking.caption([a], "Mine")
    shelf.write()
    shelf.others_write(Edits(values={"rating": 5}))
    library.marking.title([a], "New")
    report = shelf.write()
    assert (report.written, report.overtaken) == (1, 1)
    assert told(shelf.sidecar().read_bytes()) == Told((), 5, "Mine", "New")
    assert "rating" not in library.marking.of([a])[a].own  # the sidecar is asked from now on
    assert library.marking.of([a])[a].caption == "Mine"
    assert shelf.write().written == 0
    library.marking.rate([a], 1)
    shelf.write()
    assert told(shelf.sidecar().read_bytes()).rating == 1


def test_what_both_changed_is_the_users_and_the_other_is_kept(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.caption([a], "First")
    shelf.write()
    shelf.others_write(Edits(values={"caption": "Theirs"}))
    theirs = shelf.sidecar().read_bytes()
    undo = library.marking.caption([a], "Mine")
    report = shelf.write()
    assert (report.written, report.overtaken, report.copies) == (1, 0, 1)
    assert told(shelf.sidecar().read_bytes()).caption == "Mine"
    (copy,) = (shelf.folder / "library" / "sidecars").iterdir()
    assert copy.read_bytes() == theirs
    assert shelf.names() == ["a.jpg.xmp"]  # nothing of ours lies beside the photos
    library.marking.undo(undo)
    shelf.write()
    assert told(shelf.sidecar().read_bytes()).caption == "First"


def test_a_reject_that_others_made_a_star_of_holds(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.reject([a])
    shelf.write()
    shelf.others_write(Edits(values={"rating": 4}))
    library.sidecars.include_all()
    assert shelf.write().overtaken == 1
    assert library.marking.of([a]).get(a) is None or (
        library.marking.of([a])[a].flag is not Flag.REJECTED
    )


def test_a_keyword_that_others_took_out_is_not_written_again(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.tagging.tag([a], "one")
    library.tagging.tag([a], "two")
    shelf.write()
    shelf.others_write(Edits(remove=("one",), add=("their own",)))
    library.tagging.tag([a], "three")
    shelf.write()
    assert set(told(shelf.sidecar().read_bytes()).tags) == {"two", "three", "their own"}
    assert {tag.path for tag in library.tagging.tags_of(a)} >= {"one", "two", "three"}


def test_a_sidecar_that_is_gone_is_written_whole(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.tagging.tag([a], "one")
    library.marking.rate([a], 2)
    shelf.write()
    first = told(shelf.sidecar().read_bytes())
    shelf.sidecar().rename(shelf.folder / "elsewhere.xmp")
    library.tagging.tag([a], "two")
    shelf.write()
    assert told(shelf.sidecar().read_bytes()) == Told(("one", "two"), first.rating)


@pytest.mark.parametrize("said", [Told(("a",), 3, "c", "t"), Told((), 0, "", None), Told()])
def test_merging_twice_changes_nothing(said: Told):
    first = merge(Wish(said), Last(), Told(("x",), 2, "their", None), key_of)
    packet = edited(FOREIGN.encode(), first.edits, "2024-01-01T00:00:00Z")
    again = merge(Wish(said), first.last, told(packet), key_of)
    assert not again.edits or not re.search("a|c|t", str(again.edits))
    assert again.overtaken == ()


def test_a_last_note_survives_the_catalog():
    last = Last(Told(("日/b", "c"), -1, "x\ny", ""), {"rating": 3}, ("c",), False)
    assert Last.from_json(last.to_json()) == last


def test_stars_that_only_windows_wrote_come_back(shelf: Shelf):
    windows = 'xmlns:w="http://ns.microsoft.com/photo/1.0/" w:Rating="75"'
    shelf.sidecar("a.xmp").write_text(FOREIGN.replace('xmp:Rating="2"', windows), "utf-8")
    undo = shelf.library.marking.rate([shelf.id("a.jpg")], 2)
    shelf.write()
    assert b'w:Rating="25"' in shelf.sidecar("a.xmp").read_bytes()
    assert told(shelf.sidecar("a.xmp").read_bytes()).rating == 2
    shelf.library.marking.undo(undo)
    shelf.write()
    assert b'w:Rating="75"' in shelf.sidecar("a.xmp").read_bytes()
    assert told(shelf.sidecar("a.xmp").read_bytes()).rating == 4


def test_a_keyword_inside_the_photo_that_the_user_took_off_is_hidden_by_the_others():
    merged = merge(Wish(Told(), carried=("k1",), refused=("k2",)), Last(), Told(), key_of)
    assert (merged.edits.add, merged.edits.remove) == (("k1",), ())


def test_all_that_was_ever_said_can_be_written_later(shelf: Shelf):
    library = shelf.library
    library.marking.rate([shelf.id("a.jpg")], 2)
    library.sidecars.leave_out_earlier()
    assert (library.sidecars.status().waiting, library.sidecars.status().said) == (0, 1)
    library.sidecars.include_all()
    assert shelf.write().written == 1
