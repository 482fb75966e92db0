"""Duplicates are found, classed, proved and remembered: a real library of made pictures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from finding_sample import another_shot, dated, first_shot, look, scene
from PIL import Image, ImageOps

from engine import Library
from engine.duplicate_types import Criterion, DuplicateClass, DuplicateGroup, Edit, PickRules
from engine.duplicates.view import View
from engine.jobs import Progress, drain
from engine.types import PhotoId

IDENTICAL, SAME, SIMILAR = DuplicateClass


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        opened.add_root(photos)
        yield opened


def names(group: DuplicateGroup) -> list[str]:
    return [member.path.name for member in group.members]


def only(library: Library, kind: DuplicateClass) -> DuplicateGroup:
    (group,) = library.duplicates.groups(kind)
    return group


def edits(group: DuplicateGroup) -> dict[str, set[Edit]]:
    return {m.path.name: set(m.proof.edits) for m in group.members if m.proof is not None}


def test_nothing_is_said_before_the_first_search(library: Library, photos: Path):
    scene(1).save(photos / "a.jpg")
    shutil.copy(photos / "a.jpg", photos / "b.jpg")
    drain(library.reconcile())
    drain(library.index())
    assert (library.duplicates.groups(), library.duplicates.totals()) == ([], {})
    look(library)
    totals = library.duplicates.totals()
    assert set(totals) == set(DuplicateClass)
    assert (totals[IDENTICAL].groups, totals[IDENTICAL].photos) == (1, 1)
    assert totals[IDENTICAL].bytes == (photos / "b.jpg").stat().st_size


def test_where_no_two_look_alike_nothing_is_found(library: Library, photos: Path):
    for seed in range(3):
        scene(seed).save(photos / f"{seed}.jpg", quality=90)
    assert look(library) == []
    assert library.duplicates.groups() == []


def test_the_same_bytes_and_the_same_pixels_are_identical(library: Library, photos: Path):
    scene(1).save(photos / "a.jpg", quality=90)
    data = (photos / "a.jpg").read_bytes()
    (photos / "copy.jpg").write_bytes(data)
    (photos / "noted.jpg").write_bytes(data[:2] + b"\xff\xfe\x00\x06seen" + data[2:])
    look(library)
    group = only(library, IDENTICAL)
    assert sorted(names(group)) == ["a.jpg", "copy.jpg", "noted.jpg"]
    found = set[Edit]().union(*edits(group).values())
    assert found <= {Edit.BYTES, Edit.METADATA}
    assert Edit.METADATA in found
    assert library.duplicates.groups(SAME) == []


def test_a_file_that_holds_more_than_its_picture_is_not_the_same_file(
    library: Library, photos: Path
):
    pages = [scene(seed) for seed in range(40, 46)]
    pages[0].save(photos / "pages.tif", save_all=True, append_images=pages[1:3])
    pages[0].save(photos / "others.tif", save_all=True, append_images=pages[3:4])
    pages[0].save(photos / "first.png")
    cut = pages[4].convert("RGBA")
    cut.putalpha(Image.linear_gradient("L").resize(cut.size))
    cut.save(photos / "cut.png")
    on_white = Image.new("RGBA", cut.size, "white")
    Image.alpha_composite(on_white, cut).convert("RGB").save(photos / "on white.png")
    pages[5].save(photos / "still.jpg", quality=90)
    data = (photos / "still.jpg").read_bytes()
    (photos / "moving.jpg").write_bytes(data + b"\0\0\0\x18ftypmp42 a film")
    noted = data[:2] + b"\xff\xfe\x00\x06seen" + data[2:] + b"\0\0\0\x18ftypmp42 a film"
    (photos / "noted.jpg").write_bytes(noted)
    assert look(library) == []
    assert sorted(names(only(library, IDENTICAL))) == ["moving.jpg", "noted.jpg"]
    found = {name for group in library.duplicates.groups(SAME) for name in names(group)}
    assert not found & {"pages.tif", "others.tif", "first.png"}
    assert "still.jpg" in found


def test_groups_are_made_anew_only_after_a_change(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    scene(1).save(photos / "a.jpg", quality=90)
    shutil.copy(photos / "a.jpg", photos / "b.jpg")
    look(library)
    made = [0]
    usual = View.groups

    def counted(view: View, kind: DuplicateClass | None = None) -> list[DuplicateGroup]:
        made[0] += 1
        return usual(view, kind)

    monkeypatch.setattr(View, "groups", counted)
    library.duplicates.change_rules(PickRules(order=(Criterion.RATING,)))
    group = only(library, IDENTICAL)
    library.duplicates.groups(IDENTICAL).clear()
    assert only(library, IDENTICAL) == group
    assert made == [1]
    library.duplicates.not_duplicates(group.id)
    assert library.duplicates.groups(IDENTICAL) == []


def test_what_was_done_to_a_picture_is_told(library: Library, photos: Path):
    original = scene(2)
    original.save(photos / "original.png")
    original.save(photos / "saved.jpg", quality=60)
    original.resize((320, 240)).save(photos / "small.jpg", quality=90)
    ImageOps.mirror(original).save(photos / "mirrored.jpg", quality=90)
    original.transpose(Image.Transpose.ROTATE_90).save(photos / "turned.jpg", quality=90)
    original.point([int(n * 0.7) for n in range(256)] * 3).save(photos / "dark.jpg", quality=90)
    ImageOps.grayscale(original).save(photos / "grey.jpg", quality=90)
    look(library)
    rules = PickRules(order=(Criterion.FORMAT,))
    (group,) = library.duplicates.groups(SAME, rules)
    assert names(group)[0] == "original.png"
    assert group.reason.startswith("better format")
    found = edits(group)
    assert found["saved.jpg"] == {Edit.ENCODED}
    assert Edit.RESIZED in found["small.jpg"]
    assert Edit.MIRRORED in found["mirrored.jpg"]
    assert Edit.ROTATED in found["turned.jpg"]
    assert Edit.LIGHT in found["dark.jpg"]
    assert Edit.COLOUR in found["grey.jpg"]
    proofs = {m.path.name: m.proof for m in group.members if m.proof is not None}
    # Turned counter-clockwise when it was saved; one quarter clockwise brings it back.
    assert (proofs["turned.jpg"].turns, proofs["turned.jpg"].mirrored) == (1, False)
    assert proofs["mirrored.jpg"].mirrored
    assert min(proof.similarity for proof in proofs.values()) > 0.8


def test_another_shot_of_the_scene_is_no_copy(library: Library, photos: Path):
    for seed in range(20, 24):
        first_shot(seed).save(photos / f"{seed} a.jpg", quality=92)
        another_shot(seed).save(photos / f"{seed} b.jpg", quality=92)
    look(library)
    # Nor is it called a shot of one moment: no camera says when these were taken.
    assert library.duplicates.groups() == []


def test_pixels_that_fit_do_not_outweigh_two_moments(library: Library, photos: Path):
    """A tripod: the camera says that these are two shots, whatever they look like."""
    dated(photos / "a.jpg", scene(5), "2024:05:01 12:00:00")
    dated(photos / "b.jpg", ImageOps.posterize(scene(5), 6), "2024:05:01 12:00:02")
    dated(photos / "c.jpg", scene(6), "2024:05:01 13:00:00", exposure=0.01)
    lighter = scene(6).point([min(255, int(n * 1.3)) for n in range(256)] * 3)
    dated(photos / "d.jpg", lighter, "2024:05:01 13:00:00", exposure=0.04)
    dated(photos / "e.jpg", scene(7), "2024:05:01 14:00:00", sub="10")
    dated(photos / "f.jpg", ImageOps.posterize(scene(7), 6), "2024:05:01 14:00:00", sub="55")
    look(library)
    assert library.duplicates.groups(SAME) == []
    similar = {
        frozenset(names(group)): set(group.members[1].proof.edits if group.members[1].proof else ())
        for group in library.duplicates.groups(SIMILAR)
    }
    assert similar == {
        frozenset({"a.jpg", "b.jpg"}): {Edit.BURST},
        frozenset({"c.jpg", "d.jpg"}): {Edit.BRACKET},
        frozenset({"e.jpg", "f.jpg"}): {Edit.BURST},
    }


def test_a_saved_copy_with_its_date_is_a_copy(library: Library, photos: Path):
    dated(photos / "a.jpg", scene(8), "2024:05:01 12:00:00", sub="10")
    dated(photos / "b.jpg", scene(8).resize((320, 240)), "2024:05:01 12:00:00", sub="100")
    look(library)
    assert sorted(names(only(library, SAME))) == ["a.jpg", "b.jpg"]


def test_raw_and_jpeg_and_sidecars_are_one(library: Library, photos: Path):
    for folder in ("one", "two"):
        (photos / folder).mkdir()
        scene(9).save(photos / folder / "IMG.jpg", quality=90)
        (photos / folder / "IMG.xmp").write_text("<x/>" if folder == "one" else "<xx/>")
    (photos / "one" / "IMG.mov").write_bytes(b"movie")
    look(library)
    group = only(library, IDENTICAL)
    kept = group.members[0]
    (other,) = group.members[1:]
    assert {path.name for path in kept.companions} | {"IMG.mov"} >= {"IMG.xmp", "IMG.mov"}
    sizes = {m.path.parent.name: m.size for m in group.members}
    assert sizes["one"] == sum(f.stat().st_size for f in (photos / "one").iterdir())
    if kept.path.parent.name == "two":  # then the movie would be lost
        assert (other.offered, "IMG.mov" in other.why_not, group.to_win) == (False, True, 0)


def test_one_file_by_two_names_is_not_offered(library: Library, photos: Path):
    scene(10).save(photos / "a.jpg")
    os.link(photos / "a.jpg", photos / "hard.jpg")
    (photos / "soft.jpg").symlink_to(photos / "a.jpg")
    (photos / ".Trash-1000" / "files").mkdir(parents=True)
    shutil.copy(photos / "a.jpg", photos / ".Trash-1000" / "files" / "old.jpg")
    look(library)
    assert library.duplicates.groups() == []


@pytest.mark.expects_warnings
def test_photos_out_of_reach_are_not_offered(library: Library, photos: Path, tmp_path: Path):
    away = tmp_path / "stick"
    away.mkdir()
    scene(11).save(photos / "a.jpg")
    shutil.copy(photos / "a.jpg", away / "b.jpg")
    library.add_root(away)
    look(library)
    assert len(library.duplicates.groups(IDENTICAL)) == 1
    away.rename(tmp_path / "unplugged")
    drain(library.reconcile())
    assert library.duplicates.groups() == []


def test_what_was_parted_stays_parted_until_a_new_one_comes(library: Library, photos: Path):
    scene(12).save(photos / "a.jpg", quality=90)
    scene(12).save(photos / "b.jpg", quality=60)
    shutil.copy(photos / "a.jpg", photos / "a2.jpg")
    look(library)
    duplicates = library.duplicates
    same, identical = only(library, SAME), only(library, IDENTICAL)
    parted = duplicates.not_duplicates(same.id)
    duplicates.not_duplicates([member.photo_id for member in identical.members])
    assert duplicates.groups() == []
    (photos / "b.jpg").rename(photos / "moved.jpg")
    look(library)
    assert duplicates.groups() == []
    duplicates.again(parted)
    assert sorted(names(only(library, SAME)))[-1] == "moved.jpg"
    duplicates.not_duplicates(only(library, SAME).id)
    scene(12).resize((320, 240)).save(photos / "new.jpg")
    shutil.copy(photos / "a.jpg", photos / "a3.jpg")
    look(library)
    assert "new.jpg" in names(only(library, SAME))
    assert len(only(library, IDENTICAL).members) == 3


def test_only_what_is_new_is_compared(library: Library, photos: Path):
    for seed in range(3):
        scene(seed).save(photos / f"{seed}.jpg", quality=90)
        scene(seed).save(photos / f"{seed} again.jpg", quality=70)
    look(library)
    assert len(library.duplicates.groups(SAME)) == 3
    assert drain(library.duplicates.find()).compared == 0
    scene(1).save(photos / "1 third.jpg", quality=50)
    drain(library.reconcile())
    drain(library.index())
    report = drain(library.duplicates.find())
    assert 0 < report.compared <= 6  # of 21: with the new one only
    assert [len(group.members) for group in library.duplicates.groups(SAME)].count(3) == 1


def test_a_search_that_was_stopped_goes_on(library: Library, photos: Path):
    for seed in range(3):
        scene(seed).save(photos / f"{seed}.jpg", quality=90)
        scene(seed).save(photos / f"{seed} again.jpg", quality=70)
    drain(library.reconcile())
    drain(library.index())
    job = library.duplicates.find()
    for event in job:
        if isinstance(event, Progress) and event.note == "Comparing":
            break
    job.close()
    assert library.duplicates.groups() == []
    report = drain(library.duplicates.find())
    assert report.totals[SAME].groups == 3


def test_new_photos_are_known_when_they_come(library: Library, photos: Path):
    scene(13).save(photos / "a.jpg", quality=90)
    look(library)
    scene(13).save(photos / "b.jpg", quality=60)
    scene(14).save(photos / "other.jpg", quality=60)
    drain(library.reconcile())
    drain(library.index())
    ids = {photo.path.name: photo.id for photo in library.photos(range(1, 10))}  # pyright: ignore[reportArgumentType]
    assert drain(library.duplicates.check([ids["b.jpg"], ids["other.jpg"]])) == 1
    (arrival,) = library.duplicates.arrivals()
    assert (arrival.photo_id, arrival.kind, arrival.twin) == (ids["b.jpg"], SAME, ids["a.jpg"])
    library.duplicates.forget_arrivals()
    assert library.duplicates.arrivals() == []


def test_what_was_cleared_or_parted_is_no_news(
    library: Library, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    scene(13).save(photos / "a.jpg", quality=90)
    look(library)
    shutil.copy(photos / "a.jpg", photos / "b.jpg")
    drain(library.reconcile())
    drain(library.index())
    (old,) = (p.id for p in library.photos([PhotoId(1), PhotoId(2)]) if p.path.name == "a.jpg")
    drain(library.duplicates.check([PhotoId(3 - old)]))
    news = library.duplicates.arrivals()
    assert len(news) == 1
    cleared = drain(library.duplicates.clear(library.duplicates.choices(IDENTICAL)))
    assert cleared.photos == 1
    assert library.duplicates.arrivals() == []
    drain(library.duplicates.undo(cleared.run_id))
    assert library.duplicates.arrivals() == news
    parted = library.duplicates.not_duplicates(only(library, IDENTICAL).id)
    assert library.duplicates.arrivals() == []
    library.duplicates.again(parted)
    assert library.duplicates.arrivals() == news


def test_a_photo_that_cannot_be_read_is_skipped_and_tried_again(library: Library, photos: Path):
    scene(15).save(photos / "a.jpg", quality=90)
    scene(15).save(photos / "b.jpg", quality=60)
    drain(library.reconcile())
    drain(library.index())
    shutil.rmtree(library.folder / "thumbnails")
    hidden = (photos / "b.jpg").rename(photos / "hidden")
    skipped = look(library, index=False)
    hidden.rename(photos / "b.jpg")
    assert library.duplicates.groups() == []
    assert [entry.path.name for entry in skipped] in ([], ["b.jpg"])
    look(library)
    assert len(library.duplicates.groups(SAME)) == 1


def test_rules_are_kept(library: Library, photos: Path):
    rules = PickRules((Criterion.OLDEST, Criterion.BYTES), (photos / "best",), (photos / "\udcff",))
    library.duplicates.change_rules(rules)
    assert library.duplicates.rules() == rules
