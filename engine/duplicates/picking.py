"""Which photo of a group stays: an ordered list of rules, and the one that decided, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from engine.duplicate_types import Criterion, Member, PickRules
from engine.files.scan import is_raw
from engine.types import Photo, PhotoId, PhotoMetadata

# What loses least first. HEIF before JPEG: phones write it, converters make the JPEG of it.
_FORMATS = ("RAW", "TIFF", "PNG", "BMP", "HEIF", "JPEG", "AVIF", "WEBP", "GIF")
_BY_ENDING = {
    "tif": "TIFF", "tiff": "TIFF", "png": "PNG", "bmp": "BMP", "heic": "HEIF", "heif": "HEIF",
    "hif": "HEIF", "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "avif": "AVIF",
    "webp": "WEBP", "gif": "GIF",
}  # fmt: skip
_SAME_FORMAT = {"MPO": "JPEG", "HEIC": "HEIF"}
_EDITORS = re.compile(
    r"(?i)photoshop|lightroom|gimp|snapseed|picasa|paint|darktable|rawtherapee|capture one"
    r"|affinity|pixelmator|luminar|dxo|acdsee|irfanview|xnview|imagemagick|vsco|instagram"
    r"|facetune|canva|polarr|fotor|photoscape|google photos|whatsapp|meitu|pillow"
)
_COPY = re.compile(r"(?i)(\(\d+\)|[ _-]copy|copy of |- kopie|_\d$|~\d+$| \d$)")
_LATE = "9999"


@dataclass(frozen=True, slots=True)
class PickFacts:
    """What the rules ask of a photo besides its place and its size."""

    camera: str = ""  # make and model; empty where the file names none
    editor: str = ""  # the program that wrote the file, where it is one that edits
    format: str = ""  # Pillow's name; by the file's ending where empty
    date: str = ""  # "2024-05-01T12:00:00" of the camera, else of the file
    mtime_ns: int = 0
    rating: int = 0


def facts_of(photo: Photo, metadata: PhotoMetadata, file_date: str = "") -> PickFacts:
    """A photo's facts from its row; `file_date` stands in where the camera gave no date."""
    software = metadata.software or ""
    return PickFacts(
        camera=photo.camera or "",
        editor=software if _EDITORS.search(software) else "",
        format=photo.format or "",
        date=photo.taken_at or file_date,
        mtime_ns=photo.mtime_ns,
        rating=metadata.rating or 0,
    )


def pick(
    members: Sequence[Member], rules: PickRules, facts: Mapping[PhotoId, PickFacts]
) -> tuple[tuple[Member, ...], str]:
    """Order a group, the photo to keep first. Touches nothing; the same answer for any order.

    Args:
        members: at least one.
        rules: the criteria in order; one that is not named does not count.
        facts: by photo; one without is one of which nothing is known.

    Returns:
        The members, those in a protected folder marked as not offered, and the rule by which the
        first beats the second with the values of both: "larger picture: 4000 × 3000 against
        1600 × 1200".
    """
    marked = [_marked(member, rules) for member in members]
    candidates = [
        _Candidate(member, facts.get(member.photo_id, PickFacts()), rules) for member in marked
    ]
    candidates.sort(key=lambda one: (*(_RULES[c](one).key for c in rules.order), _by_name(one)))
    ordered = tuple(one.member for one in candidates)
    if len(candidates) < 2:
        return ordered, ""
    first, second = candidates[:2]
    for criterion in rules.order:
        ours, theirs = _RULES[criterion](first), _RULES[criterion](second)
        if ours.key != theirs.key:
            more = ours.said == theirs.said
            said = [value.exactly if more else value.said for value in (ours, theirs)]
            return ordered, f"{criterion.value}: {said[0]} against {said[1]}"
    return ordered, f"all else is equal; the plainer name: {_names(first, second)}"


def protected_by(path: Path, rules: PickRules) -> Path | None:
    """The protected folder that a photo lies in, by its path as it is written."""
    return _above(path, rules.protected)


def _marked(member: Member, rules: PickRules) -> Member:
    folder = protected_by(member.path, rules)
    if folder is None or not member.offered:
        return member
    return replace(member, offered=False, why_not=f"It lies in the protected folder {folder}.")


class _Candidate(NamedTuple):
    member: Member
    facts: PickFacts
    rules: PickRules


class _Value(NamedTuple):
    """Where a photo stands by one criterion, the lowest first, and how that is said."""

    key: tuple[object, ...]
    said: str
    exactly: str = ""  # where two are said alike and are not


def _protected(one: _Candidate) -> _Value:
    folder = protected_by(one.member.path, one.rules)
    return _Value((folder is None,), str(folder or one.member.path.parent))


def _resolution(one: _Candidate) -> _Value:
    member = one.member
    return _Value((-member.width * member.height,), f"{member.width} × {member.height}")


def _camera(one: _Candidate) -> _Value:
    if not one.facts.camera:
        return _Value((2,), "no camera named")
    if one.facts.editor:
        return _Value((1,), f"edited with {one.facts.editor}")
    return _Value((0,), one.facts.camera)


def _format(one: _Candidate) -> _Value:
    """A photo is as good as the best file of its unit: a JPEG with its RAW is a RAW."""
    path = one.member.path
    found = [_format_of(other) for other in one.member.companions]
    found.append(_format_of(path) if is_raw(path.name) else _named(one.facts.format, path))
    ranks = [_FORMATS.index(name) for name in found if name in _FORMATS]
    rank = min(ranks, default=len(_FORMATS))
    return _Value((rank,), _FORMATS[rank] if ranks else path.suffix.lstrip(".").upper() or "none")


def _bytes(one: _Candidate) -> _Value:
    size = one.member.size
    exactly = f"{size:,} bytes"
    return _Value((-size,), f"{size / 1e6:,.1f} MB" if size >= 1_000_000 else exactly, exactly)


def _folder(one: _Candidate) -> _Value:
    """The earlier in the list of preferred folders, the better."""
    above = _above(one.member.path, one.rules.preferred)
    rank = one.rules.preferred.index(above) if above is not None else len(one.rules.preferred)
    return _Value((rank,), str(above or one.member.path.parent))


def _oldest(one: _Candidate) -> _Value:
    date, mtime_ns = one.facts.date, one.facts.mtime_ns
    said = date.replace("T", " ") or "no date"
    try:
        changed = datetime.fromtimestamp(mtime_ns / 1e9).isoformat(" ")  # noqa: DTZ006 - the user's own day
    except (ValueError, OverflowError, OSError):
        changed = f"{mtime_ns} ns"
    return _Value((date or _LATE, mtime_ns), said, f"file of {changed}")


def _rating(one: _Candidate) -> _Value:
    stars = one.facts.rating
    return _Value((-stars,), f"{stars} of 5 stars" if stars > 0 else "no rating")


_RULES: Mapping[Criterion, Callable[[_Candidate], _Value]] = {
    Criterion.PROTECTED: _protected,
    Criterion.RESOLUTION: _resolution,
    Criterion.CAMERA: _camera,
    Criterion.FORMAT: _format,
    Criterion.BYTES: _bytes,
    Criterion.FOLDER: _folder,
    Criterion.OLDEST: _oldest,
    Criterion.RATING: _rating,
}


def _by_name(one: _Candidate) -> tuple[object, ...]:
    """At last: no "(1)" and no "copy", the shorter path, then the alphabet."""
    path = one.member.path
    text = str(path)
    return bool(_COPY.search(path.stem)), len(path.parts), len(text), text, one.member.photo_id


def _names(first: _Candidate, second: _Candidate) -> str:
    ours, theirs = first.member.path, second.member.path
    if ours.name == theirs.name:
        return f"{ours} against {theirs}"
    return f"{ours.name} against {theirs.name}"


def _above(path: Path, folders: Sequence[Path]) -> Path | None:
    return next((folder for folder in folders if folder in path.parents), None)


def _format_of(path: Path) -> str:
    return "RAW" if is_raw(path.name) else _BY_ENDING.get(path.suffix.lstrip(".").lower(), "")


def _named(form: str, path: Path) -> str:
    return _SAME_FORMAT.get(form, form) or _format_of(path)
