"""`sidecars` on the command line: status tells, write writes, and says what it could not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from engine import Library
from engine.commands import main
from engine.files.sidecar_fields import told
from engine.jobs import drain
from engine.types import Scope


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A library of two photos with four stars each; it is closed."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("a.jpg", "b.jpg"):
        Image.new("RGB", (8, 8)).save(photos / name)
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "settings.json").write_text('{"model_id": "no/model"}', encoding="utf-8")
    with Library.open(folder) as library:
        library.add_root(photos)
        drain(library.reconcile())
        library.marking.rate(library.photo_ids(Scope()), 4)
    return folder


def test_status_then_write(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> dict[str, object]:
        assert main(["sidecars", *arguments, "--json", "--library", str(place)]) == 0
        return json.loads(capsys.readouterr().out)

    waiting = {"on": False, "written": 0, "waiting": 2, "failed": 0, "offline": 0}
    assert run("status") == waiting
    assert not list((place.parent / "photos").glob("*.xmp"))
    report = run("write")
    assert (report["written"], report["unchanged"], report["skipped"]) == (2, 0, [])
    assert report["status"] == waiting | {"written": 2, "waiting": 0}
    assert told((place.parent / "photos" / "b.jpg.xmp").read_bytes()).rating == 4
    assert run("write")["written"] == 0
    assert run("write", "--all")["unchanged"] == 2


def test_what_could_not_be_written_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place.parent / "photos" / "a.jpg.xmp").write_text("no xml", encoding="utf-8")
    assert main(["sidecars", "write", "--library", str(place)]) == 0
    out = capsys.readouterr().out
    assert "1 sidecars written, 0 said it already, 1 could not be written" in out
    assert "a.jpg.xmp: is no well-formed XML; move it away or repair it" in out
    assert main(["sidecars", "status", "--library", str(place)]) == 0
    assert "1 to be written, 1 of them failed" in capsys.readouterr().out
    with Library.open(place) as library:
        assert library.problems() == []  # no one asked for sidecars to be kept up
        library.change_settings(replace(library.settings, write_sidecars=True))
        assert [problem.path.name for problem in library.problems()] == ["a.jpg"]
