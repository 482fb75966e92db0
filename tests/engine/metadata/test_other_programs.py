"""What exiftool and exiv2 write into photos and sidecars is what we read."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from described import Described
from PIL import Image

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed"
)
needs_exiv2 = pytest.mark.skipif(shutil.which("exiv2") is None, reason="exiv2 is not installed")


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, encoding="utf-8")
    return done.stdout


def exiftool(path: Path, *changes: str) -> None:
    run("exiftool", "-q", "-overwrite_original", "-charset", "iptc=UTF8", *changes, path)


@needs_exiftool
def test_a_photo_that_exiftool_wrote(described: Described) -> None:
    photo = described.picture("a.jpg")
    exiftool(
        photo,
        *("-codedcharacterset=utf8", "-IPTC:Keywords=Zürich", "-IPTC:Keywords=日本"),
        *("-XMP-dc:Subject=Paris", "-XMP-dc:Subject=Sofa"),
        "-XMP-lr:HierarchicalSubject=Places|France|Paris",
        *("-XMP-digiKam:TagsList=Places/France/Paris", "-XMP-digiKam:TagsList=Family/Anna"),
        *("-XMP-microsoft:LastKeywordXMP=Family/Anna", "-XMP-xmp:Rating=-1"),
        *(
            "-XMP-dc:Title-de=Turm",
            "-XMP-dc:Title=Tower",
            "-XMP-dc:Description=Two\nlines & <more>",
        ),
        *("-XMP-exif:GPSLatitude=48.8583", "-XMP-exif:GPSLongitude=-2.2945"),
    )
    described.update()
    facts = described.detail("a.jpg").metadata
    assert set(facts.keywords) == {
        *("Places/France/Paris", "Family/Anna", "Sofa", "Zürich", "日本")
    }
    assert (facts.rating, facts.title, facts.caption) == (-1, "Tower", "Two\nlines & <more>")
    assert facts.latitude == pytest.approx(48.8583, abs=1e-4)
    assert facts.longitude == pytest.approx(-2.2945, abs=1e-4)
    assert described.found("is:rejected tag:Anna") == ["a.jpg"]


@needs_exiftool
@pytest.mark.parametrize("kind", ["png", "webp", "tif", "gif", "avif"])
def test_other_formats_that_exiftool_wrote(described: Described, kind: str) -> None:
    photo = described.photos / f"a.{kind}"
    Image.new("RGB", (32, 24), (9, 99, 200)).save(photo)
    exiftool(photo, "-XMP-lr:HierarchicalSubject=Food|Käse", "-XMP-xmp:Rating=4")
    described.update()
    facts = described.detail(photo.name).metadata
    assert (facts.keywords, facts.rating) == (("Food/Käse",), 4)


@needs_exiftool
@pytest.mark.parametrize("name", ["a.xmp", "a.jpg.xmp"])
def test_a_sidecar_that_exiftool_wrote(described: Described, name: str) -> None:
    described.picture("a.jpg", x010E="Inside")
    sidecar = described.photos / name
    exiftool(
        sidecar,
        *(
            "-XMP-dc:Subject=black/white",
            "-XMP-lr:HierarchicalSubject=Places|Köln",
            "-XMP:Rating=4",
        ),
        *("-XMP-dc:Description=Beside", "-XMP-exif:DateTimeOriginal=2019:05:06 07:08:09+02:00"),
        *(
            "-XMP-exif:GPSLatitude=-33.5",
            "-XMP-exif:GPSLongitude=70.25",
            "-XMP-exif:GPSAltitude=12.5",
        ),
    )
    described.update()
    facts = described.detail("a.jpg").metadata
    assert facts.keywords == ("Places/Köln", "black\u2215white")
    assert (facts.rating, facts.caption) == (4, "Beside")
    assert (facts.taken_at, facts.utc_offset) == ("2019-05-06T07:08:09", "+02:00")
    assert (facts.latitude, facts.longitude, facts.altitude_m) == (-33.5, 70.25, 12.5)
    exiftool(sidecar, "-XMP:Rating=1", "-XMP-dc:Subject=", "-XMP-lr:HierarchicalSubject=")
    described.update()
    assert (described.tags("a.jpg"), described.marks("a.jpg").rating) == ({}, 1)


@needs_exiv2
def test_a_photo_and_a_sidecar_that_exiv2_wrote(described: Described) -> None:
    photo = described.picture("a.jpg")
    orders = (
        "set Iptc.Application2.Keywords String Sea",
        "set Xmp.dc.subject XmpBag Paris",
        "set Xmp.lr.hierarchicalSubject XmpBag Places|France|Paris",
        "set Xmp.MicrosoftPhoto.Rating 75",
        "set Exif.Image.Rating 2",
        "set Xmp.dc.title lang=x-default Tower",
    )
    run("exiv2", *(part for order in orders for part in ("-M", order)), photo)
    described.update()
    facts = described.detail("a.jpg").metadata
    assert facts.keywords == ("Places/France/Paris", "Sea")
    assert (facts.rating, facts.title) == (4, "Tower")
    run("exiv2", "-eX", photo)  # exiv2 extracts a.xmp
    run("exiv2", "-M", "set Xmp.xmp.Rating 5", "-M", "del Xmp.dc.title", described.photos / "a.xmp")
    described.update()
    facts = described.detail("a.jpg").metadata
    assert (facts.rating, facts.title) == (5, "Tower")
    assert dict(described.detail("a.jpg").told_by)["rating"].name == "a.xmp"


@needs_exiftool
def test_real_photos_say_to_us_what_they_say_to_exiftool(
    described: Described, shared_data: Path
) -> None:
    """Rating, keywords and title of every real photo that has any."""
    for number, path in enumerate(sorted((shared_data / "exif").rglob("*.jp*g"))):
        shutil.copy(path, described.photos / f"{number}-{path.name}")
    told = json.loads(
        run(
            *("exiftool", "-json", "-struct", "-api", "missing=", "-XMP:Rating", "-XMP-dc:Subject"),
            *("-IPTC:Keywords", "-XMP-dc:Title", "-XMP-dc:Description", described.photos),
        )
    )
    described.update()
    compared = 0
    for one in told:
        facts = described.detail(Path(one["SourceFile"]).name).metadata
        for field, names in (("rating", ["Rating"]), ("keywords", ["Subject", "Keywords"])):
            for name in names:
                if name in one:
                    compared += 1
                    if field == "rating":
                        assert facts.rating == one[name]
                    else:
                        said = one[name] if isinstance(one[name], list) else [one[name]]
                        levels = {part for path in facts.keywords for part in path.split("/")}
                        assert {str(word) for word in said} <= levels
        if isinstance(one.get("Title"), str):
            assert facts.title == one["Title"]
    assert compared > 0
