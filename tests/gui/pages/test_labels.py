"""Names from files: shown plain, elided with the whole in the tooltip, wrapped inside words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pages_sample import HOSTILE
from PySide6.QtCore import Qt

from gui.labels import (
    ElidedLabel,
    FittingLabel,
    PathLink,
    WrappedText,
    path_text,
    plain_text,
    text_label,
    tooltip_text,
)


def test_markup_stays_text_and_turning_letters_are_shown() -> None:
    shown = plain_text(HOSTILE)
    assert shown.startswith("<b>x<img src=x>")
    assert "\u202e" not in shown
    assert "\n" not in shown
    assert "\ufffd" in shown
    assert text_label(HOSTILE).textFormat() is Qt.TextFormat.PlainText


def test_honest_names_stay_as_they_are() -> None:
    for name in ("été.jpg", "照片.jpg", "صورة.jpg", "a\u200fb.jpg", "👩‍👧.jpg"):
        assert plain_text(name) == name


def test_names_that_are_not_utf8_can_be_shown(qtbot: Any) -> None:
    name = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    label = text_label(path_text(Path("/x") / name))
    qtbot.addWidget(label)
    assert "caf\ufffd.jpg" in label.text()


def test_tooltips_are_no_markup() -> None:
    assert tooltip_text("<b>x</b>") == "<span>&lt;b&gt;x&lt;/b&gt;</span>"
    assert tooltip_text("a & b") == "a & b"


def test_home_is_short(home: Path) -> None:
    assert path_text(home / "Pictures") == "~/Pictures"
    assert path_text(Path(f"{home}-other")) == f"{home}-other"


def test_a_long_name_loses_its_middle_not_its_end(qtbot: Any) -> None:
    label = ElidedLabel("a very long name " * 10 + "0001.jpg")
    qtbot.addWidget(label)
    label.resize(160, 24)
    label.show()
    shown = label.shown_text()
    assert "…" in shown
    assert shown.endswith(".jpg")
    assert label.fontMetrics().horizontalAdvance(shown) <= 160
    assert label.toolTip() == label.text()
    label.resize(4000, 24)
    assert label.shown_text() == label.text()
    assert label.toolTip() == ""


def test_the_longest_wording_that_fits_is_shown(qtbot: Any) -> None:
    label = FittingLabel()
    qtbot.addWidget(label)
    label.set_wordings(["one two three four five", "three four", "four"])
    metrics = label.fontMetrics()
    label.resize(metrics.horizontalAdvance("one two three four five") + 1, 24)
    assert label.shown_text() == "one two three four five"
    label.resize(metrics.horizontalAdvance("three four") + 1, 24)
    assert label.shown_text() == "three four"
    label.resize(metrics.horizontalAdvance("four") - 1, 24)
    assert label.shown_text().endswith("…")


def test_a_path_link_tells_its_path_and_no_mnemonic(qtbot: Any) -> None:
    path = Path("/photos/me & you/a.jpg")
    link = PathLink(path)
    qtbot.addWidget(link)
    link.resize(400, 24)
    link.show()
    assert link.text() == "/photos/me && you/a.jpg"
    assert link.shortcut().isEmpty()
    with qtbot.waitSignal(link.activated) as caught:
        link.click()
    assert caught.args == [path]


def test_wrapped_text_grows_with_what_it_says(qtbot: Any) -> None:
    text = WrappedText()
    qtbot.addWidget(text)
    text.resize(160, 20)
    text.show()
    text.set_text("a" * 20)
    one = text.height()
    text.set_text("a" * 200)
    assert text.height() > 3 * one
    assert text.toPlainText() == "a" * 200
    text.set_text(HOSTILE)
    assert "<b>x" in text.toPlainText()
