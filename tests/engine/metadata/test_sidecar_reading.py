"""Sidecars are read beside photos: which outweighs, when they change, and when they are broken."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from queue import Queue

import pytest
from described import Described, listed, packet, subject

from engine.catalog.sidecars import SidecarKey, SidecarRead
from engine.files.decode import DecodeRequest, DecoderPool
from engine.files.scan import Excludes
from engine.files.watch import signature
from engine.types import Aspect, CatalogChange, DirtyFolder

TITLED = packet('xmp:Rating="3"', "<dc:title><rdf:Alt><rdf:li>Short</rdf:li></rdf:Alt></dc:title>")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the photos that are decoded from now on."""
    names: list[str] = []
    submit = DecoderPool.submit

    def noted(pool: DecoderPool, request: DecodeRequest, *, urgent: bool = False):
        names.append(request.path.name)
        return submit(pool, request, urgent=urgent)

    monkeypatch.setattr(DecoderPool, "submit", noted)
    return names


def test_a_sidecar_outweighs_the_photo_field_by_field(described: Described) -> None:
    inside = packet(
        'xmp:Rating="2" exif:GPSLatitude="10,0,0N" exif:GPSLongitude="10,0,0E"',
        subject("Inside") + "<dc:title><rdf:Alt><rdf:li>In</rdf:li></rdf:Alt></dc:title>",
    )
    described.picture("a.jpg", inside, x9003="2020:01:02 03:04:05", x010E="A lighthouse")
    sidecar = described.beside(
        "a.jpg.xmp",
        packet(
            'xmp:Rating="5" exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17,30E"',
            subject("Beside", "Sea"),
        ),
    )
    described.update()
    detail = described.detail("a.jpg")
    facts = detail.metadata
    assert (facts.rating, facts.title, facts.caption) == (5, "In", "A lighthouse")
    assert (facts.latitude, facts.longitude) == (48.8583333, 2.2916667)
    assert described.tags("a.jpg") == {"Beside": "file", "Sea": "file"}
    assert detail.sidecars == (sidecar,)
    assert dict(detail.told_by) == dict.fromkeys(
        ("altitude_m", "keywords", "latitude", "longitude", "rating"), sidecar
    )
    assert described.found("rating:5 has:sidecar") == ["a.jpg"]
    assert described.found("rating:2") == []
    described.library.marking.rate([detail.photo.id], 1)
    assert "rating" not in dict(described.detail("a.jpg").told_by)
    assert described.detail("a.jpg").metadata.rating == 1


def test_the_sidecar_of_the_whole_name_outweighs_the_other(described: Described) -> None:
    described.picture("IMG.tif")
    described.picture("IMG.jpg", shade=1)
    described.picture("IMG_2.jpg", shade=2)
    described.beside("IMG.xmp", TITLED)
    described.beside("IMG.tif.xmp", packet('xmp:Rating="4"', subject("Raw")))
    described.update()
    raw, jpeg = described.detail("IMG.tif"), described.detail("IMG.jpg")
    assert (raw.metadata.rating, raw.metadata.title) == (4, "Short")
    assert (jpeg.metadata.rating, jpeg.metadata.title) == (3, "Short")
    assert [path.name for path in raw.sidecars] == ["IMG.tif.xmp", "IMG.xmp"]
    assert {name: path.name for name, path in raw.told_by} == {
        "keywords": "IMG.tif.xmp", "rating": "IMG.tif.xmp", "title": "IMG.xmp",
    }  # fmt: skip
    assert described.found("has:sidecar") == ["IMG.jpg", "IMG.tif"]
    assert described.found("-has:sidecar") == ["IMG_2.jpg"]


def test_a_sidecar_that_comes_changes_and_goes(described: Described, opened: list[str]) -> None:
    described.picture("a.jpg", packet('xmp:Rating="2"', subject("Inside")))
    described.picture("b.jpg", shade=1)
    described.update()
    described.library.tagging.tag([described.id("a.jpg")], "Mine")
    opened.clear()
    changes: list[CatalogChange] = []
    described.library.subscribe(changes.append)
    described.beside("a.xmp", packet('xmp:Rating="-1"', subject("One")))
    described.update(folder=described.photos)
    assert described.tags("a.jpg") == {"One": "file", "Mine": "user"}
    assert described.found("is:rejected") == ["a.jpg"]
    assert {photo for change in changes for photo in change.photos} == {described.id("a.jpg")}
    assert changes[-1].aspects & (Aspect.TAG | Aspect.MARK)
    described.beside("a.xmp", packet('xmp:Rating="4"', subject("Two")))
    described.update(folder=described.photos)
    assert described.tags("a.jpg") == {"Two": "file", "Mine": "user"}
    assert described.marks("a.jpg").rating == 4
    (described.photos / "a.xmp").unlink()
    described.update(folder=described.photos)
    assert described.tags("a.jpg") == {"Inside": "file", "Mine": "user"}
    assert described.marks("a.jpg").rating == 2
    assert described.detail("a.jpg").sidecars == ()
    assert opened == []  # no photo was opened for any of this


def test_what_is_unchanged_is_not_read_again(described: Described) -> None:
    described.picture("a.jpg")
    described.beside("a.xmp", TITLED)
    described.update()
    changes: list[CatalogChange] = []
    described.library.subscribe(changes.append)
    described.update()
    described.update(folder=described.photos)
    assert changes == []


@pytest.mark.parametrize(("read_after_s", "rating"), [(1, 3), (3, 0)])
def test_a_write_that_the_clock_hides_is_seen_later(
    described: Described, read_after_s: int, rating: int
) -> None:
    """Bytes that were read within two seconds of the file's time may be older than the file."""
    described.picture("a.jpg")
    stat = described.beside("a.xmp", TITLED).stat()
    described.update()
    key = SidecarKey(described.id("a.jpg"), whole=False)
    read_ns = stat.st_mtime_ns + read_after_s * 10**9
    older = SidecarRead((key,), stat.st_size, stat.st_mtime_ns, read_ns, None, {})
    described.catalog.sidecars.put([older])
    described.update()
    assert described.marks("a.jpg").rating == rating


def test_a_photo_that_is_read_anew_keeps_what_its_sidecar_says(described: Described) -> None:
    described.picture("a.jpg", packet('xmp:Rating="2"', subject("Inside")))
    described.beside("a.xmp", TITLED)
    described.update()
    described.library.marking.caption([described.id("a.jpg")], "Mine")
    described.picture("a.jpg", packet('xmp:Rating="1"', subject("Other")), shade=5)
    described.update()
    facts = described.detail("a.jpg").metadata
    assert (facts.rating, facts.title, facts.caption) == (3, "Short", "Mine")
    assert facts.keywords == ("Other",)
    (described.photos / "a.xmp").unlink()
    described.update()
    facts = described.detail("a.jpg").metadata
    assert (facts.rating, facts.title, facts.caption) == (1, None, "Mine")


def test_sidecars_follow_their_photo(described: Described) -> None:
    described.picture("a.jpg")
    described.picture("other.jpg", shade=1)
    described.beside("a.xmp", packet(body=subject("Sea")))
    described.update()
    photo = described.id("a.jpg")
    (described.photos / "sub").mkdir()
    for name in ("a.jpg", "a.xmp"):
        (described.photos / name).rename(described.photos / "sub" / name.replace("a", "b"))
    described.update()
    assert described.id("sub/b.jpg") == photo
    assert described.tags("sub/b.jpg") == {"Sea": "file"}
    assert [path.name for path in described.detail("sub/b.jpg").sidecars] == ["b.xmp"]
    assert described.detail("sub/b.jpg").sidecars[0].parent.name == "sub"


def test_a_date_counts_as_its_field_does(described: Described) -> None:
    described.picture("a.jpg", x9003="2020:01:02 03:04:05")
    described.beside("a.xmp", packet('xmp:CreateDate="2024-01-01T00:00:00"'))
    described.picture("b.jpg", shade=1)
    described.beside("b.xmp", packet('xmp:CreateDate="2024-01-01T00:00:00"'))
    described.picture("c.jpg", x9003="2020:01:02 03:04:05", shade=2)
    described.beside("c.xmp", packet('exif:DateTimeOriginal="2021-05-06T07:08:09+02:00"'))
    described.update()
    dates = {name: described.detail(f"{name}.jpg").metadata.taken_at for name in "abc"}
    assert dates == {
        "a": "2020-01-02T03:04:05", "b": "2024-01-01T00:00:00", "c": "2021-05-06T07:08:09",
    }  # fmt: skip
    assert described.detail("c.jpg").metadata.utc_offset == "+02:00"
    assert described.found("date:2021-05") == ["c.jpg"]
    assert "taken_at" not in dict(described.detail("a.jpg").told_by)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BROKEN = {
    "laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>'.encode(),
    "outside": b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>',
    "cut": TITLED[:-30],
    "empty": b"",
    "other": b"<html/>",
    "deep": b"<a>" * 100_000,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_sidecar_costs_the_photo_nothing(described: Described, kind: str) -> None:
    described.picture("a.jpg", packet('xmp:Rating="2"'))
    sidecar = described.beside("a.jpg.xmp", BROKEN[kind])
    described.update()
    detail = described.detail("a.jpg")
    assert (detail.photo.state.value, detail.metadata.rating) == ("present", 2)
    (problem,) = described.library.problems()
    assert (problem.path, problem.photo_id) == (sidecar, detail.photo.id)
    assert detail.problem.startswith("Its sidecar a.jpg.xmp ")
    assert described.library.counts().problems == 1
    assert described.library.retry_problems() == 1
    described.update()
    assert len(described.library.problems()) == 1
    described.beside("a.jpg.xmp", TITLED)
    described.update()
    assert described.library.problems() == []
    assert described.marks("a.jpg").rating == 3


def test_what_a_sidecar_said_holds_while_it_is_half_written(described: Described) -> None:
    described.picture("IMG.jpg")
    described.picture("IMG.png", shade=1)
    described.beside("IMG.xmp", TITLED)
    described.update()
    described.beside("IMG.xmp", TITLED[:-30])
    described.update()
    assert (described.marks("IMG.jpg").rating, described.marks("IMG.png").rating) == (3, 3)
    assert len(described.library.problems()) == 1  # the file is one, whoever shares it


def test_a_sidecar_of_100_megabytes(described: Described) -> None:
    described.picture("a.jpg", packet('xmp:Rating="2"'))
    path = described.beside("a.xmp", TITLED)
    with path.open("r+b") as file:
        file.truncate(100 << 20)
    began = time.perf_counter()
    described.update()
    assert time.perf_counter() - began < 10
    assert described.marks("a.jpg").rating == 2
    assert described.library.problems()[0].reason == "is larger than 16 MB"


def test_what_is_no_sidecar_is_none(described: Described) -> None:
    described.picture("a.jpg")
    (described.photos / "real").write_bytes(TITLED)
    (described.photos / "a.xmp").symlink_to(described.photos / "real")
    (described.photos / "a.jpg.xmp").mkdir()
    described.beside("b.xmp", TITLED)
    described.update()
    assert described.detail("a.jpg").sidecars == ()
    assert described.found("has:sidecar") == []


def test_the_watcher_tells_of_sidecars(described: Described) -> None:
    described.picture("a.jpg")
    described.update()
    batches: Queue[frozenset[DirtyFolder]] = Queue()
    described.library.watch(batches.put)
    try:
        batches.get(timeout=20)  # the first look, once it is armed
        described.beside("a.xmp", TITLED)
        assert batches.get(timeout=20) == {DirtyFolder(described.photos, recursive=False)}
    finally:
        described.library.unwatch()
    described.update(folder=described.photos)
    assert described.marks("a.jpg").rating == 3


def test_polling_notices_sidecars(described: Described) -> None:
    described.picture("a.jpg")
    before = signature(described.photos, Excludes(()))
    described.beside("a.xmp", TITLED)
    there = signature(described.photos, Excludes(()))
    described.beside("a.xmp", TITLED + b" ")
    assert len({before, there, signature(described.photos, Excludes(()))}) == 3


def test_real_photos_tell_what_they_tell(described: Described, shared_data: Path) -> None:
    for name in ("exif/immich/picasa.jpg", "formats/exif_full_orient6_gps_paris.jpg"):
        shutil.copy(shared_data / name, described.photos)
    described.beside("picasa.xmp", packet(body=listed("digiKam:TagsList", "Jahr/Winter")))
    described.update()
    assert described.tags("picasa.jpg") == {"Jahr/Winter": "file"}
    (described.photos / "picasa.xmp").unlink()
    described.update()
    assert described.tags("picasa.jpg") == {"Frost": "file", "Yard": "file"}
    real = shared_data / "exif" / "immich" / "picasa.jpg"
    assert (described.photos / "picasa.jpg").read_bytes() == real.read_bytes()
