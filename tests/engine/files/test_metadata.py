"""What a photo says of itself is read where it makes sense, and never costs the pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.TiffImagePlugin import IFDRational

from engine.files.metadata import read_metadata
from engine.types import PhotoMetadata

Base, GPS = ExifTags.Base, ExifTags.GPS
EMPTY = PhotoMetadata()


def read(
    base: dict[int, Any] | None = None,
    shot: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
    **how: Any,
) -> PhotoMetadata:
    """Write a JPEG with these tags and read it back."""
    exif = Image.Exif()
    exif.update(base or {})
    if shot:
        exif.get_ifd(ExifTags.IFD.Exif).update(shot)
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=exif, **how)
    with Image.open(file) as image:
        return read_metadata(image)


def xmp(body: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
        f'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">{body}</rdf:RDF></x:xmpmeta>'
    ).encode()


def test_a_photo_without_words_says_nothing() -> None:
    assert read() == EMPTY


def test_what_a_camera_writes() -> None:
    found = read(
        {Base.Make: "NIKON CORPORATION\0\0", Base.Model: " NIKON  D90 ", Base.Software: "Ver.1"},
        {
            Base.DateTimeOriginal: "2022:02:03 04:05:06",
            Base.OffsetTimeOriginal: "+02:00",
            Base.DateTimeDigitized: "2023:01:01 00:00:00",
            Base.ExposureTime: IFDRational(1, 200),
            Base.FNumber: IFDRational(28, 10),
            Base.ISOSpeedRatings: 400,
            Base.FocalLength: IFDRational(35, 1),
            Base.LensModel: "35 mm f/1.8",
        },
    )
    assert found == PhotoMetadata(
        taken_at="2022-02-03T04:05:06",
        utc_offset="+02:00",
        camera_make="NIKON CORPORATION",
        camera_model="NIKON D90",
        lens="35 mm f/1.8",
        exposure_s=0.005,
        f_number=2.8,
        iso=400,
        focal_mm=35.0,
        software="Ver.1",
    )


def test_nonsense_numbers_are_none() -> None:
    found = read(
        {},
        {
            Base.ExposureTime: IFDRational(0, 0),
            Base.FNumber: IFDRational(0, 1),
            Base.FocalLength: IFDRational(1, 0),
            Base.ISOSpeedRatings: 65535,
            Base.RecommendedExposureIndex: 102_400,
        },
    )
    assert found == PhotoMetadata(iso=102_400)


def test_the_date_of_a_change_counts_only_where_no_other_is_told() -> None:
    assert read({Base.DateTime: "2020:05:06 07:08:09"}).taken_at == "2020-05-06T07:08:09"
    shot: dict[int, Any] = {
        Base.DateTimeOriginal: "0000:00:00 00:00:00",
        Base.DateTimeDigitized: "2019:01:02 03:04:05",
    }
    assert read({Base.DateTime: "2020:05:06 07:08:09"}, shot).taken_at == "2019-01-02T03:04:05"


def position(latitude: Any, north: Any, longitude: Any, east: Any, **more: Any) -> PhotoMetadata:
    gps: dict[int, Any] = {
        GPS.GPSLatitude: latitude,
        GPS.GPSLatitudeRef: north,
        GPS.GPSLongitude: longitude,
        GPS.GPSLongitudeRef: east,
    }
    return read(gps={**gps, **{getattr(GPS, name): value for name, value in more.items()}})


def test_a_position_has_a_sign() -> None:
    found = position((33.0, 51.0, 30.0), "S", (70.0, 30.0, 0.0), "W")
    assert (found.latitude, found.longitude) == (-33.8583333, -70.5)
    deep = position(
        (1.0, 0.0, 0.0), "N", (1.0, 0.0, 0.0), "E", GPSAltitude=12.5, GPSAltitudeRef=b"\1"
    )
    assert (deep.latitude, deep.longitude, deep.altitude_m) == (1.0, 1.0, -12.5)


@pytest.mark.parametrize(
    ("latitude", "north", "longitude", "east"),
    [
        ((0.0, 0.0, 0.0), "N", (0.0, 0.0, 0.0), "E"),
        ((91.0, 0.0, 0.0), "N", (1.0, 0.0, 0.0), "E"),
        ((1.0, 61.0, 0.0), "N", (1.0, 0.0, 0.0), "E"),
        ((IFDRational(0, 0),) * 3, "N", (IFDRational(0, 0),) * 3, "E"),
        ((1.0, 0.0, 0.0), "", (1.0, 0.0, 0.0), "E"),
        ((1.0, 0.0, 0.0), "X", (1.0, 0.0, 0.0), "E"),
    ],
)
def test_a_nonsensical_position_is_none(
    latitude: Any, north: Any, longitude: Any, east: Any
) -> None:
    found = position(latitude, north, longitude, east)
    assert (found.latitude, found.longitude) == (None, None)


def test_words_from_xmp_and_keywords_from_everywhere() -> None:
    body = (
        '<rdf:Description xmp:Rating="4" photoshop:DateCreated="2001-02-03T04:05:06+01:00">'
        "<dc:title><rdf:Alt><rdf:li>Title</rdf:li></rdf:Alt></dc:title>"
        "<dc:description><rdf:Alt><rdf:li>Two\nlines</rdf:li></rdf:Alt></dc:description>"
        "<dc:subject><rdf:Bag><rdf:li>Cat</rdf:li><rdf:li>Paris</rdf:li></rdf:Bag></dc:subject>"
        "<lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|France|Paris</rdf:li></rdf:Bag>"
        "</lr:hierarchicalSubject></rdf:Description>"
    )
    windows = "cat;Sofa".encode("utf-16-le") + b"\0\0"
    found = read({Base.XPKeywords: windows}, xmp=xmp(body))
    assert found.keywords == ("Places/France/Paris", "Cat", "Sofa")
    assert (found.title, found.caption, found.rating) == ("Title", "Two\nlines", 4)
    assert (found.taken_at, found.utc_offset) == ("2001-02-03T04:05:06", "+01:00")


@pytest.mark.parametrize(("rating", "expected"), [("5", 5), ("-1", -1), ("7", None), ("x", None)])
def test_ratings(rating: str, expected: int | None) -> None:
    assert read(xmp=xmp(f'<rdf:Description xmp:Rating="{rating}"/>')).rating == expected


@pytest.mark.parametrize(
    ("base", "body", "stars"),
    [
        ({Base.Rating: 4}, "", 4),
        ({Base.RatingPercent: 75}, "", 4),
        ({Base.Rating: 4}, 'MicrosoftPhoto:Rating="25"', 2),
        ({Base.Rating: 4}, 'xmp:Rating="0" MicrosoftPhoto:Rating="25"', 0),
        ({}, 'MicrosoftPhoto:Rating="99"', 5),
        ({}, 'MicrosoftPhoto:Rating="1"', 1),
        ({}, 'MicrosoftPhoto:Rating="0"', 0),
        ({Base.Rating: 2}, 'xmp:Rating="99"', 2),
    ],
)
def test_stars_of_every_kind(base: dict[int, Any], body: str, stars: int) -> None:
    space = 'xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"'
    assert read(base, xmp=xmp(f"<rdf:Description {space} {body}/>")).rating == stars


def test_a_position_in_xmp_counts_where_exif_has_none() -> None:
    body = (
        '<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,51.5N"'
        ' exif:GPSLongitude="2,17,30W" exif:GPSAltitude="1003/10" exif:GPSAltitudeRef="0"/>'
    )
    found = read(xmp=xmp(body))
    assert (found.latitude, found.longitude, found.altitude_m) == (48.8583333, -2.2916667, 100.3)
    there: dict[int, Any] = {
        GPS.GPSLatitude: (1.0, 0.0, 0.0), GPS.GPSLatitudeRef: "N",
        GPS.GPSLongitude: (1.0, 0.0, 0.0), GPS.GPSLongitudeRef: "E",
    }  # fmt: skip
    assert read(gps=there, xmp=xmp(body)).latitude == 1.0


def iptc_block(*records: tuple[int, bytes]) -> bytes:
    data = b"".join(
        b"\x1c\x02" + bytes([dataset]) + len(value).to_bytes(2, "big") + value
        for dataset, value in records
    )
    data += b"\0" * (len(data) % 2)
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(data).to_bytes(4, "big") + data


def test_iptc_in_utf8_and_latin1() -> None:
    block = iptc_block(
        (25, "Zürich".encode()),
        (25, "Genève".encode("latin-1")),
        (120, b"A caption"),
        (5, b"A title"),
        (55, b"20220110"),
        (60, b"151544-0400"),
    )
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    jpeg = file.getvalue()
    jpeg = jpeg[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]
    with Image.open(io.BytesIO(jpeg)) as image:
        found = read_metadata(image)
    assert found.keywords == ("Zürich", "Genève")
    assert (found.title, found.caption) == ("A title", "A caption")
    assert (found.taken_at, found.utc_offset) == ("2022-01-10T15:15:44", "-04:00")


def test_iptc_that_says_it_is_latin_1() -> None:
    declared = b"\x1c\x01\x5a\x00\x03\x1b.A"  # 1:90
    words = iptc_block((25, b"\xc3\xa9"))
    block = words[:22] + (len(words) - 26 + len(declared)).to_bytes(4, "big")
    block += declared + words[26:]
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    jpeg = file.getvalue()
    jpeg = jpeg[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]
    with Image.open(io.BytesIO(jpeg)) as image:
        assert read_metadata(image).keywords == ("\u00c3\u00a9",)


def test_texts_are_mended_and_cleaned() -> None:
    utf8 = "Größe".encode()  # where EXIF wants ASCII
    found = read({Base.ImageDescription: utf8, Base.Make: b"A\x07B\xe2\x80\xae\0rest"})
    assert found.caption == "Größe"
    assert found.camera_make is not None
    assert found.camera_make.startswith("A B")
    assert found.camera_make.isprintable()


def test_the_name_of_the_camera_is_no_caption() -> None:
    assert read({Base.ImageDescription: "OLYMPUS DIGITAL CAMERA         "}).caption is None


def test_other_formats_carry_their_words_too() -> None:
    exif = Image.Exif()
    exif[Base.Model] = "A camera"
    for kind in ("PNG", "WEBP", "TIFF", "AVIF"):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, kind, exif=exif)
        with Image.open(file) as image:
            image.load()
            assert read_metadata(image).camera_model == "A camera", kind


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_broken_metadata_is_missing_metadata() -> None:
    for broken in (
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
    ):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "JPEG", exif=broken)
        with Image.open(file) as image:
            assert read_metadata(image) == EMPTY


def test_too_many_keywords_are_cut() -> None:
    items = "".join(f"<rdf:li>word {n}</rdf:li>" for n in range(2000))
    body = f"<rdf:Description><dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject></rdf:Description>"
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[700] = xmp(body)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "TIFF", tiffinfo=info)
    with Image.open(file) as image:
        assert len(read_metadata(image).keywords) == 500


def test_what_real_files_say(shared_data: Path) -> None:
    def of(name: str) -> PhotoMetadata:
        with Image.open(shared_data / name) as image:
            return read_metadata(image)

    paris = of("formats/exif_full_orient6_gps_paris.jpg")
    assert (paris.taken_at, paris.utc_offset) == ("2022-02-03T04:05:06", "+02:00")
    assert paris.latitude == pytest.approx(48.858222, abs=1e-5)
    assert paris.longitude == pytest.approx(2.2945, abs=1e-5)
    assert of("formats/exif_bad_dates.jpg").taken_at is None
    assert of("exif/immich/date-priority-test.jpg").taken_at == "2023-02-02T02:00:00"
    assert of("exif/immich/gps-datetime.jpg").taken_at == "2023-11-15T12:30:00"
    assert of("exif/immich/time-created.jpg").taken_at is None  # a time without a day
    assert of("exif/immich/empty_gps.jpg").latitude is None
    assert of("exif/immich/picasa.jpg").keywords == ("Frost", "Yard")
    springs = of("exif/immich/thompson-springs.jpg")
    assert springs.longitude == pytest.approx(-108.400968, abs=1e-5)
    assert springs.taken_at == "2022-01-10T15:15:44"
    assert of("exif/phones/nokia_8.3_gps_offset.jpg").utc_offset == "+03:00"
