"""The families' tokenizers, with the small `tokenizers` library alone.

Only the words of a tokenizer.json are taken. What is done to a text before and after comes from
here, as transformers itself does it: a foreign file could otherwise make a short text grow
without bounds, or hang in a regular expression.
"""

from __future__ import annotations

import base64
import json
import re
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from engine.errors import ModelInvalid
from engine.vision.checkpoint import REMEDY, JsonObject, as_list, as_object, read_json

T = TypeVar("T")

_START, _END = "<|startoftext|>", "<|endoftext|>"
# The pieces that CLIP's vocabulary was learned on; source: transformers' CLIPTokenizer.
_PIECES = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)
_MOST_CHARACTERS = 8192
"""Of a text; what comes after would be cut off as tokens anyway."""

_MOST_BYTES = 64 * 2**20  # of a tokenizer.json; SigLIP 2's has 35 MB
_MOST_ADDED = 10_000  # words beside a tokenizer's model; Gemma's has some 300
_MOST_LINES = 8 * 2**20  # bytes of a merges.txt or vocab.txt; CLIP's has .5 MB
_MOST_CHARSMAP = 2**20  # bytes; T5's table of characters has .3 MB
_WORD = re.compile(r"[A-Za-z]{3,}")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class Tokenizer:
    """Texts to token ids, at most `positions` of them."""

    _least = 3  # tokens of "a": start, a, end

    def __init__(self, folder: Path, vocabulary: int, positions: int) -> None:
        self._folder = folder
        self._tokenizer = self._guarded(self._load)
        self._guarded(lambda: self._limit(positions))
        largest = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=0)
        if largest >= vocabulary or len(self.encode(["a"])[0]) < self._least:
            raise ModelInvalid(f"The tokenizer in {folder} does not fit its model. {REMEDY}")

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text; see `Words`.

        Raises:
            ModelInvalid: the tokenizer's words do not cover a text.
        """
        clean = [
            text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8") for text in texts
        ]
        encodings = self._guarded(lambda: self._tokenizer.encode_batch(clean))
        return [list(encoding.ids) for encoding in encodings]

    def spelled(self, text: str) -> list[str]:
        """Words that it has no pieces for: it spells them, as it does any row of letters.

        Told by pieces of less than two letters on average, which no word has that came up while
        the pieces were learned. Only words of three Latin letters and more; other scripts are
        spelled in bytes even where a model knows them well.
        """
        words = dict.fromkeys(_WORD.findall(text[:_MOST_CHARACTERS]))
        return [word for word in words if self._spells(word)]

    def _spells(self, word: str) -> bool:
        encoding = self._guarded(lambda: self._tokenizer.encode(word, add_special_tokens=False))
        pieces = [p for p, m in zip(encoding.tokens, encoding.attention_mask, strict=True) if m]
        return "[UNK]" in pieces or len(word) < 2 * len([p for p in pieces if p != "▁"])

    def _load(self) -> Any:
        raise NotImplementedError

    def _limit(self, positions: int) -> None:
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=positions)

    def _guarded(self, work: Callable[[], T]) -> T:
        """Whatever `tokenizers` raises: plain Exception, and for its own bugs a panic."""
        try:
            return work()
        except ModelInvalid:
            raise
        except BaseException as error:
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise ModelInvalid(
                    f"The tokenizer in {self._folder} is damaged. {REMEDY}"
                ) from error
            raise

    def _from_file(self) -> Any | None:
        """tokenizer.json as it is; None without one."""
        from tokenizers import Tokenizer as Words

        path = self._folder / "tokenizer.json"
        if not path.exists():
            return None
        self._check_size(path, _MOST_BYTES)
        words = Words.from_file(str(path))
        if len(words.get_added_tokens_decoder()) > _MOST_ADDED:  # each change sorts them anew
            raise self._not_ours("any that we know")
        return words

    def _text(self, name: str) -> str:
        """A file of lines."""
        path = self._folder / name
        self._check_size(path, _MOST_LINES)
        return path.read_text(encoding="utf-8")

    def _check_size(self, path: Path, most: int) -> None:
        if not path.is_file() or path.stat().st_size > most:
            raise ModelInvalid(f"{path} is too large to be what its name says. {REMEDY}")

    def _not_ours(self, kind: str) -> ModelInvalid:
        return ModelInvalid(f"The tokenizer in {self._folder} is not {kind}. {REMEDY}")

    def _settings(self) -> JsonObject:
        path = self._folder / "tokenizer_config.json"
        return read_json(path) if path.exists() else {}


class ClipTokenizer(Tokenizer):
    """Start, byte pairs, end.

    Args:
        end: the id of the token whose vector is used: nothing after it is given. 2 stands for
            "the largest id", as in old configs. None gives all ids.
    """

    def __init__(
        self, folder: Path, vocabulary: int, positions: int, end: int | None = None
    ) -> None:
        self._end = None  # while "a" is tried
        super().__init__(folder, vocabulary, positions)
        self._end = end

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        rows = super().encode(texts)
        return rows if self._end is None else [_until(row, self._end) for row in rows]

    def _load(self) -> Any:
        """Source: transformers' CLIPTokenizer."""
        from tokenizers import AddedToken, Regex, models, normalizers, pre_tokenizers, processors

        tokenizer = self._from_file() or self._from_pairs()
        model = tokenizer.model
        start, end = tokenizer.token_to_id(_START), tokenizer.token_to_id(_END)
        if (
            not isinstance(model, models.BPE)
            or cast(Any, model).end_of_word_suffix != "</w>"
            or None in (start, end)
        ):
            raise self._not_ours("CLIP's")
        cast(Any, model).dropout = None
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
            (_END, end), (_START, start), False, False
        )
        tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (_START, _END)])
        return tokenizer

    def _from_pairs(self) -> Any:
        from tokenizers import Tokenizer as Words
        from tokenizers import models

        vocabulary = cast("dict[str, int]", dict(read_json(self._folder / "vocab.json")))
        lines = self._text("merges.txt").splitlines()
        merges = [
            (first, second)
            for first, _, second in (line.partition(" ") for line in lines[1:])
            if first and second
        ]
        if _START not in vocabulary or _END not in vocabulary:
            raise self._not_ours("CLIP's")
        return Words(
            models.BPE(
                vocab=vocabulary,
                merges=merges,
                continuing_subword_prefix="",
                end_of_word_suffix="</w>",
                fuse_unk=False,
                unk_token=_END,
            )
        )


class BertTokenizer(Tokenizer):
    """[CLS], word pieces, [SEP]. Each Chinese character is a word of its own."""

    def _load(self) -> Any:
        """Source: transformers' BertTokenizer."""
        from tokenizers import AddedToken, models, normalizers, pre_tokenizers, processors

        settings = self._settings()
        tokenizer = self._from_file() or self._from_lines()
        names = ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]")
        ids = {name: tokenizer.token_to_id(name) for name in names}
        if not isinstance(tokenizer.model, models.WordPiece) or None in list(ids.values())[:3]:
            raise self._not_ours("BERT's")
        accents = settings.get("strip_accents")
        tokenizer.normalizer = normalizers.BertNormalizer(
            clean_text=True,
            handle_chinese_chars=settings.get("tokenize_chinese_chars", True) is not False,
            strip_accents=accents if isinstance(accents, bool) else None,
            lowercase=settings.get("do_lower_case", True) is not False,
        )
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0",
            special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
        )
        tokenizer.add_special_tokens(
            [AddedToken(name, special=True) for name in names if ids[name] is not None]
        )
        return tokenizer

    def _from_lines(self) -> Any:
        from tokenizers import Tokenizer as Words
        from tokenizers import models

        text = self._text("vocab.txt")
        vocabulary = {word: n for n, word in enumerate(text.removesuffix("\n").split("\n"))}
        return Words(models.WordPiece(vocabulary, unk_token="[UNK]"))


class SiglipTokenizer(Tokenizer):
    """Lower case, byte pairs (SigLIP 2) or unigrams (SigLIP), end; padded to `positions`.

    The text tower was trained on padded texts and looks at the padding.
    """

    _canonical = False

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        if self._canonical:
            texts = [_canonical(text[:_MOST_CHARACTERS]) for text in texts]
        return super().encode(texts)

    def _load(self) -> Any:
        """Source: transformers' Siglip2Tokenizer and SiglipTokenizer."""
        from tokenizers import models, processors

        tokenizer = self._from_file()
        if tokenizer is None:
            raise ModelInvalid(f"{self._folder} has no tokenizer.json. {REMEDY}")
        if isinstance(tokenizer.model, models.BPE):
            self._byte_pairs(tokenizer)
        elif isinstance(tokenizer.model, models.Unigram):
            self._unigrams(tokenizer)
        else:
            raise self._not_ours("SigLIP's")
        end = self._id(tokenizer, "eos_token", ("<eos>", "</s>"))
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"$A:0 {end}:0", special_tokens=[(end, tokenizer.token_to_id(end))]
        )
        return tokenizer

    def _byte_pairs(self, tokenizer: Any) -> None:
        from tokenizers import normalizers, pre_tokenizers

        tokenizer.model.dropout = None
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Lowercase(), normalizers.Replace(" ", "▁")]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")

    def _unigrams(self, tokenizer: Any) -> None:
        from tokenizers import Regex, normalizers, pre_tokenizers

        self._canonical = True
        table = _charsmap(tokenizer)
        steps: list[Any] = [] if table is None else [normalizers.Precompiled(table)]
        steps.append(normalizers.Replace(Regex(" {2,}"), " "))
        tokenizer.normalizer = normalizers.Sequence(steps)
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")

    def _limit(self, positions: int) -> None:
        pad = self._id(self._tokenizer, "pad_token", ("<pad>", "</s>"))
        side = self._settings().get("padding_side")
        self._tokenizer.enable_padding(
            direction="left" if side == "left" else "right",
            pad_id=self._tokenizer.token_to_id(pad),
            pad_token=pad,
            length=positions,
        )
        self._tokenizer.enable_truncation(max_length=positions)

    def _id(self, tokenizer: Any, name: str, usual: tuple[str, ...]) -> str:
        """A special token by its name in tokenizer_config.json, or one of the usual ones."""
        told = self._settings().get(name)
        told = as_object(told).get("content", told)
        for token in (told, *usual):
            if isinstance(token, str) and tokenizer.token_to_id(token) is not None:
                return token
        raise self._not_ours("SigLIP's")


def _until(ids: list[int], end: int) -> list[int]:
    """The ids up to the token whose vector is used, as transformers finds it."""
    if end == 2:
        return ids[: ids.index(max(ids)) + 1]
    return ids[: ids.index(end) + 1] if end in ids else ids[:1]


def _canonical(text: str) -> str:
    """A text as SigLIP saw it: lower case, no punctuation, single spaces."""
    return re.sub(r"\s+", " ", text.lower().translate(_PUNCTUATION)).strip()


def _charsmap(tokenizer: Any) -> bytes | None:
    """The table of characters that a sentencepiece model brings; data, no program."""
    if tokenizer.normalizer is None:
        return None
    state = as_object(json.loads(tokenizer.normalizer.__getstate__()))
    for step in [state, *(as_object(part) for part in as_list(state.get("normalizers")))]:
        table = step.get("precompiled_charsmap")
        if isinstance(table, str) and len(table) < _MOST_CHARSMAP:
            return base64.b64decode(table)
    return None
