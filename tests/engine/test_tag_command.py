"""`main.py tag`: categories from the command line, runs and taking them back, as JSON and text."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "tagging"))
from tagging_scenes import make_scenes

from engine.catalog import Catalog
from engine.embedding_index import EmbeddingIndex
from engine.errors import TagError
from engine.switching import InUse
from engine.tag_command import add_tag, tag
from engine.tagging import Tagging
from engine.vision.clip import open_clip
from engine.vision.models import DEMO_MODEL_ID, ModelStore

Tag = Callable[..., Any]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, Tagging]]:
    folder = tmp_path_factory.mktemp("library")
    model = open_clip(ModelStore(folder / "models").resolve(DEMO_MODEL_ID))
    make_scenes(folder / "catalog.db", model)
    catalog = Catalog.open(folder / "catalog.db")
    index = EmbeddingIndex(catalog, model.space, folder)
    tagging = Tagging(catalog, lambda: InUse(model, index), folder)
    yield catalog, tagging
    tagging.close()
    catalog.close()


@pytest.fixture
def run_tag(door: tuple[Catalog, Tagging], capsys: pytest.CaptureFixture[str]) -> Tag:
    """Runs `tag` with arguments; gives the JSON value, or the exit code where it is not 0."""
    catalog, tagging = door
    for category in tagging.categories():
        tagging.remove_category(category.id)

    def run(*arguments: str) -> Any:
        options = parse(*arguments, "--json")
        code = tag(options, tagging, lambda ids: catalog.photos.page(ids, None))
        return json.loads(capsys.readouterr().out) if code == 0 else code

    return run


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    add_tag(lambda name, run, text: parser)
    return parser.parse_args(arguments)


def test_categories_are_made_with_their_prompts_and_tell_their_photos(run_tag: Tag):
    pets, cars = run_tag(
        "--category", "Pets", "--prompt", "a cat", "--prompt", "a dog", "--category", "car"
    )
    assert (pets["category"], cars["category"]) == ("Pets", "car")
    assert pets["suggested"] == len(pets["photos"]) > 20
    assert (pets["applied"], pets["run"]) == (0, None)
    scores = [photo["score"] for photo in pets["photos"]]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= pets["threshold"]
    assert all(Path(photo["path"]).is_file() for photo in pets["photos"])


def test_automatic_tags_and_a_run_is_taken_back(run_tag: Tag, door: tuple[Catalog, Tagging]):
    (done,) = run_tag("--category", "boat", "--automatic", "--threshold", "0.6")
    assert done["applied"] > 3
    assert done["threshold"] == 0.6
    (again,) = run_tag("--category", "BOAT")  # keeps its mode and words
    assert (again["applied"], again["run"]) == (0, None)
    newest, *_ = run_tag("--runs")
    assert (newest["run"], newest["added"], newest["undone"]) == (
        done["run"],
        done["applied"],
        False,
    )
    assert newest["categories"][0]["prompts"] == ["boat"]
    assert run_tag("--undo", str(done["run"]))["removed"] == done["applied"]
    assert run_tag("--runs")[0]["undone"] is True
    with pytest.raises(TagError, match="no run 999"):
        run_tag("--undo", "999")
    assert door[1].category("boat").threshold == 0.6


def test_an_exclusive_set(run_tag: Tag, door: tuple[Catalog, Tagging]):
    run_tag("--set", "One of", "--exclusive", "--category", "house", "--category", "tree")
    assert next(group for group in door[1].sets() if group.name == "One of").exclusive


def test_wrong_usage_is_told(run_tag: Tag, capsys: pytest.CaptureFixture[str]):
    assert run_tag() == 2
    assert "--category" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        parse("--prompt", "a cat")
    assert caught.value.code == 2
    assert "belongs to" in capsys.readouterr().err
    for wrong in (["--threshold", "2"], ["--threshold", "x"], ["--automatic", "--suggest"]):
        with pytest.raises(SystemExit) as caught:
            parse("--category", "cat", *wrong)
        assert caught.value.code == 2


def test_what_a_person_reads(
    run_tag: Tag, door: tuple[Catalog, Tagging], capsys: pytest.CaptureFixture[str]
):
    catalog, tagging = door
    assert run_tag("--category", "cup")
    for arguments in (["--category", "cup", "--automatic"], ["--runs"]):
        options = parse(*arguments)
        assert tag(options, tagging, lambda ids: catalog.photos.page(ids, None)) == 0
    said = capsys.readouterr().out
    assert "tagged" in said
    assert "--undo" in said
    assert "still its own: cup" in said


def test_a_name_in_another_form_is_the_same_category(run_tag: Tag):
    """As a Mac's keyboard and a Mac's file system write it."""
    run_tag("--category", "Caf\u00e9", "--prompt", "a cup")
    (entry,) = run_tag("--category", "  cafe\u0301 ")
    assert entry["category"] == "Caf\u00e9"


def test_a_category_without_a_name_is_wrong_usage(run_tag: Tag, capsys: pytest.CaptureFixture[str]):
    for name in ("", "  "):
        assert run_tag("--category", name) == 2
        assert "needs a name" in capsys.readouterr().err


def test_a_name_that_cannot_be_leaves_the_others_unmade(
    run_tag: Tag, door: tuple[Catalog, Tagging]
):
    with pytest.raises(TagError):
        run_tag("--category", "Cats", "--category", "x" * 300)
    assert not door[1].categories()
