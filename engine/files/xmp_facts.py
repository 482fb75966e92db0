"""What an XMP packet tells of its photo, field by field: the same for photos and sidecars."""

from __future__ import annotations

import math
import re
from typing import Any

from engine.files import keywords, xmp
from engine.files.taken import Taken, first_date
from engine.files.xmp import XmpPacket

LONGEST_TITLE = 256
LONGEST_CAPTION = 4000

HIERARCHIES = {
    xmp.HIERARCHICAL_SUBJECT: "|",
    xmp.TAGS_LIST: "/",
    xmp.LAST_KEYWORDS: "/",
}
"""Lists of paths, with what parts their levels."""
FLAT = (xmp.SUBJECT, xmp.ACDSEE + "keywords")
"""Lists of names."""

ACDSEE_RATING = xmp.ACDSEE + "rating"

_DATES = (xmp.EXIF + "DateTimeOriginal", xmp.PHOTOSHOP + "DateCreated")
_PERCENTS = ((1, 1), (13, 2), (38, 3), (63, 4), (88, 5))  # from 1, 25, 50, 75, 99 on, and between
_DEGREES = re.compile(
    r"\s*(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?(?:,(\d+(?:\.\d+)?))?\s*([NSEWnsew])\s*"
)


def facts_of(packet: XmpPacket) -> dict[str, Any]:
    """What a packet tells, by the fields of `PhotoMetadata`; what it does not tell is left out.

    A list of keywords that is there and empty tells that there are none. "created_at" is a date
    that counts only where no other is known: many programs write there when they wrote the file.
    """
    facts: dict[str, Any] = {}
    paths, names = keyword_lists(packet)
    if any(map(packet.tells, (*HIERARCHIES, *FLAT))):
        facts["keywords"] = keywords.tag_paths(paths, names)
    if (stars := rating(packet)) is not None:
        facts["rating"] = stars
    if (title := text(packet.first(xmp.TITLE), LONGEST_TITLE, lines=False)) is not None:
        facts["title"] = title
    if (caption := text(packet.first(xmp.DESCRIPTION), LONGEST_CAPTION)) is not None:
        facts["caption"] = caption
    if (place := position(packet)) is not None:
        facts["latitude"], facts["longitude"] = place
        if (metres := altitude(packet)) is not None:
            facts["altitude_m"] = metres
    offset = packet.first(xmp.EXIF + "OffsetTimeOriginal")
    taken = first_date([(packet.first(name), offset) for name in _DATES])
    if taken.at is not None:
        facts["taken_at"], facts["utc_offset"] = taken
    elif (made := created(packet)).at is not None:
        facts["created_at"] = list(made)
    return facts


def created(packet: XmpPacket) -> Taken:
    """When somebody made something, mostly the picture."""
    return first_date([(packet.first(xmp.XMP + "CreateDate"), None)])


def keyword_lists(packet: XmpPacket) -> tuple[list[str], list[str]]:
    """The paths and the flat names, as `keywords.tag_paths` wants them."""
    paths = [
        keywords.path(item, mark) for name, mark in HIERARCHIES.items() for item in packet.all(name)
    ]
    return paths, [keywords.path(item) for name in FLAT for item in packet.all(name)]


def rating(packet: XmpPacket) -> int | None:
    """Stars from 0 to 5, -1 for a rejected photo."""
    for name in (xmp.RATING, ACDSEE_RATING):
        stars = number(packet.first(name), -1, 5)
        if stars is not None:
            return int(stars)
    return stars_of_percent(packet.first(xmp.RATING_PERCENT))


def stars_of_percent(value: Any) -> int | None:
    """Windows' 1, 25, 50, 75, 99 as stars."""
    percent = number(value, 0, 100)
    if percent is None:
        return None
    return max((stars for least, stars in _PERCENTS if percent >= least), default=0)


def position(packet: XmpPacket) -> tuple[float, float] | None:
    """Signed decimal degrees; both or neither. 0°, 0° is what a receiver without a fix writes."""
    latitude = _degrees(packet.first(xmp.EXIF + "GPSLatitude"), "NS", 90)
    longitude = _degrees(packet.first(xmp.EXIF + "GPSLongitude"), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def altitude(packet: XmpPacket) -> float | None:
    """Metres above the sea."""
    told = packet.first(xmp.EXIF + "GPSAltitude") or ""
    above, _, below = told.partition("/")
    metres, parts = number(above, -12_000, 1e12), number(below or "1", 1e-9, 1e12)
    if metres is None or parts is None or metres / parts > 100_000:
        return None
    deep = packet.first(xmp.EXIF + "GPSAltitudeRef") == "1"
    return round(-metres / parts if deep else metres / parts, 2)


def number(value: Any, low: float, high: float) -> float | None:
    """A finite number within its sensible range; 0/0, NaN and texts are none."""
    try:
        found = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) and low <= found <= high else None


def text(value: str | None, longest: int, *, lines: bool = True) -> str | None:
    """A text without control characters; what joins letters and emoji stays."""
    if value is None:
        return None
    kept = "".join(
        sign if sign.isprintable() or sign in "\n\t\u200c\u200d" else " " for sign in value
    )
    return (kept.strip() if lines else " ".join(kept.split()))[:longest].strip() or None


def _degrees(told: str | None, letters: str, limit: int) -> float | None:
    match = _DEGREES.fullmatch(told or "")
    if match is None or match[4].upper() not in letters:
        return None
    parts = [float(part or 0) for part in match.groups()[:3]]
    value = parts[0] + parts[1] / 60 + parts[2] / 3600
    if max(parts[1:]) > 60 or value > limit:
        return None
    return round(-value if match[4].upper() == letters[1] else value, 7)
