"""Changing the model from the terminal: prepared first, interruptible, and told plainly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journey import draw
from other_model import rotated_model

from engine import Library
from engine.commands import main
from engine.doctor import told
from engine.jobs import IndexReport, Job, Progress

DEMO = "photosift/demo"
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a library of its own; gives exit code, JSON value and stderr."""

    def run_command(*arguments: str) -> tuple[int, Any, str]:
        code = main([*arguments, "--library", str(tmp_path / "library"), "--json"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out) if captured.out else None, captured.err

    return run_command


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def remembered_models(
    private_places: None, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured and tested of a model is known to the next test, as to a user."""
    monkeypatch.setenv("XDG_DATA_HOME", str(models_folder))
    known = models_folder / "photosift" / "models" / "known.json"
    if known.is_file():
        kept = json.loads(known.read_text(encoding="utf-8")) | {"folders": []}
        known.write_text(json.dumps(kept), encoding="utf-8")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for seed in range(40):
        draw(folder / f"{seed}.jpg", seed)
    return folder


@pytest.fixture
def turned(tmp_path: Path) -> str:
    return str(rotated_model(tmp_path / "turned"))


def used(models: list[dict[str, Any]]) -> list[str]:
    return [model["id"] for model in models if model["in_use"]]


def test_a_model_is_prepared_then_used(run: Run, photos: Path, turned: str):
    run("index", str(photos))
    code, models, told = run("models", "use", turned)
    assert (code, used(models)) == (0, [turned])
    assert "40 photos" in told
    by_id = {model["id"]: model for model in models}
    assert by_id[turned]["vectors"]["photos"] == by_id[DEMO]["vectors"]["photos"] == 40
    code, models, told = run("models", "use", DEMO)
    assert (code, used(models), told) == (0, [DEMO], "")


def test_in_an_empty_library_at_once(run: Run, photos: Path, turned: str):
    assert used(run("models", "use", turned)[1]) == [turned]
    code, value, _ = run("index", str(photos))
    assert (code, value["embedded"], value["model"]) == (0, 40, turned)


def test_now_does_not_wait(run: Run, photos: Path, turned: str):
    run("index", str(photos))
    code, models, _ = run("models", "use", turned, "--now")
    assert (code, used(models)) == (0, [turned])
    assert run("search", "a cat")[1] == []
    assert run("index", str(photos))[1]["embedded"] == 40


def test_indexing_with_another_model_prepares_it(run: Run, photos: Path, turned: str):
    run("index", str(photos))
    draw(photos / "new.jpg", 99)
    code, value, _ = run("index", str(photos), "--model", turned)
    assert (code, value["model"], value["photos"]) == (0, turned, 41)
    assert used(run("models", "list")[1]) == [turned]
    assert len(run("search", "a cat", "--limit", "100")[1]) == 41


def test_interrupted_it_keeps_what_was_made(
    run: Run, photos: Path, turned: str, monkeypatch: pytest.MonkeyPatch
):
    run("index", str(photos))
    original = Library.index

    def interrupted(self: Library) -> Job[IndexReport]:
        job = original(self)
        yield next(event for event in job if isinstance(event, Progress))
        job.close()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Library, "index", interrupted)
        code, _, told = run("models", "use", turned)
    assert code == 130
    assert f"models use {turned}" in told
    _, models, _ = run("models", "list")
    assert used(models) == [DEMO]
    vectors = next(model["vectors"] for model in models if model["id"] == turned)
    assert 0 < vectors["photos"] < 40
    assert vectors["being_prepared"]
    assert used(run("models", "use", turned)[1]) == [turned]


def test_people_read_what_is_being_prepared(
    run: Run, photos: Path, turned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    run("index", str(photos))
    with Library.open(tmp_path / "library") as library:
        library.prepare_model(turned)
    main(["models", "list", "--library", str(tmp_path / "library")])
    lines = {line[2:].split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines[DEMO].endswith("in use")
    assert lines[turned].endswith("being prepared, 0 of 40 photos")


def test_doctor_tells_of_models_and_power(run: Run, photos: Path, turned: str, tmp_path: Path):
    run("index", str(photos))
    with Library.open(tmp_path / "library") as library:
        library.prepare_model(turned)
    _, facts, _ = run("doctor")
    assert facts["next_model"]["model_id"] == turned
    assert (facts["next_model"]["embedded"], facts["next_model"]["total"]) == (0, 40)
    assert [space["model_id"] for space in facts["spaces"]] == [DEMO, turned]
    assert facts["on_battery"] in (True, False, None)
    assert {"engine", "measured", "note"} <= facts["model"].keys()


def test_doctor_speaks_to_people(
    run: Run, photos: Path, turned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    run("index", str(photos))
    with Library.open(tmp_path / "library") as library:
        library.prepare_model(turned)
    main(["doctor", "--library", str(tmp_path / "library")])
    text = capsys.readouterr().out
    assert "being prepared: 0 of 40 photos" in text
    assert "in use: 40 of 40 photos" in text
    assert text.endswith("All is well.\n")
    way = {"name": "openvino int8", "photos_per_second": 50.0, "agreement": 0.9, "overlap": 0.5,
           "accepted": False, "reason": "it agrees too little"}  # fmt: skip
    fast = {**way, "name": "torch bf16", "accepted": True}
    model = {"id": "x", "engine": "torch bf16", "measured": [way, fast]}
    lines = told({"model": model, "wrong": ["The disk is full."]})
    assert lines == [
        "model: id x, engine torch bf16",
        "  openvino int8: refused: it agrees too little",
        "  torch bf16: 50.0 photos/s, agreement with fp32 0.9000, of the ten nearest photos"
        " 50% the same",
        "wrong: The disk is full.",
    ]


def test_a_detector_is_refused(run: Run):
    code, _, told = run("models", "use", "google/owlvit-base-patch32")
    assert code == 1
    assert "cannot search" in told


def test_options_may_stand_before_the_id(run: Run, tmp_path: Path, turned: str):
    library = str(tmp_path / "other")
    code, models, _ = run("models", "use", "--now", turned)
    assert (code, used(models)) == (0, [turned])
    assert main(["models", "--json", "test", "--library", library, turned]) == 0
    assert main(["models", "test", "--json", "--library", library]) == 0
    for wrong in (["models"], ["models", "use"], ["models", "list", "more"], ["models", "steal"]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2


def test_search_says_that_a_model_has_seen_nothing_yet(run: Run, photos: Path, turned: str):
    run("index", str(photos))
    run("models", "use", turned, "--now")
    code, hits, told = run("search", "a cat")
    assert (code, hits) == (0, [])
    assert "turned has seen none of these photos yet" in told
    assert run("search", "name:nothing a cat")[2] == ""


def test_kept_vectors_are_forgotten(run: Run, photos: Path, turned: str):
    run("index", str(photos))
    assert run("models", "forget", DEMO)[0] == 1  # in use
    run("models", "use", turned)
    code, models, _ = run("models", "forget", DEMO)
    assert code == 0
    assert {model["id"]: model["vectors"] for model in models}[DEMO] is None
    run("index", str(photos), "--model", DEMO)
    assert run("models", "forget", f"{turned}/../turned/")[0] == 0
    code, _, told = run("models", "forget", turned)
    assert (code, "has no vectors" in told) == (1, True)


def test_an_unfinished_download_is_told_of_and_discarded(
    run: Run, models_folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    part = models_folder / "photosift" / "models" / ".openai--clip-vit-base-patch32.part"
    part.mkdir(parents=True)
    with (part / "model.safetensors.0123.incomplete").open("wb") as file:
        file.truncate(100_000_000)
    code, models, _ = run("models", "list")
    by_id = {model["id"]: model for model in models}
    assert by_id["openai/clip-vit-base-patch32"]["downloaded_bytes"] == 100_000_000
    main(["models", "list", "--library", str(tmp_path / "library")])
    assert "16% of 609 MB" in capsys.readouterr().out
    code, _, told = run("models", "discard", "openai/clip-vit-base-patch32")
    assert (code, part.exists(), "100.0 MB freed" in told) == (0, False, True)
    assert "0.0 MB freed" in run("models", "discard", "openai/clip-vit-base-patch32")[2]


def test_the_list_tells_engine_and_speed(run: Run, photos: Path):
    run("index", str(photos))
    models = run("models", "list")[1]
    demo = next(model for model in models if model["id"] == DEMO)
    assert demo["engine"].split()[0] in ("openvino", "torch")
    assert demo["photos_per_second"] > 0
