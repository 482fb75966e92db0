"""Which files of a repository are fetched, per family, and what a refusal's headers mean."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import pytest

from engine.errors import DownloadFailed
from engine.vision import hub
from engine.vision.hub import read_listing, retry_after
from engine.vision.registry import REGISTRY

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BASE = "https://hub.example"
NOISE = (
    ".gitattributes", "README.md", "pytorch_model.bin", "tf_model.h5", "flax_model.msgpack",
    "open_clip_pytorch_model.bin", "open_clip_model.safetensors", "open_clip_config.json",
    "onnx/model.onnx", "onnx/model.safetensors", "model.fp16.safetensors", "training_args.bin",
    "clip_cn_vit-b-16.pt", "images/a.png", "generation_config.json", "results.json",
)  # fmt: skip
CLIP = ("config.json", "preprocessor_config.json", "merges.txt", "vocab.json", "tokenizer.json",
        "tokenizer_config.json", "special_tokens_map.json")  # fmt: skip
SHARDS = tuple(f"model-0000{n}-of-00003.safetensors" for n in (1, 2, 3))
INDEX = "model.safetensors.index.json"
FAMILIES = {
    "clip": (*CLIP, "model.safetensors"),
    "clip-sharded": (*CLIP, *SHARDS, INDEX),
    "chinese-clip": ("config.json", "preprocessor_config.json", "vocab.txt", "model.safetensors"),
    "siglip": ("config.json", "preprocessor_config.json", "spiece.model", "tokenizer.json",
               "tokenizer_config.json", "special_tokens_map.json", "model.safetensors"),
    "siglip2": ("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer.model",
                "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
                "model.safetensors"),
    "owl-vit": (*CLIP, "processor_config.json", "model.safetensors"),
}  # fmt: skip


def listing(names: Iterable[str], **more: Any) -> bytes:
    files = [{"rfilename": name, "size": 10, "blobId": "a" * 40} for name in names]
    return json.dumps({"sha": COMMIT, "siblings": files, **more}).encode()


def names_of(names: Iterable[str]) -> set[str]:
    commit, files = read_listing(BASE, "a/b", "main", listing(names))
    assert commit == COMMIT
    return {file.name for file in files}


@pytest.mark.parametrize("family", FAMILIES)
def test_only_what_a_family_needs_is_fetched(family: str):
    assert names_of([*NOISE, *FAMILIES[family]]) == set(FAMILIES[family])


def test_one_file_of_weights_is_enough():
    assert names_of([*CLIP, "model.safetensors", *SHARDS, INDEX]) == {*CLIP, "model.safetensors"}


@pytest.mark.parametrize("lost", [INDEX, *SHARDS])
def test_weights_in_parts_come_whole_or_not_at_all(lost: str):
    with pytest.raises(DownloadFailed, match="without safetensors"):
        names_of({*CLIP, *SHARDS, INDEX} - {lost})


def test_small_files_come_first():
    data = json.loads(listing(FAMILIES["clip"]))
    for entry in data["siblings"]:
        entry["size"] = 10**9 if entry["rfilename"].endswith("safetensors") else 7
    _, files = read_listing(BASE, "a/b", "main", json.dumps(data).encode())
    assert files[-1].name == "model.safetensors"


def test_every_pinned_version_is_asked_for_as_it_is():
    for entry in REGISTRY:
        url = hub.listing_url(BASE, entry.id, entry.revision)
        assert url == f"{BASE}/api/models/{entry.id}/revision/{entry.revision}?blobs=true"
    assert hub.listing_url(BASE, "a/b", "refs/pr/12").endswith(
        "/revision/refs%2Fpr%2F12?blobs=true"
    )


@pytest.mark.parametrize("field", ["lfs", "blobId"])
@pytest.mark.parametrize("value", [None, "", "x" * 64, 7, [], {"sha256": 5}, {"sha256": "ab"}])
def test_a_hash_that_is_none_is_refused(field: str, value: object):
    data = json.loads(listing(FAMILIES["clip"]))
    entry = data["siblings"][-1]
    entry["blobId"] = None
    entry[field] = value
    with pytest.raises(DownloadFailed, match=r"lists no hash|does not answer as the hub"):
        read_listing(BASE, "a/b", "main", json.dumps(data).encode())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "\xb2"}, None),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50"}, 30),
        ({"retry-after": "Tue, 14 Nov 2022 22:13:50 GMT"}, 0),
        ({"ratelimit": '"api";r=0;t=55', "ratelimit-policy": '"fixed";"api";q=500;w=300'}, 55),
        ({"ratelimit": '"api";r=3;t=55'}, None),
        ({"retry-after": "9" * 400}, 1e6),
    ],
)
def test_how_long_a_server_asks_us_to_wait(headers: dict[str, str], seconds: float | None):
    assert retry_after(headers, 1_700_000_000.0) == seconds


@pytest.mark.parametrize("end", ["{n}.txt", "model-00001-of-{n:05}.safetensors"])
def test_a_mirror_that_lists_very_much_holds_nobody_up(end: str):
    many = [end.format(n=n) for n in range(4, 30_000)]
    started = time.process_time()
    files = [*CLIP, *SHARDS, INDEX]
    assert names_of([*many, *files]) >= set(files)
    assert time.process_time() - started < 10  # by far: it took hours
