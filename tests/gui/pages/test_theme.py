"""The theme: palette and icons follow it, text stays readable, no placeholder is left unfilled."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gui import icons, theme

CONTRACT = """
search close folder photos warning settings info zoom-in zoom-out fit full-screen previous next
pause play cancel clock similar image offline damaged model trash check add refresh chevron-down
chevron-right external copy
"""


def test_switching_changes_the_palette_and_tells_once(qapp: QApplication, qtbot: Any) -> None:
    light = qapp.palette().color(QPalette.ColorRole.Window)
    with qtbot.waitSignal(theme.notifier.changed):
        theme.apply_theme(qapp, "dark")
    dark = qapp.palette().color(QPalette.ColorRole.Window)
    assert light.lightness() > 200
    assert dark.lightness() < 60
    assert theme.colours().dark
    with qtbot.assertNotEmitted(theme.notifier.changed):
        theme.apply_theme(qapp, "dark")


def test_dark_greys_have_no_tint(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "dark")
    now = theme.colours()
    for grey in (now.window, now.panel, now.field, now.hairline, now.placeholder):
        assert grey.red() == grey.green() == grey.blue()


def test_style_sheet_is_filled_in(qapp: QApplication) -> None:
    for name in ("light", "dark"):
        theme.apply_theme(qapp, name)
        assert "@" not in qapp.styleSheet()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_is_readable(qapp: QApplication, name: str) -> None:
    theme.apply_theme(qapp, name)
    now = theme.colours()
    for ground in (now.window, now.panel):
        for ink in (now.text, now.muted, now.danger, now.accent, now.warning):
            assert contrast(ink, ground) >= 4.5, (ink.name(), ground.name())
    assert contrast(now.text, now.selection) >= 4.5
    assert contrast(now.on_accent, now.accent) >= 4.5
    assert contrast(now.on_accent, now.accent_hover) >= 4.5


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.1, relative luminance."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_promised_icon_is_there_and_paints() -> None:
    assert set(icons.names()) >= set(CONTRACT.split())
    for name in icons.names():
        image = icons.icon(name).pixmap(QSize(16, 16), 2.0).toImage()
        assert image.size() == QSize(32, 32)
        inked = sum(
            image.pixelColor(x, y).alpha() > 0
            for x in range(image.width())
            for y in range(image.height())
        )
        assert inked > 20, name


def test_icons_follow_the_theme_by_themselves(qapp: QApplication) -> None:
    icon = icons.icon("pause")
    before = strongest(icon.pixmap(QSize(32, 32)).toImage())
    theme.apply_theme(qapp, "dark")
    after = strongest(icon.pixmap(QSize(32, 32)).toImage())
    assert before.lightness() < 80
    assert after.lightness() > 180


def strongest(image: Any) -> QColor:
    """The colour of the most opaque pixel."""
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return max(colours, key=lambda colour: colour.alpha())


def test_an_unknown_icon_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        icons.icon("no such icon")
