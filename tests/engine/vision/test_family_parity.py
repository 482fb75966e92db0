"""Every family against transformers itself: pixels, token ids, vectors, probabilities."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plan_in_numpy as numpy_engine
import pytest
from PIL import Image
from plan_in_numpy import unit
from tiny_clip import random_pixels
from tiny_families import SIDE, Theirs, write_family

from engine.files import picture
from engine.types import ModelSlot
from engine.vision.families import FAMILIES
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.zero_shot import probabilities, read_scale

SEARCH = [name for name, family in FAMILIES.items() if family.slot is ModelSlot.SEARCH]
DETECT = [name for name in FAMILIES if name not in SEARCH]
TEXTS = ["a red dog", "cat", "", "  ", "Two  CATS, on a couch; DON'T!", "naïve CAFÉ ÀÉÎ", "3.14²",
         "一只猫在沙发上的照片", "日本語の写真", "🐈‍⬛ cat 🐕", "word " * 300, "x" * 300,
         "<eos> cat",         "[SEP] cat [CLS]", "<|endoftext|> hidden", "\u202eevil\u0000\n\tcat",
         "İstanbul ΟΔΟΣ ß ﬁ"]  # fmt: skip


class Both:
    def __init__(self, name: str, folder: Path) -> None:
        self.family = FAMILIES[name]
        self.files: ModelFiles = ModelStore(folder / "store").resolve(str(folder), None)
        self.theirs = Theirs(name, folder)
        self.words = self.family.tokenizer(self.files)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    return {name: _make(name, tmp_path_factory.mktemp(name)) for name in FAMILIES}


def _make(name: str, folder: Path, **more: Any) -> Both:
    write_family(name, folder, **more)
    return Both(name, folder)


def _pictures() -> list[Any]:
    """Upright pictures of several shapes, larger and smaller than the model's; smooth."""
    random = np.random.default_rng(5)
    pictures: list[Any] = []
    for size in [(50, 50), (90, 40), (41, 97), (30, 20), (SIDE, SIDE)]:
        noise = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        pictures.append(np.asarray(Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)))
    return pictures


@pytest.mark.parametrize("name", FAMILIES)
def test_it_is_recognised_and_described(name: str, made: dict[str, Both]):
    files = made[name].files
    assert files.family == name
    assert files.info.slot is FAMILIES[name].slot
    assert (files.spec.crop, files.config.vision.patch_size) == (SIDE, 8)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_weight_is_expected_and_none_is_forgotten(name: str, made: dict[str, Both]):
    both = made[name]
    expected = {key for key, _ in both.family.expected_shapes(both.files.config)}
    assert expected == set(both.files.tensors)
    assert expected == set(both.theirs.model.state_dict())


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("name", FAMILIES)
def test_token_ids_agree(name: str, text: str, made: dict[str, Both]):
    theirs = made[name].theirs.words([text])
    ids, mask = theirs["input_ids"][0].tolist(), theirs["attention_mask"][0].tolist()
    if name != "siglip":
        ids = [token for token, seen in zip(ids, mask, strict=True) if seen]
    if name in ("clip", "owlvit", "owlv2"):
        end = made[name].theirs.tokenizer.eos_token_id
        ids = ids[: ids.index(end) + 1]
    assert made[name].words.encode([text]) == [ids]


@pytest.mark.parametrize("name", SEARCH)
def test_vectors_and_probabilities_agree(name: str, made: dict[str, Both]):
    both = made[name]
    pixels = random_pixels(5, SIDE)
    theirs = both.theirs.answer(pixels, TEXTS)
    images = unit(numpy_engine.run_image(both.family.image_plan(both.files), pixels))
    ids = both.words.encode(TEXTS)
    texts = unit(numpy_engine.run_text(both.family.text_plan(both.files), ids))
    assert images.shape == (5, both.files.space.dim)
    assert np.abs(images - theirs.image_embeds.numpy()).max() < 1e-5
    assert np.abs(texts - theirs.text_embeds.numpy()).max() < 1e-5
    assert np.abs(images - images[:1]).max() > 0.05  # and not because all is alike
    assert np.abs(texts - texts[:1]).max() > 0.02

    scale = read_scale(both.files)
    logits = theirs.logits_per_image
    expected = (logits.sigmoid() if both.family.sigmoid else logits.softmax(1)).numpy()
    prompts = texts.astype(np.float32)
    for image, share in zip(images.astype(np.float32), expected, strict=True):
        ours = probabilities(image, prompts, scale.factor, scale.bias, sigmoid=scale.sigmoid)
        assert np.abs(ours - share).max() < 1e-4


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("name", [*SEARCH, "owlvit"])
def test_pixels_agree(name: str, number: int, made: dict[str, Both]):
    """What we give to the tower, normalised, is what transformers' own processor gives."""
    both = made[name]
    original = _pictures()[number]
    theirs = both.theirs.processor(images=[original], return_tensors="np")["pixel_values"][0]
    given = picture.model_input(Image.fromarray(original), both.files.spec)
    values = (
        np.asarray(given) / 255 - both.files.preprocessing.mean
    ) / both.files.preprocessing.std
    steps = np.abs(values.transpose(2, 0, 1) - theirs) * 255 * np.min(both.files.preprocessing.std)
    assert steps.max() < 1.01  # one grey value: the resize rounds a little differently
    assert steps.mean() < 0.15


@pytest.mark.parametrize("name", DETECT)
def test_a_detectors_towers_agree(name: str, made: dict[str, Both]):
    both = made[name]
    pixels = random_pixels(3, SIDE)
    theirs = both.theirs.answer(pixels, TEXTS[:2] * 3)
    texts = unit(
        numpy_engine.run_text(both.family.text_plan(both.files), both.words.encode(TEXTS[:2]))
    )
    assert np.abs(texts - theirs.text_embeds.numpy()[0]).max() < 1e-5
    plan = replace(both.family.image_plan(both.files), heads=None)
    tokens = numpy_engine.run_image(plan, pixels)
    model = getattr(both.theirs.model, name)
    last = theirs.vision_model_output.last_hidden_state
    expected = model.vision_model.post_layernorm(last.clone()).detach().numpy()
    assert tokens.shape == expected.shape == (3, (SIDE // 8) ** 2 + 1, 48)
    assert np.abs(tokens - expected).max() < 1e-4


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu", "relu", "gelu_new", "silu"])
@pytest.mark.parametrize("name", SEARCH)
def test_every_activation_agrees(name: str, activation: str, tmp_path: Path):
    both = _make(name, tmp_path, activation=activation)
    pixels = random_pixels(2, SIDE)
    theirs = both.theirs.answer(pixels, TEXTS[:2])
    images = unit(numpy_engine.run_image(both.family.image_plan(both.files), pixels))
    ids = both.words.encode(TEXTS[:2])
    texts = unit(numpy_engine.run_text(both.family.text_plan(both.files), ids))
    assert np.abs(images - theirs.image_embeds.numpy()).max() < 1e-5
    assert np.abs(texts - theirs.text_embeds.numpy()).max() < 1e-5


def test_the_files_of_the_hub_are_read_as_transformers_reads_them(tmp_path: Path):
    """The real Chinese CLIP has vocab.txt and nothing else, the real OWL-ViT lists its size."""
    write_family("chinese_clip", tmp_path)
    assert not (tmp_path / "tokenizer.json").exists()
    Theirs("chinese_clip", tmp_path).tokenizer.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    saved = Both("chinese_clip", tmp_path)
    for text in TEXTS:
        theirs = saved.theirs.words([text])["input_ids"][0].tolist()
        assert saved.words.encode([text]) == [theirs]


def test_an_old_list_of_sides(tmp_path: Path):
    write_family("owlvit", tmp_path)
    path = tmp_path / "preprocessor_config.json"
    raw = json.loads(path.read_text()) | {"size": [SIDE, SIDE], "crop_size": SIDE}
    path.write_text(json.dumps(raw))
    assert ModelStore(tmp_path / "s").resolve(str(tmp_path), None).spec.crop == SIDE
