"""Every engine runs every family's plans as plain numpy does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import plan_in_numpy as numpy_engine
import pytest
from tiny_clip import random_pixels
from tiny_families import SIDE, write_family

from engine.vision import runtime
from engine.vision.agreement import agreement
from engine.vision.embedding import normalise
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.families import FAMILIES
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.openvino_engine import OpenVinoImage, OpenVinoText, precisions
from engine.vision.quantise import Calibration
from engine.vision.torch_engine import TorchImage, TorchText

EXACT = [Way("openvino", "cpu", "fp32"), Way("torch", "cpu", "fp32")]
SEARCH = ["clip", "chinese_clip", "siglip"]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelFiles]:
    found: dict[str, ModelFiles] = {}
    for name in FAMILIES:
        folder = tmp_path_factory.mktemp(name)
        write_family(name, folder)
        found[name] = ModelStore(folder / "store").resolve(str(folder), None)
    return found


def image_engine(way: Way, files: ModelFiles) -> Engine:
    plan = FAMILIES[files.family].image_plan(files)
    return (TorchImage if way.library == "torch" else OpenVinoImage)(plan, way, 2, 2)


@pytest.mark.parametrize("way", EXACT, ids=lambda way: way.name)
@pytest.mark.parametrize("name", FAMILIES)
def test_the_image_tower_computes_its_plan(name: str, way: Way, checkpoints: dict[str, ModelFiles]):
    files = checkpoints[name]
    pixels = random_pixels(19, SIDE)
    exact = numpy_engine.run_image(FAMILIES[name].image_plan(files), pixels)
    engine = image_engine(way, files)
    for count in (19, 1, 2):
        vectors = engine(pixels[:count])
        assert vectors.dtype == np.float32
        assert vectors.shape == exact[:count].shape
        assert np.abs(vectors - exact[:count]).max() < 2e-5 * np.abs(exact).max()
    engine.close()


@pytest.mark.parametrize("way", EXACT, ids=lambda way: way.name)
@pytest.mark.parametrize("name", FAMILIES)
def test_the_text_tower_computes_its_plan(name: str, way: Way, checkpoints: dict[str, ModelFiles]):
    plan = FAMILIES[name].text_plan(checkpoints[name])
    engine = (TorchText if way.library == "torch" else OpenVinoText)(plan, way, 1)
    for tokens in (9, 3, 12, 9):
        ids = np.random.default_rng(tokens).integers(0, 50, (3, tokens))
        exact = numpy_engine.run_text(plan, ids.tolist())
        assert np.abs(engine(ids) - exact).max() < 2e-5 * np.abs(exact).max()
    engine.close()


@pytest.mark.parametrize("name", SEARCH)
def test_short_precisions_agree(name: str, checkpoints: dict[str, ModelFiles]):
    files, pixels = checkpoints[name], random_pixels(24, SIDE)
    exact = numpy_engine.run_image(FAMILIES[name].image_plan(files), pixels)
    exact = normalise(exact.astype(np.float32))
    ways = [way for way in runtime.image_ways() if way.precision in ("bf16", "fp16")]
    for way in ways:
        assert agreement(exact, normalise(image_engine(way, files)(pixels))) > 0.997, way.name


@pytest.mark.skipif("int8" not in precisions(), reason="this processor has no 8-bit products")
@pytest.mark.parametrize("name", SEARCH)
def test_8_bits_agree(name: str, checkpoints: dict[str, ModelFiles]):
    files, pixels = checkpoints[name], random_pixels(64, SIDE)
    plan = FAMILIES[name].image_plan(files)
    exact = numpy_engine.run_image(plan, pixels[32:]).astype(np.float32)
    from engine.vision.openvino_engine import observe

    calibration = Calibration(observe(plan, pixels[:32], 2, 2))
    engine = runtime.open_image(plan, Way("openvino", "cpu", "int8"), calibration)
    assert agreement(normalise(exact), normalise(engine(pixels[32:]))) > 0.98


def test_photos_may_lie_anywhere_in_memory(checkpoints: dict[str, ModelFiles]):
    engine = image_engine(EXACT[0], checkpoints["clip"])
    pixels = random_pixels(12, SIDE)
    exact = engine(pixels)
    pixels.flags.writeable = False
    assert np.allclose(engine(pixels[::2]), exact[::2], atol=1e-5)
    assert np.allclose(engine(pixels[::-1]), exact[::-1], atol=1e-5)


def test_a_graph_that_openvino_refuses_is_said_in_one_line(
    checkpoints: dict[str, ModelFiles], monkeypatch: pytest.MonkeyPatch
):
    from engine.vision import openvino_engine

    def refuse(plan: Any, **_: Any) -> Any:
        raise RuntimeError("Exception from src/a.cpp:1:\nno such operation\nmore")

    monkeypatch.setattr(openvino_engine.graphs, "image_graph", refuse)
    with pytest.raises(EngineFailed, match=r"^OpenVINO: no such operation$"):
        image_engine(EXACT[0], checkpoints["clip"])


def test_a_failure_at_work_leaves_the_engine_in_order(checkpoints: dict[str, ModelFiles]):
    engine = image_engine(EXACT[0], checkpoints["clip"])
    with pytest.raises(EngineFailed):
        engine(random_pixels(20, SIDE - 8))  # a shape that the graph has not
    assert engine(random_pixels(20, SIDE)).shape == (20, 24)


def test_constants_own_their_memory(checkpoints: dict[str, ModelFiles], tmp_path: Path):
    """bf16 constants are made by hand: what they were made of must not be needed any more."""
    import gc

    if "bf16" not in precisions():
        pytest.skip("this processor has no bf16")
    engine = image_engine(Way("openvino", "cpu", "bf16"), checkpoints["clip"])
    gc.collect()
    trash = [np.full(5000, np.nan, np.float32) for _ in range(2000)]
    assert np.isfinite(engine(random_pixels(9, SIDE))).all()
    del trash
