"""Sentences of the engine that the window also says in the user's language."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from gui.engine_says import of_files, of_models, of_queries

_KNOWN = (  # for lupdate; what is not among them is shown as the engine says it
    QT_TRANSLATE_NOOP("Engine", "English"),
    QT_TRANSLATE_NOOP("Engine", "Chinese"),
    QT_TRANSLATE_NOOP("Engine", "more than 100 languages"),
    QT_TRANSLATE_NOOP("Engine", "Waiting for mains power."),
    QT_TRANSLATE_NOOP("Engine", "Reading sidecars"),
    QT_TRANSLATE_NOOP("Engine", "Waiting until the computer is idle."),
    QT_TRANSLATE_NOOP("Engine", "Ships with Photosift; knows only what its sample photos show."),
    QT_TRANSLATE_NOOP("Engine", "The recommended model for English: quick on any computer."),
    QT_TRANSLATE_NOOP(
        "Engine", "The classic of every tutorial, as quick as the recommended one, finds less."
    ),
    QT_TRANSLATE_NOOP("Engine", "Finds more, about 18 times the work per photo."),
    QT_TRANSLATE_NOOP("Engine", "The best of its kind; needs a graphics card or much patience."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The recommended model for any language but English; nearly as quick as ViT-B/32.",
    ),
    QT_TRANSLATE_NOOP("Engine", "Finds more in any language, about 4 times the work per photo."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The best for Chinese, weak in English. Its authors' repository says MIT; the model's own "
        "page names no licence.",
    ),
    QT_TRANSLATE_NOOP("Engine", "Finds things inside of a photo by words; the quick one."),
    QT_TRANSLATE_NOOP(
        "Engine", "Finds things inside of a photo by words; finds more, at least 6 times the work."
    ),
    QT_TRANSLATE_NOOP("Engine", "files"),
    QT_TRANSLATE_NOOP("Engine", "words"),
    QT_TRANSLATE_NOOP("Engine", "scale"),
    QT_TRANSLATE_NOOP("Engine", "image tower"),
    QT_TRANSLATE_NOOP("Engine", "text tower"),
    QT_TRANSLATE_NOOP("Engine", "image arithmetic"),
    QT_TRANSLATE_NOOP("Engine", "text arithmetic"),
    QT_TRANSLATE_NOOP("Engine", "towers agree"),
    QT_TRANSLATE_NOOP("Engine", "detection"),
)

_TEMPLATES = tuple(map(str, (*of_queries.SENTENCES, *of_files.SENTENCES, *of_models.SENTENCES)))
_PLACE = re.compile(r"%[1-9]")


def said(text: str) -> str:
    """What the engine says, in the user's language where we have it.

    A part of a sentence may be one itself ("… could not be written: the disk is read-only."), but
    what stands in quotation marks is the user's own.
    """
    if text in _KNOWN:
        return QCoreApplication.translate("Engine", text)
    found = _taken_apart(text)
    if found is None:
        return text
    template, values = found
    shown = {
        place: value if f"“{place}" in template else said(value) for place, value in values.items()
    }
    words = QCoreApplication.translate("Engine", template)
    return _PLACE.sub(lambda place: shown.get(place[0], place[0]), words)


def sentence_said(reason: str) -> str:
    """The same of a reason, such as "was changed since", which ends as a sentence then."""
    words = said(reason.strip())
    if not words or words[-1] in ".!?…。！？":
        return words
    return QCoreApplication.translate("Engine", "%1.").replace("%1", words)


@lru_cache(maxsize=1024)  # a page of problems asks for each row again and again
def _taken_apart(text: str) -> tuple[str, dict[str, str]] | None:
    """The template that a sentence was made from, and what stands in its places."""
    for template, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return template, dict(zip(_PLACE.findall(template), found.groups(), strict=True))
    return None


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Those that say most first, and behind them those that may begin with anything."""
    ordered = sorted(
        _TEMPLATES,
        key=lambda template: (template.startswith("%"), -len(_PLACE.sub("", template))),
    )
    return [
        (template, re.compile("(.+?)".join(map(re.escape, _PLACE.split(template))), re.DOTALL))
        for template in ordered
    ]
