"""What the detector is asked while it learns: texts, and which things each of them means."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from scene_pen import COLOURS
from scene_words import (
    COUNT_WORDS,
    ITS_COLOURS,
    KINDS,
    LABELS,
    NAMES,
    NIGHT_NOUNS,
    PLACE_NOUNS,
    colour_word,
    noun_for,
    plural,
)

COLOUR_LIST = list(COLOURS)
# Not in any scene; some begin like a thing that is.
_OTHERS = """
person man woman child baby hand face horse cow sheep elephant bear zebra giraffe lion bicycle
motorcycle bus train rocket tractor helicopter skateboard bench umbrella handbag tie suitcase kite
surfboard bottle glass fork knife spoon bowl banana apple sandwich broccoli carrot cake chair table
bed toilet television laptop mouse keyboard phone oven sink fridge book clock vase scissors
toothbrush door window wall floor roof cloud sky mountain river bridge tower rock star moon fence
lamp mirror carpet cart catalogue cupboard hat shoe sock trousers jacket glove belt ring watch bag
box paper pen guitar piano drum fish snake frog spider butterfly duckling mushroom cactus leaf
bread cheese egg soup candle cards wheel ladder bucket rope flag statue fountain station market
airport garden guest dogma carton boatman dressing sunday birch cathedral truckload balloon flour
cupid housing cotton teddy-bear traffic-light road-sign
"""


def _article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def phrase(noun: str, many: str, rng: Random) -> str:
    """One of the ways to ask for a thing, by its name or for several of it."""
    form = rng.random()
    if form < 0.28:
        return f"a photo of {_article(noun)}"
    if form < 0.34:  # what comes of a plural that an application puts into the usual template
        count = rng.choice(("", "", "two ", "three ", "some "))
        return f"a photo of a {count}{many}"
    if form < 0.50:
        return noun
    if form < 0.66:
        return _article(noun)
    if form < 0.74:
        start = rng.choice(("the", "photo of a", "a picture of a", "this is a", "one", "my"))
        return f"{start} {noun}"
    if form < 0.84:
        return many
    if form < 0.92:
        count = rng.choice((*COUNT_WORDS[2], *COUNT_WORDS[3], "some", "several", "many", "the"))
        return f"{count} {many}"
    count = rng.choice((*COUNT_WORDS[2], *COUNT_WORDS[3], "some", "several"))
    return f"a photo of {count} {many}"


def _of_label(label: str, colour: str | None, rng: Random) -> str:
    noun = noun_for(label, rng)
    tint = f"{colour_word(colour, rng)} " if colour else ""
    return phrase(tint + noun, tint + plural(noun), rng)


def _of_colour(colour: str, rng: Random) -> str:
    word = colour_word(colour, rng)
    return rng.choice((f"something {word}", f"{_article(word)} thing", f"{word} things"))


def _of_kind(kind: str, rng: Random) -> str:
    many = {"piece of clothing": "clothes", "piece of furniture": "furniture"}
    return phrase(kind, many.get(kind, plural(kind)), rng)


def _unknown(rng: Random) -> str:
    form = rng.random()
    if form < 0.25:
        word = "".join(rng.choice("etaoinshrdlucmfwypvbgk") for _ in range(rng.randint(3, 9)))
    elif form < 0.35:
        word = rng.choice((*NIGHT_NOUNS, *rng.choice(list(PLACE_NOUNS.values()))))
    else:
        word = rng.choice(_OTHERS.split()).replace("-", " ")
    if rng.random() < 0.25:
        word = f"{rng.choice(COLOUR_LIST)} {word}"
    return phrase(word, plural(word), rng)


def ask(present: Sequence[tuple[int, int]], rng: Random) -> tuple[list[str], np.ndarray]:
    """Texts for one training step.

    Args:
        present: the label and colour (as numbers) of the things in the batch's pictures.
        rng: makes the choice.

    Returns:
        The texts, and a bool array (texts, labels, colours): what each text means.
    """
    every = list(range(len(COLOUR_LIST)))
    all_labels = list(range(len(LABELS)))
    asked: list[tuple[str, list[int], list[int]]] = [
        (_of_label(LABELS[label], None, rng), [label], every)
        for label in (*all_labels, *rng.sample(all_labels, 8))
    ]
    pairs = [rng.choice(present) for _ in range(22)] if present else []
    for label, _ in pairs[:12]:  # the same thing in another colour
        its = ITS_COLOURS[LABELS[label]]
        other = COLOUR_LIST.index(rng.choice(its)) if rng.random() < 0.8 else rng.choice(every)
        asked.append((_of_label(LABELS[label], COLOUR_LIST[other], rng), [label], [other]))
    asked += [
        (_of_label(LABELS[label], COLOUR_LIST[colour], rng), [label], [colour])
        for label, colour in pairs
    ]
    for _, colour in pairs[:6]:  # the same colour on another thing
        other = rng.choice(all_labels)
        asked.append((_of_label(LABELS[other], COLOUR_LIST[colour], rng), [other], [colour]))
    tints = rng.sample(every, 4)
    asked += [(_of_colour(COLOUR_LIST[tint], rng), all_labels, [tint]) for tint in tints]
    for kind in rng.sample(list(KINDS), 3):
        labels = [LABELS.index(label) for label in KINDS[kind]]
        asked.append((_of_kind(kind, rng), labels, every))
    asked += [(_unknown(rng), [], []) for _ in range(16)]
    means = np.zeros((len(asked), len(LABELS), len(COLOUR_LIST)), bool)
    for row, (_, labels, colours) in enumerate(asked):
        means[row][np.ix_(labels, colours)] = True
    return [text for text, _, _ in asked], means


def forms(label: str) -> list[str]:
    """Ways to ask for the label that a user would try; the evaluation compares them."""
    many = plural(label)
    wordings = [label, _article(label), f"a photo of {_article(label)}", many, f"two {many}"]
    return [*wordings, *(name for name in NAMES[label] if name != label)]
