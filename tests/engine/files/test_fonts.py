"""Every script gets a font that has it, where the system has one at all."""

from __future__ import annotations

import pytest

from engine.files import fonts


def drawn(text: str) -> list[bytes]:
    """The letters' shapes, one by one, each in the font that was chosen."""
    shapes: list[bytes] = []
    for piece in fonts.runs(text, 32):
        shapes += [bytes(piece.font.getmask(one)) for one in piece.text]  # pyright: ignore[reportArgumentType]
    return shapes


def joined(text: str) -> str:
    return "".join(piece.text for piece in fonts.runs(text, 32))


@pytest.mark.parametrize("text", ["dog", "кошка", "σκύλος", "naïve"])
def test_scripts_of_the_plainest_font(text: str) -> None:
    assert joined(text) == text
    assert len(fonts.runs(text, 32)) == 1


@pytest.mark.parametrize("text", ["遥控器", "ねこ", "고양이", "كلب", "कुत्ता", "แมว"])
def test_other_scripts_where_the_system_has_them(text: str) -> None:
    if fonts.UNKNOWN in joined(text):
        pytest.skip(f"no font here has {text}")
    assert joined(text) == text
    shapes = {shape for one, shape in zip(text, drawn(text), strict=True) if one.isalpha()}
    assert len(shapes) == len({one for one in text if one.isalpha()})  # not all the same box


def test_a_text_of_several_scripts_is_cut_into_pieces() -> None:
    text = "dog 猫 кот"
    if fonts.UNKNOWN in joined(text):
        pytest.skip("no font here has Chinese")
    assert joined(text) == text


def test_what_no_font_has_is_a_question_mark() -> None:
    nobody = "\U0003134f"  # a plane of rare characters that fonts do not have yet
    if fonts.UNKNOWN not in joined(nobody):
        pytest.skip("a font here has everything")
    assert joined(f"dog {nobody}") == "dog ?"


def test_nothing_breaks_on_odd_text() -> None:
    assert fonts.runs("", 20) == []
    assert joined("a\nb\udcff\x00c") == "abc"
    assert joined("e\u0301") == "e\u0301"


def test_without_any_font_of_the_system_latin_is_still_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caches = (fonts._faces, fonts._face_for)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(fonts, "_folders", list)
    for cache in caches:
        cache.cache_clear()
    try:
        assert joined("dog 猫") == "dog ?"
    finally:
        for cache in caches:
            cache.cache_clear()
