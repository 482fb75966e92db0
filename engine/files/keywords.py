"""Keywords as paths of tags: "Places/France/Paris", whatever a program parts the levels with.

A name never holds "/", which parts names here: the division slash "∕" stands in its place. "|" may
be in a name; where it parts names (Lightroom) the divides sign "∣" stands in its place. Both are
turned back when read, so a path that is written and read again is the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

SLASH = "\u2215"  # ∕
BAR = "\u2223"  # ∣

_MOST = 500
_DEEPEST = 8  # as deep as tags can lie
_LONGEST = 200  # characters of a name
_UNSEEN = ("Cc", "Cf", "Cs")  # but for what joins emoji
_INTERNAL = frozenset({"_digikam_root_tag_", "_digikam_internal_tags_"})


def level(text: str) -> str:
    """One name as tags are called: one form of each letter, no control signs, single spaces."""
    text = text.replace("/", SLASH).replace(BAR, "|")
    shown = "".join(
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or sign == "\u200d" or unicodedata.category(sign) not in _UNSEEN
    )
    return " ".join(" ".join(shown.split())[:_LONGEST].split())


def path(text: str, parted_by: str = "") -> str:
    """A keyword as a path; empty for one that says nothing, or that digiKam keeps for itself.

    Args:
        text: as it is written.
        parted_by: "|" or "/" between the levels; empty for a name without parents.
    """
    parts = [level(part) for part in (text.split(parted_by) if parted_by else [text])]
    parts = [part for part in parts if part][:_DEEPEST]
    if not parts or parts[0].casefold() in _INTERNAL:
        return ""
    return "/".join(parts)


def written(tag: str, parted_by: str = "") -> str:
    """The inverse of `path`: a tag's path as a program wants it, or its name alone."""
    parts = tag.split("/") if parted_by else [tag.rpartition("/")[2]]
    if parted_by == "|":
        parts = [part.replace("|", BAR) for part in parts]
    if parted_by != "/":
        parts = [part.replace(SLASH, "/") for part in parts]
    return (parted_by or "/").join(parts)


def tag_paths(paths: Sequence[str], names: Iterable[str]) -> tuple[str, ...]:
    """All keywords of a photo once, without regard to case.

    Args:
        paths: from lists that hold hierarchies.
        names: from flat lists; one that is a level of some path is that path's, and not doubled.

    What darktable notes for itself, "darktable|format|cr2", is left out, each level of it too.
    """
    kept: dict[str, str] = {}
    for one in paths:
        kept.setdefault(one.casefold(), one)
    levels = {part for one in kept for part in one.split("/")}
    kept = {key: one for key, one in kept.items() if not key.startswith("darktable/")}
    for name in names:
        if name.casefold() not in levels and not name.startswith("darktable|"):
            kept.setdefault(name.casefold(), name)
    return tuple(one for one in kept.values() if one)[:_MOST]
