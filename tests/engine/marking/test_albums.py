"""Albums by hand and smart ones: filled, ordered, counted, renamed, and all of it undone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marking_sample import Marked

from engine.errors import AlbumError, QueryError
from engine.mark_types import AlbumId, MarkUndo
from engine.marking import Albums
from engine.types import (
    Aspect,
    Band,
    CatalogChange,
    Hit,
    Order,
    PhotoId,
    Scope,
    SearchResult,
)


def names(marked: Marked, album_id: AlbumId, order: Order | None = None) -> str:
    """The photos of an album in its order, such as "abc"."""
    ids = marked.library.albums.photos(album_id, order)
    return "".join(photo.name[0] for photo in marked.library.photos(ids))


def test_an_album_is_made_filled_and_emptied(marked: Marked):
    albums = marked.library.albums
    a, b, c = marked.ids("a.jpg", "b.jpg", "c.jpg")
    best, _ = albums.create("  Best \n of ", [c, a])
    assert [(e.name, e.photos, e.cover, e.is_smart) for e in albums.all()] == [
        ("Best of", 2, c, False)
    ]
    albums.add(best, [a, b, PhotoId(999)])
    assert names(marked, best) == "cab"
    assert marked.found('album:"best of"') == ["a.jpg", "b.jpg", "c.jpg"]
    albums.take(best, [a])
    assert names(marked, best) == "cb"
    assert [album.name for album in albums.of(c)] == ["Best of"]
    assert albums.of(a) == []
    marked.catalog.photos.mark_missing([c])
    assert (names(marked, best), albums.count(best), albums.get(best).cover) == ("b", 1, b)
    assert albums.named("BEST of").id == best


def test_names_of_albums_are_told_apart(marked: Marked):
    albums = marked.library.albums
    best, _ = albums.create("Best")
    other, _ = albums.create("Other")
    with pytest.raises(AlbumError, match="There is an album “BEST” already"):
        albums.create("BEST")
    with pytest.raises(AlbumError, match="already"):
        albums.rename(other, "best")
    with pytest.raises(AlbumError, match="at least one letter"):
        albums.rename(other, " \u200b ")
    albums.rename(best, "best")
    assert [album.name for album in albums.all()] == ["best", "Other"]
    with pytest.raises(AlbumError, match="no album “None”"):
        albums.named("None")
    albums.remove(other)
    for act in (
        lambda: albums.remove(other),
        lambda: albums.get(other),
        lambda: albums.add(other, [PhotoId(1)]),
        lambda: albums.move(other, [PhotoId(1)]),
        lambda: albums.set_order(other, Order.NAME),
    ):
        with pytest.raises(AlbumError, match="not there any more"):
            act()


def test_order_by_hand_begins_as_it_was_shown(marked: Marked):
    albums = marked.library.albums
    ids = marked.ids("b.jpg", "e.jpg", "a.jpg", "d.jpg", "c.jpg")
    b, e, a, d, c = ids
    best, _ = albums.create("Best", ids)
    assert names(marked, best) == "beadc"
    assert names(marked, best, Order.DATE_NEWEST) == "edcba"
    albums.set_order(best, Order.NAME)
    assert names(marked, best) == "abcde"
    albums.move(best, [e, d], b)
    assert names(marked, best) == "aedbc"
    assert albums.get(best).order is None
    albums.move(best, [a])
    assert names(marked, best) == "edbca"
    albums.move(best, [d, b], d)  # in front of one that moves itself
    assert names(marked, best) == "edbca"
    albums.move(best, [c, PhotoId(999)], e)
    assert names(marked, best) == "cedba"


def test_albums_are_put_in_order(marked: Marked):
    albums = marked.library.albums
    one, two, three = (albums.create(name)[0] for name in ("One", "Two", "Three"))
    undo = albums.arrange([three, one])
    assert [album.id for album in albums.all()] == [three, one, two]
    marked.library.marking.undo(undo)
    assert [album.id for album in albums.all()] == [one, two, three]


def test_a_smart_album_is_live(marked: Marked):
    albums, marking = marked.library.albums, marked.library.marking
    good, _ = albums.save_query("Good", "rating:>=4 type:jpeg")
    (entry,) = albums.all()
    assert (entry.query, entry.photos, entry.is_smart) == ("rating:>=4 type:jpeg", None, True)
    assert (albums.count(good), names(marked, good)) == (1, "b")
    marking.rate(marked.ids("a.jpg", "e.jpg"), 5)
    assert (albums.count(good), names(marked, good)) == (3, "eba")
    albums.set_order(good, Order.DATE_OLDEST)
    assert names(marked, good) == "abe"
    assert names(marked, good, Order.DATE_NEWEST) == "eba"
    albums.change_query(good, "rating:5")
    assert names(marked, good) == "ae"
    marked.reopen()
    assert names(marked, good) == "ae"


def test_a_smart_album_takes_no_photos_and_a_plain_one_no_query(marked: Marked):
    albums = marked.library.albums
    (a,) = marked.ids("a.jpg")
    good, _ = albums.save_query("Good", "rating:>=4")
    plain, _ = albums.create("Plain")
    for act in (lambda: albums.add(good, [a]), lambda: albums.move(good, [a])):
        with pytest.raises(AlbumError, match="finds its photos by itself"):
            act()
    with pytest.raises(AlbumError, match="it has no query"):
        albums.change_query(plain, "rating:5")
    with pytest.raises(AlbumError, match="An empty query"):
        albums.save_query("Everything", "  ")
    with pytest.raises(QueryError):
        albums.save_query("Wrong", "raiting:5")
    with pytest.raises(QueryError, match="smart album"):
        marked.library.search("album:good")
    marked.catalog.albums.add("good", [a])  # as a sort does
    assert [(e.name, e.photos) for e in albums.all()] == [
        ("Good", None), ("Plain", 0), ("good (2)", 1),
    ]  # fmt: skip


def test_a_smart_album_whose_query_means_nothing_any_more_says_so(marked: Marked):
    library = marked.library
    library.tagging.tag(marked.ids("a.jpg"), "sea")
    seas, _ = library.albums.save_query("Seas", "tag:sea")
    assert library.albums.count(seas) == 1
    library.tagging.remove_tag(library.tagging.tags()[0].id)
    assert [album.name for album in library.albums.all()] == ["Seas"]
    with pytest.raises(QueryError, match="no tag “sea”"):
        library.albums.count(seas)


def test_an_album_that_was_removed_comes_back_beside_a_new_one(marked: Marked):
    library = marked.library
    best, _ = library.albums.create("Best", marked.ids("c.jpg", "a.jpg"))
    undo = library.albums.remove(best)
    library.albums.create("best")
    library.marking.undo(undo)
    assert sorted((e.name, e.photos or 0) for e in library.albums.all()) == [
        ("Best (2)", 2), ("best", 0),
    ]  # fmt: skip
    assert names(marked, best) == "ca"


def test_an_empty_album_of_the_users_outlives_a_sort_that_is_taken_back(marked: Marked):
    (a,) = marked.ids("a.jpg")
    marked.library.albums.create("Mine")
    run = marked.catalog.journal.begin("sort", {}, "token", ())
    marked.catalog.albums.add("Sorted", [a], run)
    marked.catalog.albums.take_back([a], run)
    assert [album.name for album in marked.library.albums.all()] == ["Mine"]


def test_words_find_their_matches_best_first_or_in_the_order_that_was_chosen(marked: Marked):
    a, b, c, d, _ = photos = marked.ids("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    asked: list[str] = []

    def answer(text: str, limit: int | None, scope: Scope) -> SearchResult:
        asked.append(text)
        hits = [Hit(i, 0.3 - n / 100) for n, i in enumerate((c, a, d))]
        return SearchResult((*hits, Hit(b, 0.1, Band.WEAKER)))

    albums = Albums(marked.catalog, answer)
    seas, _ = albums.save_query("Seas", "the sea -dog")
    assert asked == []
    assert albums.photos(seas) == [c, a, d]
    assert albums.count(seas) == 3
    albums.set_order(seas, Order.DATE_NEWEST)
    assert albums.photos(seas) == [d, c, a]
    assert len(photos) == 5


def test_whoever_listens_is_told_of_albums(marked: Marked):
    heard: list[CatalogChange] = []
    marked.library.subscribe(heard.append)
    ids = marked.ids("a.jpg", "b.jpg")
    best, undo = marked.library.albums.create("Best", ids)
    marked.library.albums.rename(best, "Better")
    marked.library.marking.undo(undo)
    assert [change.aspects for change in heard] == [Aspect.ALBUM] * 3
    assert heard[0].photos == heard[2].photos == frozenset(ids)


STEP = st.tuples(
    st.sampled_from(["create", "smart", "rename", "remove", "add", "take", "move", "order", "up"]),
    st.integers(0, 3),
    st.lists(st.integers(0, 4), max_size=4),
)


def do(marked: Marked, act: str, which: int, picks: list[int], number: int) -> MarkUndo:
    """One step of a walk, on the album that `which` stands for."""
    albums = marked.library.albums
    photos = marked.ids("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    ids = [photos[pick] for pick in picks]
    known = [album.id for album in albums.all()]
    on = known[which % len(known)] if known else AlbumId(0)
    match act:
        case "create":
            return albums.create(f"Album {number}", ids)[1]
        case "smart":
            return albums.save_query(f"Smart {number}", "rating:4")[1]
        case "rename":
            return albums.rename(on, f"Name {which}")
        case "remove":
            return albums.remove(on)
        case "add":
            return albums.add(on, ids)
        case "take":
            return albums.take(on, ids)
        case "move":
            return albums.move(on, ids, photos[0])
        case "order":
            return albums.set_order(on, Order.NAME)
        case _:
            return albums.arrange([on])


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=10))
def test_whatever_is_done_is_undone_and_redone(
    steps: list[tuple[str, int, list[int]]], walked: Marked
):
    """Any steps, taken back one by one, give the same albums as before; and forth again."""
    library = walked.library
    states, undos = [walked.everything()], list[MarkUndo]()
    for number, step in enumerate(steps):
        try:
            undos.append(do(walked, *step, number))
        except AlbumError:
            continue
        states.append(walked.everything())
    redos: list[MarkUndo] = []
    for undo, before in zip(undos[::-1], states[-2::-1], strict=True):
        redos.append(library.marking.undo(undo))
        assert walked.everything() == before
    for redo, after in zip(redos[::-1], states[1:], strict=True):
        library.marking.undo(redo)
        assert walked.everything() == after
    for album in library.albums.all():
        library.albums.remove(album.id)
