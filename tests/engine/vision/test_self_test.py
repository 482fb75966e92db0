"""The self-test: passes what is whole, and tells what is wrong with what is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_clip import random_pixels
from tiny_families import SIDE, write_family

from engine.errors import ModelInvalid
from engine.types import ModelCheck, ModelTest
from engine.vision import drawn, self_test
from engine.vision.clip import ImageTower, TextTower
from engine.vision.models import DEMO_MODEL_ID, ModelStore
from engine.vision.registry import DEMO_FOLDER
from engine.vision.self_test import centred_cosine, passed_before, run


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {name: tmp_path_factory.mktemp(name) for name in ("clip", "siglip", "owlvit")}
    for name, folder in made.items():
        write_family(name, folder)
    return made


@pytest.fixture
def clip(folders: dict[str, Path], tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(folders["clip"], tmp_path / "damaged"))


def found(test: ModelTest, name: str) -> ModelCheck:
    return next(check for check in test.checks if check.name == name)


def test_every_family_passes(folders: dict[str, Path], store: ModelStore):
    for name, folder in folders.items():
        files = store.resolve(str(folder), None)
        assert not passed_before(files)
        test = run(files)
        assert test.passed, test
        assert test.model_id == str(folder)
        assert passed_before(files), name
        assert all(check.detail for check in test.checks)
    assert found(run(store.resolve(str(folders["owlvit"]), None)), "detection").passed


def test_the_demo_model_knows_the_drawn_pictures(store: ModelStore):
    if not DEMO_FOLDER.is_dir():
        pytest.skip("the demo model is not in this checkout")
    test = run(store.resolve(DEMO_MODEL_ID))
    assert test.passed, test
    assert "of random pairings" in found(test, "towers agree").detail


def test_of_an_unknown_checkpoint_it_says_what_cannot_be_told(
    folders: dict[str, Path], store: ModelStore
):
    check = found(run(store.resolve(str(folders["clip"]))), "towers agree")
    assert check.passed
    assert "cannot be told" in check.detail


def test_a_tower_of_another_model_gives_itself_away(tmp_path: Path, store: ModelStore):
    """The demo model with the words of one that was never trained, under the demo's own name."""
    from safetensors.torch import load_file, save_file

    if not DEMO_FOLDER.is_dir():
        pytest.skip("the demo model is not in this checkout")
    for part in ("text_model.", "vision_model."):
        folder = Path(shutil.copytree(DEMO_FOLDER, tmp_path / part))
        weights = load_file(folder / "model.safetensors")
        names = [n for n in weights if n.startswith(part) and weights[n].ndim > 1]
        for name in names:  # the same numbers in another order: same sizes, same spread
            shuffled = np.random.default_rng(3).permutation(weights[name].numpy().ravel())
            weights[name][...] = weights[name].new_tensor(shuffled).view(weights[name].shape)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
        files = store.check(DEMO_MODEL_ID, folder, folder, "")
        test = run(files)
        assert not test.passed
        assert "do not belong together" in found(test, "towers agree").detail
        assert not passed_before(files)


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-2000])


def hollow(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)


def poison(name: str, value: float) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        from safetensors.torch import load_file, save_file

        weights = load_file(folder / "model.safetensors")
        weights[name] = weights[name] * 0 + value
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    return change


@pytest.mark.parametrize(
    ("change", "where", "reason"),
    [
        (cut, "files", "is truncated"),
        (hollow, "files", "are empty"),
        (poison("text_model.encoder.layers.1.mlp.fc1.weight", float("nan")), "towers", "not fin"),
        (poison("vision_model.encoder.layers.0.mlp.fc1.bias", float("inf")), "towers", "not fin"),
        (poison("text_model.final_layer_norm.weight", 0.0), "text tower", "same to everything"),
        (poison("logit_scale", 99.0), "towers", "impossible scale"),
    ],
)
def test_what_is_wrong_is_told(
    change: Callable[[Path], None], where: str, reason: str, clip: Path, store: ModelStore
):
    """What happened to the files after they were accepted included."""
    files = store.resolve(str(clip))
    change(clip)
    test = run(files)
    assert not test.passed
    assert not passed_before(files)
    (failed,) = [check for check in test.checks if not check.passed]
    assert reason in failed.detail
    assert failed.name in (where, "towers")


def test_a_tower_without_its_last_layer_is_refused(clip: Path, store: ModelStore):
    for part in ("text_config", "vision_config"):
        path = clip / "config.json"
        text = path.read_text()
        config = json.loads(text)
        config[part]["num_hidden_layers"] = 1
        path.write_text(json.dumps(config))
        with pytest.raises(ModelInvalid, match=r"leaves out \w+_model\.encoder\.layers\.1"):
            store.resolve(str(clip))
        path.write_text(text)


def constant(count: int) -> NDArray[np.float32]:
    return np.eye(24, dtype=np.float32)[[0] * count]


def dice(count: int) -> NDArray[np.float32]:
    return np.random.default_rng().normal(size=(count, 24)).astype(np.float32)


def too_wide(count: int) -> NDArray[np.float32]:
    return np.eye(25, dtype=np.float32)[np.arange(count) % 25]


def another(count: int) -> NDArray[np.float32]:
    return np.eye(24, dtype=np.float32)[np.arange(count) % 24]


@pytest.mark.parametrize("tower", [ImageTower, TextTower])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (constant, "same to everything"),
        (dice, "differently each time"),
        (too_wide, "no vectors of 24"),
        (another, "not computed rightly"),
    ],
)
def test_a_wrong_engine_is_found_out(
    tower: Any, answer: Any, reason: str, folders: dict[str, Path], store: ModelStore,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    def embed(_: object, inputs: Any) -> Any:
        return answer(len(inputs))

    monkeypatch.setattr(tower, "embed", embed)
    test = run(store.resolve(str(folders["clip"])))
    assert not test.passed
    assert reason in next(check.detail for check in test.checks if not check.passed)


def test_photos_are_compared_too(folders: dict[str, Path], store: ModelStore):
    assert run(store.resolve(str(folders["clip"])), random_pixels(3, SIDE)).passed


def test_other_files_are_tested_again(clip: Path, store: ModelStore):
    assert run(store.resolve(str(clip))).passed
    path = clip / "preprocessor_config.json"
    path.write_text(path.read_text().replace('"resample": 3', '"resample": 2'))
    assert not passed_before(store.resolve(str(clip)))


def test_chance_is_fair():
    random = np.random.default_rng(0)
    shares = [drawn.chance(random.normal(size=(8, 8))) for _ in range(60)]
    assert 0.3 < np.mean(shares) < 0.7
    assert min(shares) > self_test.AGREED
    assert drawn.chance(np.eye(8)) < self_test.AGREED
    mostly = np.eye(8)[[1, 0, 2, 3, 4, 5, 6, 7]]  # two of them mixed up
    assert drawn.chance(mostly) < self_test.AGREED
    assert drawn.chance(np.outer(np.arange(8), np.arange(8)) * 0.0) == 1.0


def test_the_centred_cosine_sees_what_a_plain_one_hides():
    random = np.random.default_rng(0)
    common = np.ones(16) * 10
    a = (random.normal(size=(5, 16)) + common).astype(np.float32)
    b = (random.normal(size=(5, 16)) + common).astype(np.float32)
    assert centred_cosine(a, a) == pytest.approx(1)
    assert centred_cosine(a, b) < 0.5
    assert centred_cosine(a, a * np.float32("nan")) == 0.0


def test_drawn_pictures_are_the_same_everywhere():
    assert drawn.draw(32).pixels.shape == (8, 32, 32, 3)
    assert (drawn.draw(32).pixels == drawn.draw(32).pixels).all()
    assert len(drawn.draw(32, chinese=True).captions) == 8
