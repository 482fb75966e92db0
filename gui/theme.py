"""The look: Fusion on a quiet neutral palette, dark or light, with one accent colour.

Widgets say what they are with dynamic properties, the style sheet (resources/style/photosift.qss)
says how that looks:

    role="heading" | "title" | "muted" | "danger"   labels
    primary=True                                    the one button of a page that is the way on
    link=True                                       a button that reads as a link
    region="panel" | "canvas"                       a region of the window (QWidget, QFrame)

Set them with `mark(widget, role="muted")`. Who paints by hand asks `colours()` and repaints on
`notifier.changed`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

_STYLE = Path(__file__).resolve().parent.parent / "resources" / "style"

_AnyWidget = TypeVar("_AnyWidget", bound=QWidget)


@dataclass(frozen=True)
class Colours:
    """What is painted with what."""

    dark: bool
    window: QColor  # behind photos
    panel: QColor  # sidebar, inspector, bars, dialogs
    field: QColor  # where one types
    button: QColor
    text: QColor
    muted: QColor  # secondary text; still readable (contrast above 4.5)
    accent: QColor  # selection, focus, the primary action
    accent_hover: QColor
    on_accent: QColor
    hairline: QColor  # where regions meet
    placeholder: QColor  # a cell whose thumbnail is not there yet
    danger: QColor
    warning: QColor
    hover: QColor
    selection: QColor  # the row that is chosen; the text on it keeps its colour
    badge: QColor  # behind a mark on a photo, translucent


def _colours(dark: bool, **names: str) -> Colours:
    return Colours(dark=dark, **{name: QColor(value) for name, value in names.items()})


_DARK = _colours(
    dark=True,
    window="#141414",
    panel="#1c1c1c",
    field="#262626",
    button="#2e2e2e",
    text="#ebebeb",
    muted="#9a9a9a",
    accent="#6aa5f8",
    accent_hover="#82b4fa",
    on_accent="#10161f",
    hairline="#2d2d2d",
    placeholder="#212121",
    danger="#f0857d",
    warning="#e0b15c",
    hover="#2a2a2a",
    selection="#2b3a50",
    badge="#b3000000",
)
_LIGHT = _colours(
    dark=False,
    window="#fcfaf7",
    panel="#f5f2ed",
    field="#fffefc",
    button="#e8e4dd",
    text="#1f1d1a",
    muted="#6b665f",
    accent="#1f62c4",
    accent_hover="#17529f",
    on_accent="#ffffff",
    hairline="#dfdad2",
    placeholder="#ece8e1",
    danger="#b3261e",
    warning="#8a5a00",
    hover="#ebe7e0",
    selection="#d9e5f7",
    badge="#b3000000",
)


class _Notifier(QObject):
    """Tells when the colours changed.

    Signals:
        changed(): `colours()` answers differently from now on.
    """

    changed = Signal()


notifier = _Notifier()


class _Theme:
    """The theme in force. One application, one theme: the only global state of the window."""

    def __init__(self) -> None:
        self.choice = "system"
        self.colours = _LIGHT
        self.applied = False
        self.listening: QApplication | None = None


_state = _Theme()


def colours() -> Colours:
    """The colours in force."""
    return _state.colours


def apply_theme(app: QApplication, theme: str) -> None:
    """Dress the application.

    Args:
        app: the application; style, palette and style sheet are set on it.
        theme: "system" follows the desktop's scheme from now on, "light" and "dark" stay.
    """
    _state.choice = theme
    hints = app.styleHints()
    if _state.listening is not app:
        hints.colorSchemeChanged.connect(_follow)
        _state.listening = app
        app.setStyle("Fusion")
    # So that title bars and native dialogs agree with us, where the platform listens.
    if theme == "dark":
        hints.setColorScheme(Qt.ColorScheme.Dark)
    elif theme == "light":
        hints.setColorScheme(Qt.ColorScheme.Light)
    else:
        hints.unsetColorScheme()
    _dress(app)


def mark(widget: _AnyWidget, **properties: object) -> _AnyWidget:
    """Set dynamic properties that the style sheet knows and return the widget."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return widget


def _follow() -> None:
    if _state.listening is not None:
        _dress(_state.listening)


def _dress(app: QApplication) -> None:
    dark = _state.choice == "dark" or (
        _state.choice == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    )
    wanted = _DARK if dark else _LIGHT
    if _state.applied and wanted is _state.colours and app.styleSheet():
        return
    _state.colours = wanted
    _state.applied = True
    app.setPalette(_palette(wanted))
    app.setStyleSheet(_style_sheet(wanted, app.font().pointSizeF()))
    notifier.changed.emit()


def _palette(c: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(c.panel)
    for name, colour in {
        role.Window: c.panel,
        role.WindowText: c.text,
        role.Base: c.window,
        role.AlternateBase: c.panel,
        role.Text: c.text,
        role.PlaceholderText: c.muted,
        role.Button: c.button,
        role.ButtonText: c.text,
        role.BrightText: c.on_accent,
        role.ToolTipBase: c.field,
        role.ToolTipText: c.text,
        role.Highlight: c.accent,
        role.HighlightedText: c.on_accent,
        role.Accent: c.accent,
        role.Link: c.accent,
        role.LinkVisited: c.accent,
        role.Light: c.hover,
        role.Midlight: c.hover,
        role.Mid: c.hairline,
        role.Dark: c.hairline,
        role.Shadow: c.hairline,
    }.items():
        palette.setColor(name, colour)
    faint = QColor(c.muted)
    faint.setAlphaF(0.6)
    for name in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, faint)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, c.hairline)
    return palette


@lru_cache(maxsize=1)
def _template() -> str:
    return (_STYLE / "photosift.qss").read_text(encoding="utf-8")


def _style_sheet(c: Colours, points: float) -> str:
    text = _template()
    values = {
        field.name: getattr(c, field.name).name()
        for field in fields(c)
        if isinstance(getattr(c, field.name), QColor)
    }
    values["resources"] = _STYLE.as_posix()
    values["scheme"] = "dark" if c.dark else "light"
    values["heading_size"] = f"{points * 1.3:.1f}pt"
    values["title_size"] = f"{points * 2:.1f}pt"
    # Longest names first: @accent must not eat the front of @accent_hover.
    for name in sorted(values, key=len, reverse=True):
        text = text.replace(f"@{name}", values[name])
    return text
