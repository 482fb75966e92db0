"""Plans: who goes where under which name, why others stay, and what a change needs."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from filing_sample import Sample, assigned, tree, write

from engine.assignment import Assignment
from engine.file_types import ByDate, Fate, SortMode, SortPlan, SortRule
from engine.sort_facts import gather
from engine.sorting import plan_sort
from engine.types import PhotoId


def fates(plan: SortPlan) -> list[Fate]:
    return [photo.fate for photo in plan.photos]


def test_each_photo_is_told_with_its_doubts(sample: Sample):
    ids = sample.add("a.jpg", "a.xmp", "b.jpg", "c.jpg", "d.jpg")
    scores = [
        Assignment(ids[0], "Sea", 0.9, "Hills", 0.85),
        Assignment(ids[1], "Sea", 0.4, "Hills", 0.05),
        Assignment(ids[2], None, 0.7, "Sea", 0.5),
        Assignment(ids[3], "Elsewhere", 0.9, None, 0.9),
    ]
    rule = SortRule(("Sea", "Hills"), sample.into, threshold=0.5)
    plan = sample.sorting.plan(scores, rule)
    assert fates(plan) == [Fate.GOES, Fate.BELOW_THRESHOLD, Fate.NONE_OF_THESE, Fate.NONE_OF_THESE]
    photo = plan.photos[0]
    assert photo.target == sample.into / "Sea" / "a.jpg"
    assert (photo.score, photo.runner_up, photo.margin) == (0.9, "Hills", 0.85)
    assert (photo.companions, photo.leader) == (1, ids[0])
    sea, hills = plan.groups
    assert (sea.photos, sea.companions, sea.bytes) == (1, 1, plan.needed_bytes)
    assert (hills.photos, hills.bytes, plan.staying, plan.going) == (0, 0, 3, 1)
    assert plan.category_of(sample.into / "Hills") == "Hills"
    assert plan.free_bytes > 0
    assert not sample.into.exists()


def test_thresholds_and_dragging_change_a_plan_without_a_look_at_the_disk(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
):
    ids = sample.add("a.jpg", "b.CR2", "b.JPG", "c.jpg")
    scores = [
        Assignment(ids[0], "Sea", 0.9, "Hills", 0.8),
        Assignment(ids[1], "Sea", 0.4, "Hills", 0.1),
        Assignment(ids[2], "Hills", 0.6, "Sea", 0.1),
        Assignment(ids[3], None, 0.6, "Sea", 0.1),
    ]
    plan = sample.sorting.plan(scores, SortRule(("Sea", "Hills"), sample.into, SortMode.MOVE))
    assert [p.category for p in plan.photos] == ["Sea", "Hills", "Hills", None]  # the surer of two
    monkeypatch.setattr("engine.sorting.gather", None)
    plan = sample.sorting.replan(plan, rule=replace(plan.rule, thresholds={"Sea": 0.95}))
    assert fates(plan) == [Fate.BELOW_THRESHOLD, Fate.GOES, Fate.GOES, Fate.NONE_OF_THESE]
    plan = sample.sorting.replan(plan, placed={ids[0]: "Sea", ids[2]: "Sea", ids[3]: "Hills"})
    assert [p.category for p in plan.photos] == ["Sea", "Sea", "Sea", "Hills"]
    plan = sample.sorting.replan(plan, placed={ids[1]: None})
    assert fates(plan) == [Fate.BELOW_THRESHOLD] + [Fate.NONE_OF_THESE] * 3
    plan = sample.sorting.replan(plan, rule=replace(plan.rule, thresholds={}, by_date=ByDate.YEAR))
    assert plan.photos[0].folder == sample.into / "Sea" / "2020"


def test_new_categories_are_looked_up_on_the_disk(sample: Sample):
    (a,) = sample.add("a.jpg")
    write(sample.into / "sea" / "a.jpg", b"other")
    plan = sample.sorting.plan(assigned({a: "Sea"}), SortRule(("Hills",), sample.into))
    assert fates(plan) == [Fate.NONE_OF_THESE]
    plan = sample.sorting.replan(plan, rule=replace(plan.rule, categories=("Sea",)))
    assert plan.photos[0].target == sample.into / "sea" / "a (2).jpg"  # the folder that is there


def test_photos_that_cannot_be_had_say_why(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    (sample.photos / "a.jpg").unlink()
    sample.catalog.photos.mark_missing([ids[1]])
    sample.catalog.photos.set_unreadable(ids[2], "It is no picture.")
    categories = dict.fromkeys([*ids, PhotoId(999)], "x")
    plan = sample.plan(categories)
    assert fates(plan) == [Fate.MISSING, Fate.MISSING, Fate.UNREADABLE, Fate.GOES, Fate.MISSING]
    assert all(p.reason for p in plan.photos if not p.fate.goes)
    sample.catalog.roots.set_online(sample.root_id(), False, "gone")
    assert fates(sample.plan({ids[3]: "x"})) == [Fate.OFFLINE]


def test_two_of_one_name_and_one_that_is_taken(sample: Sample):
    ids = sample.add("1/a.jpg", "2/A.JPG", "3/b.jpg", "4/c.jpg")
    write(sample.into / "x" / "B.jpg", b"other")
    write(sample.into / "x" / "c.jpg", (sample.photos / "4" / "c.jpg").read_bytes())
    plan = sample.plan(dict.fromkeys(ids, "x"))
    assert fates(plan) == [Fate.GOES, Fate.SAME_NAME, Fate.RENAMED, Fate.ALREADY_THERE]
    assert [p.name for p in plan.photos] == ["a.jpg", "A (2).JPG", "b (2).jpg", "c.jpg"]
    assert plan.groups[0].staying == 1


def test_a_file_or_a_link_where_a_folder_should_be_is_refused(sample: Sample, tmp_path: Path):
    ids = sample.add("a.jpg", "b.jpg", "c.jpg")
    write(sample.into / "x", b"a file")
    (sample.into / "y").symlink_to(tmp_path)
    (sample.into / "z").mkdir()
    (sample.into / "z" / "2020").symlink_to(tmp_path)
    plan = sample.plan({ids[0]: "x", ids[1]: "y", ids[2]: "z"}, by_date=ByDate.YEAR)
    assert fates(plan) == [Fate.REFUSED] * 3


def test_links_do_not_cross_disks(tmp_path: Path):
    sample = Sample(tmp_path)
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == sample.photos.stat().st_dev:
        pytest.skip("there is no second file system here")
    (a,) = sample.add("a.jpg")
    sample.into = memory / f"photosift-{os.getpid()}"
    assert fates(sample.plan({a: "x"}, SortMode.LINK)) == [Fate.OTHER_DISK]
    assert sample.plan({a: "x"}, SortMode.MOVE).needed_bytes > 0
    assert sample.plan({a: "x"}, SortMode.ALBUM).needed_bytes == 0
    sample.close()


def test_the_date_of_the_camera_counts(sample: Sample):
    from engine.types import PhotoContent, PhotoMetadata

    (a,) = sample.add("a.jpg")
    row = sample.catalog.photos.known(sample.root_id())[0]
    content = PhotoContent(
        row.content_hash or b"", 4, 3, "JPEG", PhotoMetadata(taken_at="1999-12-31T23:59:59")
    )
    sample.catalog.photos.set_content(
        a, content, row.size, row.mtime_ns, row.dev, row.ino, row.mtime_ns + 10**11
    )
    plan = sample.plan({a: "x"}, by_date=ByDate.MONTH)
    assert plan.photos[0].target == sample.into / "x" / "1999" / "1999-12" / "a.jpg"


def test_plans_tell_whether_the_library_sees_the_target(sample: Sample):
    (a,) = sample.add("a.jpg")
    assert "is not watched: moved photos" in sample.plan({a: "x"}).notes[0]
    sample.into = sample.photos / "sorted"
    assert "lies in the watched folder" in sample.plan({a: "x"}).notes[0]


def test_planning_touches_nothing_and_is_told_by_its_facts(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg", "b.xmp")
    before = tree(sample.folder)
    rule = SortRule(("x",), sample.into, SortMode.MOVE)
    facts = gather(sample.catalog, sample.folder / "data", ids, rule, ["x"])
    shutil.rmtree(sample.photos)
    scores = assigned(dict.fromkeys(ids, "x"))
    assert plan_sort(facts, scores, rule) == plan_sort(facts, scores, rule)
    assert {p: f for p, f in before.items() if "photos" in p}  # they were there


def test_ten_thousand_photos_are_planned_anew_without_a_look_at_the_disk(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
):
    names = [f"{n % 40}/IMG_{n // 2}.{'jpg' if n % 2 else 'cr2'}" for n in range(10_000)]
    for name in names:
        path = sample.photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    sample.look()
    ids = sorted(sample.paths())
    assert len(ids) == 10_000
    categories = [f"category {n}" for n in range(20)]
    scores = [
        Assignment(i, categories[i % 20] if i % 7 else None, (i % 100) / 100, None, 0.1)
        for i in ids
    ]
    plan = sample.sorting.plan(scores, SortRule(tuple(categories), sample.into, threshold=0.2))
    staying = plan.staying
    shutil.rmtree(sample.photos)

    def look(*_: object) -> None:
        raise AssertionError("the disk was looked at again")

    monkeypatch.setattr("engine.sorting.gather", look)
    for step in range(5):
        plan = sample.sorting.replan(plan, rule=replace(plan.rule, threshold=0.2 * step))
        assert len(plan.photos) == 10_000
    assert plan.staying > staying
