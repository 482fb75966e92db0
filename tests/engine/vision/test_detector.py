"""Detectors against transformers: the same boxes to the pixel, the same scores, in any shape."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from random_detectors import PREFIX, Theirs, write_detector, write_trained_owlv2
from tiny_families import SIDE

from engine.detection_types import Detection, Label
from engine.files import picture
from engine.files.padded import padded
from engine.files.resample import Picture
from engine.types import Box
from engine.vision.boxes import corners, scores_of
from engine.vision.models import ModelStore
from engine.vision.owl_vit import open_detector
from engine.vision.registry import DEMO_DETECTOR_FOLDER

pytestmark = pytest.mark.usefixtures("exact")
PROMPTS = ["a photo of a cat", "two dogs on a couch", "a red car", "", "naïve café 3.14"]
SHAPES = {"landscape": (640, 427), "portrait": (333, 500), "square": (200, 200), "tiny": (9, 23)}


class Both:
    """One checkpoint, opened by us and by transformers."""

    def __init__(self, name: str, folder: Path) -> None:
        self.ours = open_detector(ModelStore(folder / "store").resolve(str(folder), None))
        self.theirs = Theirs(name, folder)
        self.processor: Any = _processor(name, self.theirs)

    def boxes(
        self, pixels: NDArray[np.uint8], size: tuple[int, int], prompts: list[str], **prepared: bool
    ) -> list[Any]:
        """Scores and boxes of transformers, of each prompt alone; nothing left out."""
        import torch

        answers: list[Any] = []
        values = self.theirs.processor(images=[pixels], return_tensors="pt", **prepared)
        for prompt in prompts:
            with torch.inference_mode():
                output = self.theirs.model(**self.theirs.words([prompt]), **values)
            (answer,) = self.processor.post_process_grounded_object_detection(
                output, threshold=0.0, target_sizes=[size[::-1]], text_labels=[[prompt]]
            )
            answers.append(answer)
        return answers


def _processor(name: str, theirs: Theirs) -> Any:
    import transformers

    kind = getattr(transformers, f"{PREFIX[name]}Processor")
    return kind(image_processor=theirs.processor, tokenizer=theirs.tokenizer)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    folders = {name: tmp_path_factory.mktemp(name) for name in PREFIX}
    for name, folder in folders.items():
        write_detector(name, folder)
    return {name: Both(name, folder) for name, folder in folders.items()}


@pytest.fixture(params=list(PREFIX))
def both(request: pytest.FixtureRequest, made: dict[str, Both]) -> Both:
    return made[request.param]


def noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(sum(shape)).integers(0, 256, (*shape, 3), dtype=np.uint8)


def expected(answer: Any, label: str, size: tuple[int, int], floor: float) -> list[Detection]:
    """Our own thinning, done slowly, of what transformers gives."""
    edges = answer["boxes"].numpy().clip(0, [*size, *size])
    scores = answer["scores"].numpy()
    found: list[Detection] = []
    for place in np.argsort(-scores, kind="stable").tolist():
        box, score = Box(*edges[place].tolist()), float(scores[place])
        if score < floor or box.right <= box.left or box.bottom <= box.top:
            continue
        if all(overlap(box, other.box) <= 0.5 for other in found):
            found.append(Detection(label, score, box))
    return found


def overlap(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(wide, 0) * max(high, 0)
    return shared / (area(one) + area(other) - shared)


def area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def assert_same(
    found: list[Detection], wanted: list[Detection], pixels: float, score: float
) -> None:
    assert [d.label for d in found] == [d.label for d in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one.score == pytest.approx(other.score, abs=score)
        assert np.abs(np.subtract(one.box, other.box)).max() <= pixels


# ---- transformers ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(4000, 3000), (300, 400), (7, 5)])
def test_boxes_and_scores_are_those_of_transformers(both: Both, size: tuple[int, int]):
    pixels = noise(SIDE, SIDE)
    answers = both.boxes(pixels, size, PROMPTS, do_resize=False, do_pad=False)
    features = both.ours.see(pixels[None])[0]
    labels = [Label(f"label {n}", (prompt,)) for n, prompt in enumerate(PROMPTS) if prompt]
    sight = both.ours.look(features, *size, labels, floor=0.001)
    wanted = [
        detection
        for label in labels
        for detection in expected(answers[PROMPTS.index(label.prompts[0])], label.name, size, 0.001)
    ]
    assert len(wanted) > len(labels)
    assert (sight.width, sight.height) == size
    scores = [d.score for d in sight.detections]
    assert scores == sorted(scores, reverse=True)
    for label in labels:
        assert_same([d for d in sight.detections if d.label == label.name],
                    [d for d in wanted if d.label == label.name],
                    pixels=max(size) * 1e-5, score=1e-4)  # fmt: skip


def test_a_query_by_example_is_that_of_transformers(both: Both):
    """For the whole picture they agree on the patch, up to how its vectors are scaled."""
    import torch

    pixels = noise(SIDE, SIDE)
    values = both.theirs.processor(
        images=[pixels], return_tensors="pt", do_resize=False, do_pad=False
    )["pixel_values"]
    with torch.inference_mode():
        grid = both.theirs.model.image_embedder(pixel_values=values)[0]
        rows = both.theirs.model.class_predictor(grid.flatten(1, 2))[1][0].numpy()
        boxes = both.theirs.model.box_predictor(grid.flatten(1, 2), grid)[0].numpy()
    features = both.ours.see(pixels[None])[0]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.abs(features.looks_of(np.arange(len(rows))) - rows).max() < 1e-4
    best = int(np.argmax(boxes[:, 2] * boxes[:, 3]))
    left, top = (boxes[best, :2] - boxes[best, 2:] / 2) * 100
    right, bottom = (boxes[best, :2] + boxes[best, 2:] / 2) * 100
    query = both.ours.query_of(features, 100, 100, Box(left, top, right, bottom))
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-4)
    found = both.ours.look_for(features, 100, 100, query)
    logits = (rows @ query + features.shift) * features.scale
    assert found[0][0] == pytest.approx(1 / (1 + np.exp(-logits.max())), abs=1e-4)


# ---- whole photos, with trained weights ------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    """The embedded detector, and the same weights as an OWLv2 that sees padded pictures."""
    if not DEMO_DETECTOR_FOLDER.is_dir():
        pytest.skip("the demo detector is not in this checkout")
    pytest.importorskip("scipy", reason="transformers needs scipy for OWLv2's resize")
    folders = {name: tmp_path_factory.mktemp(f"trained-{name}") for name in PREFIX}
    folders["owlvit"] = Path(shutil.copytree(DEMO_DETECTOR_FOLDER, folders["owlvit"] / "copy"))
    write_trained_owlv2(folders["owlv2"], DEMO_DETECTOR_FOLDER)
    return {name: Both(name, folder) for name, folder in folders.items()}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PREFIX)
def test_whole_photos_give_the_boxes_of_transformers(
    name: str, shape: str, trained: dict[str, Both]
):
    both, size = trained[name], SHAPES[shape]
    (path, *_) = sorted(DEMO_DETECTOR_FOLDER.with_name("photos").rglob("*.jpg"))
    photo = Image.open(path).convert("RGB").resize(size)
    spec, given = both.ours.spec, Picture(photo)
    pixels = padded(given, spec.crop, size) if spec.pad else picture.model_input(given, spec)
    features = both.ours.see(np.asarray(pixels)[None])[0]
    prompts = [both.ours.prompt(name) for name in ("cat", "car", "flower")]
    cosines = features.cosines(both.ours.texts(prompts))
    edges = corners(features.boxes, *size, padded=spec.pad)
    found = 0
    for answer, column in zip(both.boxes(np.asarray(photo), size, prompts), cosines.T, strict=True):
        scores, boxes = answer["scores"].numpy(), answer["boxes"].numpy().clip(0, [*size, *size])
        assert len(scores) == len(edges)  # every patch: none is thinned out
        assert np.abs(scores_of(column, features.shift, features.scale) - scores).max() < 5e-3
        wanted = scores > 0.02
        found += np.count_nonzero(wanted)
        assert np.abs(edges - boxes)[wanted].max(initial=0) <= 1
    assert found > 3
