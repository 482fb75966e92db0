"""Killed anywhere in a run: what is there is a run's, and goes with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tagging_scenes import Scenes

from engine.catalog import Catalog
from engine.catalog.categories import Categories
from engine.catalog.tag_runs import TagRuns
from engine.jobs import drain
from engine.tag_types import Mode
from engine.tagging import Tagging
from engine.types import PhotoId

Links = set[tuple[PhotoId, int, str]]


def links(catalog: Catalog, ids: list[PhotoId]) -> Links:
    """Who has which tag, and from whom."""
    found = catalog.tags.of(ids)
    return {(i, tag.tag_id, tag.source.value) for i in found for tag in found[i]}


def test_whatever_a_kill_leaves_can_be_taken_back(
    tagging: Tagging,
    catalog: Catalog,
    scenes: Scenes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """The catalog's files as they lie on the disk at each step are what a kill leaves there."""
    group = tagging.add_set("Things")
    for name in ("cat", "dog", "truck"):
        category = tagging.add_category(name, set_id=group.id)
        tagging.change_category(replace(category, mode=Mode.AUTOMATIC, threshold=0.3))
    tagging.tag(scenes.ids[:9], "cat")
    earlier = drain(tagging.run([tagging.category("cat").id]))
    tagging.change_category(replace(tagging.category("cat"), threshold=0.8))  # takes some off
    before = links(catalog, scenes.ids)
    left: list[Path] = []

    def keep() -> None:
        folder = tmp_path / f"kill {len(left)}"
        folder.mkdir()
        for file in tmp_path.glob("catalog.db*"):
            shutil.copy(file, folder)
        left.append(folder)

    def around(owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def kept(*arguments: Any) -> Any:
            keep()
            result = original(*arguments)
            keep()
            return result

        monkeypatch.setattr(owner, name, kept)

    for owner, name in (
        (TagRuns, "start"), (TagRuns, "add"), (TagRuns, "take"), (TagRuns, "finish"),
        (Categories, "tag_of"),
    ):  # fmt: skip
        around(owner, name)
    for _ in tagging.run():
        keep()
    monkeypatch.undo()
    assert len(left) > 20
    states: set[int] = set()
    for folder in left:
        with closing(Catalog.open(folder / "catalog.db")) as killed:
            assert killed.check() == []
            runs = [run for run in killed.tag_runs.all() if run.id != earlier.run_id]
            states.add(sum(run.added + run.removed for run in runs))
            assert all(run.held == run.added and run.what for run in runs)
            for run in runs:
                killed.tag_runs.roll_back(run.id)
            assert links(killed, scenes.ids) == before
    assert len(states) == 4  # nothing, and after each of the three categories
