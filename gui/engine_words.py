"""Short sentences of the engine that the window also says in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

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


def said(text: str) -> str:
    """What the engine says, in the user's language where we have it."""
    return QCoreApplication.translate("Engine", text) if text in _KNOWN else text
