"""Label colours are stable, all different within a set, and readable."""

from __future__ import annotations

import subprocess
import sys

from engine.label_colours import INK, PALETTE, label_colour, label_colours


def _luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_colour_is_the_same_in_another_process() -> None:
    code = "from engine.label_colours import label_colour; print(label_colour('two cats'))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == label_colour("two cats")


def test_capitals_spaces_and_composition_do_not_count() -> None:
    assert label_colour(" Caf\u00e9 ") == label_colour("cafe\u0301")
    assert label_colours(["Dog", "dog"]) == {"Dog": label_colour("dog"), "dog": label_colour("dog")}


def test_labels_shown_together_differ_and_the_earlier_keep_their_colours() -> None:
    names = [f"thing {number}" for number in range(len(PALETTE))]
    colours = label_colours(names)
    assert len(set(colours.values())) == len(PALETTE)
    for count in range(len(names)):
        assert label_colours(names[:count]) == {name: colours[name] for name in names[:count]}


def test_more_labels_than_colours_still_get_one() -> None:
    names = [f"thing {number}" for number in range(40)]
    colours = label_colours(names)
    assert set(colours) == set(names)
    assert all(colours[name] == label_colour(name) for name in names[len(PALETTE) :])


def test_any_text_has_a_colour() -> None:
    for name in ("", "猫", "كلب", "\udcff"):
        assert label_colour(name) in PALETTE


def test_the_ink_reads_on_every_colour() -> None:
    dark = _luminance(INK)
    for colour in PALETTE:
        assert (_luminance(colour) + 0.05) / (dark + 0.05) >= 4.5
