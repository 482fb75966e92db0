"""Names that are taken, names that are equal somewhere, links, and places that are refused."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from filing_sample import Sample, assigned, contents, listed, tree, write

from engine.errors import DiskError
from engine.file_types import Fate, SortMode, SortRule


def test_a_thousand_photos_of_one_name(sample: Sample):
    names = [f"{n:04}/IMG.jpg" for n in range(1000)]
    ids = sample.add(*names)
    before = tree(sample.photos)
    write(sample.into / "x" / "img.JPG", b"somebody else's")
    report = sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    assert report.photos == 1000
    assert contents(sample.into) == sorted([*(d for d, _ in before.values()), b"somebody else's"])
    assert (sample.into / "x" / "IMG (2).jpg").exists()
    sample.undo()
    assert tree(sample.photos) == before
    assert listed(sample.into) == ["x/img.JPG"]


def test_names_equal_but_for_case_or_unicode_form(sample: Sample):
    ids = sample.add("1/a.jpg", "2/A.JPG", "3/\u00c4.jpg", "4/A\u0308.jpg", "5/a\u0308.JPG")
    before = tree(sample.photos)
    sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    names = [n.removeprefix("x/") for n in listed(sample.into)]
    assert len(names) == 5
    assert sum("(2)" in n for n in names) == 2
    assert sum("(3)" in n for n in names) == 1
    sample.undo()
    assert tree(sample.photos) == before


def test_names_that_are_no_text(sample: Sample):
    name = os.fsdecode(b"\xff\xfe\n.jpg")
    ids = sample.add(f"1/{name}", f"2/{name}")
    before = tree(sample.photos)
    sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    assert len(listed(sample.into)) == 2
    sample.undo()
    assert tree(sample.photos) == before


def test_a_bundle_is_numbered_as_one(sample: Sample):
    ids = sample.add("1/b.CR2", "1/b.JPG", "1/b.CR2.xmp")
    write(sample.into / "x" / "b.jpg", b"other")
    plan = sample.plan(dict.fromkeys(ids, "x"))
    assert {p.fate for p in plan.photos} == {Fate.RENAMED}
    sample.apply(plan)
    assert listed(sample.into) == ["x/b (2).CR2", "x/b (2).CR2.xmp", "x/b (2).JPG", "x/b.jpg"]


def test_what_is_there_already_is_not_copied_again(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg")
    sample.apply(sample.plan(dict.fromkeys(ids, "x"), SortMode.COPY))
    write(sample.into / "x" / "b.jpg", b"other")
    plan = sample.plan(dict.fromkeys(ids, "x"), SortMode.COPY)
    assert [p.fate for p in plan.photos] == [Fate.ALREADY_THERE, Fate.RENAMED]
    sample.apply(plan)
    plan = sample.plan(dict.fromkeys(ids, "x"), SortMode.COPY)
    assert [p.fate for p in plan.photos] == [Fate.ALREADY_THERE] * 2
    assert sample.apply(plan).run_id == 0
    assert listed(sample.into) == ["x/a.jpg", "x/b (2).jpg", "x/b.jpg"]


def test_files_that_appear_after_the_plan_are_not_overwritten(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg")
    plan = sample.plan(dict.fromkeys(ids, "x"))
    write(sample.into / "x" / "a.jpg", b"other")
    shutil.copy2(sample.photos / "b.jpg", sample.into / "x" / "b.jpg")
    report = sample.apply(plan)
    assert [s.reason for s in report.skipped] == ["is already there as b.jpg"]
    assert listed(sample.into) == ["x/a (2).jpg", "x/a.jpg", "x/b.jpg"]
    assert (sample.photos / "b.jpg").exists()


def test_in_place_and_inside_of_the_source(sample: Sample):
    sample.into = sample.photos
    ids = sample.add("x/a.jpg", "b.jpg", "x/y/c.jpg")
    before = tree(sample.photos)
    plan = sample.plan(dict.fromkeys(ids, "x"))
    assert [p.fate for p in plan.photos] == [Fate.IN_PLACE, Fate.GOES, Fate.GOES]
    sample.apply(plan)
    assert listed(sample.photos) == ["x/a.jpg", "x/b.jpg", "x/c.jpg"]
    sample.undo()
    assert tree(sample.photos) == before


def test_a_target_that_is_a_link_is_resolved_and_told_one_inside_refused(
    sample: Sample, tmp_path: Path
):
    ids = sample.add("a.jpg", "b.jpg", "c.jpg")
    real, elsewhere = tmp_path / "real", tmp_path / "elsewhere"
    for folder in (real, elsewhere):
        folder.mkdir()
    sample.into.symlink_to(real)
    (real / "x").symlink_to(elsewhere)
    plan = sample.plan({ids[0]: "x", ids[1]: "y", ids[2]: "z"})
    assert plan.into == real
    assert "is a link" in plan.notes[0]
    assert [p.fate for p in plan.photos] == [Fate.REFUSED, Fate.GOES, Fate.GOES]
    (real / "y").symlink_to(elsewhere)  # made after the plan
    report = sample.apply(plan)
    assert [s.reason for s in report.skipped] == [
        f"{real / 'y'}: the folder is a link to elsewhere"
    ]
    assert list(elsewhere.iterdir()) == []
    assert listed(real) == ["z/c.jpg"]


def test_a_photo_replaced_by_a_link_is_not_followed(sample: Sample):
    (a,) = sample.add("a.jpg")
    plan = sample.plan({a: "x"})
    (sample.photos / "a.jpg").rename(sample.folder / "moved.jpg")
    (sample.photos / "a.jpg").symlink_to(sample.folder / "moved.jpg")
    assert [s.reason for s in sample.apply(plan).skipped] == ["is not a plain file"]
    assert (sample.folder / "moved.jpg").exists()


def test_hard_links_of_a_photo_are_untouched(sample: Sample):
    sample.add("a.jpg")
    os.link(sample.photos / "a.jpg", sample.photos / "b.jpg")
    sample.look()
    ids = sorted(sample.paths())
    before = tree(sample.photos)
    sample.apply(sample.plan({ids[0]: "x", ids[1]: "y"}))
    assert listed(sample.into) == ["x/a.jpg", "y/b.jpg"]
    sample.undo()
    assert tree(sample.photos) == before


def test_refused_places(sample: Sample, tmp_path: Path):
    (a,) = sample.add("a.jpg")
    rule = SortRule(("x",), sample.folder / "data" / "in")
    plan = sample.sorting.plan(assigned({a: "x"}), rule)
    assert "library's own data" in plan.refusal
    with pytest.raises(DiskError, match="own data"):
        sample.apply(plan)
    write(tmp_path / "file", b"")
    assert (
        "is not a folder"
        in sample.sorting.plan(assigned({a: "x"}), SortRule(("x",), tmp_path / "file")).refusal
    )
