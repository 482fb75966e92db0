"""Marks and albums while files are moved, renamed, trashed and brought back, through the door."""

from __future__ import annotations

from marking_sample import Marked

from engine.jobs import drain


def test_marks_and_albums_go_and_come_with_the_photo(marked: Marked):
    library = marked.library
    a, b = marked.ids("a.jpg", "b.jpg")
    library.marking.rate([a], 5)
    best, _ = library.albums.create("Best", [b, a])
    before = marked.everything()

    gone = drain(library.filing.trash([a]))
    assert library.albums.count(best) == 1
    assert marked.found("rating:5") == []
    drain(library.filing.undo(gone.run_id))
    named = drain(library.filing.rename({a: "sea"}))
    moved = drain(library.filing.move_to([a, b], marked.photos / "sea"))
    assert library.albums.photos(best) == [b, a]
    assert marked.found("rating:5 folder:sea") == ["sea.jpg"]
    marked.reopen()
    assert [run.kind for run in marked.library.filing.operations()] == ["move", "rename", "trash"]
    drain(marked.library.filing.undo(moved.run_id))
    drain(marked.library.filing.undo(named.run_id))
    assert marked.everything() == before


def test_marks_are_given_while_the_photo_is_away(marked: Marked):
    library = marked.library
    (a,) = marked.ids("a.jpg")
    undo = library.marking.rate([a], 3)
    gone = drain(library.filing.trash([a]))
    library.marking.undo(undo)
    drain(library.filing.undo(gone.run_id))
    assert library.marking.of([a]) == {}
