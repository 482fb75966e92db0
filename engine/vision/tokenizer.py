"""CLIP's byte-pair tokenizer, read with the small `tokenizers` library alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from engine.errors import ModelInvalid
from engine.vision.checkpoint import REMEDY, read_json

_START, _END = "<|startoftext|>", "<|endoftext|>"
# The pieces that CLIP's vocabulary was learned on; source: transformers' CLIPTokenizer.
_PIECES = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)


class ClipTokenizer:
    """Maps texts to token ids: start, byte pairs, end; cut off at `positions` tokens."""

    def __init__(self, folder: Path, vocabulary: int, positions: int) -> None:
        # tokenizers raises plain Exception for whatever it cannot read.
        try:
            self._tokenizer = _load(folder)
        except ModelInvalid:
            raise
        except Exception as error:
            raise ModelInvalid(f"The tokenizer in {folder} is damaged. {REMEDY}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=positions)
        largest = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=0)
        if largest >= vocabulary or len(self._tokenizer.encode("a").ids) < 3:
            raise ModelInvalid(f"The tokenizer in {folder} does not fit its model. {REMEDY}")

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, unpadded. Empty texts give start and end alone."""
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [list(encoding.ids) for encoding in self._tokenizer.encode_batch(clean)]


def _load(folder: Path) -> Any:
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if path.is_file():
        return Tokenizer.from_file(str(path))
    return _from_vocabulary(folder)


def _from_vocabulary(folder: Path) -> Any:
    """Build the tokenizer from vocab.json and merges.txt, as transformers' CLIPTokenizer does."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    vocabulary = cast("dict[str, int]", dict(read_json(folder / "vocab.json")))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [
        (first, second)
        for first, _, second in (line.partition(" ") for line in lines[1:])
        if first and second
    ]
    if _START not in vocabulary or _END not in vocabulary:
        raise ModelInvalid(f"The tokenizer in {folder} is not CLIP's. {REMEDY}")
    tokenizer = Tokenizer(
        models.BPE(
            vocab=vocabulary,
            merges=merges,
            continuing_subword_prefix="",
            end_of_word_suffix="</w>",
            fuse_unk=False,
            unk_token=_END,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.post_processor = processors.RobertaProcessing(
        (_END, vocabulary[_END]), (_START, vocabulary[_START]), False, False
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (_START, _END)])
    return tokenizer
