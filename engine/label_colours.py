"""One colour per label, the same in the view, in the annotated picture and tomorrow.

All colours are bright, so that the same dark ink reads on each of them and a line of it between
two dark hairlines shows on any photo.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable

# As far apart as sixteen bright colours get: the least distance between two in OKLab is 0.15,
# about eight just noticeable steps. INK on the darkest of them has a contrast of 5.5.
PALETTE = (
    *("#ff3880", "#00ff00", "#309890", "#98f0ff", "#ffb820", "#ffa0ff", "#f000ff", "#6080ff"),
    *("#b08800", "#98b0e0", "#d0f888", "#c070c8", "#18d0b0", "#00a000", "#f09088", "#98c800"),
)
INK = "#101010"  # text on any colour of the palette, and the hairlines beside a coloured line


def label_colour(name: str) -> str:
    """The colour of a label, "#rrggbb": always the same one, whatever else is shown.

    Capitals and the spaces around do not count. Two labels may share a colour; who shows
    several at once asks `label_colours`.
    """
    return PALETTE[_place(name)]


def label_colours(names: Iterable[str]) -> dict[str, str]:
    """Colours for labels that are shown together: all different, up to sixteen.

    Args:
        names: the labels in a lasting order (as typed, say): a label added at the end never
            changes the colours of those before it.

    Returns:
        For each name its own colour (`label_colour`), or the next free one of the palette where
        an earlier label has it. Beyond sixteen each gets its own again.
    """
    chosen: dict[str, str] = {}
    by_meaning: dict[str, str] = {}
    for name in names:
        meaning = _meaning(name)
        if meaning not in by_meaning:
            taken = set(by_meaning.values())
            first = _place(name)
            around = [PALETTE[(first + step) % len(PALETTE)] for step in range(len(PALETTE))]
            by_meaning[meaning] = next((each for each in around if each not in taken), around[0])
        chosen[name] = by_meaning[meaning]
    return chosen


def _meaning(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _place(name: str) -> int:
    # Not hash(): that one is another in every process.
    digest = hashlib.blake2b(_meaning(name).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest()) % len(PALETTE)
