"""What is true of a scene, and training captions that say parts of it.

A caption carries the facts it claims, so the training knows every picture of a batch a caption
is true of, not only the one it was written for.
"""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
from scene_pen import COLOURS
from scene_places import PLACES
from scene_words import (
    KINDS,
    LABELS,
    NIGHT_NOUNS,
    NIGHT_WORDS,
    PLACE_NOUNS,
    PLACE_WORDS,
    Item,
    Scene,
    colour_word,
    full_caption,
    item_phrase,
    join,
    noun_for,
    place_phrase,
    plural,
)

Fact = tuple[object, ...]

_ALL: list[Fact] = [
    *(("is", label) for label in LABELS),
    *(("in", label, colour) for label, colour in product(LABELS, COLOURS)),
    *(("many", label, n) for label, n in product(LABELS, (1, 2, 3))),
    *(("all", label, c, n) for label, c, n in product(LABELS, COLOURS, (1, 2, 3))),
    *(("colour", colour) for colour in COLOURS),
    *(("place", place) for place in PLACES),
    *(("kind", kind) for kind in KINDS),
    *(("seat", label) for label in LABELS),
    ("night",),
]
FACTS: dict[Fact, int] = {fact: i for i, fact in enumerate(_ALL)}


def item_facts(item: Item) -> list[Fact]:
    """Everything true of the item alone."""
    return [
        ("is", item.label),
        ("in", item.label, item.colour),
        ("many", item.label, item.count),
        ("all", item.label, item.colour, item.count),
    ]


def scene_facts(scene: Scene) -> np.ndarray:
    """The scene's facts as a row of zeros and ones."""
    facts: list[Fact] = [("place", scene.place)]
    if scene.night:
        facts.append(("night",))
    for item in scene.items:
        facts += [*item_facts(item), ("colour", item.colour)]
        facts += [("kind", kind) for kind, labels in KINDS.items() if item.label in labels]
        if scene.seat and item.label != "couch":
            facts.append(("seat", item.label))
    return row_of(facts)


def row_of(facts: list[Fact]) -> np.ndarray:
    """Facts as a row of zeros and ones."""
    row = np.zeros(len(FACTS), np.float32)
    row[[FACTS[fact] for fact in facts]] = 1
    return row


def told_in_full(scene: Scene, rng: Random) -> tuple[str, list[Fact]]:
    """A full caption and all that it claims."""
    facts: list[Fact] = [("place", scene.place), *([("night",)] if scene.night else [])]
    for item in scene.items:
        facts += item_facts(item)
    return full_caption(scene, rng), facts


def _frame(words: str, bare: str, rng: Random) -> str:
    form = rng.random()
    if form < 0.30:
        return f"a photo of {words}"
    if form < 0.38:
        return f"{rng.choice(('a picture of', 'an image of', 'photo of', 'this is'))} {words}"
    if form < 0.68:
        return words
    return bare


def _of_label(item: Item, rng: Random) -> tuple[str, list[Fact]]:
    noun = noun_for(item.label, rng)
    if item.count > 1 and rng.random() < 0.4:
        many = plural(noun)
        return _frame(many, rng.choice((many, f"some {many}")), rng), [("is", item.label)]
    article = "the" if item.label == "sun" else ("an" if noun[0] in "aeiou" else "a")
    return _frame(f"{article} {noun}", noun, rng), [("is", item.label)]


def _of_place(scene: Scene, rng: Random) -> tuple[str, list[Fact]]:
    place, night = ("place", scene.place), ("night",)
    if scene.night and rng.random() < 0.5:
        if rng.random() < 0.6:
            words = rng.choice((*NIGHT_NOUNS, *NIGHT_WORDS))
            return _frame(words, words, rng), [night]
        words = rng.choice(PLACE_NOUNS[scene.place]) + " " + rng.choice(NIGHT_WORDS)
        return _frame(words, words, rng), [place, night]
    words = rng.choice((*PLACE_NOUNS[scene.place], *PLACE_WORDS[scene.place]))
    return _frame(words, words, rng), [place]


def _of_colour(item: Item, rng: Random) -> tuple[str, list[Fact]]:
    colour = colour_word(item.colour, rng)
    article = "an" if colour[0] in "aeiou" else "a"
    forms = (f"something {colour}", colour, f"{article} {colour} thing", f"{colour} things")
    words = rng.choice(forms)
    return _frame(words, words, rng), [("colour", item.colour)]


def _of_kind(item: Item, rng: Random) -> tuple[str, list[Fact]] | None:
    kinds = [kind for kind, labels in KINDS.items() if item.label in labels]
    if not kinds:
        return None
    kind = rng.choice(kinds)
    words = ("an " if kind[0] in "aeiou" else "a ") + kind
    bare = {"piece of clothing": "clothes", "piece of furniture": "furniture"}.get(kind, kind)
    if bare == kind and rng.random() < 0.5:
        bare = plural(kind)
    return _frame(words, bare, rng), [("kind", kind)]


def told_in_part(scene: Scene, rng: Random) -> tuple[str, list[Fact]]:
    """A short caption, such as a person would type, and what it claims."""
    item = rng.choice(scene.items)
    form = rng.random()
    if form < 0.30:
        return _of_label(item, rng)
    if form < 0.50:
        words = item_phrase(Item(item.label, item.colour, 1), rng)
        return _frame(words, words.split(" ", 1)[1], rng), [("in", item.label, item.colour)]
    if form < 0.60:
        if item.count == 1:
            item = max(scene.items, key=lambda i: i.count)
        if item.count > 1:
            colour = rng.random() < 0.5
            words = item_phrase(item, rng, colour=colour)
            fact = ("all", *_parts(item)) if colour else ("many", item.label, item.count)
            return _frame(words, words, rng), [fact]
        return _of_label(item, rng)
    if form < 0.70:
        return _of_place(scene, rng)
    if form < 0.82:
        colour = rng.random() < 0.5
        one = Item(item.label, item.colour, 1)
        words = item_phrase(one, rng, colour=colour) + " "
        facts: list[Fact] = [("in", item.label, item.colour) if colour else ("is", item.label)]
        facts.append(("place", scene.place))
        if scene.night and rng.random() < 0.6:
            words += place_phrase(scene, rng)
            facts.append(("night",))
        else:
            words += rng.choice(PLACE_WORDS[scene.place])
        return _frame(words, words, rng), facts
    if form < 0.87:
        return _of_colour(item, rng)
    if form < 0.91:
        return _of_kind(item, rng) or _of_label(item, rng)
    if scene.seat and form < 0.97:
        return _on_couch(scene, rng)
    if len(scene.items) > 1:
        two = rng.sample(scene.items, 2)
        words = join([item_phrase(Item(i.label, i.colour, 1), rng, colour=False) for i in two])
        return _frame(words, words, rng), [("is", i.label) for i in two]
    return _of_label(item, rng)


def _on_couch(scene: Scene, rng: Random) -> tuple[str, list[Fact]]:
    guest = next(i for i in scene.items if i.label != "couch")
    counted = guest.count > 1
    colour = rng.random() < 0.3
    words = item_phrase(guest, rng, colour=colour) + f" on a {noun_for('couch', rng)}"
    facts: list[Fact] = [("seat", guest.label), ("is", guest.label)]
    if colour:
        facts.append(("all", *_parts(guest)))
    elif counted:
        facts.append(("many", guest.label, guest.count))
    return _frame(words, words, rng), facts


def _parts(item: Item) -> tuple[str, str, int]:
    return item.label, item.colour, item.count


def with_stray_word(text: str, rng: Random) -> str:
    """Now and then an unknown word in the caption, so that such words do little harm."""
    if rng.random() > 0.04:
        return text
    stray = "".join(rng.choice("etaoinshrdlucmfwypvbgk") for _ in range(rng.randint(3, 8)))
    words = text.split()
    words.insert(rng.randint(0, len(words)), stray)
    return " ".join(words)
