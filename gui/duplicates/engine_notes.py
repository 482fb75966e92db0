"""What the engine says of duplicates, in the user's language; the rest as it is said."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from gui.engine_words import said
from gui.labels import path_text, plain_text

_CRITERIA: tuple[tuple[str, object], ...] = (
    ("in a protected folder", QT_TRANSLATE_NOOP("DuplicateNotes", "in a protected folder")),
    ("larger picture", QT_TRANSLATE_NOOP("DuplicateNotes", "larger picture")),
    ("original of a camera", QT_TRANSLATE_NOOP("DuplicateNotes", "original of a camera")),
    ("better format", QT_TRANSLATE_NOOP("DuplicateNotes", "better format")),
    ("larger file", QT_TRANSLATE_NOOP("DuplicateNotes", "larger file")),
    ("in a preferred folder", QT_TRANSLATE_NOOP("DuplicateNotes", "in a preferred folder")),
    ("older", QT_TRANSLATE_NOOP("DuplicateNotes", "older")),
    ("higher rated", QT_TRANSLATE_NOOP("DuplicateNotes", "higher rated")),
    (
        "all else is equal; the plainer name",
        QT_TRANSLATE_NOOP("DuplicateNotes", "all else is equal; the plainer name"),
    ),
)
_VALUES: tuple[tuple[str, object], ...] = (
    (r"no camera named", QT_TRANSLATE_NOOP("DuplicateNotes", "no camera named")),
    (r"no date", QT_TRANSLATE_NOOP("DuplicateNotes", "no date")),
    (r"no rating", QT_TRANSLATE_NOOP("DuplicateNotes", "no rating")),
    (r"edited with (?P<a>.+)", QT_TRANSLATE_NOOP("DuplicateNotes", "edited with %1")),
    (r"file of (?P<a>.+)", QT_TRANSLATE_NOOP("DuplicateNotes", "file of %1")),
    (r"(?P<a>[\d,]+) bytes", QT_TRANSLATE_NOOP("DuplicateNotes", "%1 bytes")),
    (r"(?P<a>\d) of 5 stars", QT_TRANSLATE_NOOP("DuplicateNotes", "%1 of 5 stars")),
)
_NOTHING_LEFT = "Nothing would be left for sure: "
_FOR_SURE = QT_TRANSLATE_NOOP("DuplicateNotes", "Nothing would be left for sure: %1")
_AGAINST = QT_TRANSLATE_NOOP("DuplicateNotes", "%1: %2 against %3")
_MOMENT = re.compile(r"file of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+")
_SENTENCES: tuple[tuple[str, object], ...] = (
    (
        r"It lies in the protected folder (?P<a>.+)\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "It lies in the protected folder %1."),
    ),
    (
        r"It belongs to (?P<a>.+), which stays\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "It belongs to %1, which stays."),
    ),
    (
        r"The drive of (?P<a>.+) is not connected\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "The drive of %1 is not connected."),
    ),
    (
        r"(?P<a>.+) is not there, or cannot be read\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1 is not there, or cannot be read."),
    ),
    (
        r"(?P<a>.+) is not there any more\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1 is not there any more."),
    ),
    (
        r"(?P<a>.+) lies in the trash\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1 lies in the trash."),
    ),
    (
        r"It is the same file as (?P<a>.+), not a copy of it\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "It is the same file as %1, not a copy of it."),
    ),
    (
        r"(?P<a>.+) was changed since duplicates were looked for\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1 was changed since duplicates were looked for."),
    ),
    (
        r"(?P<a>.+) belongs to it and has no copy beside (?P<b>.+)\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1 belongs to it and has no copy beside %2."),
    ),
    (
        r"(?P<a>.+) belongs to it and is a hard link: its bytes stay by another name, and no "
        r"space is freed\.",
        QT_TRANSLATE_NOOP(
            "DuplicateNotes",
            "%1 belongs to it and is a hard link: its bytes stay by another name, and no space "
            "is freed.",
        ),
    ),
    (
        r"It is a hard link: its bytes stay by another name, and no space is freed\.",
        QT_TRANSLATE_NOOP(
            "DuplicateNotes",
            "It is a hard link: its bytes stay by another name, and no space is freed.",
        ),
    ),
    (
        r"(?P<a>.+), which belongs to it, is being changed\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1, which belongs to it, is being changed."),
    ),
    (
        r"A photo that belongs to it is what another group keeps\.",
        QT_TRANSLATE_NOOP(
            "DuplicateNotes", "A photo that belongs to it is what another group keeps."
        ),
    ),
    (
        r"It is what another group keeps\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "It is what another group keeps."),
    ),
    (
        r"It is not among the duplicates of the photo that stays any more\.",
        QT_TRANSLATE_NOOP(
            "DuplicateNotes", "It is not among the duplicates of the photo that stays any more."
        ),
    ),
    (
        r"It is not in the library any more\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "It is not in the library any more."),
    ),
    (
        r"(?P<a>.+) belongs to the library's own data\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "%1 belongs to the library's own data."),
    ),
    (
        r"Its disk does not tell whether two names are one file\.",
        QT_TRANSLATE_NOOP(
            "DuplicateNotes", "Its disk does not tell whether two names are one file."
        ),
    ),
    (
        r"Its disk has no trash, and there is too little space in (?P<a>.+)\.",
        QT_TRANSLATE_NOOP(
            "DuplicateNotes", "Its disk has no trash, and there is too little space in %1."
        ),
    ),
    (
        r"Another file lies at its old place\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "Another file lies at its old place."),
    ),
    (
        r"A file lies where its folder was\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "A file lies where its folder was."),
    ),
    (
        r"It is not in the trash any more\.",
        QT_TRANSLATE_NOOP("DuplicateNotes", "It is not in the trash any more."),
    ),
    (
        r"Its old folder is not there; is its drive connected\?",
        QT_TRANSLATE_NOOP("DuplicateNotes", "Its old folder is not there; is its drive connected?"),
    ),
    (r"The disk is full\.", QT_TRANSLATE_NOOP("DuplicateNotes", "The disk is full.")),
    (r"The disk is read-only\.", QT_TRANSLATE_NOOP("DuplicateNotes", "The disk is read-only.")),
)


def reason_text(reason: str) -> str:
    """Why one stays: "larger picture: 4000 × 3000 against 1600 × 1200"."""
    for begins, words in _CRITERIA:
        found = re.fullmatch(re.escape(begins) + r": (.+) against (.+)", reason)
        if found is not None:
            values = {"%2": _value(found[1], found[2]), "%3": _value(found[2], found[1])}
            return _filled(_translated(_AGAINST).replace("%1", _translated(words)), values)
    return plain_text(reason)


def _value(value: str, other: str) -> str:
    """What one of the two has. Parts of a second only where the seconds are the same."""
    seconds = value.partition(".")[0]
    if _MOMENT.fullmatch(value) and seconds != other.partition(".")[0]:
        value = seconds
    for pattern, words in _VALUES:
        found = re.fullmatch(pattern, value)
        if found is not None:
            return _filled(_translated(words), {"%1": found["a"] if found.groupdict() else ""})
    return value


def note_text(sentence: str) -> str:
    """Why one was left alone, or may not go."""
    if sentence.startswith(_NOTHING_LEFT):
        rest = note_text(sentence.removeprefix(_NOTHING_LEFT))
        return _translated(_FOR_SURE).replace("%1", rest)
    for pattern, words in _SENTENCES:
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found is not None:
            told = found.groupdict()
            return _filled(_translated(words), {"%1": told.get("a", ""), "%2": told.get("b", "")})
    return plain_text(said(sentence))


def _filled(text: str, values: dict[str, str]) -> str:
    """All places at once: a name may itself hold "%2"."""
    return re.sub(r"%\d", lambda place: _shown(values.get(place[0], place[0])), text)


def _shown(value: str) -> str:
    """A path for the eye, anything else as it is."""
    path = Path(value)
    return path_text(path) if path.is_absolute() else plain_text(value)


def _translated(words: object) -> str:
    return QCoreApplication.translate("DuplicateNotes", str(words))
