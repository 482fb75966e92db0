"""The table of models: whole, pinned, and with a default for every language."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tiny_families import write_family

from engine.errors import ModelInvalid, ModelMissing
from engine.types import ModelSlot, ModelSource
from engine.vision.families import FAMILIES
from engine.vision.models import ModelStore
from engine.vision.registry import (
    BY_ID,
    ENGLISH_DEFAULT,
    MULTILINGUAL_DEFAULT,
    REGISTRY,
    recommended,
)

DETECTOR = "google/owlvit-base-patch32"


def test_every_row_is_whole():
    assert len(BY_ID) == len(REGISTRY)
    for entry in REGISTRY:
        assert FAMILIES[entry.family].slot is entry.slot, entry.id
        assert all((entry.title, entry.languages, entry.licence, entry.note)), entry.id
        assert entry.memory_bytes > 10**7
        if entry.source is ModelSource.HUB:
            assert entry.download_bytes > 5 * 10**8
            assert min(entry.dim, entry.input_size) > 0
        assert entry.note.endswith(".")


def test_every_family_has_a_model():
    assert {entry.family for entry in REGISTRY} == set(FAMILIES)


def test_what_is_doubtful_about_a_licence_is_said():
    note = BY_ID["OFA-Sys/chinese-clip-vit-base-patch16"].note
    assert "names no licence" in note


@pytest.mark.parametrize(
    "locale", ["en", "en_US.UTF-8", "en-GB", "EN", "C", "C.UTF-8", "POSIX", ""]
)
def test_english_gets_the_quick_english_model(locale: str):
    assert recommended(locale) == ENGLISH_DEFAULT


@pytest.mark.parametrize("locale", ["de_DE.UTF-8", "zh_CN", "zh-Hant", "ja", "pt_BR", "ar"])
def test_other_languages_get_the_multilingual_model(locale: str):
    assert recommended(locale) == MULTILINGUAL_DEFAULT
    assert BY_ID[MULTILINGUAL_DEFAULT].family == "siglip"


def test_a_detector_cannot_search_and_says_what_it_can(tmp_path: Path, store: ModelStore):
    with pytest.raises(ModelInvalid, match=r"finds things inside of a photo and cannot search"):
        store.resolve(DETECTOR)  # whether it is here or not
    with pytest.raises(ModelMissing):
        store.resolve(DETECTOR, ModelSlot.DETECT)
    folder = tmp_path / "detector"
    folder.mkdir()
    write_family("owlvit", folder)
    with pytest.raises(ModelInvalid, match=r"cannot search; choose a search model\."):
        store.resolve(str(folder))
    shutil.copytree(folder, store.place(DETECTOR))
    files = store.resolve(DETECTOR, ModelSlot.DETECT)
    assert (files.family, files.info.slot) == ("owlvit", ModelSlot.DETECT)
    assert store.info(DETECTOR).installed
    assert store.info(str(folder)).slot is ModelSlot.DETECT


def test_a_search_model_cannot_find_things_inside(tmp_path: Path, store: ModelStore):
    write_family("siglip", tmp_path)
    with pytest.raises(ModelInvalid, match="choose a detector"):
        store.resolve(str(tmp_path), ModelSlot.DETECT)
