"""`duplicates` on the command line: what it lists, clears and takes back, and wrong usage."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from clearing_sample import ClearingSample, bytes_like
from filing_sample import tree, write

from engine.duplicate_types import DuplicateClass, FindReport, PickRules
from engine.duplicates import Duplicates
from engine.duplicates_command import add_duplicates, duplicates
from engine.jobs import Job, Progress
from engine.types import PhotoId


class Door:
    """The sample's groups, and the real clearing of them."""

    def __init__(self, sample: ClearingSample) -> None:
        self.groups, self.rules = sample.groups, lambda: sample.rules
        runs = sample.clearing
        self.choices, self.preview, self.clear = runs.choices, runs.preview, runs.clear
        self.clearings, self.undo = runs.clearings, runs.undo

    def find(self) -> Job[FindReport]:
        yield Progress(1, 1)
        return FindReport(4, 1, note="2 photos have no vector yet.")


Main = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[ClearingSample, None, None]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    sample = ClearingSample(tmp_path)
    sample.add("a.jpg", "b/a (1).jpg", "c/a (2).jpg", "other.jpg", data=bytes_like)
    yield sample
    sample.close()


@pytest.fixture
def main(sample: ClearingSample, capsys: pytest.CaptureFixture[str]) -> Main:
    """Run the command; its exit code, the JSON value or the lines, and what stderr says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    commands = parser.add_subparsers()

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text)

    add_duplicates(add)

    def paths(ids: Iterable[PhotoId]) -> Mapping[PhotoId, Path]:
        return {photo.id: photo.path for photo in sample.catalog.photos.page([*ids], None)}

    def run(*arguments: str, as_json: bool = True) -> tuple[int, Any, str]:
        options = parser.parse_args([*(["--json"] if as_json else []), "duplicates", *arguments])
        code = duplicates(options, cast(Duplicates, Door(sample)), paths)
        out, err = capsys.readouterr()
        return code, json.loads(out) if as_json and out else out, err

    return run


def test_what_is_there_twice_is_listed(sample: ClearingSample, main: Main):
    before = tree(sample.photos)
    code, found, said = main()
    assert code == 0
    assert said == "photosift: 2 photos have no vector yet.\n"
    (group,) = found
    assert set(group) == {"class", "keep", "reason", "bytes", "photos"}
    assert (group["class"], group["keep"]) == ("identical", str(sample.photos / "a.jpg"))
    assert [Path(one["path"]).name for one in group["photos"]] == ["a (1).jpg", "a (2).jpg"]
    assert main("--class", "same picture")[1] == []
    _, lines, _ = main(as_json=False)
    assert lines.splitlines()[-1].startswith("identical: 1 groups, 2 photos, ")
    assert tree(sample.photos) == before


def test_cleared_and_taken_back(sample: ClearingSample, main: Main):
    before = tree(sample.photos)
    copy = sample.catalog.photos.find(sample.photos / "b" / "a (1).jpg")
    assert copy is not None
    sample.catalog.tags.put([copy], "Sea")
    code, plan, _ = main("--clear")
    assert code == 0
    assert plan == [
        {
            "class": "identical",
            "keep": str(sample.photos / "a.jpg"),
            "trash": [str(sample.photos / "b/a (1).jpg"), str(sample.photos / "c/a (2).jpg")],
            "takes_over": {"tags": ["Sea"]},
        }
    ]
    _, lines, _ = main("--clear", as_json=False)
    assert "and give it tags ['Sea']" in lines
    assert "2 photos would go. Nothing was touched" in lines
    assert tree(sample.photos) == before

    code, done, _ = main("--clear", "--apply")
    assert (code, done["groups"], done["photos"], done["left"]) == (0, 1, 2, [])
    assert sample.in_trash() == ["a (1).jpg", "a (2).jpg"]
    ((run),) = main("--runs")[1]
    assert (run["run"], run["photos"], run["undone"]) == (done["run"], 2, False)
    code, back, _ = main("--undo", str(done["run"]))
    assert (code, back["photos"]) == (0, 2)
    assert tree(sample.photos) == before
    assert "taken back" in main("--runs", as_json=False)[1]
    code, _, said = main("--undo")
    assert (code, said) == (1, "photosift: there is nothing to be taken back.\n")


def test_what_stays_is_named(sample: ClearingSample, main: Main):
    write(sample.photos / "b" / "a (1).jpg", b"edited since")
    _, lines, _ = main("--clear", "--apply", as_json=False)
    assert lines.splitlines()[0].endswith("1 left")
    assert "was changed since duplicates were looked for." in lines
    assert "Take it back with: main.py duplicates --undo" in lines


def test_folders_that_are_protected_or_preferred(sample: ClearingSample, main: Main):
    protect, prefer = str(sample.photos / "b"), os.path.relpath(sample.photos / "c")
    _, plan, _ = main("--clear", "--protect", protect)
    assert plan[0]["keep"] == str(sample.photos / "b/a (1).jpg")
    _, plan, _ = main("--clear", "--prefer", prefer)
    assert plan[0]["keep"] == str(sample.photos / "c/a (2).jpg")
    sample.rules = PickRules(protected=(sample.photos,))
    assert main("--clear")[1] == []


def test_wrong_usage(sample: ClearingSample, main: Main):
    assert main("--apply")[0] == 2
    code, _, said = main("--clear", "--class", DuplicateClass.SIMILAR.value)
    assert code == 2
    assert "different pictures" in said
    with pytest.raises(SystemExit):
        main("--class", "alike")
