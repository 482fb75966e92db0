"""Settings: every choice survives the file, nothing in a file can stop the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine.errors import DiskError
from engine.settings import LANGUAGES, THEMES, Settings, SettingsFile

_settings = st.builds(
    Settings,
    model_id=st.text(max_size=30).filter(lambda t: "\ud800" not in t),
    excludes=st.lists(st.text(max_size=10), max_size=4).map(tuple),
    theme=st.sampled_from(THEMES),
    language=st.sampled_from(LANGUAGES),
    batch_size=st.integers(1, 256),
    decoders=st.integers(0, 64),
    paused=st.booleans(),
)


@given(_settings)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_round_trip(tmp_path: Path, chosen: Settings):
    path = tmp_path / "settings.json"
    chosen.save(path)
    assert Settings.load(path) == (chosen, [])


def test_no_file_is_the_defaults_without_a_word(tmp_path: Path):
    assert Settings.load(tmp_path / "none.json") == (Settings(), [])


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00\x00", '{"batch_size": 1e999}'])
def test_a_broken_file_is_defaults_and_a_sentence(tmp_path: Path, text: str):
    path = tmp_path / "settings.json"
    path.write_text(text, encoding="utf-8")
    loaded, warnings = Settings.load(path)
    assert loaded == Settings()
    assert len(warnings) == 1


def test_bad_entries_fall_back_one_by_one(tmp_path: Path):
    path = tmp_path / "settings.json"
    stored = {"batch_size": 0, "theme": "pink", "decoders": 3, "colour": 1, "excludes": [1]}
    path.write_text(json.dumps(stored), encoding="utf-8")
    loaded, warnings = Settings.load(path)
    assert loaded == Settings(decoders=3)
    assert len(warnings) == 4


def test_a_change_leaves_the_other_settings_alone(tmp_path: Path):
    file = SettingsFile(tmp_path / "s.json", Settings(theme="dark"))
    file.change(next_model_id="x/y")
    file.change(theme="light")
    assert file.current == Settings(theme="light", next_model_id="x/y")
    assert Settings.load(tmp_path / "s.json") == (file.current, [])


def test_a_change_that_cannot_be_kept_is_none(tmp_path: Path):
    file = SettingsFile(tmp_path / "s.json", Settings())
    file.change(theme="dark")
    (tmp_path / "s.json.new").mkdir()
    with pytest.raises(DiskError):
        file.change(model_id="x/y")
    assert file.current == Settings(theme="dark")
    assert Settings.load(tmp_path / "s.json")[0] == file.current
