"""Names that every system accepts: folders for categories, and the next free name of a file."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import count

MOST_BYTES = 80  # of a folder's name
_LONGEST_NAME = 255  # bytes, on every common file system
_UNNAMED = "unnamed"
FORBIDDEN = frozenset('/\\:*?"<>|')
# Letters that look like a separator and are no compatibility form of one.
_LIKE_SLASHES = frozenset(
    "\u2044\u2215\u2216\u27cb\u27cd\u29f8\u29f9\u3033\u4e3f\U0001f67c\U0001f67d"
)
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_RESERVED = re.compile(
    r"(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE
)


def folded(name: str) -> str:
    """Names with equal folds are one name on some systems: by case, or by Unicode form."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def strictly_folded(name: str) -> str:
    """As `folded`, and also for letters that differ only in width or style."""
    upper = unicodedata.normalize("NFKC", name).upper()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFD", upper).casefold())


def folder_name(category: str) -> str:
    """A category's name as one part of a path that is valid everywhere.

    NFC, without control, format and direction characters, separators, trailing dots and spaces;
    no name that Windows reserves, not hidden, at most 80 bytes, never empty.
    """
    shown = "".join(_shown(letter) for letter in unicodedata.normalize("NFC", category))
    name = _trimmed(" ".join(shown.split()))
    while name and unicodedata.category(name[0])[0] == "M":  # nothing to stand on
        name = _trimmed(name[1:])
    name = _trimmed(_cut(name, MOST_BYTES))
    first, dot, rest = name.partition(".")
    if _RESERVED.fullmatch(first.strip()):
        name = _trimmed(_cut(f"{first.strip()}_{dot}{rest}", MOST_BYTES))
    return unicodedata.normalize("NFC", name) or _UNNAMED


def folder_names(categories: Iterable[str], wanted: dict[str, str] | None = None) -> dict[str, str]:
    """One folder per category; no two are the same on any system.

    Args:
        categories: in order; the first of two that would share a name keeps it.
        wanted: folder names that the user chose for some categories.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for category in dict.fromkeys(categories):
        name = folder_name((wanted or {}).get(category, category))
        candidate, number = name, 1
        while strictly_folded(candidate) in taken:
            number += 1
            end = f" ({number})"
            candidate = _trimmed(_cut(name, MOST_BYTES - len(end))) + end
        taken.add(strictly_folded(candidate))
        found[category] = candidate
    return found


def free_names(
    names: Sequence[tuple[str, int]], taken: Collection[str], start: int = 1
) -> tuple[tuple[str, ...], int]:
    """The first names that are all free: as they are, or all with the same " (2)".

    Args:
        names: files that belong together, each with the length of the part that they share.
        taken: folded names.
        start: the first number to try; 1 is the names as they are.

    Returns:
        The names and the number in them.
    """
    for number in count(start):
        found = numbered(names, number)
        if not any(folded(name) in taken for name in found):
            return found, number
    raise AssertionError


def numbered(names: Sequence[tuple[str, int]], number: int) -> tuple[str, ...]:
    """Names with " (2)" after their common part, which is cut where they would grow too long."""
    if number == 1:
        return tuple(name for name, _ in names)
    mark = f" ({number})"
    over = max(len(os.fsencode(name)) + len(mark) - _LONGEST_NAME for name, _ in names)
    return tuple(
        (_cut(name[:stem], len(os.fsencode(name[:stem])) - over) if over > 0 else name[:stem])
        + mark
        + name[stem:]
        for name, stem in names
    )


def number_of(name: str, now: str) -> int:
    """The number that `numbered` gave a name, 1 for none."""
    found = re.search(r" \((\d+)\)(\.[^.]*)*$", now)
    return int(found[1]) if name != now and found else 1


def _shown(letter: str) -> str:
    """What stands for a character in a name: itself, a space, a dash or nothing."""
    category = unicodedata.category(letter)
    if category in _DROPPED:
        return " " if letter in "\t\n\r\v\f" else ""
    if category[0] == "Z":
        return " "
    if letter in _LIKE_SLASHES or not FORBIDDEN.isdisjoint(unicodedata.normalize("NFKC", letter)):
        return "-"
    return "." if unicodedata.normalize("NFKC", letter).strip(".") == "" else letter


def _trimmed(name: str) -> str:
    """Without what Windows drops from the end and what hides a file elsewhere."""
    return name.strip(" .")


def _cut(name: str, most: int) -> str:
    """At most so many bytes, whole characters, each with all of its marks."""
    if len(os.fsencode(name)) <= most:
        return name
    kept = name[: max(0, most)]
    while kept and len(os.fsencode(kept)) > most:
        kept = kept[:-1]
    while len(kept) < len(name) and kept and unicodedata.category(name[len(kept)])[0] == "M":
        kept = kept[:-1]
    return kept
