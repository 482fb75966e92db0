"""`sort` on the command line: the plan, doing it, taking it back, and wrong usage."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from filing_sample import Sample, leftovers, listed, tree

from engine.assignment import Assignment
from engine.errors import DiskError
from engine.files import writes
from engine.sort_command import add_sort, sort
from engine.tag_types import Category, CategoryId, SetId
from engine.tagging import Tagging


class Tags:
    """Categories by the first letter of a photo's name, instead of by its picture."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.kept: list[tuple[str, Sequence[str]]] = []
        self.asked: list[tuple[str, Sequence[str]]] = []
        self.threshold: float | None = None
        self.said = ""  # on stderr

    def draft(self, name: str, prompts: Sequence[str] = ()) -> Category:
        return Category(CategoryId(0), SetId(0), name, tuple(prompts))

    def keep(self, draft: Category, set_name: str) -> Category:
        assert set_name == "Sorting"
        self.kept.append((draft.name, draft.prompts))
        return draft

    def assign(
        self, names: Sequence[str], threshold: float | None, drafts: Sequence[Category]
    ) -> list[Assignment]:
        self.asked = [(draft.name, draft.prompts) for draft in drafts]
        self.threshold = threshold
        assert [*names] == [draft.name for draft in drafts]
        return [
            Assignment(i, next((n for n in names if n[0] == path.name[0]), None), 0.8, None, 0.5)
            for i, path in sorted(self.sample.paths().items(), key=lambda item: item[1])
        ]


@pytest.fixture
def sample(tmp_path: Path) -> Generator[Sample, None, None]:
    sample = Sample(tmp_path)
    sample.add("s.jpg", "s.xmp", "p.jpg", "z.jpg")
    yield sample
    sample.close()


@pytest.fixture
def tags(sample: Sample) -> Tags:
    return Tags(sample)


@pytest.fixture
def main(sample: Sample, tags: Tags, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command; its exit code and the JSON value or the lines that it printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    commands = parser.add_subparsers()

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text)

    add_sort(add)

    def run(*arguments: str, as_json: bool = True) -> tuple[int, Any]:
        options = parser.parse_args([*(["--json"] if as_json else []), "sort", *arguments])
        code = sort(options, cast(Tagging, tags), sample.sorting, sample.filing)
        out, tags.said = capsys.readouterr()
        return code, json.loads(out) if as_json and out else out

    return run


def test_the_plan_touches_nothing(sample: Sample, tags: Tags, main: Callable[..., Any]):
    before = tree(sample.photos)
    code, plan = main(
        "--into", str(sample.into), "--category", "sea", "--prompt", "the sea", "--prompt", "waves",
        "--category", "pets", "--threshold", "0.5",
    )  # fmt: skip
    assert code == 0
    assert tags.asked == [("sea", ("the sea", "waves")), ("pets", ())]
    assert tags.threshold == 0.5
    assert tags.kept == []
    assert [(entry["category"], entry["target"]) for entry in plan] == [
        ("pets", str(sample.into / "pets" / "p.jpg")),
        ("sea", str(sample.into / "sea" / "s.jpg")),
        (None, None),
    ]
    assert set(plan[0]) >= {"path", "target", "category", "score", "runner_up", "margin"}
    assert plan[1]["companions"] == 1
    assert tree(sample.photos) == before
    assert not sample.into.exists()
    code, lines = main("--into", str(sample.into), "--category", "sea", as_json=False)
    assert "Nothing was touched" in lines
    assert "1 photos, 1 companions" in lines


@pytest.mark.parametrize("how", [[], ["--copy"], ["--move"], ["--link"]])
def test_apply_runs_and_undo(sample: Sample, tags: Tags, main: Callable[..., Any], how: list[str]):
    before = tree(sample.photos)
    into = ["--into", str(sample.into), "--category", "sea", "--by-date", "year"]
    code, report = main(*into, *how, "--apply")
    assert (code, report["photos"], report["files"], report["skipped"]) == (0, 1, 2, [])
    assert listed(sample.into) == ["sea/2020/s.jpg", "sea/2020/s.xmp"]
    assert tags.kept == [("sea", ())]
    assert ("s.jpg" in listed(sample.photos)) == (how != ["--move"])
    code, runs = main("--runs")
    assert [(run["run"], run["state"], run["done"]) for run in runs] == [(1, "applied", 2)]
    assert main("--undo", "7")[0] == 1
    code, report = main("--undo")
    assert (code, report["photos"]) == (0, 1)
    assert tree(sample.photos) == before
    assert main("--undo")[0] == 1
    assert "taken back" not in main("--runs", as_json=False)[1]


def test_wrong_usage(sample: Sample, main: Callable[..., Any]):
    assert main("--into", str(sample.into))[0] == 2
    assert main("--category", "sea")[0] == 2
    for wrong in (["--prompt", "x"], ["--threshold", "2"], ["--copy", "--move"], ["--undo", "x"]):
        with pytest.raises(SystemExit) as exit_:
            main(*wrong)
        assert exit_.value.code == 2


def test_a_refused_place_says_why(sample: Sample, tags: Tags, main: Callable[..., Any]):
    into = ["--into", str(sample.folder / "data"), "--category", "sea"]
    code, _ = main(*into)
    assert code == 1
    with pytest.raises(DiskError, match="belongs to the library's own data"):
        main(*into, "--apply")
    assert tags.kept == []


def test_a_category_that_is_named_twice_has_all_its_prompts(
    sample: Sample, tags: Tags, main: Callable[..., Any]
):
    twice = ["--category", "sea", "--prompt", "waves", "--category", "Sea", "--prompt", "a coast"]
    assert main("--into", str(sample.into), *twice)[0] == 0
    assert tags.asked == [("sea", ("waves", "a coast"))]


def test_a_run_that_cannot_be_taken_back_is_named(tags: Tags, main: Callable[..., Any]):
    assert main("--undo", "7")[0] == 1
    assert tags.said == "photosift: there is nothing of run 7 to be taken back.\n"
    assert main("--undo")[0] == 1
    assert tags.said == "photosift: there is nothing to be taken back.\n"


def test_a_disk_that_fills_up_says_how_to_go_on(sample: Sample, main: Callable[..., Any]):
    before = tree(sample.photos)

    def full(name: str, path: Path) -> None:
        if path.suffix == ".xmp":
            raise OSError(errno.ENOSPC, "no room", str(path))

    writes.before = full
    try:
        sea = ["--into", str(sample.into), "--category", "pic", "--category", "sea", "--apply"]
        code, lines = main(*sea, as_json=False)
    finally:
        writes.before = None
    assert code == 1
    assert "sort --resume 1" in lines
    assert "1 to do" not in main("--runs", as_json=False)[1]
    assert "2 to do" in main("--runs", as_json=False)[1]
    assert main("--resume")[0] == 0
    assert main("--undo")[0] == 0
    assert "0 to do" in main("--runs", as_json=False)[1]
    assert tree(sample.photos) == before


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C as in a terminal: what is started in the background begins with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("undo", [False, True])
def test_ctrl_c_stops_at_a_whole_photo(sample: Sample, main: Callable[..., Any], undo: bool):
    names = [f"s{n:03}.{kind}" for n in range(150) for kind in ("jpg", "xmp")]
    sample.add(*names)
    before = tree(sample.photos)
    move = ["--into", str(sample.into), "--category", "sea", "--move", "--apply"]
    if undo:
        assert main(*move)[0] == 0
    changes = 0

    def press(name: str, path: Path) -> None:
        nonlocal changes
        changes += 1
        if changes == 7:  # between a photo and its sidecar
            os.kill(os.getpid(), signal.SIGINT)

    writes.before = press
    try:
        with pytest.raises(KeyboardInterrupt):
            main(*(["--undo"] if undo else move))
    finally:
        writes.before = None
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sample.catalog.journal.open_steps() == []
    assert leftovers(sample.folder) == []
    there = {Path(name).stem for name in listed(sample.into)}
    assert len(listed(sample.into)) == 2 * len(there)
    assert 0 < len(there) < 150
    if not undo:
        assert main("--resume", "7")[0] == 1
        code, report = main("--resume")
        assert (code, report["skipped"], report["stopped"]) == (0, [], "")
        assert len(listed(sample.into)) == len(names) + 2
        assert main("--resume")[0] == 1
    assert main("--undo")[0] == 0
    assert tree(sample.photos) == before
    assert not sample.into.exists()
