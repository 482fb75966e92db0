"""Builds the demo model's word pieces and its tokenizer files."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

from scene_words import (
    COLOUR_WORDS,
    COUNT_WORDS,
    ITS_COLOURS,
    KINDS,
    NAMES,
    NIGHT_NOUNS,
    NIGHT_WORDS,
    PLACE_NOUNS,
    PLACE_WORDS,
    plural,
)
from transformers import CLIPTokenizer

TEXT_LENGTH = 77
_FRAME = """a an the and on in at with of photo picture image photograph drawing some something
several many there is are one thing things show me my our this that day kitties puppies"""


def _bytes_as_letters() -> list[str]:
    """One printable letter per byte, as byte-level BPE writes them."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(b) for b in plain]
    return letters + [chr(256 + i) for i in range(256 - len(plain))]


def words() -> list[str]:
    """Every word the training captions use."""
    texts = [_FRAME, *NIGHT_NOUNS, *NIGHT_WORDS]
    for names in NAMES.values():
        texts += [*names, *map(plural, names)]
    for kind in KINDS:
        texts += [kind, plural(kind), "clothes", "clothing", "furniture", "pieces"]
    for group in (COLOUR_WORDS, PLACE_WORDS, PLACE_NOUNS, COUNT_WORDS):
        for phrases in group.values():
            texts += phrases
    for colours in ITS_COLOURS.values():
        texts += colours
    split = {word for text in texts for word in text.replace("-", " ").split()}
    return sorted(word for word in split if word.isalpha())


def _learn_merges(known: list[str]) -> list[tuple[str, str]]:
    """Byte-pair merges, most frequent first, that make one piece of every word.

    Ties go by the alphabet: the tokenizers library breaks them by chance, and then two runs
    number the pieces differently.
    """
    spelled = [[*word[:-1], word[-1] + "</w>"] for word in known]
    merges: list[tuple[str, str]] = []
    while True:
        pairs = Counter(pair for word in spelled for pair in pairwise(word))
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word in spelled:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = [best[0] + best[1]]
                i += 1


def make_tokenizer() -> CLIPTokenizer:
    """A CLIP tokenizer that knows every training word as one piece and spells all others."""
    letters = _bytes_as_letters()
    merges = _learn_merges(words())
    pieces = letters + [letter + "</w>" for letter in letters]
    pieces += dict.fromkeys(left + right for left, right in merges)
    vocab = {piece: i for i, piece in enumerate(pieces)}
    vocab["<|startoftext|>"] = len(vocab)
    vocab["<|endoftext|>"] = len(vocab)
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=TEXT_LENGTH)


def save_tokenizer(folder: Path) -> CLIPTokenizer:
    """Writes vocab.json, merges.txt and tokenizer.json into `folder`."""
    tokenizer = make_tokenizer()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    tokenizer.backend_tokenizer.model.save(str(folder))
    return tokenizer
