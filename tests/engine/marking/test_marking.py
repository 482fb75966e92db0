"""Stars, flags, favourites and captions: what the user says, what files say, and back again."""

from __future__ import annotations

import time

import pytest
from marking_sample import Marked

from engine.errors import QueryError
from engine.mark_types import Flag, Marks, MarkUndo, Month
from engine.types import Aspect, CatalogChange, FileSeen, PhotoId


def test_what_the_file_says_counts_until_the_user_speaks(marked: Marked):
    marking = marked.library.marking
    a, b = marked.ids("a.jpg", "b.jpg")
    assert marking.of([a, b]) == {b: Marks(rating=4, caption="A lighthouse")}
    assert marked.found("rating:>=4") == ["b.jpg"]

    marking.rate([a, b], 2)
    assert marking.of([b])[b] == Marks(2, caption="A lighthouse", own=frozenset({"rating"}))
    assert marked.found("rating:2") == ["a.jpg", "b.jpg"]
    assert marked.found("rating:>=3") == []
    detail = marked.library.detail(b)
    assert detail is not None
    assert (detail.metadata.rating, detail.metadata.caption) == (2, "A lighthouse")

    marking.rate([b], 0)
    assert "b.jpg" in marked.found("rating:0")
    assert "b.jpg" not in marked.found("has:rating")
    marking.rate([b], None)
    assert marking.of([b])[b].rating == 4
    assert marking.of([b])[b].own == frozenset()


def test_captions_and_titles_are_found_and_taken_away(marked: Marked):
    marking = marked.library.marking
    a, b = marked.ids("a.jpg", "b.jpg")
    marking.caption([a], '  Grandma 👵🏽 said:\r\n“"rating":5” \x00\u202e ')
    marking.title([a], "At\nthe sea")
    assert marking.of([a])[a].caption == 'Grandma 👵🏽 said:\n“"rating":5”'
    assert marking.of([a])[a].title == "At the sea"
    assert marked.found("has:caption") == ["a.jpg", "b.jpg"]
    assert marked.found("has:title") == ["a.jpg"]
    assert marked.found("rating:5") == []
    marking.caption([a, b], "")
    assert marked.found("has:caption") == []
    marking.caption([b], None)
    assert marked.found("has:caption") == ["b.jpg"]


def test_flags_and_favourites(marked: Marked):
    marking = marked.library.marking
    a, b, c = marked.ids("a.jpg", "b.jpg", "c.jpg")
    marking.pick([a, b])
    marking.reject([b])
    marking.favour([c, PhotoId(999)])
    assert marked.found("is:picked") == ["a.jpg"]
    assert marked.found("is:rejected") == ["b.jpg"]
    assert marked.found("is:favourite or is:picked") == ["a.jpg", "c.jpg"]
    assert marked.found("-is:rejected") == ["a.jpg", "c.jpg", "d.jpg", "e.jpg"]
    marking.unflag([a, b])
    marking.favour([c], False)
    assert marked.found("is:picked or is:rejected or is:favourite") == []
    assert marking.of([a])[a].flag is Flag.NONE


def test_a_file_that_says_rejected_is_until_the_user_says_otherwise(marked: Marked):
    (a,) = marked.ids("a.jpg")
    with marked.catalog._store.write() as db:  # pyright: ignore[reportPrivateUsage]
        db.execute("UPDATE metadata SET facts = '{\"rating\":-1}' WHERE photo_id = ?", (a,))
    assert marked.library.marking.of([a])[a] == Marks(flag=Flag.REJECTED)
    assert marked.found("is:rejected") == ["a.jpg"]
    marked.library.marking.unflag([a])
    assert marked.found("is:rejected") == []
    assert marked.library.marking.of([a])[a].rating == 0


def test_every_step_is_undone_and_redone(marked: Marked):
    marking = marked.library.marking
    a, b, c = marked.ids("a.jpg", "b.jpg", "c.jpg")
    states = [marked.everything()]
    undos: list[MarkUndo] = []
    for step in (
        lambda: marking.rate([a, b], 5),
        lambda: marking.rate([b, c], 1),
        lambda: marking.caption([a, b], "new words"),
        lambda: marking.pick([a]),
        lambda: marking.reject([a, c]),
        lambda: marking.favour([b]),
        lambda: marking.title([c], "A title"),
        lambda: marking.rate([b], None),
    ):
        undos.append(step())
        states.append(marked.everything())
    redos: list[MarkUndo] = []
    for undo, before in zip(undos[::-1], states[-2::-1], strict=True):
        redos.append(marking.undo(undo))
        assert marked.everything() == before
    for redo, after in zip(redos[::-1], states[1:], strict=True):
        marking.undo(redo)
        assert marked.everything() == after


def test_marks_outlive_reading_the_file_again(marked: Marked):
    marking = marked.library.marking
    (b,) = marked.ids("b.jpg")
    marking.rate([b], 1)
    with marked.catalog._store.write() as db:  # pyright: ignore[reportPrivateUsage]
        db.execute("UPDATE photo SET read_ns = NULL")
    marked.read()
    assert marking.of([b])[b].rating == 1
    assert marking.of([b])[b].caption == "A lighthouse"
    marking.rate([b], None)
    assert marking.of([b])[b].rating == 4


def test_a_moved_file_keeps_its_marks_and_albums_and_gets_those_of_its_new_row(marked: Marked):
    marking, albums = marked.library.marking, marked.library.albums
    (b,) = marked.ids("b.jpg")
    marking.rate([b], 3)
    (marked.photos / "b.jpg").rename(marked.photos / "moved.jpg")
    root = marked.library.roots()[0]
    marked.catalog.photos.mark_missing([b])
    info = (marked.photos / "moved.jpg").stat()
    seen = FileSeen(b"moved.jpg", info.st_size, info.st_mtime_ns, info.st_dev, info.st_ino)
    (new,) = marked.catalog.photos.add(root.id, [seen])
    marked.read()
    marking.rate([new], 5)
    marking.favour([new])
    best, _ = albums.create("Best", [new])
    marked.catalog.photos.adopt(b, new)
    assert marking.of([b])[b] == Marks(
        3, favourite=True, caption="A lighthouse", own=frozenset({"rating", "favourite"})
    )
    assert albums.photos(best) == [b]
    marking.rate([b], None)
    assert marking.of([b])[b].rating == 4  # what the file says, not what was said of the new row
    assert marked.catalog.check() == []


def test_wrong_stars_are_a_mistake_of_the_caller(marked: Marked):
    with pytest.raises(ValueError, match="6 stars"):
        marked.library.marking.rate([PhotoId(1)], 6)
    with pytest.raises(QueryError):
        marked.library.search("rating:6")


def test_whoever_listens_is_told_once(marked: Marked):
    heard: list[CatalogChange] = []
    marked.library.subscribe(heard.append)
    ids = marked.ids("a.jpg", "b.jpg")
    marked.library.marking.rate(ids, 3)
    assert heard == [CatalogChange(frozenset(ids), Aspect.MARK)]


def test_marks_are_kept_over_a_restart(marked: Marked):
    ids = marked.ids("a.jpg", "b.jpg")
    marked.library.marking.rate(ids, 3)
    before = marked.everything()
    marked.reopen()
    assert marked.everything() == before


def test_ten_thousand_photos_are_marked_in_a_second(
    marked: Marked,
):
    marking, albums = marked.library.marking, marked.library.albums
    ids = marked.add_rows(10_000)
    best, _ = albums.create("Best")
    for step in (
        lambda: marking.rate(ids, 3),
        lambda: marking.caption(ids, "A long day"),
        lambda: marking.pick(ids),
        lambda: albums.add(best, ids),
        lambda: albums.move(best, ids[5_000:], ids[0]),
    ):
        step()
        started = time.process_time()
        undo = step()  # the same once more: what it replaces is kept for undo
        assert time.process_time() - started < 1.0
        started = time.process_time()
        marking.undo(undo)
        assert time.process_time() - started < 1.5
    assert len(marking.of(ids)) == 10_000
    assert albums.photos(best)[0] == ids[5_000]


def test_the_timeline_counts_months(marked: Marked):
    months = marked.library.timeline()
    assert months == [Month(2024, month, 1) for month in (5, 4, 3, 2, 1)]
    for month in months:
        assert len(marked.found(f"date:{month.year}-{month.month:02}")) == month.photos
    with marked.catalog._store.write() as db:  # pyright: ignore[reportPrivateUsage]
        db.execute("UPDATE photo SET date_key = 9000000000000 WHERE name = CAST('a.jpg' AS BLOB)")
        db.execute("UPDATE photo SET date_key = -86400 WHERE name = CAST('b.jpg' AS BLOB)")
    marked.catalog.photos.mark_missing(marked.ids("e.jpg"))
    assert [(m.year, m.month) for m in marked.library.timeline()] == [
        (2024, 4), (2024, 3), (1969, 12), (0, 0),
    ]  # fmt: skip
    marked.library.forget_root(marked.library.roots()[0].id)
    assert marked.library.timeline() == []
