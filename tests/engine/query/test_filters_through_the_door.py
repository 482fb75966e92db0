"""Every filter of the language asked through `Library`, each with photos that it means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image

from engine import Library
from engine.jobs import drain
from engine.types import Box, Order, PhotoId, Scope

_MAKE, _MODEL, _WHEN, _GPS = 271, 272, 306, 34853


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Six photos: of a camera, of a place, of many sizes, and what a user said of them."""
    place = tmp_path_factory.mktemp("shelf")
    photos = place / "photos"
    for n, (folder, name, size) in enumerate(
        [
            ("2024/Italy", "IMG_1.jpg", (400, 300)), ("2024/Italy", "IMG_2.jpg", (300, 400)),
            ("2024/Rome", "sea.png", (300, 300)), ("2023", "IMG_3.jpg", (3200, 100)),
            ("2023", "scan.png", (60, 50)), ("2023", "copy.png", (60, 50)),
        ]
    ):  # fmt: skip
        path = photos / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        if n < 2:
            exif[_MAKE], exif[_MODEL] = "Google", "Pixel 8"
            exif[_WHEN] = f"2024:0{5 + n}:12 10:00:00"
        if n == 0:
            exif[_GPS] = {1: "N", 2: (41.0, 54.0, 0.0), 3: "E", 4: (12.0, 30.0, 0.0)}
        shade = (40 * min(n, 4), 90, 10)
        Image.new("RGB", size, shade).save(path, exif=exif)
    with Library.open(place / "library") as library:
        library.add_root(photos)
        drain(library.reconcile())
        drain(library.index())
        by_name = {
            photo.path.name: photo.id for photo in library.photos(library.photo_ids(Scope()))
        }
        one, two, sea, three = (
            by_name[n] for n in ("IMG_1.jpg", "IMG_2.jpg", "sea.png", "IMG_3.jpg")
        )
        library.tagging.tag([one, two], "family/kids")
        library.tagging.tag([three], "screenshot")
        library.marking.rate([one], 5)
        library.marking.rate([two], 3)
        library.marking.favour([sea])
        library.marking.pick([one])
        library.marking.reject([three])
        library.marking.caption([sea], "waves")
        library.marking.title([two], "a title")
        library.albums.create("Best of all", [one, sea])
        library.detecting.add(two, "dog", Box(0, 0, 150, 200))
        library.detecting.add(two, "dog", Box(150, 200, 300, 400))
        library.detecting.add(sea, "boat", Box(10, 10, 40, 40))
        library.tagging.add_category("Receipts", ["a receipt"], tag="papers/receipts")
        library.tagging.tag([three], "papers/receipts")
        yield library


def names(library: Library, ids: list[PhotoId]) -> list[str]:
    return [photo.path.stem for photo in library.photos(ids)]


def found(library: Library, text: str) -> str:
    ids = [hit.photo_id for hit in library.search(text).hits]
    return " ".join(sorted(names(library, ids)))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tag:family", "IMG_1 IMG_2"),
        ("tag:family/kids", "IMG_1 IMG_2"),
        ("-tag:screenshot", "IMG_1 IMG_2 copy scan sea"),
        ("folder:2024/Italy", "IMG_1 IMG_2"),
        ("folder:2024", "IMG_1 IMG_2 sea"),
        ('camera:"Pixel 8"', "IMG_1 IMG_2"),
        ('-camera:"Pixel 8"', "IMG_3 copy scan sea"),
        ("date:2024-05..2024-06", "IMG_1 IMG_2"),
        ("date:..2024-05", "IMG_1"),
        ("rating:>=3", "IMG_1 IMG_2"),
        ("rating:0", "IMG_3 copy scan sea"),
        ("rating:4..5", "IMG_1"),
        ("type:png", "copy scan sea"),
        ("type:raw", ""),
        ("is:raw", ""),
        ("orientation:portrait", "IMG_2"),
        ("orientation:square", "sea"),
        ("width:>3000", "IMG_3"),
        ("height:<=50", "copy scan"),
        ("name:IMG_*", "IMG_1 IMG_2 IMG_3"),
        ("is:untagged", "copy scan sea"),
        ("is:offline", ""),
        ("is:missing", ""),
        ("is:damaged", ""),
        ("is:identical", "copy scan"),
        ("is:favourite", "sea"),
        ("is:picked", "IMG_1"),
        ("is:rejected", "IMG_3"),
        ("is:unsearchable", ""),
        ("has:gps", "IMG_1"),
        ("has:caption", "sea"),
        ("has:title", "IMG_2"),
        ("has:rating", "IMG_1 IMG_2"),
        ("has:tags", "IMG_1 IMG_2 IMG_3"),
        ("has:detections", "IMG_2 sea"),
        ("detected:dog", "IMG_2"),
        ("detected:d* or detected:boat", "IMG_2 sea"),
        ("count:dog>=2", "IMG_2"),
        ("count:dog=1..1", ""),
        ("box:dog>20%", "IMG_2"),
        ("box:boat>20%", ""),
        ("category:Receipts", "IMG_3"),
        ('album:"Best of all"', "IMG_1 sea"),
        ("album:best*", "IMG_1 sea"),
        ("tag:family or album:best*", "IMG_1 IMG_2 sea"),
        ("(tag:family or type:png) not has:gps -is:identical", "IMG_2 sea"),
    ],
)
def test_a_filter_finds_what_it_means(shelf: Library, text: str, meant: str):
    assert found(shelf, text) == meant
    order = Scope(order=Order.NAME)
    ids = [hit.photo_id for hit in shelf.search(text, scope=order).hits]
    assert " ".join(sorted(names(shelf, ids))) == meant  # in every order the same


def test_the_most_stars_come_first(shelf: Library):
    rated = names(shelf, shelf.photo_ids(Scope(order=Order.RATING)))
    newest = names(shelf, shelf.photo_ids(Scope()))
    assert rated[:2] == ["IMG_1", "IMG_2"]
    assert rated[2:] == [name for name in newest if name not in rated[:2]]
    hits = shelf.search("type:jpeg", scope=Scope(order=Order.RATING)).hits
    assert names(shelf, [hit.photo_id for hit in hits]) == ["IMG_1", "IMG_2", "IMG_3"]
    album = shelf.albums.named("Best of all")
    assert names(shelf, shelf.albums.photos(album.id, Order.RATING)) == ["IMG_1", "sea"]


def test_ranked_photos_keep_their_cut_in_another_order(shelf: Library):
    ranked = shelf.search("a red car")
    by_name = shelf.search("a red car", order=Order.NAME)
    assert set(ranked.hits) == set(by_name.hits)
    bands = [hit.band for hit in by_name.hits]
    assert bands == [hit.band for hit in ranked.hits]  # matches before weaker ones in both
    weaker = [hit.photo_id for hit in by_name.hits if hit.band is bands[-1]]
    order = shelf.photo_ids(Scope(order=Order.NAME))
    assert weaker == [photo_id for photo_id in order if photo_id in set(weaker)]


def test_plain_hits_are_made_when_they_are_looked_at(shelf: Library):
    hits = shelf.search("type:png").hits
    assert len(hits) == 3
    assert hits[0] in hits
    assert hits[:2] == tuple(hits)[:2]
    assert hits == shelf.search("type:png").hits
    assert len({hits, shelf.search("type:png").hits}) == 1
    assert shelf.search("type:png", 2).hits == hits[:2]
