"""Hostile and broken checkpoints: each refused with one clear sentence, none executed."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelInvalid, ModelMissing
from engine.vision.clip import open_clip
from engine.vision.models import ModelStore

Change = Callable[[Path], None]


def change_json(name: str, **changes: Any) -> Change:
    def change(folder: Path) -> None:
        value = json.loads((folder / name).read_text())
        value.update(changes)
        (folder / name).write_text(json.dumps(value))

    return change


def change_part(part: str, **changes: Any) -> Change:
    def change(folder: Path) -> None:
        value = json.loads((folder / "config.json").read_text())
        value[part].update(changes)
        (folder / "config.json").write_text(json.dumps(value))

    return change


def write(name: str, data: bytes) -> Change:
    return lambda folder: void((folder / name).write_bytes(data))


def remove(*names: str) -> Change:
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def void(_: object) -> None:
    """For lambdas."""


def cut(left: int) -> Change:
    def change(folder: Path) -> None:
        path = folder / "model.safetensors"
        path.write_bytes(path.read_bytes()[:left])

    return change


def change_header(edit: Callable[[dict[str, Any]], None]) -> Change:
    """Rewrite the header of the weights; the data stays as it is."""

    def change(folder: Path) -> None:
        path = folder / "model.safetensors"
        data = path.read_bytes()
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        edit(header)
        new = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(new)) + new + data[8 + length :])

    return change


def only_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def without(prefix: str) -> Change:
    def edit(header: dict[str, Any]) -> None:
        for name in [name for name in header if name.startswith(prefix)]:
            del header[name]

    return change_header(edit)


def entry(**changes: Any) -> Change:
    name = "vision_model.pre_layrnorm.weight"
    return change_header(lambda header: header[name].update(changes))


CASES: dict[str, tuple[Change, str]] = {
    "config is a list": (write("config.json", b"[]"), "not a JSON object"),
    "config is no JSON": (write("config.json", b"\xff\xfe{"), "not valid JSON"),
    "config nests too deep": (write("config.json", b"[" * 100_000), "not valid JSON"),
    "no config": (remove("config.json"), "has no config.json"),
    "another kind": (change_json("config.json", model_type="llama"), "not a CLIPModel"),
    "another class": (
        change_json("config.json", architectures=["CLIPTextModel"]), "not a CLIPModel"),
    "its own code": (
        change_json("config.json", model_type="evil", auto_map={"AutoModel": "evil.Model"}),
        "not a CLIPModel"),
    "absurd size": (change_part("vision_config", hidden_size=10**9), "impossible hidden_size"),
    "size is a text": (change_part("text_config", hidden_size="32"), "impossible hidden_size"),
    "negative layers": (change_part("text_config", num_hidden_layers=-1), "impossible num_hidden"),
    "true for a number": (change_part("vision_config", patch_size=True), "impossible patch_size"),
    "heads do not divide": (change_part("vision_config", num_attention_heads=5), "cannot build"),
    "unknown activation": (change_part("text_config", hidden_act="evil"), "cannot build"),
    "grey pictures": (change_part("vision_config", num_channels=1), "cannot build"),
    "config of another size": (change_part("vision_config", hidden_size=96), "do not fit"),
    "one layer more": (change_part("text_config", num_hidden_layers=3), "lack text_model.encoder"),
    "no preprocessing": (remove("preprocessor_config.json"), "no preprocessor_config"),
    "other crop": (change_json("preprocessor_config.json", crop_size=16), "do not do"),
    "no crop": (change_json("preprocessor_config.json", do_center_crop=False), "do not do"),
    "too small for the crop": (
        change_json("preprocessor_config.json", size={"shortest_edge": 16}), "do not do"),
    "other rescale": (change_json("preprocessor_config.json", rescale_factor=2), "do not do"),
    "unknown resampling": (change_json("preprocessor_config.json", resample=77), "resampling"),
    "two channels": (change_json("preprocessor_config.json", image_mean=[0, 0]), "image_mean"),
    "zero deviation": (change_json("preprocessor_config.json", image_std=[1, 0, 1]), "image_std"),
    "no tokenizer": (remove("vocab.json"), "no tokenizer.json"),
    "no weights": (remove("model.safetensors"), "no model.safetensors"),
    "only a pickle": (only_pickle, "pickle file, which could run foreign code"),
    "empty weights": (write("model.safetensors", b""), "is truncated"),
    "weights cut in the header": (cut(100), "is truncated"),
    "weights cut in the data": (cut(100_000), "is truncated"),
    "header too long": (write("model.safetensors", b"\xff" * 5000), "is truncated"),
    "header is no JSON": (
        write("model.safetensors", struct.pack("<Q", 4) + b"nope"), "not a safetensors file"),
    "header is a list": (
        write("model.safetensors", struct.pack("<Q", 2) + b"[]"), "not a safetensors file"),
    "no text tower": (without("text_model."), "lack text_model"),
    "no image tower": (without("vision_model."), "lack vision_model"),
    "no projection": (without("visual_projection"), "lack visual_projection"),
    "other shape": (entry(shape=[24, 2]), "do not fit"),
    "whole numbers": (entry(dtype="I32"), "do not fit"),
    "unknown type": (entry(dtype="F8_E4M3"), "do not fit its config.json"),
    "offsets reversed": (entry(data_offsets=[192, 0]), "wrongly"),
    "offsets below zero": (entry(data_offsets=[-192, 0]), "wrongly"),
    "offsets outside": (entry(data_offsets=[10**12, 10**12 + 192]), "is truncated"),
    "no offsets": (entry(data_offsets=None), "in a way we do not know"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_broken_checkpoint_is_refused_in_one_sentence(
    name: str, broken_folder: Path, store: ModelStore
):
    change, reason = CASES[name]
    change(broken_folder)
    with pytest.raises(ModelInvalid, match=reason) as caught:
        store.resolve(str(broken_folder))
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    assert message.endswith(".")
    assert str(broken_folder) in message


def test_an_empty_folder_and_no_folder(tmp_path: Path, store: ModelStore):
    with pytest.raises(ModelInvalid, match=r"has no config\.json"):
        store.resolve(str(tmp_path))
    with pytest.raises(ModelMissing, match="not on this computer"):
        store.resolve(str(tmp_path / "nowhere"))
    with pytest.raises(ModelMissing):
        store.resolve("")


@pytest.mark.parametrize(
    "change",
    [
        change_json("config.json", attn_implementation="evil/kernel", _attn_implementation="x/y"),
        change_part("vision_config", attn_implementation="evil/kernel", dtype="float8"),
        change_json(
            "config.json",
            auto_map={"AutoModel": "evil--model.Evil"},
            quantization_config={"quant_method": "evil"},
        ),
        change_json("preprocessor_config.json", auto_map={"AutoImageProcessor": "evil.Evil"}),
        write("adapter_config.json", b'{"base_model_name_or_path": "evil/model"}'),
        write("evil.py", b"raise SystemExit('executed')"),
        write("pytorch_model.bin", b"not even looked at"),
    ],
    ids=["kernel", "tower's kernel", "code", "processor's code", "adapter", "module", "pickle"],
)  # fmt: skip
def test_what_could_fetch_or_run_code_has_no_effect(
    change: Change, broken_folder: Path, store: ModelStore
):
    change(broken_folder)
    model = open_clip(store.resolve(str(broken_folder)))
    model.image.load()
    assert model.text.embed(["a dog"]).shape == (1, 24)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (write("vocab.json", b"{}"), "not CLIP's"),
        (write("vocab.json", b"[1]"), "not a JSON object"),
        (write("merges.txt", b"#version\nq q\n"), "damaged"),
        (write("merges.txt", b"\xff\xff"), "damaged"),
        (write("tokenizer.json", b'{"model": 3}'), "damaged"),
        (change_json("vocab.json", more=10_000_000), "does not fit"),
    ],
)
def test_a_broken_tokenizer_is_refused_with_its_tower(
    change: Change, reason: str, broken_folder: Path, store: ModelStore
):
    change(broken_folder)
    model = open_clip(store.resolve(str(broken_folder)))
    with pytest.raises(ModelInvalid, match=reason):
        model.text.embed(["a dog"])
