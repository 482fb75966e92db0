"""The commands: what they print, what they return, on photos drawn for the purpose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.commands import main

CHECKOUT = Path(__file__).resolve().parents[2]
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a library of its own; gives exit code, JSON value and stderr."""

    def run_command(*arguments: str) -> tuple[int, Any, str]:
        code = main([*arguments, "--library", str(tmp_path / "library"), "--json"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out) if captured.out else None, captured.err

    return run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "photos"
    target.mkdir()
    for number, colour in enumerate([(200, 20, 20), (20, 200, 20), (20, 20, 200)]):
        pixels = np.full((60, 80, 3), colour, np.uint8)
        pixels[::7] = 255
        Image.fromarray(pixels).save(target / f"{number}.jpg")
        os.utime(target / f"{number}.jpg", (1_600_000_000, 1_600_000_000))
    (target / "broken.jpg").write_bytes(b"")
    os.utime(target / "broken.jpg", (1_600_000_000, 1_600_000_000))
    return target


def test_index_says_what_it_did_and_does_nothing_twice(run: Run, folder: Path):
    code, value, _ = run("index", str(folder))
    assert code == 0
    assert set(value) >= {"photos", "embedded", "unchanged", "skipped", "seconds"}
    assert (value["photos"], value["embedded"], value["unchanged"]) == (3, 3, 0)
    assert [Path(s["path"]).name for s in value["skipped"]] == ["broken.jpg"]
    (folder / "0.jpg").rename(folder / "zero.jpg")
    code, value, _ = run("index", str(folder))
    assert (value["photos"], value["embedded"], value["unchanged"]) == (3, 0, 3)
    assert [Path(s["path"]).name for s in value["skipped"]] == ["broken.jpg"]


def test_search_by_words_ranks_every_photo_once(run: Run, folder: Path):
    run("index", str(folder))
    code, hits, _ = run("search", "a red dress", "--limit", "2")
    assert code == 0
    assert len(hits) == 2
    assert hits[0]["score"] >= hits[1]["score"]
    assert set(hits[0]) == {"path", "score", "band"}


def test_search_by_facts_alone(run: Run, folder: Path):
    run("index", str(folder))
    code, hits, _ = run("search", "name:1.jpg")
    assert code == 0
    assert [Path(hit["path"]).name for hit in hits] == ["1.jpg"]


def test_similar_finds_others_not_itself(run: Run, folder: Path):
    run("index", str(folder))
    _, hits, _ = run("similar", str(folder / "0.jpg"))
    assert {Path(hit["path"]).name for hit in hits} == {"1.jpg", "2.jpg"}
    _, hits, _ = run("similar", str(folder / "0.jpg"), "--box", "0,0,40,30")
    assert len(hits) == 3


def test_classify_sums_to_one(run: Run, folder: Path):
    _, scores, _ = run("classify", str(folder / "0.jpg"), "--labels", "cat,dog,truck,couch")
    assert {score["label"] for score in scores} == {"cat", "dog", "truck", "couch"}
    assert sum(score["probability"] for score in scores) == pytest.approx(1, abs=1e-5)


def test_the_embedded_model_is_said_plainly(run: Run, folder: Path):
    _, _, complaints = run("index", str(folder))
    assert "not the world" in complaints


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("index", "/no/such/folder"), "is not a folder"),
        (("search", "floder:x"), "folder:"),
        (("similar", "/no/such.jpg"), "/no/such.jpg"),
        (("models", "use", "no/such-model"), "no/such-model"),
    ],
)
def test_the_world_s_faults_are_one_sentence(run: Run, arguments: tuple[str, ...], sentence: str):
    code, value, complaints = run(*arguments)
    assert (code, value) == (1, None)
    assert sentence in complaints
    assert "Traceback" not in complaints
    assert complaints.strip().count("\n") == 0


@pytest.mark.parametrize(
    "arguments",
    [("search",), ("similar", "x", "--box", "1,2,3"), ("fly",), ("classify", "x", "--labels", ",")],
)
def test_wrong_usage_is_two(arguments: tuple[str, ...]):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_doctor_finds_nothing_wrong_in_a_good_library(run: Run, folder: Path):
    (folder / "broken.jpg").unlink()
    run("index", str(folder))
    code, facts, _ = run("doctor")
    assert code == 0
    assert facts["wrong"] == []
    assert facts["photos"] == 3
    assert facts["vector_index"] == {"photos": 3, "catalog": 3}
    assert facts["versions"]["torch"]


def test_one_library_has_one_user(tmp_path: Path, folder: Path):
    from engine import Library

    arguments = ["index", str(folder), "--library", str(tmp_path / "library")]
    with Library.open(tmp_path / "library"):
        done = subprocess.run(
            [sys.executable, "main.py", *arguments],
            cwd=CHECKOUT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("photosift: ")


def test_without_a_display_main_names_the_commands(tmp_path: Path):
    bare = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    bare.pop("QT_QPA_PLATFORM", None)
    if sys.platform != "linux":
        pytest.skip("there is always a display here")
    done = subprocess.run(
        [sys.executable, "main.py", "--library", str(tmp_path / "library")],
        cwd=CHECKOUT, capture_output=True, text=True, env=bare, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "index" in done.stderr


def test_commands_work_on_the_sample_library_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """It is made where it lacks; what is printed stays one JSON value."""
    import main as entry

    monkeypatch.setattr(entry, "DEMO_PHOTOS", folder)
    monkeypatch.setattr(entry, "_log_to", id)
    monkeypatch.setattr(os, "umask", id)  # that of the other tests
    for first in (True, False):
        monkeypatch.setattr(sys, "argv", ["main.py", "--demo", "search", "a cat", "--json"])
        assert entry.main() == 0
        told = capsys.readouterr()
        assert len(json.loads(told.out)) > 0
        assert ("made first" in told.err) == first


def test_a_models_test_tells_every_check(run: Run):
    code, value, _ = run("models", "test", "photosift/demo")
    assert code == 0
    assert (value["model"], value["passed"]) == ("photosift/demo", True)
    assert {"files", "words", "image tower", "towers agree"} <= {c["name"] for c in value["checks"]}
    code, value, complaint = run("models", "test", "openai/clip-vit-base-patch32")
    assert (code, value) == (1, None)
    assert "download it" in complaint
