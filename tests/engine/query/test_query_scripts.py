"""Words that a model cannot know are noticed by their script."""

from __future__ import annotations

import pytest

from engine.query import foreign_to, language_note


@pytest.mark.parametrize(
    ("words", "languages", "foreign"),
    [
        ("a dog in the snow", "English", False),
        ("café naïve Ångström", "English", False),
        ("雪地里的狗", "English", True),
        ("狗 dog", "English", True),
        ("собака в снегу", "English", True),
        ("كلب في الثلج", "English", True),
        ("כלב בשלג", "English", True),
        ("बर्फ में कुत्ता", "English", True),
        ("눈 속의 개", "English", True),
        ("ゆきのなかのいぬ", "English", True),
        ("หมาในหิมะ", "English", True),
        ("σκύλος στο χιόνι", "English", True),
        ("the letter Ω on a wall", "English", False),
        ("2024 !? 🐶", "English", False),
        ("", "English", False),
        ("雪地里的狗", "Chinese", False),
        ("穿 T-shirt 的人", "Chinese", False),
        ("a dog in the snow", "Chinese", True),
        ("собака", "Chinese", True),
        ("собака", "more than 100 languages", False),
        ("雪地里的狗", "unknown", False),
    ],
)
def test_a_script_tells_a_language(words: str, languages: str, foreign: bool):
    assert foreign_to(words, languages) is foreign
    note = language_note(words, languages)
    assert ("multilingual" in note) is foreign
