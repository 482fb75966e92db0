"""What a photo says of itself: EXIF, XMP, IPTC. Runs in the decoder processes only.

Nothing here may fail: broken metadata is missing metadata, and the pixels stay good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, TypeAlias, TypeVar, cast

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin  # noqa: TID253  (only decoder processes)

from engine.files import keywords, xmp, xmp_facts
from engine.files.taken import Taken, first_date
from engine.files.xmp import XmpPacket
from engine.files.xmp_facts import LONGEST_CAPTION, LONGEST_TITLE
from engine.files.xmp_facts import number as _number
from engine.types import PhotoMetadata

log = logging.getLogger(__name__)

_Base, _GPS = ExifTags.Base, ExifTags.GPS
_LONGEST_LINE = 256
_LATIN_1 = (b"\x1b.A", b"\x1b-A")  # what IPTC 1:90 says of texts in Latin-1
_CAMERA_CAPTIONS = frozenset(
    {"olympus digital camera", "sony dsc", "digital camera", "dcim", "default", "untitled"}
    | {"exif_jpeg_picture", "jpeg", "screenshot", "minolta digital camera", "kodak digital camera"}
    | {"samsung digital camera", "image description", "<digimax>", "lg digital camera", "binary"}
)

_GIF_XMP = b"!\xff\x0bXMP DataXMP"
_GIF_TRAILER = b"\x01\xff\xfe\xfd"

T = TypeVar("T")
Tags: TypeAlias = Mapping[int, Any]


def read_metadata(
    image: Image.Image, exif: Image.Exif | None = None, packet_beside: bytes = b""
) -> PhotoMetadata:
    """Gather what is known of a photo. Never raises.

    Args:
        image: opened; PNGs should be loaded, they may keep their EXIF at the end.
        exif: used instead of the image's own, for previews from RAW files.
        packet_beside: XMP that Pillow does not hand over, see `gif_packet`.
    """
    nothing: Tags = {}
    source = exif if exif is not None else _safely(image.getexif, Image.Exif())
    base = _safely(lambda: _tags(source), nothing)
    shot = _safely(lambda: _tags(source.get_ifd(ExifTags.IFD.Exif)), nothing)
    gps = _safely(lambda: _tags(source.get_ifd(ExifTags.IFD.GPSInfo)), nothing)
    packet = _safely(lambda: _xmp_packet(image, base, packet_beside), XmpPacket(""))
    iptc = _safely(lambda: _iptc(image), {})

    taken = _safely(lambda: _taken(base, shot, gps, packet, iptc), Taken(None, None))
    latitude, longitude = _safely(lambda: _position(gps), (None, None))
    altitude = _safely(lambda: _altitude(gps), None)
    if latitude is None:
        latitude, longitude = _safely(lambda: xmp_facts.position(packet), None) or (None, None)
        altitude = _safely(lambda: xmp_facts.altitude(packet), None) if latitude else altitude
    return PhotoMetadata(
        taken_at=taken.at,
        utc_offset=taken.offset,
        subsecond=_digits(shot.get(_Base.SubsecTimeOriginal)),
        camera_make=_line(base.get(_Base.Make)),
        camera_model=_line(base.get(_Base.Model)),
        lens=_line(shot.get(_Base.LensModel)) or _line(packet.first(xmp.AUX + "Lens")),
        exposure_s=_number(shot.get(_Base.ExposureTime), 1e-7, 1e6),
        f_number=_number(shot.get(_Base.FNumber), 0.1, 1000),
        iso=_safely(lambda: _iso(shot), None),
        focal_mm=_number(shot.get(_Base.FocalLength), 0.1, 100_000),
        latitude=latitude,
        longitude=longitude,
        altitude_m=altitude,
        software=_line(base.get(_Base.Software)),
        title=xmp_facts.text(packet.first(xmp.TITLE), LONGEST_TITLE)
        or _first_text([iptc.get("title"), _utf16(base.get(_Base.XPTitle))], LONGEST_TITLE),
        caption=xmp_facts.text(packet.first(xmp.DESCRIPTION), LONGEST_CAPTION)
        or _first_text(
            [
                iptc.get("caption"),
                _caption(base.get(_Base.ImageDescription)),
                _utf16(base.get(_Base.XPComment)),
            ],
            LONGEST_CAPTION,
        ),
        rating=_safely(lambda: _rating(base, packet), None),
        keywords=_safely(lambda: _keywords(base, packet, iptc), ()),
    )


def _safely(read: Callable[[], T], otherwise: T) -> T:
    """What `read` gives, or `otherwise`: Pillow raises ten kinds of errors on broken tags."""
    try:
        return read()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  broken metadata must never cost good pixels
        log.debug("A part of the metadata cannot be read: %s", error)
        return otherwise


def _tags(directory: Any) -> Tags:
    """All tags that can be read; one broken tag does not hide the others."""
    return {tag: _safely(lambda tag=tag: directory[tag], None) for tag in directory}


def gif_packet(source: BinaryIO) -> bytes:
    """The XMP of a GIF, which lies bare between a name and a trailer; empty where there is none.

    Source: Adobe, XMP Specification Part 3, GIF 89a.
    """
    return _safely(lambda: _between(source), b"")


def _between(source: BinaryIO) -> bytes:
    source.seek(0)
    _, found, rest = source.read(2 * xmp.LONGEST).partition(_GIF_XMP)
    packet, ended, _ = rest.partition(_GIF_TRAILER)
    return packet if found and ended else b""


def _xmp_packet(image: Image.Image, base: Tags, beside: bytes) -> XmpPacket:
    packet = beside or image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    packet = packet or base.get(_Base.XMLPacket) or ""
    return XmpPacket(packet if isinstance(packet, bytes | str) else bytes(packet))


def _iptc(image: Image.Image) -> dict[str, Any]:
    """The IPTC fields we know: texts, and "keywords" as a list."""
    records = IptcImagePlugin.getiptcinfo(cast("ImageFile.ImageFile", image)) or {}

    latin_1 = records.get((1, 90)) in _LATIN_1

    def texts(dataset: int) -> list[str]:
        value = records.get((2, dataset), [])
        items = value if isinstance(value, list) else [value]
        return [item.decode("latin-1") if latin_1 else _decoded(item) for item in items]

    def text(dataset: int) -> str | None:
        return next(iter(texts(dataset)), None)

    return {
        "keywords": texts(25),
        "title": text(5),
        "caption": text(120),
        "date": text(55),
        "time": text(60),
    }


def _taken(
    base: Tags,
    shot: Tags,
    gps: Tags,
    packet: XmpPacket,
    iptc: Mapping[str, Any],
) -> Taken:
    """The moment of the shot; the moment the file was changed only where nothing else is told."""
    iptc_date, iptc_time = iptc.get("date") or "", iptc.get("time") or ""
    gps_time = gps.get(_GPS.GPSTimeStamp) or ()
    gps_clock = ":".join(f"{int(part):02}" for part in gps_time) if len(gps_time) == 3 else ""
    return first_date(
        [
            (_line(shot.get(_Base.DateTimeOriginal)), _line(shot.get(_Base.OffsetTimeOriginal))),
            (_line(shot.get(_Base.DateTimeDigitized)), _line(shot.get(_Base.OffsetTimeDigitized))),
            (packet.first(xmp.EXIF + "DateTimeOriginal"), None),
            (packet.first(xmp.PHOTOSHOP + "DateCreated"), None),
            (packet.first(xmp.XMP + "CreateDate"), None),
            (f"{iptc_date} {iptc_time}" if iptc_date else None, None),
            (f"{_line(gps.get(_GPS.GPSDateStamp))} {gps_clock}" if gps_clock else None, "+00:00"),
            (packet.first(xmp.EXIF + "GPSTimeStamp"), "+00:00"),
            (_line(base.get(_Base.DateTime)), _line(shot.get(_Base.OffsetTime))),
        ]
    )


def _position(gps: Tags) -> tuple[float | None, float | None]:
    """Signed decimal degrees; both or neither. 0°, 0° is what a receiver without a fix writes."""
    latitude = _degrees(gps.get(_GPS.GPSLatitude), gps.get(_GPS.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(gps.get(_GPS.GPSLongitude), gps.get(_GPS.GPSLongitudeRef), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None, None
    return latitude, longitude


def _degrees(parts: Any, reference: Any, letters: str, limit: int) -> float | None:
    sign = (_line(reference) or "").upper()[:1]
    if not isinstance(parts, tuple) or not 1 <= len(parts) <= 3 or sign not in tuple(letters):
        return None
    value = 0.0
    for part, unit, most in zip(parts, (1, 60, 3600), (limit, 60, 60), strict=False):
        number = float(part)
        if not 0 <= number <= most:  # NaN is in no range
            return None
        value += number / unit
    if value > limit:
        return None
    return round(-value if sign == letters[1] else value, 7)


def _altitude(gps: Tags) -> float | None:
    below = gps.get(_GPS.GPSAltitudeRef) in (b"\x01", 1)
    metres = _number(gps.get(_GPS.GPSAltitude), -12_000, 100_000)
    return metres if metres is None else round(-metres if below else metres, 2)


def _iso(shot: Tags) -> int | None:
    for tag in (_Base.ISOSpeedRatings, _Base.RecommendedExposureIndex, _Base.ISOSpeed):
        value = shot.get(tag)
        value = value[0] if isinstance(value, tuple) and value else value
        number = _number(value, 1, 10_000_000)
        if number is not None and number != 65535:  # 65535: "too large for me, look elsewhere"
            return int(number)
    return None


def _rating(base: Tags, packet: XmpPacket) -> int | None:
    told = xmp_facts.rating(packet)
    if told is not None:
        return told
    stars = _number(base.get(_Base.Rating), -1, 5)
    if stars is not None:
        return int(stars)
    return xmp_facts.stars_of_percent(base.get(_Base.RatingPercent))


def _keywords(base: Tags, packet: XmpPacket, iptc: Mapping[str, Any]) -> tuple[str, ...]:
    """All keywords once as paths of tags, in the order found, hierarchies first."""
    paths, names = xmp_facts.keyword_lists(packet)
    names += [keywords.path(name) for name in iptc.get("keywords", [])]
    windows = _utf16(base.get(_Base.XPKeywords)) or ""
    return keywords.tag_paths(paths, [*names, *map(keywords.path, windows.split(";"))])


def _line(value: Any) -> str | None:
    """A text on one line without control characters, or None."""
    text = _text(value)
    return text and (" ".join(text.split())[:_LONGEST_LINE] or None)


def _digits(value: Any) -> str | None:
    """A fraction of a second as cameras write it."""
    line = (_line(value) or "").strip()
    return line if line.isdecimal() and len(line) <= 9 else None


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = _decoded(value)
    if not isinstance(value, str):
        return None
    value = _mended(value.split("\0", 1)[0] if value.strip("\0") else "")
    return xmp_facts.text(value, len(value))


def _mended(text: str) -> str:
    """UTF-8 that Pillow read as Latin-1, which EXIF strictly allows no more than ASCII for."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _utf16(value: Any) -> str | None:
    """Windows' own tags: UTF-16 in a row of bytes."""
    if isinstance(value, tuple):
        value = bytes(value)
    if not isinstance(value, bytes):
        return None
    return value.decode("utf-16-le", "ignore").rstrip("\0") or None


def _caption(value: Any) -> str | None:
    """The description, unless the camera put its own name there."""
    text = _text(value)
    return None if text is None or text.casefold() in _CAMERA_CAPTIONS else text


def _first_text(values: Iterable[Any], longest: int) -> str | None:
    for value in values:
        text = _text(value)
        if text:
            return text[:longest]
    return None
