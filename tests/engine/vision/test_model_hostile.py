"""Hostile folders of every family: each refused with one clear sentence, none executed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_model_refusals import (
    Change,
    change_header,
    change_json,
    change_part,
    cut,
    only_pickle,
    remove,
    void,
    without,
    write,
)
from tiny_families import write_family

from engine.errors import ModelInvalid
from engine.vision.families import FAMILIES
from engine.vision.models import ModelStore
from engine.vision.weights import Weights

NAMES = list(FAMILIES)
OWL = ["owlvit", "owlv2"]
WORDS = {"clip": "vocab.json", "chinese_clip": "vocab.txt", "siglip": "tokenizer.json",
         "owlvit": "vocab.json", "owlv2": "vocab.json"}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {name: tmp_path_factory.mktemp(name) for name in NAMES}
    for name, folder in made.items():
        write_family(name, folder)
    return made


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


def copied(whole: dict[str, Path], name: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole[name], tmp_path / "hostile"))


def nested(depth: int) -> Change:
    return write("config.json", b'{"a":' * depth + b"1" + b"}" * depth)


def pipe(name: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)  # reading it would wait for ever

    return change


def link(name: str, target: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return change


def shards(**where: str) -> Change:
    def change(folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
        index = {"weight_map": {"a": "model-00001-of-00001.safetensors", **where}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    return change


def first_tensor(**changes: Any) -> Change:
    def edit(header: dict[str, Any]) -> None:
        name = next(name for name in header if name.endswith("vision_model.encoder.layers.0."
                                                             "mlp.fc1.weight"))  # fmt: skip
        header[name].update(changes)

    return change_header(edit)


def more_layers(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["vision_config"]["num_hidden_layers"] = 1
    (folder / "config.json").write_text(json.dumps(config))


def longer(name: str, size: int) -> Change:
    """A file with a hole of this size at its end: it costs the attacker nothing."""
    return lambda folder: os.truncate(folder / name, size)


def one_tensor(**described: Any) -> Change:
    def edit(header: dict[str, Any]) -> None:
        header["x"] = {"dtype": "F32", "shape": [], "data_offsets": [0, 4], **described}

    return change_header(edit)


def same_shard_often(folder: Path) -> None:
    """Headers that together would take minutes to read."""
    change_header(lambda header: header.update({"__metadata__": {"a": "a" * 2**20}}))(folder)
    (folder / "model.safetensors").rename(folder / "all.safetensors")
    for n in range(20):
        (folder / f"{n}.safetensors").symlink_to("all.safetensors")
    index = {"weight_map": {str(n): f"{n}.safetensors" for n in range(20)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


CASES: dict[str, tuple[Change, str]] = {
    "another architecture": (
        change_json("config.json", architectures=["EvilModel"]), "of kind 'EvilModel'"),
    "architecture of another family": (
        change_json("config.json", architectures=["BertModel"], model_type="clip"), "BertModel"),
    "its own code": (
        change_json("config.json", model_type="evil", architectures=["EvilModel"],
                    auto_map={"AutoModel": "evil.Evil"}, trust_remote_code=True), "EvilModel"),
    "kind is a list": (change_json("config.json", model_type=["clip"], architectures=None),
                       "of kind"),
    "huge number": (change_part("vision_config", hidden_size=10**30), "impossible hidden_size"),
    "number of 5000 digits": (
        write("config.json", b'{"model_type": "clip", "projection_dim": ' + b"9" * 5000 + b"}"),
        "not valid JSON"),
    "negative": (change_part("text_config", vocab_size=-5), "impossible vocab_size"),
    "zero heads": (change_part("text_config", num_attention_heads=0), "impossible num_attention"),
    "text for a number": (change_part("text_config", hidden_size="32"), "impossible hidden_size"),
    "list for a number": (change_part("vision_config", image_size=[36, 40]), "impossible image_"),
    "infinity for a number": (change_part("vision_config", image_size=float("inf")), "impossible"),
    "no number for eps": (change_part("vision_config", layer_norm_eps=float("nan")), "cannot buil"),
    "towers are a list": (change_json("config.json", vision_config=[1], text_config="a"),
                          r"do not fit|lack|meet|do not do"),
    "nested too deep": (nested(50_000), "not valid JSON"),
    "code for an activation": (change_part("text_config", hidden_act="__import__('os')"), "cannot"),
    "fewer layers than weights": (more_layers, r"leaves out .*vision_model\.encoder\.layers\.1"),
    "patch larger than picture": (change_part("vision_config", patch_size=99), "cannot build"),
    "only a pickle": (only_pickle, "pickle file, which could run foreign code"),
    "config is a pipe": (pipe("config.json"), "no plain file"),
    "config is a device": (link("config.json", "/dev/zero"), "no plain file"),
    "weights are a device": (link("model.safetensors", "/dev/zero"), r"no model\.safetensors"),
    "weights are a password file": (link("model.safetensors", "/etc/passwd"), r"truncated|safete"),
    "config is a password file": (link("config.json", "/etc/passwd"), "not valid JSON"),
    "index points outside": (shards(b="../../evil.safetensors"), "outside of its folder"),
    "index points to root": (shards(b="/etc/passwd"), "outside of its folder"),
    "index points to a pickle": (shards(b="evil.bin"), "outside of its folder"),
    "index names what is not there": (shards(b="gone.safetensors"), "has no gone"),
    "index with a name too long": (shards(b="x" * 3000 + ".safetensors"), "has no xxx"),
    "index with a name that moves the cursor": (
        shards(b="\x1b[2J\n.safetensors"), r"has no \?\[2J\?\.safetensors"),
    "the same shard often": (same_shard_often, "too many weights"),
    "truncated": (cut(60_000), "is truncated"),
    "a hole behind the weights": (longer("model.safetensors", 10**7), "longer than its tensors"),
    "a hole of a terabyte": (longer("model.safetensors", 10**12), "1,000 GB, which is more than"),
    "a product for hours": (
        one_tensor(shape=[int("9" * 4000)] * 8), "describes 'x' wrongly"),
    "a tensor of many sides": (one_tensor(shape=[1] * 10_000), "in a way we do not know"),
    "a weight whose name moves the cursor": (
        change_header(lambda header: header.update({"vision_model.\x1b[2J.layers.9.x": {
            "dtype": "F32", "shape": [], "data_offsets": [0, 4]}})), r"leaves out .*\.\?"),
    "a config of empty lists": (
        write("config.json", b'{"a":[' + b"[]," * 6_000_000 + b"0]}"), "too large"),
    "more patches than anyone looks at": (
        change_part("vision_config", image_size=2048, patch_size=1), "impossible image_size"),
    "patches that all look at each other": (
        change_part("vision_config", image_size=1024, patch_size=1), "too large to be computed"),
    "a padding without an end": (
        change_part("text_config", max_position_embeddings=65536), "too large to be computed"),
    "layers without an end": (
        change_part("text_config", num_hidden_layers=256), "impossible num_hidden_layers"),
    "no text tower": (without("text_model."), "lack"),
    "wrong shape": (first_tensor(shape=[48, 96]), "do not fit its config.json"),
    "wrong type": (first_tensor(dtype="I32"), "do not fit its config.json"),
    "preparation of another size": (
        change_json("preprocessor_config.json", size={"height": 99, "width": 99}), "do not do"),
    "preparation without an end": (
        change_json("preprocessor_config.json", size={"height": 10**9, "width": 10**9}), "do not"),
    "preparation that overflows": (
        change_json("preprocessor_config.json", image_std=[1e-30, 1, 1]), "impossible image_mean"),
    "preparation that is no number": (
        change_json("preprocessor_config.json", image_mean=[float("nan"), 0, 0]), "impossible"),
    "unknown resampling": (change_json("preprocessor_config.json", resample="evil"), "resampling"),
    "no preparation": (remove("preprocessor_config.json"), "no preprocessor_config"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", CASES)
def test_a_hostile_folder_is_refused_in_one_sentence(
    case: str, name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, name, tmp_path)
    change, reason = CASES[case]
    if case == "no text tower" and name in OWL:
        change = without(f"{name}.text_model.")
    change(folder)
    refused(folder, reason, lambda: store.resolve(str(folder), None))


def refused(folder: Path, reason: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(ModelInvalid, match=reason) as caught:
        attempt()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 500
    assert message.endswith(".")
    assert str(folder) in message
    assert "root:" not in message  # nothing of a file that is none of ours


def bomb(folder: Path) -> None:
    """A tokenizer.json whose normaliser doubles a text forty times."""
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text())
    double = {"type": "Replace", "pattern": {"Regex": "."}, "content": "aa"}
    value["normalizer"] = {"type": "Sequence", "normalizers": [double] * 40}
    value["pre_tokenizer"] = {"type": "Split", "pattern": {"Regex": "(a+)+$"},
                              "behavior": "Isolated", "invert": False}  # fmt: skip
    path.write_text(json.dumps(value))


@pytest.mark.parametrize("name", NAMES)
def test_a_tokenizer_that_is_a_bomb_does_not_go_off(
    name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    """Only the words of a tokenizer.json are taken, never what it would do to a text."""
    from tiny_families import Theirs

    folder = copied(whole, name, tmp_path)
    texts = ["a red cat " * 40, "b" * 5000]
    before = FAMILIES[name].tokenizer(store.resolve(str(folder), None)).encode(texts)
    if not (folder / "tokenizer.json").exists():
        Theirs(name, folder).tokenizer.save_pretrained(folder)
    bomb(folder)
    files = store.resolve(str(folder), None)
    assert FAMILIES[name].tokenizer(files).encode(texts) == before


WORD_CASES: dict[str, tuple[Change, str]] = {
    "larger than the vocabulary": (change_part("text_config", vocab_size=40), "do not fit"),
    "no JSON": (write("tokenizer.json", b"\xff\xfe"), "is damaged"),
    "a model of another kind": (
        write("tokenizer.json", b'{"version":"1.0","added_tokens":[],"model":{"type":"WordLevel",'
              b'"vocab":{"a":0},"unk_token":"a"}}'), "is not"),
    "nested too deep": (write("tokenizer.json", b"[" * 100_000), "is damaged"),
    "a folder": (lambda folder: void(((folder / "tokenizer.json").unlink(missing_ok=True),
                                      (folder / "tokenizer.json").mkdir())), "too large|no "),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", WORD_CASES)
def test_hostile_words_are_refused(
    case: str, name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, name, tmp_path)
    change, reason = WORD_CASES[case]
    change(folder)
    refused(
        folder, reason,
        lambda: FAMILIES[name].tokenizer(store.resolve(str(folder), None)).encode(["a"]),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["clip", "chinese_clip"])
def test_lines_of_words_without_an_end(
    name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, name, tmp_path)
    longer("merges.txt" if name == "clip" else "vocab.txt", 6 * 2**30)(folder)
    refused(folder, "too large to be",
            lambda: FAMILIES[name].tokenizer(store.resolve(str(folder), None)))  # fmt: skip


def test_words_beside_the_model_without_an_end(
    whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, "siglip", tmp_path)
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text())
    how = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    value["added_tokens"] += [{"id": 10**6 + n, "content": f"t{n}", **how} for n in range(20_000)]
    path.write_text(json.dumps(value))
    files = store.resolve(str(folder), None)
    refused(folder, "is not any that we know", lambda: FAMILIES["siglip"].tokenizer(files))


def test_weights_of_nothing_are_refused_before_they_are_hashed(
    whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, "clip", tmp_path)
    path = folder / "model.safetensors"
    size, length = path.stat().st_size, int.from_bytes(path.read_bytes()[:8], "little")
    os.truncate(path, 8 + length)
    os.truncate(path, size)
    refused(folder, "are empty", lambda: store.resolve(str(folder), None))


@pytest.mark.parametrize("kind", ["I16", "F8_E4M3", "COMPLEX64"])
def test_numbers_that_nobody_asks_for_may_be_of_any_kind(
    kind: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, "clip", tmp_path)
    one_tensor(dtype=kind, shape=[2])(folder)
    assert "x" in store.resolve(str(folder), None).tensors


@pytest.mark.parametrize("name", NAMES)
def test_more_words_than_the_model_has(
    name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    folder = copied(whole, name, tmp_path)
    path = folder / WORDS[name]
    if path.suffix == ".txt":
        path.write_text(path.read_text() + "\n".join(f"word{n}" for n in range(900)))
    else:
        value = json.loads(path.read_text())
        target = value["model"]["vocab"] if name == "siglip" else value
        target["more"] = 9_999_999
        path.write_text(json.dumps(value))
    refused(
        folder, "does not fit", lambda: FAMILIES[name].tokenizer(store.resolve(str(folder), None))
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_words_at_all(name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore):
    folder = copied(whole, name, tmp_path)
    (folder / WORDS[name]).unlink()
    refused(folder, r"has no tokenizer\.json", lambda: store.resolve(str(folder), None))
    if name == "siglip":
        (folder / "spiece.model").write_bytes(b"words")
        refused(folder, r"only as spiece\.model.*Get the tokenizer\.json",
                lambda: store.resolve(str(folder), None))  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_when_read(
    value: float, name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    from safetensors.torch import load_file, save_file

    folder = copied(whole, name, tmp_path)
    weights = load_file(folder / "model.safetensors")
    key = next(key for key in weights if key.endswith("text_projection.weight")
               or key == "text_model.head.weight")  # fmt: skip
    weights[key][0, 0] = value
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    files = store.resolve(str(folder), None)
    refused(folder, "is not finite", lambda: Weights(folder, files.tensors).read(key))
    with pytest.raises(ModelInvalid, match="is not finite"):
        FAMILIES[name].text_plan(files)


@pytest.mark.parametrize("name", NAMES)
def test_what_could_run_code_has_no_effect(
    name: str, whole: dict[str, Path], tmp_path: Path, store: ModelStore
):
    """Files and keys that transformers could follow are never looked at."""
    from engine.vision.self_test import run

    folder = copied(whole, name, tmp_path)
    change_json(
        "config.json",
        auto_map={"AutoModel": "evil--model.Evil", "AutoConfig": "evil.Config"},
        trust_remote_code=True,
        attn_implementation="evil/kernel",
        _attn_implementation="evil/kernel",
        quantization_config={"quant_method": "evil"},
    )(folder)
    change_part("vision_config", attn_implementation="evil/kernel", dtype="float8")(folder)
    change_json("preprocessor_config.json", auto_map={"AutoImageProcessor": "evil.Evil"})(folder)
    (folder / "evil.py").write_text("raise SystemExit('executed')")
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "evil/model"}')
    (folder / "pytorch_model.bin").write_bytes(b"not even looked at")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"auto_map": {"AutoTokenizer": ["evil.Evil", None]}, "padding_side": "right"})
    )
    assert run(store.resolve(str(folder), None)).passed
    assert not any("evil" in module for module in sys.modules)
