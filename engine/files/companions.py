"""Which files of a folder are one photo: RAW and JPEG, a live photo's movie, sidecars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from engine.files.names import folded
from engine.files.scan import is_candidate, is_raw

_MOVIES = frozenset({"mov", "mp4", "m4v", "avi", "mpg", "3gp"})
_BY_STEM = _MOVIES | {
    "xmp",  # Adobe, darktable and most others
    "acr",  # Adobe's large masks
    "aae",  # Apple's edits
    "thm",  # a camera's preview of a movie or RAW
    "wav",  # a voice memo
    "pp3",  # RawTherapee
    "dop",  # DxO
    "cos",  # Capture One
    "vrd",  # Canon
    "dr4",
    "on1",
    "nksc",  # Nikon
    "exif",
    "mie",
}
_BY_NAME = frozenset({"xmp", "pp3", "dop", "cos", "on1", "arp", "exif", "json", "nksc", "ufraw"})
_APPLE_EDIT = re.compile(r"(?i)(IMG_)[OE](\d.*)")
_RESOURCE_FORK = "._"


class Member(NamedTuple):
    """One file of a bundle; `stem` is how many characters of its name the bundle shares."""

    name: str
    stem: int


class Bundle(NamedTuple):
    """Files that belong together, the picture that stands for them first."""

    members: tuple[Member, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.members)


def bundles(names: Iterable[str]) -> list[Bundle]:
    """Group a folder's files around its pictures.

    Files belong together by their name up to the extension, whatever its case: a RAW with its
    JPEG, a picture with its movie and sidecars (`IMG.xmp`, and `IMG.CR2.xmp` by the whole name).
    Two plain pictures that share a name and nothing else (`IMG.png`, `IMG.jpg`) are two photos.

    Args:
        names: of the regular files in one folder.

    Returns:
        Every picture in exactly one bundle; files without a picture are in none.
    """
    pictures: dict[str, list[str]] = {}
    others: list[str] = []
    for name in sorted(names):
        if is_candidate(name) and not name.startswith(_RESOURCE_FORK):
            pictures.setdefault(folded(_stem(name)), []).append(name)
        elif _kind(name) in _BY_STEM | _BY_NAME or name.startswith(_RESOURCE_FORK):
            others.append(name)
    by_name = {folded(name): stem for stem, held in pictures.items() for name in held}
    of_stem: dict[str, list[Member]] = {}
    of_name: dict[str, list[Member]] = {}
    for name in others:
        whole, stem = _owner(name, by_name, pictures)
        if whole is not None:
            of_name.setdefault(whole, []).append(Member(name, _shared(name, twice=True)))
        elif stem is not None:
            of_stem.setdefault(stem, []).append(Member(name, _shared(name, twice=False)))
    found: list[Bundle] = []
    for stem, held in pictures.items():
        shared = of_stem.get(stem, [])
        held = sorted(held, key=lambda name: (not is_raw(name), name))
        apart = not shared and not is_raw(held[0])
        for group in [[name] for name in held] if apart else [held]:
            members = [Member(name, _shared(name, twice=False)) for name in group]
            for key in dict.fromkeys(map(folded, group)):
                members += of_name.pop(key, [])
            found.append(Bundle((*members, *shared)))
    return found


class OwnSidecars(NamedTuple):
    """The XMP sidecars of one picture: `IMG.CR2.xmp`, which outweighs, and `IMG.xmp`."""

    whole: str | None = None
    short: str | None = None


def sidecars(pictures: Iterable[str], files: Iterable[str]) -> dict[str, OwnSidecars]:
    """Which XMP files of a folder tell of which pictures.

    `IMG.xmp` tells of every picture of that name: a RAW shares it with its JPEG.

    Args:
        pictures: names in one folder.
        files: names of the XMP files in it. Of two that differ in case alone the first counts.

    Returns:
        Pictures without a sidecar are left out.
    """
    by_name: dict[str, str] = {}
    for name in sorted(files):
        by_name.setdefault(folded(_stem(name)), name)
    whole = {picture: by_name.get(folded(picture)) for picture in pictures}
    taken = set(filter(None, whole.values()))
    found: dict[str, OwnSidecars] = {}
    for picture, own in whole.items():
        short = by_name.get(folded(_stem(picture)))
        if short in taken:  # it names another picture in full
            short = None
        if own or short:
            found[picture] = OwnSidecars(own, short)
    return found


def _owner(
    name: str, by_name: dict[str, str], pictures: dict[str, list[str]]
) -> tuple[str | None, str | None]:
    """The folded name of the picture that a file names in full, or the stem that it shares."""
    if name.startswith(_RESOURCE_FORK):
        whole = folded(name[len(_RESOURCE_FORK) :])
        return (whole, None) if whole in by_name else (None, None)
    inner, kind = folded(_stem(name)), _kind(name)
    if kind in _BY_NAME and inner in by_name:
        return inner, None
    if kind not in _BY_STEM:
        return None, None
    if inner in pictures:
        return None, inner
    edit = _APPLE_EDIT.fullmatch(_stem(name)) if kind == "aae" else None
    if edit is not None and folded(edit[1] + edit[2]) in pictures:
        return None, folded(edit[1] + edit[2])
    return None, None


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _kind(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    return kind.lower() if stem else ""


def _shared(name: str, *, twice: bool) -> int:
    """How long the common part is: `IMG` of IMG.CR2, and of IMG.CR2.xmp when `twice`."""
    stem = _stem(name)
    if twice and not name.startswith(_RESOURCE_FORK):
        stem = _stem(stem) or stem
    return len(stem)


def is_content(name: str) -> bool:
    """Whether a file of a bundle holds something of its own: a picture, a movie, a voice.

    All others tell of one that does, or were made from it.
    """
    return is_candidate(name) or _kind(name) in _MOVIES | {"wav"}
