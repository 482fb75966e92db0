"""Languages: installed, replaced, and complete where it matters: no placeholder is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pages_sample import COUNTS
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from engine.errors import QueryError
from engine.query import parse
from gui.activity import StatusBar
from gui.engine_says import of_files, of_models, of_queries
from gui.engine_words import said
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
    lost: list[str] = []
    for message in _messages(language):
        wanted = sorted(PLACEHOLDER.findall(message.source))
        texts = [text for text in message.texts if text]
        lost += [text for text in texts if sorted(PLACEHOLDER.findall(text)) != wanted]
    assert lost == []


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_is_left_to_translate(language: str) -> None:
    left = [f"{m.context}: {m.source}" for m in _messages(language) if not m.finished]
    assert left == []


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_window_loads_what_the_sources_say(qapp: QApplication, language: str) -> None:
    """Somebody who changes a .ts and forgets lrelease is told so."""
    loaded = QTranslator()
    assert loaded.load(str(FOLDER / f"photosift_{language}.qm"))
    stale: list[str] = []
    for message in _messages(language):
        for count, text in enumerate(message.texts, start=1):
            number = count if message.counted else -1
            said = loaded.translate(message.context, message.source, message.comment, number)
            stale += [message.source] if said != text else []
    assert stale == []


def test_known_sentences_of_the_engine_are_translated() -> None:
    translated = {m.source for m in _messages("zh_CN") if m.context == "Engine"}
    known = map(str, (*of_queries.SENTENCES, *of_files.SENTENCES, *of_models.SENTENCES))
    assert [sentence for sentence in known if sentence not in translated] == []


@pytest.mark.parametrize(
    ("sentence", "chinese"),
    [
        ("is empty", "是空的"),
        ("is not a picture (it is a video)", "不是图片（是视频）"),
        ("/a/b could not be written: the disk is read-only.", "无法写入 /a/b：磁盘为只读。"),
        (
            "hub.org cannot be reached (it does not answer). Try again later, set HF_ENDPOINT to "
            "a mirror, or choose a folder that already holds the model.",
            "无法连接 hub.org（没有应答）。请稍后再试，把 HF_ENDPOINT 设为镜像，"
            "或选择已有此模型的文件夹。",
        ),
        (
            "Its sidecar could not be written: permission was denied.",
            "附属文件无法写入：没有权限。",
        ),
        ("There is no tag “a video”.", "没有标签“a video”。"),  # the user's own word stays
        ("There is no tag “%2”. Did you mean “%1”?", "没有标签“%2”。是否想输入“%1”？"),
        ("Nobody ever said this.", "Nobody ever said this."),
    ],
)
def test_the_engine_is_quoted(qapp: QApplication, sentence: str, chinese: str) -> None:
    install_translator(qapp, "zh_CN")
    assert said(sentence) == chinese
    install_translator(qapp, "en")
    assert said(sentence) == sentence


def test_what_the_engine_refuses_is_known(qapp: QApplication) -> None:
    """The templates are what the engine says now, word by word."""
    install_translator(qapp, "zh_CN")
    wrong = ["(is:raw", "is:raww", "date:2024-13", 'like:""', "rating:9", "sise:large", "is:raw or"]
    for text in wrong:
        with pytest.raises(QueryError) as refused:
            parse(text)
        assert said(str(refused.value)) != str(refused.value)
    install_translator(qapp, "en")


@dataclass(frozen=True)
class _Message:
    context: str
    source: str
    comment: str
    texts: tuple[str, ...]  # one, or one per plural form
    counted: bool
    finished: bool


def _messages(language: str) -> Iterator[_Message]:
    for context in ElementTree.parse(FOLDER / f"photosift_{language}.ts").getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = tuple(form.text or "" for form in translation.iter("numerusform"))
            texts = forms or (translation.text or "",)
            yield _Message(
                context.findtext("name", ""),
                message.findtext("source", ""),
                message.findtext("comment", ""),
                texts,
                bool(forms),
                translation.get("type") != "unfinished" and all(texts),
            )
