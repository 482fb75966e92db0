"""Tells words that a model has never learned, and what to do about it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection

_ENGLISH = (
    "The model in use understands English only. Choose a multilingual one, such as SigLIP 2, "
    "under Models."
)
_CHINESE = (
    "The model in use understands Chinese best. Choose a multilingual one, such as SigLIP 2, "
    "under Models."
)
_NOTES = {"English": _ENGLISH, "Chinese": _CHINESE}
_SHARE = 0.3  # of the letters: a single Greek one or a brand's name makes no other language

_SMALL = frozenset(
    {"a", "an", "the", "of", "in", "on", "at", "by", "with", "and", "or", "to", "for", "from", "is",
     "are", "my", "our", "this", "that", "some", "over", "under"}
)  # fmt: skip
_MOST_NAMED = 3  # words in a sentence that says they are unknown

# Where each script begins; what is not listed is no letter of a language or too rare to matter.
_STARTS = (
    (0x0000, "latin"), (0x0370, "greek"), (0x0400, "cyrillic"), (0x0530, "armenian"),
    (0x0590, "hebrew"), (0x0600, "arabic"), (0x0700, "other"), (0x0900, "indic"),
    (0x0E00, "thai"), (0x0E80, "other"), (0x10A0, "georgian"), (0x1100, "hangul"),
    (0x1200, "other"), (0x1C80, "cyrillic"), (0x1C90, "georgian"), (0x1CC0, "other"),
    (0x1D00, "latin"), (0x1F00, "greek"), (0x2000, "latin"), (0x2C00, "other"),
    (0x2C60, "latin"), (0x2C80, "other"), (0x2DE0, "cyrillic"), (0x2E00, "other"),
    (0x2E80, "han"), (0x3040, "kana"), (0x3100, "han"), (0x3130, "hangul"), (0x3190, "han"),
    (0x31F0, "kana"), (0x3200, "han"), (0xA000, "other"), (0xA640, "cyrillic"),
    (0xA6A0, "other"), (0xA720, "latin"), (0xA800, "other"), (0xAC00, "hangul"),
    (0xD800, "other"), (0xF900, "han"), (0xFB00, "latin"), (0xFB1D, "hebrew"),
    (0xFB50, "arabic"), (0xFE00, "other"), (0xFE70, "arabic"), (0xFF00, "latin"),
    (0xFF66, "kana"), (0xFFA0, "hangul"), (0xFFE0, "other"), (0x20000, "han"),
    (0x33480, "other"),
)  # fmt: skip
_PLACES = [start for start, _ in _STARTS]
_DENSE = {"han": 3.0, "kana": 1.5, "hangul": 2.0}  # letters of ours that one of theirs stands for


def foreign_to(words: str, languages: str) -> bool:
    """Whether words are written in a script that a model of these languages has not learned.

    A German query is not told from an English one: both are Latin.

    Args:
        words: what a query asks for.
        languages: as in `ModelInfo.languages`; others than "English" and "Chinese" know all.
    """
    scripts = _scripts(words)
    total = sum(scripts.values())
    if languages == "English":
        known = scripts.get("latin", 0.0)
    elif languages == "Chinese":
        # Names of things come in Latin letters in Chinese sentences too, but not alone.
        known = scripts.get("han", 0.0)
        known += scripts.get("latin", 0.0) if known else 0.0
    else:
        return False
    return total - known > _SHARE * total


def unreadable_to(words: str, languages: str) -> bool:
    """Whether a model can but guess at words: what it scores is no answer.

    A model of English has learned next to nothing in other scripts; a Chinese one has met English.
    """
    return languages == "English" and foreign_to(words, languages)


def language_note(words: str, languages: str) -> str:
    """One sentence with the remedy where words are foreign to a model, or nothing."""
    return _NOTES[languages] if foreign_to(words, languages) else ""


def says_something(word: str) -> bool:
    """Whether a word is more than an article or a preposition."""
    return re.sub(r"\W", "", word).casefold() not in _SMALL


def mostly_unknown(words: str, unknown: Collection[str]) -> bool:
    """Whether half or more of the words that say something are unknown to a model.

    Such a question is not answered by what fits the rest: a red thing is no red bicycle.
    """
    told = [part for part in re.findall(r"\w+", words) if says_something(part)]
    return bool(unknown) and 2 * sum(part in unknown for part in told) >= len(told)


def unknown_note(title: str, unknown: Collection[str]) -> str:
    """One sentence about words that a model does not know, or nothing."""
    named = [f"“{word}”" for word in [*unknown][:_MOST_NAMED]]
    if not named:
        return ""
    if len(named) == 1:
        return f"{title} does not know the word {named[0]}."
    return f"{title} does not know the words {', '.join(named[:-1])} and {named[-1]}."


def _scripts(words: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for letter in words:
        if letter.isalpha():
            script = _STARTS[bisect_right(_PLACES, ord(letter)) - 1][1]
            found[script] = found.get(script, 0.0) + _DENSE.get(script, 1.0)
    return found
