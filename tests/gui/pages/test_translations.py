"""Languages: installed, replaced, and complete where it matters: no placeholder is lost."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pages_sample import COUNTS
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from gui.activity import StatusBar
from gui.translations import install_translator

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "i18n"
PLACEHOLDER = re.compile(r"%\d|%L?n|\{\w*\}")


def test_chinese_and_back(qapp: QApplication) -> None:
    install_translator(qapp, "zh_CN")
    bar = StatusBar()
    bar.set_counts(COUNTS)
    assert bar.counts_label.text() == "1,290 张照片"
    assert QLocale().language() is QLocale.Language.Chinese
    install_translator(qapp, "en")
    bar.set_counts(COUNTS)
    assert bar.counts_label.text() == "1,290 photos"


def test_languages_do_not_pile_up(qapp: QApplication) -> None:
    for _ in range(3):
        install_translator(qapp, "zh_CN")
        qapp.processEvents()
    qapp.sendPostedEvents(None, 52)  # deferred deletes
    assert len(qapp.findChildren(QTranslator)) <= 2


@pytest.mark.parametrize("name", ["system", "fr", "tlh"])
def test_what_we_do_not_speak_is_english(qapp: QApplication, name: str) -> None:
    install_translator(qapp, name)
    bar = StatusBar()
    bar.set_counts(COUNTS)
    assert bar.counts_label.text().endswith(" photos")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_placeholders_survive(language: str) -> None:
    tree = ElementTree.parse(FOLDER / f"photosift_{language}.ts")
    lost: list[str] = []
    for message in tree.getroot().iter("message"):
        source = message.findtext("source", "")
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text or "" for form in translation.iter("numerusform")]
        wanted = sorted(PLACEHOLDER.findall(source))
        texts = [text for text in forms or [translation.text or ""] if text]
        lost += [text for text in texts if sorted(PLACEHOLDER.findall(text)) != wanted]
    assert lost == []
