"""What a keeper takes over: previewed, kept when its file is read again, and given back."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from clearing_sample import ClearingSample, bytes_like

from engine.catalog.clearings import Owned
from engine.duplicate_types import DuplicateClass, Merge
from engine.duplicates.merging import merge_of
from engine.jobs import drain
from engine.tag_types import Category, CategoryId, CategorySet, Mode, SetId
from engine.types import PhotoContent, PhotoId, PhotoMetadata

KEEP = PhotoId(1)


def read(sample: ClearingSample, photo_id: PhotoId, facts: PhotoMetadata) -> None:
    """As if the photo's file were read (again) and said this."""
    (row,) = sample.catalog.photos.page([photo_id], None)
    digest = hashlib.blake2b(row.path.read_bytes(), digest_size=32).digest()
    info = row.path.stat()
    sample.catalog.photos.set_content(
        photo_id, PhotoContent(digest, 4, 3, "JPEG", facts), info.st_size, info.st_mtime_ns,
        info.st_dev, info.st_ino, info.st_mtime_ns + 60 * 10**9,
    )  # fmt: skip


def facts(sample: ClearingSample, photo_id: PhotoId) -> PhotoMetadata:
    detail = sample.catalog.photos.detail(photo_id)
    assert detail is not None
    return detail.metadata


def tags(sample: ClearingSample, photo_id: PhotoId) -> dict[str, str]:
    found = sample.catalog.tags.of([photo_id]).get(photo_id, [])
    return {tag.path: tag.source.value for tag in found}


def test_only_what_is_new_is_taken_over():
    keeper = Owned(
        ("Sea",), frozenset({"Dogs"}), ("Best",),
        PhotoMetadata(rating=3, caption="Mine", latitude=1.0, longitude=2.0, keywords=("a",)),
    )  # fmt: skip
    one = Owned(
        ("sea", "Dogs", "Trip/2019"), frozenset(), ("best", "Italy"),
        PhotoMetadata(rating=2, caption="Other", title="T", latitude=5.0, longitude=6.0),
    )  # fmt: skip
    two = Owned(("Trip/2019",), frozenset(), (), PhotoMetadata(rating=5, keywords=("A", "b")))
    merge = merge_of(KEEP, keeper, [one, two])
    assert merge == Merge(KEEP, ("Trip/2019",), ("Italy",), 5, "", None, "T", ("b",))
    assert merge_of(KEEP, keeper, [keeper]).is_empty
    bare = merge_of(KEEP, Owned(), [one, two])
    assert (bare.caption, bare.place, bare.rating) == ("Other", (5.0, 6.0), 5)
    half = replace(one, metadata=PhotoMetadata(latitude=5.0))
    assert merge_of(KEEP, Owned(), [half]).place is None


def test_previewed_taken_over_and_given_back(sample: ClearingSample):
    keep, copy = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    catalog = sample.catalog
    catalog.tags.put([copy], "Trip/Italy")
    catalog.tags.put([keep], "Sea")
    catalog.albums.add("Best", [copy])
    theirs = PhotoMetadata(rating=4, caption="On the beach", latitude=43.0, longitude=10.0)
    read(sample, copy, theirs)
    read(sample, keep, PhotoMetadata(camera_make="Canon", keywords=("x",)))
    own = facts(sample, keep)
    choices = sample.choices()
    (merge,) = sample.clearing.preview(choices)
    assert merge == Merge(keep, ("Trip/Italy",), ("Best",), 4, "On the beach", (43.0, 10.0))
    assert tags(sample, keep) == {"Sea": "user", "x": "file"}  # nothing was touched

    sample.clear(choices)
    assert tags(sample, keep) == {"Sea": "user", "x": "file", "Trip/Italy": "user"}
    assert dict(catalog.albums.all())["Best"] == [keep, copy]
    both = replace(own, rating=4, caption="On the beach", latitude=43.0, longitude=10.0)
    assert facts(sample, keep) == both
    # Reading the file again takes nothing away; what it says itself by now comes first.
    read(sample, keep, replace(own, caption="The file's own"))
    assert facts(sample, keep) == replace(both, caption="The file's own")

    sample.take_back()
    assert facts(sample, keep) == replace(own, caption="The file's own")
    assert tags(sample, keep) == {"Sea": "user", "x": "file"}
    assert tags(sample, copy) == {"Trip/Italy": "user"}
    assert dict(catalog.albums.all())["Best"] == [copy]
    assert catalog.check() == []


def test_what_the_user_does_afterwards_is_the_users(sample: ClearingSample):
    keep, copy = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    sample.catalog.tags.put([copy], "Trip")
    sample.catalog.tags.put([copy], "Sea")
    sample.clear()
    for tag in ("Trip", "Sea"):
        sample.catalog.tags.take([keep], tag)
    sample.catalog.tags.put([keep], "Trip")
    sample.take_back()
    assert tags(sample, keep) == {"Trip": "user"}


def test_a_machines_tag_stays_with_the_machine(sample: ClearingSample):
    keep, copy, other = sample.add("a.jpg", "b/a (1).jpg", "c/other.jpg", data=bytes_like)
    catalog = sample.catalog
    sample.same_picture(keep, other)
    trips = catalog.categories.add_set(CategorySet(SetId(0), "Set"))
    entry = Category(CategoryId(0), trips.id, "Cats", ("a cat",), (), Mode.SUGGEST, 0.5)
    category = catalog.categories.add(entry)
    catalog.categories.answer(category.id, [other], True)
    catalog.categories.answer(category.id, [keep], False)
    assert "Cats" in tags(sample, other)
    choices = sample.choices(DuplicateClass.SAME_PICTURE)
    assert sample.clearing.preview(choices)[0].tags == ()  # the user said that it is none
    assert copy


def test_two_clearings_each_give_back_their_own(sample: ClearingSample):
    keep, first, second = sample.add("a.jpg", "a (1).jpg", "a (2).jpg", data=bytes_like)
    read(sample, first, PhotoMetadata(rating=2, caption="First"))
    read(sample, second, PhotoMetadata(rating=5, caption="Second", title="T"))
    (choice,) = sample.choices()
    sample.clear([replace(choice, trash=(first,))])
    sample.clear([replace(choice, trash=(second,))])
    assert facts(sample, keep) == PhotoMetadata(rating=5, caption="First", title="T")
    newest, oldest = sample.clearing.clearings()
    drain(sample.clearing.undo(oldest.id))
    # What lies in the trash still counts: its title is nowhere else.
    assert facts(sample, keep) == PhotoMetadata(rating=5, title="T")
    drain(sample.clearing.undo(newest.id))
    assert facts(sample, keep) == PhotoMetadata()


def test_a_keeper_gives_back_with_the_last_that_returns(sample: ClearingSample):
    keep, first, second = sample.add("a.jpg", "a (1).jpg", "a (2).jpg", data=bytes_like)
    sample.catalog.tags.put([first, second], "Sea")
    before = {path: path.read_bytes() for path in sample.photos.iterdir()}
    sample.clear()
    blocked = sample.photos / "a (2).jpg"
    blocked.write_bytes(b"in the way")
    sample.take_back()
    assert tags(sample, keep) == {"Sea": "user"}
    blocked.unlink()
    sample.take_back()
    assert tags(sample, keep) == {}
    assert before == {path: path.read_bytes() for path in sample.photos.iterdir()}
