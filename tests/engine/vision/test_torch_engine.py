"""The torch engine against transformers, and passes that run side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tiny_clip import random_pixels

from engine.vision import runtime
from engine.vision.clip import ClipModel
from engine.vision.embedding import normalise
from engine.vision.engines import Way
from engine.vision.families import FAMILIES
from engine.vision.torch_engine import Streams, TorchImage


@pytest.fixture
def torch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "image_ways", lambda: [Way("torch", "cpu", "fp32")])
    monkeypatch.setattr(runtime, "text_ways", lambda: [Way("torch", "cpu", "fp32")])


@pytest.mark.usefixtures("torch_only")
def test_both_towers_answer_as_transformers_does_in_torch(
    tiny: ClipModel, reference: Callable[[Any, list[str]], Any]
):
    pixels, texts = random_pixels(21, 32), ["a red dog", "", "a cat " * 50]
    theirs = reference(pixels, texts)
    assert np.abs(tiny.image.embed(pixels) - theirs.image_embeds.numpy()).max() < 1e-5
    assert np.abs(tiny.text.embed(texts) - theirs.text_embeds.numpy()).max() < 1e-5
    assert (tiny.image.engine, tiny.text.engine) == ("torch fp32", "torch fp32")
    tiny.unload()
    assert tiny.image.embed(pixels[:1]).shape == (1, 24)


def test_bf16_agrees(tiny: ClipModel):
    plan = FAMILIES["clip"].image_plan(tiny.files)
    engines = [TorchImage(plan, Way("torch", "cpu", p), 2, 2) for p in ("fp32", "bf16")]
    exact, short = (normalise(engine(random_pixels(6, 32))) for engine in engines)
    assert (exact * short).sum(1).min() > 0.999
    for engine in engines:
        engine.close()


def test_threads_of_torch_are_as_before(tiny: ClipModel):
    import torch

    before = torch.get_num_threads()
    engine = TorchImage(FAMILIES["clip"].image_plan(tiny.files), Way("torch", "cpu", "fp32"), 2, 2)
    assert torch.get_num_threads() == before
    engine.close()


def test_streams_keep_the_order_and_run_side_by_side():
    streams = Streams("test", 2, 1)
    meet = threading.Barrier(2)

    def work(part: int) -> int:
        meet.wait(30)  # passes only when two are at work at a time
        return part * 10

    assert streams.map(work, [3, 1, 2, 4]) == [30, 10, 20, 40]
    streams.close()


def test_a_fault_in_a_stream_comes_to_its_caller():
    streams = Streams("test", 2, 1)

    def fail(part: int) -> int:
        raise ValueError(part)

    with pytest.raises(ValueError, match="7"):
        streams.map(fail, [7])
    assert streams.map(str, [1]) == ["1"]
    streams.close()
