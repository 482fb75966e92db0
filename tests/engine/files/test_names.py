"""Names of folders and files: whatever a category is called, none escapes and none collides."""

from __future__ import annotations

import itertools
import os
import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files.names import (
    MOST_BYTES,
    folded,
    folder_name,
    folder_names,
    free_names,
    number_of,
    numbered,
    strictly_folded,
)

RESERVED = ["CON", "prn", "AUX", "nul", "COM1", "com9", "LPT1", "lpt9", "COM¹", "CONIN$", "CLOCK$"]
FORBIDDEN = '/\\:*?"<>|'
SLASHES = "⁄∕⧸／＼⧹∖⟋⟍﹨"
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202d\u202e\u2060\u2066\u2069\ufeff\u00ad"


def hostile_names() -> list[str]:
    """Over 500 names that break naive code, all different."""
    rng = random.Random(3)
    found = ["", " ", ".", "..", "...", "....", ". .", "../..", "../../etc/passwd", "/etc/passwd"]
    found += ["~", "~root", "-rf", "--", "$HOME", "`id`", "%00", "%2e%2e%2f", "a\0b", "\0", "\n"]
    found += [
        "C:",
        "C:\\Windows",
        "\\\\server\\share",
        "\\\\?\\C:\\x",
        "file:///x",
        "a:stream",
        "::$DATA",
    ]
    found += [f"{up}{name}" for up in ("../", "..\\", "./", "/") for name in ("a", "Cats", "con")]
    found += [
        variant
        for name in RESERVED
        for variant in (
            name, name.swapcase(), f"{name}.txt", f"{name} ", f"{name}.", f" {name}", f"{name}..x",
            f"{name}:", f"{name}\u200b", f"\u202e{name}",
        )
    ]  # fmt: skip
    found += [f"a{letter}b" for letter in FORBIDDEN + SLASHES + INVISIBLE]
    found += [f"{letter}a" for letter in FORBIDDEN + SLASHES + INVISIBLE]
    found += [letter * 3 for letter in FORBIDDEN + SLASHES + INVISIBLE]
    found += [f"a{chr(code)}b" for code in range(32)] + [f"{chr(code)}" for code in range(127, 160)]
    found += ["x" * n for n in (79, 80, 81, 254, 255, 256, 1000, 100_000)]
    found += ["ä" * n for n in (39, 40, 41, 128)] + ["a\u0308" * n for n in (26, 27, 40, 100)]
    found += ["日" * n for n in (26, 27, 28, 85, 86)] + ["👩‍👩‍👧‍👦" * n for n in (1, 3, 4, 30)]
    found += ["🏴\U000e0067\U000e0062\U000e007f", "👍🏽", "❤️", "1️⃣", "🇩🇪", "🇩" * 21]
    found += ["\udc80", "a\udcffb", "\ud83d", "\udc00\ud800", "\ud800" * 50]
    found += [
        "\u0301",
        "\u0301a",
        "a" + "\u0301" * 100,
        "\u20dd",
        "ﷺ",
        "ﷺ" * 20,
        "\u3164",
        "\u115f",
    ]
    for word in ("Café", "naïve", "Ångström", "Škoda", "한국", "ギター", "Việt Nam", "ſ", "ﬁne"):
        forms = [unicodedata.normalize(f, word) for f in ("NFC", "NFD", "NFKC", "NFKD")]
        found += [*forms, *(f.upper() for f in forms), *(f.lower() for f in forms)]
    found += [
        "Cats",
        "cats",
        "CATS",
        "cAts",
        "Ｃats",
        "𝐂ats",
        "Cats ",
        " Cats",
        "Cats.",
        "Cats (2)",
    ]
    found += ["straße", "STRASSE", "strasse", "ß", "ẞ", "ss", "İ", "i̇", "I", "ı", "i", "K", "K"]
    found += ["a" * 80 + str(n) for n in range(20)] + [f"Cats ({n})" for n in range(2, 12)]
    found += [
        "".join(rng.choices("./\\ :*\u202e\u0301aA\0é", k=rng.randrange(1, 12))) for _ in range(150)
    ]
    return list(dict.fromkeys(found))


HOSTILE = hostile_names()


def escapes(name: str, root: Path) -> bool:
    """Whether joining a name would lead anywhere but right below the root."""
    real = os.path.realpath(root / name)
    return os.path.dirname(real) != str(root)  # noqa: PTH120


def test_there_are_enough_and_a_plain_join_would_escape():
    assert len(HOSTILE) >= 500
    root = Path("/into")
    plain = [
        name for name in HOSTILE if "\0" not in name and not re.search("[\ud800-\udfff]", name)
    ]
    assert sum(escapes(name, root) for name in plain) > 40


@pytest.mark.parametrize("order", ["as they are", "backwards", "shuffled"])
def test_none_escapes_none_collides_all_are_told_apart(tmp_path: Path, order: str):
    names = HOSTILE[:: -1 if order == "backwards" else 1]
    if order == "shuffled":
        names = random.Random(1).sample(HOSTILE, len(HOSTILE))
    found = folder_names(names)
    assert list(found) == names
    assert len({strictly_folded(folder) for folder in found.values()}) == len(names)
    assert len({folder.casefold() for folder in found.values()}) == len(names)
    assert len({unicodedata.normalize("NFD", f).upper() for f in found.values()}) == len(names)
    back = {folder: category for category, folder in found.items()}
    assert all(back[found[name]] == name for name in names)
    root = Path(os.path.realpath(tmp_path))
    for folder in found.values():
        assert_valid_everywhere(folder)
        assert not escapes(folder, root)
        (root / folder).mkdir()  # it must work, and be new
    assert len(os.listdir(root)) == len(names)  # noqa: PTH208


def assert_valid_everywhere(name: str) -> None:
    assert name
    assert len(name.encode()) <= MOST_BYTES
    assert unicodedata.is_normalized("NFC", name)
    assert name == name.strip(" .")
    assert not set(name) & set(FORBIDDEN)
    assert not set(unicodedata.normalize("NFKC", name)) & set(FORBIDDEN), ascii(name)
    assert {unicodedata.category(letter) for letter in name}.isdisjoint({"Cc", "Cf", "Cs", "Zl"})
    first = name.split(".")[0].strip().casefold()
    assert first not in {word.casefold() for word in RESERVED}
    assert "\0" not in name


@given(st.lists(st.text(), max_size=30))
def test_any_text_at_all(categories: list[str]):
    found = folder_names(categories)
    assert set(found) == set(categories)
    assert len({strictly_folded(name) for name in found.values()}) == len(found)
    for name in found.values():
        assert_valid_everywhere(name)


@given(st.text())
def test_a_good_name_stays_as_it_is(text: str):
    once = folder_name(text)
    assert folder_name(once) == once


def test_ordinary_names_are_kept():
    for name in (
        "Cats",
        "Café",
        "日本",
        "Mum & Dad",
        "2024",
        "100 %",
        "a.b",
        "👍",
        "O'Neill",
        "C#",
    ):
        assert folder_name(name) == name
    assert folder_name("Cats/Dogs") == "Cats-Dogs"
    assert folder_name("con") == "con_"
    assert folder_name("aux.jpg") == "aux_.jpg"


def test_the_user_may_choose_another_name():
    assert folder_names(["a", "b"], {"b": "../A"}) == {"a": "a", "b": "-A"}
    assert folder_names(["a", "b"], {"b": "A"}) == {"a": "a", "b": "A (2)"}


# ---- files ---------------------------------------------------------------------------------------


def test_a_bundle_gets_one_number():
    names = [("IMG.CR2", 3), ("IMG.JPG", 3), ("IMG.CR2.xmp", 3)]
    assert free_names(names, set()) == (("IMG.CR2", "IMG.JPG", "IMG.CR2.xmp"), 1)
    taken = {folded("img.jpg"), folded("IMG (2).CR2.XMP")}
    assert free_names(names, taken) == (("IMG (3).CR2", "IMG (3).JPG", "IMG (3).CR2.xmp"), 3)
    assert number_of("IMG.CR2", "IMG (3).CR2") == 3
    assert number_of("IMG.CR2", "IMG.CR2") == 1
    assert number_of("IMG (2).CR2", "IMG (2).CR2") == 1


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=255))
def test_numbers_fit_into_the_longest_name(stem: str):
    name = stem[:80] + ".jpg"
    while len(os.fsencode(name)) > 255:
        name = name[1:]
    for number in (2, 17, 12_345):
        (found,) = numbered([(name, len(name) - 4)], number)
        assert len(os.fsencode(found)) <= 255
        assert found.endswith(f" ({number}).jpg")


def test_names_that_are_no_text_can_be_numbered():
    name = os.fsdecode(b"\xff\xfe.jpg")
    assert numbered([(name, 2)], 2) == (os.fsdecode(b"\xff\xfe (2).jpg"),)


def test_equal_on_some_system_is_equal_here():
    for one, other in itertools.combinations(["Ä.jpg", "ä.JPG", "A\u0308.jpg", "a\u0308.jpg"], 2):
        assert folded(one) == folded(other)
    assert folded("a.jpg") != folded("b.jpg")
