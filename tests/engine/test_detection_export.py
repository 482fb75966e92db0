"""Exported data sets are read by pycocotools and a YAML reader as what was exported."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.detection_export import (
    Seen,
    as_json,
    coco,
    labels_of,
    relative_names,
    yolo,
    yolo_pictures,
)
from engine.detection_types import Detection, DetectionId, StoredDetection
from engine.types import Box, PhotoId

CATS = Detection("cat", 0.91, Box(10.4, 52.2, 316.7, 470.9))
REMOTE = Detection("遥控器", 0.66, Box(40.0, 72.5, 175.25, 117.75))
OWN = StoredDetection(DetectionId(7), PhotoId(3), "dog", Box(0, 0, 30, 20))


def photos(folder: Path = Path("/photos")) -> list[Seen]:
    return [
        (folder / "a" / "cats.jpg", 640, 480, [CATS, REMOTE]),
        (folder / "b" / "dog.png", 40, 60, [OWN]),
        (folder / "b" / "nothing.png", 40, 60, []),
    ]


def read_coco(folder: Path, exported: dict[str, Any]) -> Any:
    """What pycocotools makes of it; it is talkative."""
    from pycocotools.coco import COCO

    file = folder / "detections.json"
    file.write_bytes(as_json(exported))
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(file))


def test_pycocotools_reads_every_box(tmp_path: Path) -> None:
    read = read_coco(tmp_path, coco(photos()))
    assert {cat["name"] for cat in read.loadCats(read.getCatIds())} == {"cat", "dog", "遥控器"}
    images = {image["file_name"]: image for image in read.loadImgs(read.getImgIds())}
    assert list(images) == ["a/cats.jpg", "b/dog.png", "b/nothing.png"]
    assert (images["a/cats.jpg"]["width"], images["a/cats.jpg"]["height"]) == (640, 480)
    cat_ids = read.getCatIds(catNms=["cat"])
    (found,) = read.loadAnns(read.getAnnIds(imgIds=images["a/cats.jpg"]["id"], catIds=cat_ids))
    left, top, width, height = found["bbox"]
    assert (left, top, left + width, top + height) == pytest.approx(CATS.box, abs=0.01)
    assert found["area"] == pytest.approx(306.3 * 418.7, abs=0.1)
    assert (found["iscrowd"], found["score"]) == (0, 0.91)
    (own,) = read.loadAnns(read.getAnnIds(imgIds=images["b/dog.png"]["id"]))
    assert "score" not in own
    assert read.getAnnIds(imgIds=images["b/nothing.png"]["id"]) == []


def test_an_evaluation_against_itself_is_perfect(tmp_path: Path) -> None:
    from pycocotools.cocoeval import COCOeval

    exported = coco([photo for photo in photos() if OWN not in photo[3]])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = read_coco(tmp_path, exported)
        results = [dict(one) for one in exported["annotations"]]
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_boxes_are_clipped_and_those_outside_left_out() -> None:
    beyond = Detection("cat", 0.5, Box(-5, -5, 700, 20))
    outside = Detection("cat", 0.5, Box(640, 0, 700, 20))
    exported = coco([(Path("/p/x.jpg"), 640, 480, [beyond, outside])])
    assert [one["bbox"] for one in exported["annotations"]] == [[0, 0, 640, 20]]
    assert yolo([(Path("/p/x.jpg"), 640, 480, [beyond, outside])])["labels/x.txt"].count("\n") == 1


def test_yolo_lines_give_the_boxes_back() -> None:
    files = yolo(photos())
    assert set(files) == {
        *("data.yaml", "classes.txt"),
        *("labels/a/cats.txt", "labels/b/dog.txt", "labels/b/nothing.txt"),
    }
    names = yaml.safe_load(files["data.yaml"])["names"]
    assert list(names.values()) == files["classes.txt"].splitlines() == ["cat", "dog", "遥控器"]
    assert files["labels/b/nothing.txt"] == ""
    found: list[tuple[str, Box]] = []
    for line in files["labels/a/cats.txt"].splitlines():
        number, *shares = line.split()
        x, y, w, h = (float(share) for share in shares)
        assert 0 <= min(x, y, w, h) <= max(x, y, w, h) <= 1
        box = Box((x - w / 2) * 640, (y - h / 2) * 480, (x + w / 2) * 640, (y + h / 2) * 480)
        found.append((names[int(number)], box))
    for (label, box), detection in zip(found, (CATS, REMOTE), strict=True):
        assert label == detection.label
        assert box == pytest.approx(detection.box, abs=0.01)


def test_capitals_make_no_labels_of_their_own() -> None:
    found = [Detection(label, 0.5, Box(0, 0, 5, 5)) for label in ("dog", "Dog", "cat")]
    exported = coco([(Path("/p/x.jpg"), 10, 10, found)])
    assert [one["name"] for one in exported["categories"]] == ["cat", "Dog"]
    assert [one["category_id"] for one in exported["annotations"]] == [2, 2, 1]
    assert yolo([(Path("/p/x.jpg"), 10, 10, found)])["classes.txt"] == "cat\nDog\n"


def test_photos_that_differ_in_their_ending_have_label_files_of_their_own() -> None:
    paths = [Path("/p/IMG.jpg"), Path("/p/img.PNG"), Path("/p/IMG.tar.gif"), Path("/p/none")]
    seen: list[Seen] = [(path, 10, 10, []) for path in paths]
    pictures = yolo_pictures(seen)
    assert list(pictures.values()) == paths
    assert list(pictures) == [
        *("images/IMG.jpg", "images/img (2).PNG", "images/IMG.tar.gif", "images/none")
    ]
    labels = {name for name in yolo(seen) if name.startswith("labels/")}
    assert labels == {f"labels/{name}.txt" for name in ("IMG", "img (2)", "IMG.tar", "none")}


def test_names_are_seen_from_the_deepest_common_folder() -> None:
    assert relative_names([Path("/a/b/x.jpg")]) == ["x.jpg"]
    assert relative_names([Path("/a/b/x.jpg"), Path("/a/b/c/y.jpg")]) == ["x.jpg", "c/y.jpg"]
    assert relative_names([Path("/a/x.jpg"), Path("/b/x.jpg")]) == ["a/x.jpg", "b/x.jpg"]
    assert relative_names([]) == []


def test_a_name_that_is_no_utf8_keeps_its_bytes() -> None:
    path = Path(os.fsdecode(b"/p/caf\xe9.jpg"))
    data = as_json(coco([(path, 10, 10, [])]))
    assert os.fsencode(json.loads(data)["images"][0]["file_name"]) == b"caf\xe9.jpg"


def test_nothing_at_all_is_a_valid_data_set(tmp_path: Path) -> None:
    assert read_coco(tmp_path, coco([])).getImgIds() == []
    assert yaml.safe_load(yolo([])["data.yaml"])["names"] == {}


@given(st.lists(st.text(max_size=20), max_size=6, unique=True))
def test_any_label_keeps_its_number_in_every_file(labels: list[str]) -> None:
    detections = [Detection(label, 0.5, Box(0, 0, 5, 5)) for label in labels]
    seen: list[Seen] = [(Path("/p/x.jpg"), 10, 10, detections)]
    files = yolo(seen)
    names: dict[int, str] = yaml.safe_load(files["data.yaml"])["names"]
    different = len({label.casefold() for label in labels})
    assert list(names) == list(range(different))
    assert len(files["classes.txt"].split("\n")) - 1 == different
    assert [one["name"] for one in coco(seen)["categories"]] == labels_of(seen)
    json.loads(as_json(coco(seen)))
