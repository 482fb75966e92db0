"""What the engine says of sorts, shorter and in the user's language; the rest as it is said."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from gui.engine_words import said, sentence_said
from gui.labels import path_text, plain_text

_NOTES: tuple[tuple[str, object], ...] = (
    (
        r"(?P<a>.+) is a link; the photos go to (?P<b>.+)\.",
        QT_TRANSLATE_NOOP("SortNotes", "%1 is a link; the photos go to %2."),
    ),
    (
        r"(?P<a>.+) lies in the watched folder .+: its photos are in the library\.",
        QT_TRANSLATE_NOOP("SortNotes", "%1 is watched: what is put there is in the library too."),
    ),
    (
        r"(?P<a>.+) is not watched: moved photos are no longer shown, .+",
        QT_TRANSLATE_NOOP(
            "SortNotes",
            "%1 is not watched: moved photos leave the library, until they are taken back or the "
            "folder is added.",
        ),
    ),
    (
        r"(?P<a>.+) is not watched: what is put there is not shown in the library\.",
        QT_TRANSLATE_NOOP(
            "SortNotes", "%1 is not watched: what is put there is not shown in the library."
        ),
    ),
    (
        r"(?P<a>.+) belongs to the library's own data; photos cannot be put there\.",
        QT_TRANSLATE_NOOP(
            "SortNotes", "%1 belongs to the library's own data; photos cannot be put there."
        ),
    ),
    (
        r"(?P<a>.+) is not a folder\.",
        QT_TRANSLATE_NOOP("SortNotes", "%1 is not a folder."),
    ),
    (
        r"(?P<a>.+) cannot be written to\.",
        QT_TRANSLATE_NOOP("SortNotes", "%1 cannot be written to."),
    ),
    (
        r"(?P<a>.+) is not there\. Is its drive connected\? Nothing was begun\.",
        QT_TRANSLATE_NOOP(
            "SortNotes", "%1 is not there. Is its drive connected? Nothing was begun."
        ),
    ),
    (
        r"It was stopped; (?P<n>\d+) photos were not tried\.",
        QT_TRANSLATE_NOOP("SortNotes", "It was stopped. Photos not tried: %1."),
    ),
    (
        r"(?P<n>\d+) photos were left where they are\.",
        QT_TRANSLATE_NOOP("SortNotes", "Photos left where they are: %1."),
    ),
    (
        r"It was interrupted\.",
        QT_TRANSLATE_NOOP("SortNotes", "It was interrupted."),
    ),
    (
        r"Photos are being sorted already\.",
        QT_TRANSLATE_NOOP("SortNotes", "Photos are being sorted already."),
    ),
)
_REASONS: tuple[tuple[str, object], ...] = (
    (r"was changed since", QT_TRANSLATE_NOOP("SortNotes", "It was changed since.")),
    (
        r"was changed since it was looked at",
        QT_TRANSLATE_NOOP("SortNotes", "It was changed since it was looked at."),
    ),
    (r"is being changed", QT_TRANSLATE_NOOP("SortNotes", "It is being changed right now.")),
    (r"is not there any more", QT_TRANSLATE_NOOP("SortNotes", "It is not there any more.")),
    (r"is the photo itself", QT_TRANSLATE_NOOP("SortNotes", "It is the photo itself.")),
    (r"its name is taken", QT_TRANSLATE_NOOP("SortNotes", "Its name is taken there.")),
    (
        r"another file lies at its old place",
        QT_TRANSLATE_NOOP("SortNotes", "Another file lies at its old place."),
    ),
    (
        r"the photo that it was made from is gone",
        QT_TRANSLATE_NOOP("SortNotes", "The photo that it was made from is gone."),
    ),
    (
        r"the photo that it was made from was changed",
        QT_TRANSLATE_NOOP("SortNotes", "The photo that it was made from was changed."),
    ),
    (
        r"its old folder is not there; is its drive connected\?",
        QT_TRANSLATE_NOOP("SortNotes", "Its old folder is not there. Is its drive connected?"),
    ),
    (
        r"it was moved on by run (?P<n>\d+); undo that one first",
        QT_TRANSLATE_NOOP(
            "SortNotes", "It was moved on by sort number %1; take that one back first."
        ),
    ),
)


def note_text(sentence: str) -> str:
    """A sentence about a plan or a run."""
    return _said(sentence, _NOTES) or plain_text(said(sentence))


def reason_text(reason: str) -> str:
    """Why a file was left, as a sentence."""
    reason = reason.strip()
    known = _said(reason, _REASONS)
    if known or not reason:
        return known
    whole = sentence_said(reason)
    return plain_text(whole[0].upper() + whole[1:])


def _said(text: str, known: tuple[tuple[str, object], ...]) -> str:
    for pattern, words in known:
        found = re.fullmatch(pattern, text)
        if found is None:
            continue
        parts = found.groupdict()
        told = QCoreApplication.translate("SortNotes", str(words))
        for mark, name in (("%2", "b"), ("%1", "a")):
            if name in parts:
                told = told.replace(mark, path_text(Path(parts[name])))
        return told.replace("%1", parts["n"]) if "n" in parts else told
    return ""
