"""Where models are found, what is said of them, and which space their vectors belong to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelInvalid, ModelMissing
from engine.types import InputSpec, ModelSource
from engine.vision import models as models_module
from engine.vision.clip import open_clip
from engine.vision.models import DEMO_MODEL_ID, ModelStore
from engine.vision.registry import BY_ID, REGISTRY
from engine.vision.staging import Staging

CLASSIC = "openai/clip-vit-base-patch32"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub library's cache; its snapshots of the classic model."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    return tmp_path / "hf" / "hub" / "models--openai--clip-vit-base-patch32" / "snapshots"


def test_a_local_folder_is_known_by_its_bytes(tiny_folder: Path, tmp_path: Path, store: ModelStore):
    files = store.resolve(str(tiny_folder))
    assert files.info.source is ModelSource.FOLDER
    assert files.info.id == str(tiny_folder)
    assert (files.info.title, files.info.dim, files.info.installed) == ("tiny-clip", 24, True)
    assert files.spec == InputSpec(32, 32, 3, keep_aspect=True)
    assert files.space.dim == 24
    assert files.space.precision == "float"
    assert "resize32-crop32-resample3" in files.space.preprocessing
    moved = Path(shutil.copytree(tiny_folder, tmp_path / "moved"))
    assert store.resolve(str(moved)).space == files.space
    data = bytearray((moved / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (moved / "model.safetensors").write_bytes(data)
    assert store.resolve(str(moved)).space != files.space


def test_other_preprocessing_is_another_space(broken_folder: Path, store: ModelStore):
    before = store.resolve(str(broken_folder)).space
    path = broken_folder / "preprocessor_config.json"
    path.write_text(path.read_text().replace('"resample": 3', '"resample": 2'))
    assert store.resolve(str(broken_folder)).space != before


def test_weights_are_hashed_once(
    tiny_folder: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    revision = store.resolve(str(tiny_folder)).space.revision

    def never(*_: object) -> None:
        raise AssertionError("hashed again")

    monkeypatch.setattr("hashlib.file_digest", never)
    assert ModelStore(store.folder).resolve(str(tiny_folder)).space.revision == revision


@pytest.mark.parametrize("damage", ["[]", "not json", '{"hashes": 3, "folders": {"a": 1}}'])
def test_a_damaged_notebook_costs_only_time(damage: str, tiny_folder: Path, store: ModelStore):
    space = store.resolve(str(tiny_folder)).space
    (store.folder / "known.json").write_text(damage)
    assert len(store.all()) == len(REGISTRY)
    assert store.resolve(str(tiny_folder)).space == space


def test_a_folder_that_cannot_be_written_costs_only_time(tiny_folder: Path, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    assert ModelStore(tmp_path / "file" / "models").resolve(str(tiny_folder))


def test_every_model_is_listed_and_folders_are_remembered(tiny_folder: Path, store: ModelStore):
    assert [info.id for info in store.all()] == [entry.id for entry in REGISTRY]
    store.resolve(str(tiny_folder))
    again = ModelStore(store.folder).all()
    assert again[-1].id == str(tiny_folder)
    assert all(info.languages and info.licence and info.title for info in again)
    assert not any(info.installed for info in again if info.source is ModelSource.HUB)


def test_a_remembered_folder_that_is_gone_is_not_listed(broken_folder: Path, store: ModelStore):
    store.resolve(str(broken_folder))
    shutil.rmtree(broken_folder)
    assert len(store.all()) == len(REGISTRY)


def test_registry_entries_are_pinned():
    for entry in REGISTRY:
        if entry.source is ModelSource.HUB:
            assert len(entry.revision) == 40, entry.id


def test_info_of_models_that_are_not_here(store: ModelStore):
    info = store.info(CLASSIC)
    assert (info.installed, info.dim, info.licence) == (False, 512, "MIT")
    with pytest.raises(ModelMissing, match="download it"):
        store.resolve(CLASSIC)
    with pytest.raises(ModelMissing):
        store.info("someone/unheard-of")


def test_a_download_is_found_with_its_commit(tiny_folder: Path, store: ModelStore):
    place = store.place(CLASSIC)
    assert place == store.folder / "openai--clip-vit-base-patch32"
    shutil.copytree(tiny_folder, place)
    (place / "photosift.json").write_text(json.dumps({"revision": "a" * 40}))
    files = store.resolve(CLASSIC)
    assert (files.folder, files.space.revision, files.space.model_id) == (place, "a" * 40, CLASSIC)
    assert files.info.title == BY_ID[CLASSIC].title
    assert store.info(CLASSIC).installed


@pytest.mark.parametrize("bad", ["../up", "a/b/c", "a/../b", "/etc", "a", "-x/y", "a/.b"])
def test_only_plain_ids_have_a_place(bad: str, store: ModelStore):
    with pytest.raises(ModelMissing):
        store.place(bad)


def test_the_hubs_cache_is_found(tiny_folder: Path, store: ModelStore, hub: Path):
    shutil.copytree(tiny_folder, hub / ("b" * 40))
    (hub.parent / "refs").mkdir()
    (hub.parent / "refs" / "main").write_text("b" * 40)
    assert store.resolve(CLASSIC).space.revision == "b" * 40
    pinned = hub / BY_ID[CLASSIC].revision
    shutil.copytree(tiny_folder, pinned)
    assert store.resolve(CLASSIC).folder == pinned
    (pinned / "model.safetensors").unlink()  # an interrupted download: the other one serves
    assert store.resolve(CLASSIC).space.revision == "b" * 40


def test_weights_in_a_second_snapshot_are_put_together(
    tiny_folder: Path, store: ModelStore, hub: Path
):
    """What transformers leaves behind for a model whose `main` has only pickled weights."""
    shutil.copytree(tiny_folder, hub / ("c" * 40))
    (hub / ("d" * 40)).mkdir()
    (hub / ("c" * 40) / "model.safetensors").rename(hub / ("d" * 40) / "model.safetensors")
    (hub / ("c" * 40) / "pytorch_model.bin").write_bytes(b"pickle")
    files = store.resolve(CLASSIC)
    assert files.space.revision == "d" * 40
    assert files.folder == hub / ("c" * 40)
    assert store.info(CLASSIC).installed
    assert open_clip(files).text.embed(["a dog"]).shape == (1, 24)


def test_a_hub_model_outside_of_the_registry_is_welcome(
    tiny_folder: Path, store: ModelStore, hub: Path
):
    shutil.copytree(tiny_folder, hub.parents[1] / "models--me--mine" / "snapshots" / ("e" * 40))
    info = store.info("me/mine")
    assert (info.source, info.title, info.dim) == (ModelSource.HUB, "me/mine", 24)


def test_only_pickled_weights_in_the_cache_are_refused(
    tiny_folder: Path, store: ModelStore, hub: Path
):
    shutil.copytree(tiny_folder, hub / ("b" * 40))
    (hub / ("b" * 40) / "model.safetensors").rename(hub / ("b" * 40) / "pytorch_model.bin")
    assert not store.info(CLASSIC).installed
    with pytest.raises(ModelInvalid, match="pickle"):
        store.resolve(CLASSIC)


def _shard(folder: Path) -> dict[str, str]:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    where: dict[str, str] = {}
    for number, part in enumerate((names[::2], names[1::2]), start=1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in part}, folder / file)
        where |= dict.fromkeys(part, file)
    return where


def _index(folder: Path, where: dict[str, Any]) -> None:
    text = json.dumps({"metadata": {}, "weight_map": where})
    (folder / "model.safetensors.index.json").write_text(text)


def test_sharded_weights_load(broken_folder: Path, tiny_folder: Path, store: ModelStore):
    whole = open_clip(store.resolve(str(tiny_folder))).text.embed(["a dog"])
    _index(broken_folder, _shard(broken_folder))
    model = open_clip(store.resolve(str(broken_folder)))
    assert (model.text.embed(["a dog"]) == whole).all()
    model.image.load()


def test_shards_that_lie_elsewhere_or_nowhere_are_refused(broken_folder: Path, store: ModelStore):
    where = _shard(broken_folder)
    for bad, reason in (("../evil.safetensors", "outside"), ("gone.safetensors", "has no gone")):
        _index(broken_folder, {**where, "logit_scale": bad})
        with pytest.raises(ModelInvalid, match=reason):
            store.resolve(str(broken_folder))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_short_weights_load(dtype: str, broken_folder: Path, tiny_folder: Path, store: ModelStore):
    import torch
    from safetensors.torch import load_file, save_file

    path = broken_folder / "model.safetensors"
    weights = load_file(path)
    save_file({name: tensor.to(getattr(torch, dtype)) for name, tensor in weights.items()}, path)
    short, full = (open_clip(store.resolve(str(f))) for f in (broken_folder, tiny_folder))
    assert short.logit_scale == pytest.approx(full.logit_scale, rel=0.02)
    assert (short.text.embed(["a dog"]) * full.text.embed(["a dog"])).sum() > 0.999


def test_old_spellings_of_config_and_preprocessing(broken_folder: Path, store: ModelStore):
    spec = store.resolve(str(broken_folder)).spec
    path = broken_folder / "config.json"
    config = json.loads(path.read_text())
    config["vision_config_dict"] = config["vision_config"]
    config["vision_config"] = {"hidden_size": 7}
    del config["architectures"]
    path.write_text(json.dumps(config))
    path = broken_folder / "preprocessor_config.json"
    old = json.loads(path.read_text()) | {"size": 32, "crop_size": 32}
    del old["do_rescale"], old["rescale_factor"]
    path.write_text(json.dumps(old))
    assert store.resolve(str(broken_folder)).spec == spec
    path.rename(broken_folder / "elsewhere")
    new = json.dumps({"image_processor": old, "processor_class": "CLIPProcessor"})
    (broken_folder / "processor_config.json").write_text(new)
    assert store.resolve(str(broken_folder)).spec == spec


def test_a_squeezing_preprocessor(broken_folder: Path, store: ModelStore):
    path = broken_folder / "preprocessor_config.json"
    raw = json.loads(path.read_text()) | {"size": {"height": 32, "width": 32}}
    path.write_text(json.dumps(raw | {"do_center_crop": False}))
    assert store.resolve(str(broken_folder)).spec == InputSpec(32, 32, 3, keep_aspect=False)


def test_the_demo_model_comes_from_the_checkout(
    tiny_folder: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(models_module, "DEMO_FOLDER", tmp_path / "none")
    assert not store.info(DEMO_MODEL_ID).installed
    with pytest.raises(ModelMissing):
        store.resolve(DEMO_MODEL_ID)
    monkeypatch.setattr(models_module, "DEMO_FOLDER", tiny_folder)
    files = store.resolve(DEMO_MODEL_ID)
    assert files.info.source is ModelSource.EMBEDDED
    assert files.space.model_id == DEMO_MODEL_ID
    assert files.info.dim == store.info(DEMO_MODEL_ID).dim == 24


def test_finding_models_needs_no_torch(tiny_folder: Path, tmp_path: Path):
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from engine.vision.models import ModelStore;"
        f"s = ModelStore(Path({str(tmp_path)!r})); s.resolve({str(tiny_folder)!r}); s.all();"
        "print(sorted({'torch', 'transformers', 'huggingface_hub'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("moment", ["before the first rename", "between the renames"])
def test_a_swap_that_was_cut_off_is_finished(
    moment: str, tiny_folder: Path, tmp_path: Path, store: ModelStore
):
    place = store.place(CLASSIC)
    part = Path(shutil.copytree(tiny_folder, place.with_name(f".{place.name}.part")))
    (part / "photosift.json").write_text(json.dumps({"id": CLASSIC, "revision": "new"}))
    old = place if moment == "before the first rename" else place.with_name(f".{place.name}.old")
    shutil.copytree(tiny_folder, old)
    assert store.resolve(CLASSIC).space.revision == "new"
    assert sorted(path.name for path in place.parent.iterdir() if path.is_dir()) == [place.name]


def test_half_a_swap_is_taken_back(tiny_folder: Path, store: ModelStore):
    place = store.place(CLASSIC)
    shutil.copytree(tiny_folder, place.with_name(f".{place.name}.old"))
    assert store.resolve(CLASSIC).folder == place


def test_a_swap_is_left_to_a_download_that_runs(tiny_folder: Path, store: ModelStore):
    place = store.place(CLASSIC)
    shutil.copytree(tiny_folder, place.with_name(f".{place.name}.old"))
    with Staging(place).locked(), pytest.raises(ModelMissing):
        store.resolve(CLASSIC)


def test_models_of_the_hub_outside_of_the_table_are_listed(tiny_folder: Path, store: ModelStore):
    place = store.place("someone/tiny")
    shutil.copytree(tiny_folder, place)
    store.resolve("someone/tiny")
    (found,) = [info for info in store.all() if info.id == "someone/tiny"]
    assert (found.installed, found.source) == (True, ModelSource.HUB)
    shutil.rmtree(place)
    assert "someone/tiny" not in [info.id for info in store.all()]
