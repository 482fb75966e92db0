"""Our tokenizer gives the ids of transformers' CLIPTokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.vision.tokenizer import ClipTokenizer

HARD = ["", " ", "a photo of a cat", "A  Photo\tOF\na CAT", "don't we'll I'm", "3.14 + 2², ½",
        "naïve café", "日本語の写真", "🐈‍⬛ cat", "<|startoftext|>a<|endoftext|>b",
        "<|endoftext|>", "x" * 500, "many words " * 60, "\u202eevil\u0000", "ﬁ ǅ İ ß"]  # fmt: skip


@pytest.fixture(scope="module")
def both() -> Any:
    from transformers import CLIPTokenizer

    folder = Path(__file__).resolve().parents[4] / "shared" / "data" / "clip_tokenizer"
    if not folder.is_dir():
        pytest.skip("CLIP's vocabulary is not beside this checkout")
    return ClipTokenizer(folder, 49408, 77), CLIPTokenizer.from_pretrained(folder)


def test_known_ids(both: Any):
    assert both[0].encode(["a photo of a cat"]) == [[49406, 320, 1125, 539, 320, 2368, 49407]]


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_hard_texts_agree(text: str, both: Any):
    ours, theirs = both
    assert ours.encode([text])[0] == theirs(text, truncation=True, max_length=77)["input_ids"]


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_agrees(text: str, both: Any):
    ours, theirs = both
    assert ours.encode([text])[0] == theirs(text, truncation=True, max_length=77)["input_ids"]


def test_a_saved_tokenizer_gives_the_same(both: Any, tmp_path: Path):
    ours, theirs = both
    theirs.save_pretrained(tmp_path)
    assert (tmp_path / "tokenizer.json").is_file()
    saved = ClipTokenizer(tmp_path, 49408, 77)
    assert saved.encode(HARD) == ours.encode(HARD)


def test_half_a_surrogate_does_not_stop_a_query(both: Any):
    assert both[0].encode(["cat \ud83d"])[0][0] == 49406
