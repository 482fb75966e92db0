"""How much each part of a query had to do with a photo being found."""

from __future__ import annotations

from dataclasses import dataclass

from engine.query.terms import PictureTerm, Term


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part added to a photo's score, or took away.

    `share` is of -1 to 1; the sizes of all parts' shares add up to 1. `words` are the words of a
    phrase with what each of them did: their sizes add up to that of the phrase's share.
    """

    what: Term | PictureTerm
    share: float
    words: tuple[tuple[str, float], ...] = ()
