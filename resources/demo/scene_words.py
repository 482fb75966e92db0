"""The words of the demo: what may be in a scene, and how a scene is told in English."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

LABELS = (
    "cat", "dog", "truck", "couch", "remote control", "dress", "shirt", "car",
    "house", "tree", "boat", "flower", "cup", "ball", "bird", "sun",
)  # fmt: skip

# The colours each thing comes in: those a person would believe.
ITS_COLOURS: dict[str, tuple[str, ...]] = {
    "cat": ("black", "white", "orange", "grey", "brown"),
    "dog": ("black", "white", "brown", "grey", "orange"),
    "truck": ("red", "blue", "green", "yellow", "white", "orange", "purple"),
    "couch": ("red", "blue", "green", "grey", "brown", "purple", "pink", "yellow"),
    "remote control": ("black", "grey", "white", "blue", "red"),
    "dress": ("red", "blue", "green", "yellow", "pink", "purple", "black", "white", "orange"),
    "shirt": ("red", "blue", "green", "yellow", "pink", "purple", "black", "white", "orange"),
    "car": ("red", "blue", "green", "yellow", "white", "black", "grey", "pink", "orange"),
    "house": ("red", "blue", "yellow", "white", "green", "pink", "orange"),
    "tree": ("green", "orange", "yellow", "red", "pink"),
    "boat": ("red", "blue", "green", "yellow", "black", "orange", "brown", "purple"),
    "flower": ("red", "blue", "yellow", "pink", "purple", "white", "orange"),
    "cup": ("red", "blue", "green", "yellow", "white", "pink", "orange", "purple", "brown"),
    "ball": ("red", "blue", "green", "yellow", "pink", "purple", "orange"),
    "bird": ("red", "blue", "yellow", "black", "white", "green", "brown", "pink"),
    "sun": ("yellow", "orange", "red"),
}

NAMES: dict[str, tuple[str, ...]] = {
    "cat": ("cat", "kitty", "kitten"),
    "dog": ("dog", "puppy", "hound"),
    "truck": ("truck", "lorry"),
    "couch": ("couch", "sofa", "settee"),
    "remote control": ("remote control", "remote", "tv remote"),
    "dress": ("dress", "gown", "frock"),
    "shirt": ("shirt", "blouse", "t-shirt"),
    "car": ("car", "automobile"),
    "house": ("house", "cottage", "building"),
    "tree": ("tree",),
    "boat": ("boat", "sailboat", "ship"),
    "flower": ("flower", "blossom", "bloom"),
    "cup": ("cup", "mug", "coffee cup"),
    "ball": ("ball", "toy ball"),
    "bird": ("bird", "songbird"),
    "sun": ("sun", "sunshine"),
}

KINDS: dict[str, tuple[str, ...]] = {
    "animal": ("cat", "dog", "bird"),
    "pet": ("cat", "dog"),
    "vehicle": ("car", "truck", "boat"),
    "plant": ("tree", "flower"),
    "piece of clothing": ("dress", "shirt"),
    "piece of furniture": ("couch",),
}

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "grey": ("grey", "gray"),
    "purple": ("purple", "violet"),
    "red": ("red", "scarlet"),
}

PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "meadow": ("in a meadow", "on the grass", "in a green field", "in the grass", "on a lawn"),
    "beach": ("on the beach", "at the seaside", "by the sea", "at the beach", "on a beach"),
    "snow": ("in the snow", "on the snow", "in winter", "on a snowy day", "in a snowy field"),
    "street": ("on the street", "in the city", "on a street", "in the street", "on the road"),
    "room": ("in a room", "indoors", "in the living room", "inside", "in a living room"),
    "mountains": ("in the mountains", "by the mountains", "in front of mountains"),
    "desert": ("in the desert", "in a desert", "among the dunes"),
}
PLACE_NOUNS: dict[str, tuple[str, ...]] = {
    "meadow": ("meadow", "grass", "a green field", "lawn"),
    "beach": ("beach", "the beach", "sea", "the seaside", "seaside"),
    "snow": ("snow", "winter", "snowy field", "a snowy day"),
    "street": ("street", "city", "a city street", "road"),
    "room": ("room", "indoors", "a living room", "living room", "inside"),
    "mountains": ("mountains", "the mountains", "mountain"),
    "desert": ("desert", "dunes", "the desert"),
}
NIGHT_WORDS = ("at night", "by night", "after dark", "in the dark", "under the moon")
NIGHT_NOUNS = ("night", "at night", "night time", "a dark night", "moon", "after dark")
COUNT_WORDS = {2: ("two", "two", "two", "2", "a pair of"), 3: ("three", "three", "3")}


@dataclass(frozen=True, order=True)
class Item:
    """Some equal things of a scene: `count` of `label`, all in `colour`."""

    label: str
    colour: str
    count: int = 1


@dataclass(frozen=True)
class Scene:
    """What a scene shows; `seat` says that the other things sit on the couch."""

    place: str
    night: bool
    items: tuple[Item, ...]
    seat: bool = False

    @property
    def signature(self) -> tuple[object, ...]:
        """All that a full caption tells: equal for scenes no caption can tell apart."""
        return (self.place, self.night, tuple(sorted(self.items)))


def plural(noun: str) -> str:
    """The plural of one of the nouns above."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun + "s"


def _article(words: str) -> str:
    return "an" if words[0] in "aeiou" else "a"


def colour_word(colour: str, rng: Random | None) -> str:
    """A word for the colour; the plain one without `rng`."""
    words = COLOUR_WORDS.get(colour, (colour,))
    return words[0] if rng is None or rng.random() < 0.7 else rng.choice(words)


def noun_for(label: str, rng: Random | None) -> str:
    """A noun for the label; the plain one without `rng`."""
    if rng is None or rng.random() < 0.5:
        return label
    return rng.choice(NAMES[label])


def item_phrase(item: Item, rng: Random | None, *, colour: bool = True) -> str:
    """For instance "two black cats" or "a red dress"."""
    noun = noun_for(item.label, rng)
    if item.count > 1:
        noun = plural(noun)
    words = f"{colour_word(item.colour, rng)} {noun}" if colour else noun
    if item.count > 1:
        counts = COUNT_WORDS[item.count]
        return f"{counts[0] if rng is None else rng.choice(counts)} {words}"
    if item.label == "sun" and not colour:
        return "the sun"
    return f"{_article(words)} {words}"


def place_phrase(scene: Scene, rng: Random | None) -> str:
    """For instance "on the beach at night"."""
    places = PLACE_WORDS[scene.place]
    where = places[0] if rng is None else rng.choice(places)
    if scene.night:
        where += " " + (NIGHT_WORDS[0] if rng is None else rng.choice(NIGHT_WORDS))
    return where


def join(phrases: list[str]) -> str:
    """Phrases as an English list."""
    if len(phrases) == 1:
        return phrases[0]
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]


def full_caption(scene: Scene, rng: Random | None) -> str:
    """A caption that names every thing with colour and count, the place and the night."""
    couch = [i for i in scene.items if i.label == "couch"]
    others = [i for i in scene.items if i.label != "couch"]
    if rng is not None and not scene.seat:
        others = rng.sample(others, len(others))
    where = place_phrase(scene, rng)
    if scene.seat and couch and others:
        what = join([item_phrase(i, rng) for i in others]) + " on " + item_phrase(couch[0], rng)
    else:
        what = join([item_phrase(i, rng) for i in [*others, *couch]])
    if rng is None:
        return f"{what} {where}"
    form = rng.random()
    if form < 0.15:
        return f"a photo of {what} {where}"
    if form < 0.22:
        return f"a picture of {what} {where}"
    if form < 0.30:
        return f"{where}, {what}"
    return f"{what} {where}"
