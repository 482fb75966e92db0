"""`main.py detect`: photos and queries, as JSON and text; pictures, data sets, runs taken back."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from journey import draw
from random_detector import write_detector

from engine import Library
from engine.detect_command import add_detect, detect
from engine.errors import DetectionError, DiskError, ModelError, PhotoError, QueryError
from engine.jobs import drain

Detect = Callable[..., Any]


@pytest.fixture(scope="module")
def detector_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_detector(tmp_path_factory.mktemp("detector"))


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [draw(tmp_path / "photos" / f"{seed}.jpg", seed) for seed in range(5)]


@pytest.fixture
def library(tmp_path: Path, photos: list[Path], detector_folder: Path) -> Iterator[Library]:
    folder = tmp_path / "library"
    folder.mkdir()
    settings = {"model_id": "no/model", "detector_id": str(detector_folder)}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    with Library.open(folder) as opened:
        opened.add_root(photos[0].parent)
        drain(opened.reconcile())
        drain(opened.index())
        yield opened


@pytest.fixture
def run_detect(library: Library, capsys: pytest.CaptureFixture[str]) -> Detect:
    """Runs `detect` with arguments; gives the JSON value, or the exit code where it is not 0."""

    def run(*arguments: object) -> Any:
        code = detect(parse(*arguments, "--json"), library)
        out = capsys.readouterr().out
        return json.loads(out) if code == 0 else code

    return run


def parse(*arguments: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    add_detect(lambda name, run, text: parser)
    return parser.parse_args([str(argument) for argument in arguments])


def test_one_photo_gives_labels_scores_and_boxes(
    run_detect: Detect, photos: list[Path], tmp_path: Path
):
    found = run_detect(photos[1], "--labels", "cat,dog=a dog|a puppy", "--threshold", "0.02")
    assert found
    assert all(entry.keys() == {"label", "score", "box"} for entry in found)
    assert {entry["label"] for entry in found} <= {"cat", "dog"}
    assert [entry["score"] for entry in found] == sorted((e["score"] for e in found), reverse=True)
    for entry in found:
        left, top, right, bottom = entry["box"]
        assert 0 <= left < right <= 96
        assert 0 <= top < bottom <= 64
    high = run_detect(photos[1], "--labels", "cat", "--threshold", "0.999")
    assert high == []
    saved = tmp_path / "boxes.png"
    run_detect(photos[1], "--labels", "cat", "--threshold", "0.02", "--save", saved)
    assert saved.is_file()
    with pytest.raises(DiskError):
        run_detect(photos[1], "--labels", "cat", "--save", saved)


def test_several_photos_say_which_and_go_on_over_bad_ones(
    run_detect: Detect, photos: list[Path], tmp_path: Path
):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    found = run_detect(bad, *photos[:2], "--labels", "cat", "--threshold", "0.02")
    assert {entry["path"] for entry in found} == {str(path) for path in photos[:2]}
    assert run_detect(bad, bad, "--labels", "cat") == 1
    with pytest.raises(PhotoError):
        run_detect(bad, "--labels", "cat")


def test_photos_are_exported(run_detect: Detect, photos: list[Path], tmp_path: Path):
    for kind, files in (("coco", 1), ("yolo", 4), ("annotated", 2)):
        into = tmp_path / kind
        run_detect(
            *photos[:2], "--labels", "cat", "--threshold", ".02", "--export", kind, "--into", into
        )
        assert sum(path.is_file() for path in into.rglob("*")) == files


def test_a_data_set_has_pictures_and_negatives_on_request(
    run_detect: Detect, library: Library, photos: list[Path], tmp_path: Path
):
    into = tmp_path / "files"
    run_detect(*photos[:2], "--labels", "cat", "--threshold", ".02", "--export", "yolo",
               "--into", into, "--with-pictures")  # fmt: skip
    copies = {path.name: path.read_bytes() for path in (into / "yolo" / "images").iterdir()}
    assert copies == {path.name: path.read_bytes() for path in photos[:2]}
    found = run_detect("--query", "name:*.jpg", "--labels", "cat", "--threshold", "0.02")
    keep = found[0]["path"]
    others = [hit.photo_id for hit in library.search("name:*.jpg").hits]
    others = [photo.id for photo in library.photos(others) if str(photo.path) != keep]
    boxes = library.detecting.of_photos(others)
    library.detecting.remove([box.id for known in boxes.values() for box in known])
    for wanted, count in (((), 1), (("--negatives",), 5)):
        into = tmp_path / f"query {count}"
        run_detect("--resume", 1, "--export", "yolo", "--with-pictures", "link", "--into", into,
                   *wanted)  # fmt: skip
        labels = [path.read_text() for path in (into / "yolo" / "labels").iterdir()]
        assert (len(labels), sum(map(bool, labels))) == (count, 1)
        pictures = [*(into / "yolo" / "images").iterdir()]
        assert {path.resolve() for path in pictures} <= {path.resolve() for path in photos}
        assert len(pictures) == count


def test_a_query_becomes_a_run_that_can_be_taken_back(
    run_detect: Detect, library: Library, tmp_path: Path
):
    found = run_detect("--query", "name:*.jpg", "--labels", "cat", "--threshold", "0.02")
    assert {Path(entry["path"]).name for entry in found} == {f"{n}.jpg" for n in range(5)}
    best: dict[str, float] = {}
    for entry in found:
        best.setdefault(entry["path"], entry["score"])
    assert [*best.values()] == sorted(best.values(), reverse=True)  # the surest photo first
    (run,) = run_detect("--runs")
    assert (run["run"], run["asked"], run["looked"], run["finished"]) == (1, 5, 5, True)
    assert (run["labels"], run["what"]) == (["cat"], "Search “name:*.jpg”")
    assert run_detect("--undo", 1) == {"removed": run["boxes"]}
    assert library.search("detected:cat").hits == ()
    assert run_detect("--redo", 1) == {"restored": run["boxes"]}
    assert len(library.search("detected:cat").hits) == 5
    assert run_detect("--resume", 1) == found
    limited = run_detect("--query", "name:*.jpg", "--labels", "cat", "--limit", "2",
                         "--threshold", "0.02", "--export", "coco", "--into", tmp_path)  # fmt: skip
    assert len({entry["path"] for entry in limited}) == 2
    exported = json.loads((tmp_path / "detections.json").read_text(encoding="utf-8"))
    assert len(exported["annotations"]) == len(limited)
    assert run_detect("--query", "name:nothing", "--labels", "cat") == []


def test_wrong_usage_is_told_from_a_world_that_refuses(
    run_detect: Detect, photos: list[Path], library: Library
):
    assert run_detect(photos[0]) == 2
    assert run_detect("--labels", "cat") == 2
    assert run_detect(photos[0], "--query", "x", "--labels", "cat") == 2
    assert run_detect(*photos, "--labels", "cat", "--save", "x.png") == 2
    assert run_detect(photos[0], "--labels", "cat", "--export", "regions") == 2
    assert run_detect(photos[0], "--labels", "cat", "--export", "coco", "--with-pictures") == 2
    assert run_detect(photos[0], "--labels", "cat", "--export", "coco", "--negatives") == 2
    assert run_detect("--query", "x", "--labels", "cat", "--negatives") == 2
    for wrong in (["--labels", ","], ["--labels", "x", "--threshold", "7"], ["--limit", "0"]):
        with pytest.raises(SystemExit):
            parse(photos[0], *wrong)
    with pytest.raises(DetectionError):
        run_detect("--undo", 12)
    with pytest.raises(QueryError):
        run_detect("--query", "count:cat>=x", "--labels", "cat")
    before = library.settings.detector_id
    with pytest.raises(ModelError):
        run_detect("--model", "google/owlv2-base-patch16-ensemble", "--runs")
    assert library.settings.detector_id == before


def test_text_says_it_in_lines(
    library: Library, photos: list[Path], capsys: pytest.CaptureFixture[str]
):
    detect(parse(photos[0], "--labels", "cat", "--threshold", "0.999"), library)
    assert "lower --threshold" in capsys.readouterr().out
    detect(parse("--query", "name:0.jpg", "--labels", "cat", "--threshold", "0.02"), library)
    out, err = capsys.readouterr()
    assert "--undo 1" in out
    assert "run 1" in err
    detect(parse("--runs"), library)
    assert "1/1 photos" in capsys.readouterr().out
