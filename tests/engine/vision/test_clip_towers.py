"""The two towers against transformers itself, and how they behave side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_clip import TINY, load_reference, random_pixels, write_checkpoint

from engine.errors import ModelError, ModelInvalid
from engine.vision import clip as clip_module
from engine.vision import openvino_engine
from engine.vision.agreement import agreement, sample_pixels
from engine.vision.clip import ClipModel, open_clip
from engine.vision.engines import EngineFailed, Way
from engine.vision.models import ModelStore
from engine.vision.zero_shot import probabilities

TEXTS = ["a red dog", "cat", "", "two  CATS, on a couch; don't!", "été 日本 🐈", "word " * 100,
         "<|endoftext|> hidden", "a photo of a red cat"]  # fmt: skip


@pytest.mark.usefixtures("exact")
def test_both_towers_answer_as_transformers_does(
    tiny: ClipModel, reference: Callable[[Any, list[str]], Any]
):
    pixels = random_pixels(5, 32)
    theirs = reference(pixels, TEXTS)
    images, texts = tiny.image.embed(pixels), tiny.text.embed(TEXTS)
    assert tiny.precision == "fp32"
    assert images.dtype == texts.dtype == np.float32
    assert (images * theirs.image_embeds.numpy()).sum(1) == pytest.approx(1, abs=1e-5)
    assert np.abs(texts - theirs.text_embeds.numpy()).max() < 1e-4
    assert np.linalg.norm(images, axis=1) == pytest.approx(1, abs=1e-6)
    shares = theirs.logits_per_image.softmax(1).numpy()
    ours = np.stack([probabilities(image, texts, tiny.logit_scale) for image in images])
    assert np.abs(ours - shares).max() < 1e-4


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu", "relu", "gelu_new"])
@pytest.mark.usefixtures("exact")
def test_every_activation_and_an_odd_size_agree(
    activation: str, tmp_path: Path, tiny_folder: Path, store: ModelStore
):
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).write_bytes((tiny_folder / name).read_bytes())
    tower = TINY["text"] | {"hidden_act": activation, "layer_norm_eps": 1e-3}
    write_checkpoint(
        tmp_path, 520, text=tower, vision={**tower, "image_size": 30, "patch_size": 8}, dim=16
    )
    model = open_clip(store.resolve(str(tmp_path)))
    pixels = random_pixels(3, 30)
    theirs = load_reference(tmp_path)(pixels, ["a dog", "a cat"])
    assert (model.image.embed(pixels) * theirs.image_embeds.numpy()).sum(1).min() > 0.9999
    assert np.abs(model.text.embed(["a dog", "a cat"]) - theirs.text_embeds.numpy()).max() < 1e-4


@pytest.mark.usefixtures("exact")
def test_a_checkpoint_of_real_depth_agrees(tmp_path: Path, tiny_folder: Path, store: ModelStore):
    """A random ViT-B/32, narrower: deep enough for an error to grow. test_parity has its width."""
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).write_bytes((tiny_folder / name).read_bytes())
    narrow = {"hidden_size": 256, "intermediate_size": 1024, "num_attention_heads": 4}
    write_checkpoint(tmp_path, 520, text={"num_hidden_layers": 3}, vision=narrow)
    model = open_clip(store.resolve(str(tmp_path)))
    pixels = sample_pixels(224, 3)
    texts = ["a photo of a red dress", "a cat"]
    theirs = load_reference(tmp_path)(pixels, texts)
    images = model.image.embed(pixels)
    assert (images * theirs.image_embeds.numpy()).sum(1).min() > 0.9999
    assert agreement(images, theirs.image_embeds.numpy()) > 0.9999
    assert np.abs(model.text.embed(texts) - theirs.text_embeds.numpy()).max() < 1e-4


def test_vectors_do_not_depend_on_the_batch(tiny: ClipModel):
    pixels = random_pixels(21, 32)
    together = tiny.image.embed(pixels)
    alone = np.concatenate([tiny.image.embed(pixels[n : n + 1]) for n in range(21)])
    assert np.abs(together - alone).max() < 2e-2  # 16 bits round by shape
    assert tiny.image.embed(pixels[:0]).shape == (0, 24)
    pixels.flags.writeable = False
    assert tiny.image.embed(pixels[::2]).shape == (11, 24)


@pytest.mark.parametrize("shape", [(2, 32, 32), (1, 31, 32, 3), (1, 3, 32, 32)])
def test_pixels_of_another_shape_are_our_own_bug(tiny: ClipModel, shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"not \(n, 32, 32, 3\)"):
        tiny.image.embed(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float32"):
        tiny.image.embed(np.zeros((1, 32, 32, 3), np.float32))  # pyright: ignore[reportArgumentType]


def test_texts_are_answered_while_the_image_tower_is_busy(tiny: ClipModel):
    tiny.text.load()
    busy, release = threading.Event(), threading.Event()

    class Slow:
        way = Way("openvino", "cpu", "fp32")

        def __call__(self, inputs: Any) -> Any:
            busy.set()
            assert release.wait(30)
            return np.ones((len(inputs), 24), np.float32)

        def close(self) -> None: ...

    tiny.image._loaded = Slow()  # pyright: ignore[reportPrivateUsage]
    with ThreadPoolExecutor(1) as pool:
        images = pool.submit(tiny.image.embed, random_pixels(1, 32))
        assert busy.wait(30)
        assert tiny.text.embed(["a dog"]).shape == (1, 24)
        assert not images.done()
        release.set()
        assert images.result(30).shape == (1, 24)


def test_a_recent_text_costs_nothing(tiny: ClipModel, monkeypatch: pytest.MonkeyPatch):
    first = tiny.text.embed(["a dog", "a cat", "a dog"])
    assert (first[0] == first[2]).all()

    def never(texts: Any) -> Any:
        raise AssertionError("computed again")

    monkeypatch.setattr(tiny.text, "_embed", never)
    assert (tiny.text.embed(["a cat"]) == first[1]).all()


def test_only_recent_texts_are_remembered(tiny: ClipModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clip_module, "_RECENT_TEXTS", 2)
    tiny.text.embed(["a", "b", "c"])
    assert list(tiny.text._recent) == ["b", "c"]  # pyright: ignore[reportPrivateUsage]


def test_unloading_gives_back_and_loads_again(tiny: ClipModel):
    assert (tiny.device, tiny.precision) == ("", "")
    before = tiny.image.embed(random_pixels(2, 32)), tiny.text.embed(["a dog"])
    assert tiny.device
    tiny.unload()
    assert (tiny.device, tiny.precision) == ("", "")
    assert np.allclose(tiny.image.embed(random_pixels(2, 32)), before[0], atol=1e-6)
    assert np.allclose(tiny.text.embed(["a dog"]), before[1], atol=1e-6)


def test_many_threads_get_the_same_answers(tiny: ClipModel):
    pixels = random_pixels(4, 32)
    expected = tiny.image.embed(pixels), tiny.text.embed(["a dog"])
    tiny.unload()
    with ThreadPoolExecutor(8) as pool:
        images = [pool.submit(tiny.image.embed, pixels) for _ in range(8)]
        texts = [pool.submit(tiny.text.embed, ["a dog"]) for _ in range(8)]
    assert all(np.allclose(done.result(), expected[0], atol=1e-6) for done in images)
    assert all(np.allclose(done.result(), expected[1], atol=1e-6) for done in texts)


def test_loading_is_quiet(tiny: ClipModel, capfd: pytest.CaptureFixture[str]):
    tiny.image.embed(random_pixels(1, 32))
    tiny.text.embed(["a dog"])
    assert capfd.readouterr() == ("", "")


def _poison(folder: Path, name: str, value: float) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights[name] = weights[name] * 0 + value
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("vision_model.encoder.layers.1.mlp.fc1.weight", float("nan"), "not finite"),
        ("vision_model.post_layernorm.weight", 0.0, "same to everything"),
        ("visual_projection.weight", 3e38, "no numbers"),
        ("text_projection.weight", 1e-44, "no numbers"),
        ("text_model.embeddings.token_embedding.weight", float("inf"), "not finite"),
    ],
)
def test_a_garbage_tower_is_refused(
    name: str, value: float, reason: str, broken_folder: Path, store: ModelStore
):
    _poison(broken_folder, name, value)
    model = open_clip(store.resolve(str(broken_folder)))
    tower = model.text if name.startswith("text") else model.image
    for _ in range(2):  # and again: a refused tower does not count as loaded
        with pytest.raises(ModelInvalid, match=reason):
            tower.load()
    assert tower.device == ""


def test_a_tower_that_answers_differently_each_time_is_refused(
    tiny: ClipModel, monkeypatch: pytest.MonkeyPatch
):
    def dice(self: Any, ids: Any) -> Any:
        return np.random.default_rng().normal(size=(len(ids), 24)).astype(np.float32)

    monkeypatch.setattr("engine.vision.openvino_engine.OpenVinoText.__call__", dice)
    other = open_clip(tiny.files)
    other.text.load()
    assert other.text.engine == "torch fp32"
    monkeypatch.setattr("engine.vision.torch_engine.TorchText.__call__", dice)
    with pytest.raises(ModelInvalid, match="differently each time"):
        open_clip(tiny.files).text.load()


@pytest.mark.parametrize("value", [float("nan"), 1e4, float("inf")])
def test_a_nonsensical_scale_is_refused(value: float, broken_folder: Path, store: ModelStore):
    _poison(broken_folder, "logit_scale", value)
    with pytest.raises(ModelInvalid, match="scale"):
        open_clip(store.resolve(str(broken_folder)))


def test_weights_that_shrink_after_the_check_are_refused(broken_folder: Path, store: ModelStore):
    model = open_clip(store.resolve(str(broken_folder)))
    path = broken_folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(ModelInvalid, match="is truncated"):
        model.image.load()


def test_opening_is_cheap(tiny_folder: Path, store: ModelStore):
    files = store.resolve(str(tiny_folder))
    started = time.perf_counter()
    open_clip(files)
    assert time.perf_counter() - started < 0.2


@pytest.mark.expects_warnings
def test_texts_fall_back_too(tiny: ClipModel, monkeypatch: pytest.MonkeyPatch):
    expected = tiny.text.embed(["a dog"])
    other = open_clip(tiny.files)

    def refuse(*_: Any) -> Any:
        raise EngineFailed("OpenVINO: broken")

    monkeypatch.setattr(openvino_engine, "OpenVinoText", refuse)
    assert np.abs(other.text.embed(["a dog"]) - expected).max() < 1e-5
    assert other.text.engine == "torch fp32"
    monkeypatch.setattr("engine.vision.torch_engine.TorchText", refuse)
    with pytest.raises(ModelError, match="cannot be computed"):
        open_clip(tiny.files).text.embed(["a dog"])


@pytest.mark.expects_warnings
def test_texts_of_no_numbers_are_computed_in_another_way(
    tiny: ClipModel, monkeypatch: pytest.MonkeyPatch
):
    real = openvino_engine.OpenVinoText.__call__

    def nonsense(self: Any, inputs: Any) -> Any:
        return real(self, inputs) * np.float32("nan")

    monkeypatch.setattr(openvino_engine.OpenVinoText, "__call__", nonsense)
    other = open_clip(tiny.files)
    assert np.isfinite(other.text.embed(["a dog"])).all()
    assert other.text.engine.startswith("torch")
