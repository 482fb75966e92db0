"""What the user says comes into sidecars, and nothing else becomes different; through the door."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sidecar_sample import FOREIGN, Shelf, exiftool, exiv2, needs_exiftool, needs_exiv2

from engine.files.sidecar_fields import told
from engine.jobs import Progress, drain
from engine.sidecar_types import Told


def say_much(shelf: Shelf) -> None:
    library, a = shelf.library, shelf.id("a.jpg")
    library.tagging.tag([a], "Places/Sea & <Sand>")
    library.tagging.tag([a], "both")
    library.marking.rate([a], 4)
    library.marking.caption([a], "Two\nlines, “quoted” 日本")
    library.marking.title([a], "A day")


def test_what_is_said_is_written_once(shelf: Shelf):
    before = shelf.pixels()
    say_much(shelf)
    assert shelf.library.sidecars.status().waiting == 1
    report = shelf.write()
    assert (report.written, report.unchanged, report.skipped) == (1, 0, ())
    assert shelf.names() == ["a.jpg.xmp"]
    assert told(shelf.sidecar().read_bytes()) == Told(
        ("Places/Sea & <Sand>", "both"), 4, "Two\nlines, “quoted” 日本", "A day"
    )
    assert b"CreateDate" not in shelf.sidecar().read_bytes()
    state = shelf.sidecar().stat()
    assert shelf.write().written == 0
    assert shelf.sidecar().stat() == state
    assert shelf.pixels() == before
    status = shelf.library.sidecars.status()
    assert (status.on, status.waiting, status.written, status.failed) == (False, 0, 1, 0)


def test_taking_back_takes_it_out_and_leaves_what_others_said(shelf: Shelf):
    shelf.sidecar("a.xmp").write_text(FOREIGN, encoding="utf-8")
    library, a = shelf.library, shelf.id("a.jpg")
    tagged = [library.tagging.tag([a], path) for path in ("Places/Sea", "both")]
    marked = [
        library.marking.rate([a], 5),
        library.marking.title([a], "New"),
        library.marking.caption([a], "Words"),
    ]
    report = shelf.write()
    assert (report.written, report.copies) == (1, 1)
    assert shelf.names() == ["a.xmp"]
    now = shelf.sidecar("a.xmp").read_text(encoding="utf-8")
    assert told(now.encode()) == Told(("Places/Sea", "theirs", "both"), 5, "Words", "New")
    for kept in ("Alt &amp; gut", 'dt:params="00ff"', 'crs:Exposure2012="+0.50"', "uuid:1"):
        assert kept in now
    assert 'CreateDate="2001-02-03T04:05:06"' in now
    (copy,) = (shelf.folder / "library" / "sidecars").iterdir()
    assert copy.read_text(encoding="utf-8") == FOREIGN
    for undo in reversed(marked):
        library.marking.undo(undo)
    for undo in reversed(tagged):
        library.tagging.undo(undo)
    assert shelf.write().copies == 0  # it was ours
    again = told(shelf.sidecar("a.xmp").read_bytes())
    assert again == Told(("theirs", "both"), 2, None, "Old")


def test_a_rejected_photo_has_minus_one_stars(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.rate([a], 3)
    rejected = library.marking.reject([a])
    shelf.write()
    assert told(shelf.sidecar().read_bytes()).rating == -1
    library.marking.undo(rejected)
    shelf.write()
    assert told(shelf.sidecar().read_bytes()).rating == 3
    b = shelf.id("b.jpg")
    shelf.sidecar("b.jpg.xmp").write_text(FOREIGN.replace('"2"', '"-1"'), encoding="utf-8")
    library.marking.unflag([b])
    shelf.write()
    assert told(shelf.sidecar("b.jpg.xmp").read_bytes()).rating == 0


def test_only_the_tag_that_was_taken_goes(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    for path in ("Places/Sea", "Trips/Sea", "Sea life"):
        library.tagging.tag([a], path)
    shelf.write()
    library.tagging.untag([a], "Places/Sea")
    shelf.write()
    packet = shelf.sidecar().read_text(encoding="utf-8")
    assert told(packet.encode()).tags == ("Sea life", "Trips/Sea")
    assert packet.count("<rdf:li>Sea</rdf:li>") == 1  # the other path still needs it
    library.tagging.untag([a], "Trips/Sea")
    library.tagging.untag([a], "Sea life")
    shelf.write()
    assert told(shelf.sidecar().read_bytes()) == Told()


def test_a_tag_with_another_name_is_another_keyword(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.tagging.tag([a], "Places/Sea/Shore")
    shelf.write()
    (places,) = (tag for tag in library.tagging.tags() if tag.path == "Places")
    undo = library.tagging.rename_tag(places.id, "Where")
    shelf.write()
    assert told(shelf.sidecar().read_bytes()).tags == ("Where/Sea/Shore",)
    library.tagging.undo(undo)
    shelf.write()
    assert told(shelf.sidecar().read_bytes()).tags == ("Places/Sea/Shore",)


def test_names_are_chosen_and_those_there_are_kept(shelf: Shelf):
    library = shelf.library
    library.change_settings(replace(library.settings, sidecar_name="short"))
    (shelf.photos / "b.jpg.xmp").write_text(FOREIGN, encoding="utf-8")
    for name in ("a.jpg", "b.jpg"):
        library.marking.rate([shelf.id(name)], 1)
    shelf.write()
    assert shelf.names() == ["a.xmp", "b.jpg.xmp"]


def test_a_raw_and_its_jpeg_that_share_a_name_each_have_their_own(tmp_path: Path):
    shelf = Shelf(tmp_path, "IMG.CR2", "IMG.jpg")
    shelf.sidecar("IMG.xmp").write_text(FOREIGN, encoding="utf-8")
    library = shelf.library
    library.marking.rate([shelf.id("IMG.CR2")], 5)
    library.marking.rate([shelf.id("IMG.jpg")], 1)
    shelf.write()
    assert shelf.names() == ["IMG.jpg.xmp", "IMG.xmp"]
    assert told(shelf.sidecar("IMG.xmp").read_bytes()).rating == 5
    assert told(shelf.sidecar("IMG.jpg.xmp").read_bytes()).rating == 1
    library.close()


def test_what_was_said_of_a_moved_photo_is_written_where_it_lies(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.rate([a], 2)
    shelf.write()
    library.marking.rate([a], 5)
    drain(library.filing.move_to([a], shelf.photos / "sea"))
    drain(library.filing.rename({a: "wave"}))
    assert shelf.write().written == 1
    assert shelf.names() == ["wave.jpg.xmp"]
    assert told((shelf.photos / "sea" / "wave.jpg.xmp").read_bytes()).rating == 5


@pytest.mark.expects_warnings
def test_a_drive_that_is_away_waits(shelf: Shelf):
    library = shelf.library
    library.marking.rate([shelf.id("a.jpg")], 2)
    away = shelf.photos.rename(shelf.folder / "away")
    assert shelf.write().written == 0  # before anyone has noticed
    assert not shelf.photos.exists()
    drain(library.reconcile())
    status = library.sidecars.status()
    assert (status.waiting, status.offline, status.failed) == (0, 1, 0)
    away.rename(shelf.photos)
    drain(library.reconcile())
    assert shelf.write().written == 1


def test_the_job_tells_how_far_it_is_and_can_be_stopped(shelf: Shelf):
    library = shelf.library
    library.marking.rate([shelf.id(name) for name in ("a.jpg", "b.jpg", "c.jpg")], 2)
    job = library.sidecars.write()
    assert next(job) == Progress(3, 3)
    job.close()
    assert shelf.write().written == 0
    library.sidecars.include_all()
    assert shelf.write().unchanged == 3
    library.marking.rate([shelf.id("a.jpg")], 1)
    library.sidecars.leave_out_earlier()
    assert shelf.write().written == 0


@needs_exiftool
@needs_exiv2
def test_others_read_what_we_wrote(shelf: Shelf):
    say_much(shelf)
    shelf.write()
    seen = exiftool(shelf.sidecar())
    assert seen["XMP-dc:Subject"] == ["Sea & <Sand>", "both"]
    assert seen["XMP-lr:HierarchicalSubject"] == ["Places|Sea & <Sand>", "both"]
    assert seen["XMP-digiKam:TagsList"] == ["Places/Sea & <Sand>", "both"]
    assert seen["XMP-dc:Description"] == "Two\nlines, “quoted” 日本"
    assert (seen["XMP-dc:Title"], seen["XMP-xmp:Rating"]) == ("A day", 4)
    assert "XMP-xmp:MetadataDate" in seen
    seen = exiv2(shelf.sidecar())
    assert seen["Xmp.dc.subject"] == ["Sea & <Sand>, both"]
    assert seen["Xmp.lr.hierarchicalSubject"] == ["Places|Sea & <Sand>, both"]
    assert seen["Xmp.digiKam.TagsList"] == ["Places/Sea & <Sand>, both"]
    assert seen["Xmp.xmp.Rating"] == ["4"]
    assert seen["Xmp.dc.title"] == ['lang="x-default" A day']


@needs_exiftool
@needs_exiv2
def test_others_write_and_what_they_wrote_stays(shelf: Shelf):
    say_much(shelf)
    shelf.write()
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-XMP-dc:Subject+=From exiftool",
         "-XMP-photoshop:City=Köln", "-XMP-dc:Title-de=Ein Tag", str(shelf.sidecar())],
        check=True, timeout=60,
    )  # fmt: skip
    shelf.library.marking.rate([shelf.id("a.jpg")], 1)
    shelf.library.tagging.untag([shelf.id("a.jpg")], "both")
    report = shelf.write()
    assert (report.written, report.copies, report.overtaken) == (1, 1, 0)
    shutil.copy(shelf.photos / "a.jpg", shelf.photos / "copy.jpg")  # exiv2 goes by the photo
    shutil.copy(shelf.sidecar(), shelf.photos / "copy.xmp")
    subprocess.run(
        ["exiv2", "-M", "set Xmp.dc.source From exiv2", str(shelf.photos / "copy.xmp")],
        check=True, timeout=60,
    )  # fmt: skip
    shutil.move(shelf.photos / "copy.xmp", shelf.sidecar())
    shelf.library.marking.caption([shelf.id("a.jpg")], "Once more")
    shelf.write()
    seen = exiftool(shelf.sidecar())
    assert seen["XMP-dc:Subject"] == ["Sea & <Sand>", "From exiftool"]
    assert (seen["XMP-photoshop:City"], seen["XMP-dc:Source"]) == ("Köln", "From exiv2")
    assert (seen["XMP-dc:Title-de"], seen["XMP-dc:Title"]) == ("Ein Tag", "A day")
    assert (seen["XMP-dc:Description"], seen["XMP-xmp:Rating"]) == ("Once more", 1)
