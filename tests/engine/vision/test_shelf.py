"""The picker's lines: a download that was begun, a speed that was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.types import EngineMeasured
from engine.vision.choosing import ImageChoice, Record
from engine.vision.models import ModelStore
from engine.vision.registry import DEMO_MODEL_ID, REGISTRY
from engine.vision.shelf import shelf

CLIP = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"


def test_a_download_that_was_begun_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def begun(model_id: str, _store: ModelStore) -> int:
        return 120_000_000 if model_id == CLIP else 0

    monkeypatch.setattr("engine.vision.download.begun", begun)
    told = {info.id: info for info in shelf(ModelStore(tmp_path))}
    assert list(told) == [entry.id for entry in REGISTRY]
    if not told[CLIP].installed:
        assert told[CLIP].downloaded_bytes == 120_000_000


def test_the_fastest_way_that_agrees_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = EngineMeasured("openvino int8", 90.0, 0.9, 0.5, accepted=False)
    used = EngineMeasured("openvino fp32", 40.0, 1.0, 1.0, accepted=True)
    record = Record((refused, used, replace(used, name="torch fp32")), final=True)
    monkeypatch.setattr(ImageChoice, "record", property(lambda _self: record))
    demo = next(info for info in shelf(ModelStore(tmp_path)) if info.id == DEMO_MODEL_ID)
    if not demo.installed:
        pytest.skip("the demo model is not in this checkout")
    assert (demo.engine, demo.photos_per_second) == ("openvino fp32", 40.0)
    monkeypatch.setattr(ImageChoice, "record", property(lambda _self: Record((), final=False)))
    demo = next(info for info in shelf(ModelStore(tmp_path)) if info.id == DEMO_MODEL_ID)
    assert (demo.engine, demo.photos_per_second) == ("", 0.0)
