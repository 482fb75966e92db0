"""The inspector: facts of one photo, of many, of none; plain text, and what its buttons say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages_sample import HOSTILE, METADATA, PICTURES, detail, texts
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from engine.mark_types import Summary
from engine.types import PhotoId, PhotoMetadata
from gui.inspector import Inspector
from gui.labels import PathLink, WrappedText


@pytest.fixture
def inspector(qtbot: Any) -> Inspector:
    made = Inspector()
    qtbot.addWidget(made)
    made.resize(280, 700)
    made.show()
    return made


def facts_of(inspector: Inspector) -> dict[str, str]:
    return {
        text.accessibleName(): text.toPlainText()
        for text in inspector.page.findChildren(WrappedText)
    }


def button(inspector: Inspector, text: str) -> QPushButton:
    found = [b for b in inspector.page.findChildren(QPushButton) if b.text() == text]
    assert len(found) == 1
    return found[0]


def test_without_a_photo_one_sentence(inspector: Inspector) -> None:
    inspector.show_detail(None)
    assert texts(inspector.page) == ["Select a photo to see what is known about it."]


def test_facts(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    facts = facts_of(inspector)
    assert facts["Name"] == "a.jpg"
    assert facts["Exposure"] == "1/250 s · f/2.8 · ISO 200 · 35 mm"
    assert facts["Camera"] == "FUJIFILM X-T4"
    assert facts["Caption"] == "Evening\nat the river"
    assert facts["Keywords"] == "paris, river"
    assert facts["File"] == "JPEG · 4.3 MB"
    assert "1 exact copy" in texts(inspector.page)


def test_what_is_not_known_has_no_row(inspector: Inspector) -> None:
    inspector.show_detail(detail(metadata=PhotoMetadata()))
    assert set(facts_of(inspector)) == {"Name", "Picture", "File"}
    assert "Show on map" not in texts(inspector.page)


def test_many(inspector: Inspector) -> None:
    ids = [PhotoId(number) for number in range(1200)]
    told = Summary(
        1200, 3_400_000_000, "2023-01-02T10:00:00", "2024-05-01T10:00:00", 3, 0, 2,
        cameras=(("Pixel 8", 1000), ("X100", 200)), formats=(("JPEG", 1200),),
    )  # fmt: skip
    inspector.show_many(ids, told)
    assert any(text.startswith("1,200 photo") for text in texts(inspector.page))
    assert "3.4 GB" in texts(inspector.page)
    facts = facts_of(inspector)
    assert facts["Cameras"] == "Pixel 8 · 1,000\nX100 · 200"
    assert facts["Formats"] == "JPEG"
    assert "3 without a date" in facts["Taken"]
    inspector.show_detail(detail())
    assert facts_of(inspector)["Name"] == "a.jpg"


def test_find_similar(inspector: Inspector, qtbot: Any) -> None:
    inspector.show_detail(detail())
    with qtbot.waitSignal(inspector.find_similar_wanted) as caught:
        button(inspector, "Find similar").click()
    assert caught.args == [detail().photo.id]
    inspector.show_detail(detail(embedded=False))
    assert not button(inspector, "Find similar").isEnabled()


def test_its_own_button_may_empty_it(inspector: Inspector, qtbot: Any) -> None:
    inspector.find_similar_wanted.connect(lambda: inspector.show_detail(None))
    inspector.show_detail(detail())
    find = button(inspector, "Find similar")
    find.setFocus()
    qtbot.keyClick(find, Qt.Key.Key_Space)
    assert texts(inspector.page) == ["Select a photo to see what is known about it."]


def test_the_next_photo_is_shown_at_the_same_place(inspector: Inspector, qtbot: Any) -> None:
    inspector.resize(280, 300)
    inspector.show_detail(detail())
    scroll = inspector.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() > 100)
    scroll.setValue(90)
    inspector.show_detail(detail("b.jpg"))
    qtbot.waitUntil(lambda: scroll.value() == 90)


def test_paths_can_be_clicked(inspector: Inspector, qtbot: Any) -> None:
    inspector.show_detail(detail())
    folder, copy = inspector.page.findChildren(PathLink)
    with qtbot.waitSignal(inspector.path_activated) as caught:
        folder.click()
    assert caught.args == [PICTURES.path / "a.jpg"]
    with qtbot.waitSignal(inspector.path_activated) as caught:
        copy.click()
    assert caught.args == [Path("/srv/copy of a.jpg")]


def test_the_map_opens_on_a_click_only(
    inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> None:
        opened.append(url.host())

    monkeypatch.setattr(QDesktopServices, "openUrl", staticmethod(open_url))
    inspector.show_detail(detail())
    assert opened == []
    link = button(inspector, "Show on map")
    assert "openstreetmap.org" in link.toolTip()
    link.click()
    assert opened == ["www.openstreetmap.org"]


def test_hostile_names_and_captions_stay_text(inspector: Inspector) -> None:
    shown = detail(HOSTILE, replace(METADATA, caption="<script>x</script>", keywords=(HOSTILE,)))
    inspector.show_detail(shown)
    facts = facts_of(inspector)
    assert facts["Name"].startswith("<b>x<img src=x>\ufffd")
    assert facts["Caption"] == "<script>x</script>"
    assert "\u202e" not in "".join(facts.values())


def test_a_problem_is_a_sentence(inspector: Inspector) -> None:
    inspector.show_detail(replace(detail(), problem="The file ends early."))
    assert facts_of(inspector)["Problem"] == "The file ends early."


def test_the_same_photo_again_keeps_the_text_selection(inspector: Inspector) -> None:
    inspector.show_detail(detail())
    page = inspector.page
    inspector.show_detail(detail())
    assert inspector.page is page


def test_long_names_wrap_inside_the_panel(inspector: Inspector, qtbot: Any) -> None:
    inspector.show_detail(detail("a" * 180 + ".jpg"))
    name = inspector.page.findChildren(WrappedText)[0]
    qtbot.waitUntil(lambda: name.height() > 4 * name.fontMetrics().lineSpacing())
    assert inspector.page.width() <= inspector.viewport().width()
