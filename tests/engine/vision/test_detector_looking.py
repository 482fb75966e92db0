"""What a look at features tells: ensembles, doubles, thresholds, examples; and what is kept."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from random_detectors import write_detector
from tiny_families import SIDE

from engine.detection_types import Label
from engine.types import Box
from engine.vision.features import Features
from engine.vision.models import ModelStore
from engine.vision.owl_vit import Detector, open_detector

DIM = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("owlvit")
    write_detector("owlvit", made)
    return made


@pytest.fixture
def opened(folder: Path, exact: None) -> Detector:
    return open_detector(ModelStore(folder / "store").resolve(str(folder), None))


@pytest.fixture
def detector(opened: Detector, monkeypatch: pytest.MonkeyPatch) -> Detector:
    """Its words are numbers: "3" looks like patches that were made with 3."""

    def texts(prompts: list[str]) -> NDArray[np.float32]:
        return np.eye(DIM, dtype=np.float32)[[int(prompt) for prompt in prompts]]

    monkeypatch.setattr(opened, "texts", texts)
    return opened


def seen(*patches: tuple[dict[int, float], tuple[float, float, float, float]]) -> Features:
    """Patches with their cosine to each word, and their box (centre and size)."""
    looks = np.zeros((len(patches), DIM), np.float32)
    for row, (cosines, _) in zip(looks, patches, strict=True):
        for word, cosine in cosines.items():
            row[word] = cosine
        row[-1] = np.sqrt(max(0.0, 1 - (row**2).sum()))
    return Features(
        np.rint(looks * 32767).astype(np.int16),
        np.full(len(patches), 1 / 32767, np.float32),
        np.full(len(patches), -0.5, np.float32),
        np.full(len(patches), 8.0, np.float32),
        np.array([box for _, box in patches], np.float32),
    )


def score(cosine: float) -> float:
    return 1 / (1 + np.exp(-8 * (cosine - 0.5)))


def word(number: int, *more: int, threshold: float | None = None) -> Label:
    return Label(f"word {number}", tuple(str(n) for n in (number, *more)), threshold)


LEFT, RIGHT = (0.25, 0.5, 0.4, 0.6), (0.7, 0.5, 0.4, 0.6)


def test_a_box_is_told_in_pixels_of_the_photo_with_its_score(detector: Detector):
    sight = detector.look(seen(({1: 0.8}, LEFT)), 1000, 500, [word(1)])
    (found,) = sight.detections
    assert (sight.width, sight.height, found.label) == (1000, 500, "word 1")
    assert found.score == pytest.approx(score(0.8), abs=1e-4)
    assert found.box == pytest.approx(Box(50, 100, 450, 400), abs=0.01)
    assert all(type(edge) is float for edge in found.box)


def test_of_a_labels_prompts_the_best_counts_for_each_box(detector: Detector):
    features = seen(({1: 0.9, 2: 0.1}, LEFT), ({1: 0.2, 2: 0.7}, RIGHT))
    sight = detector.look(features, 100, 100, [word(1, 2)])
    assert [d.score for d in sight.detections] == pytest.approx([score(0.9), score(0.7)], abs=1e-3)
    assert {d.label for d in sight.detections} == {"word 1"}


def test_two_of_a_kind_side_by_side_stay_two_and_doubles_go(detector: Detector):
    almost = (0.26, 0.5, 0.4, 0.6)
    features = seen(({1: 0.8}, LEFT), ({1: 0.7}, almost), ({1: 0.6}, RIGHT))
    sight = detector.look(features, 100, 100, [word(1)])
    assert [d.score for d in sight.detections] == pytest.approx([score(0.8), score(0.6)], abs=1e-3)


def test_labels_do_not_compete_for_a_place(detector: Detector):
    features = seen(({1: 0.6, 2: 0.7}, LEFT))
    sight = detector.look(features, 100, 100, [word(1), word(2)])
    assert [d.label for d in sight.detections] == ["word 2", "word 1"]


def test_a_label_given_twice_counts_once(detector: Detector):
    sight = detector.look(seen(({1: 0.8}, LEFT)), 100, 100, [word(1), word(1)])
    assert len(sight.detections) == 1


def test_nothing_below_the_floor_but_where_a_label_asks_for_it(detector: Detector):
    features = seen(({1: 0.2, 2: 0.2}, LEFT))
    low = score(0.2)
    assert detector.look(features, 100, 100, [word(1)], floor=low * 2).detections == ()
    labels = [word(1), word(2, threshold=low / 2)]
    sight = detector.look(features, 100, 100, labels, floor=low * 2)
    assert [d.label for d in sight.detections] == ["word 2"]


def test_raising_the_threshold_only_leaves_out(detector: Detector):
    """A slider filters what is there; that is what a look with a higher floor would say."""
    random = np.random.default_rng(4)
    boxes = random.uniform(0.1, 0.9, (60, 4))
    features = seen(*(({1: float(c)}, tuple(b)) for c, b in zip(random.random(60), boxes)))  # pyright: ignore[reportArgumentType] # noqa: B905
    whole = detector.look(features, 640, 480, [word(1)])
    for floor in (0.05, 0.3, 0.7):
        part = detector.look(features, 640, 480, [word(1)], floor=floor)
        assert part.detections == tuple(d for d in whole.detections if d.score >= floor)


def test_boxes_end_at_the_edges_and_those_outside_are_none(detector: Detector):
    features = seen(({1: 0.9}, (0.0, 0.0, 0.5, 0.5)), ({1: 0.8}, (1.5, 0.5, 0.2, 0.2)))
    (found,) = detector.look(features, 200, 100, [word(1)]).detections
    assert found.box == Box(0, 0, 50, 25)


def test_no_labels_find_nothing(detector: Detector):
    assert detector.look(seen(({1: 0.9}, LEFT)), 10, 10, []).detections == ()


@pytest.mark.parametrize(
    ("name", "prompt"),
    [("cat", "a photo of a cat"), ("  a  cat ", "a photo of a cat"), ("An apple",
     "a photo of a apple"), ("the two dogs", "a photo of a two dogs"),
     ("A photo of my dog", "A photo of my dog"), ("猫", "a photo of a 猫")],
)  # fmt: skip
def test_a_label_becomes_the_prompt_it_was_trained_with(opened: Detector, name: str, prompt: str):
    assert opened.prompt(name) == prompt


# ---- by example ------------------------------------------------------------------------------


def test_an_example_is_the_patch_whose_box_fits(detector: Detector):
    features = seen(({1: 0.9}, LEFT), ({2: 0.9}, RIGHT), ({3: 0.9}, (0.5, 0.5, 1.0, 1.0)))
    query = detector.query_of(features, 100, 100, Box(50, 20, 90, 80))
    assert query @ np.eye(DIM)[2] == pytest.approx(0.9, abs=1e-3)
    other = seen(({2: 0.9}, LEFT), ({1: 0.9}, RIGHT))
    found = detector.look_for(other, 200, 100, query)
    assert found[0][1] == pytest.approx(Box(10, 20, 90, 80), abs=0.01)
    assert found[0][0] > 0.9
    assert len(found) == 2
    assert detector.look_for(other, 200, 100, query, floor=0.9) == found[:1]


def test_of_patches_that_fit_as_well_the_one_unlike_the_rest_is_asked_for(detector: Detector):
    background = {5: 0.9}
    features = seen(
        (background, (0.5, 0.5, 0.5, 0.5)), ({1: 0.9}, (0.51, 0.5, 0.5, 0.5)),
        (background, (0.9, 0.1, 0.1, 0.1)), (background, (0.1, 0.1, 0.1, 0.1)),
    )  # fmt: skip
    query = detector.query_of(features, 100, 100, Box(25, 25, 75, 75))
    assert query @ np.eye(DIM)[1] == pytest.approx(0.9, abs=1e-3)


def test_a_box_where_no_patch_has_one_asks_for_the_nearest(detector: Detector):
    features = seen(({1: 0.9}, (0.1, 0.1, 0.1, 0.1)), ({2: 0.9}, (0.6, 0.6, 0.1, 0.1)))
    query = detector.query_of(features, 100, 100, Box(90, 90, 95, 95))
    assert query @ np.eye(DIM)[2] == pytest.approx(0.9, abs=1e-3)


# ---- features --------------------------------------------------------------------------------


def test_features_come_back_from_bytes_as_they_were(opened: Detector):
    (features,) = opened.see(pixels(1))
    again = Features.from_bytes(features.to_bytes())
    assert again is not None
    labels = [Label("cat"), Label("two dogs")]
    assert opened.look(again, 300, 200, labels) == opened.look(features, 300, 200, labels)
    assert abs(len(features.to_bytes()) - features.nbytes) < 3000


def test_bytes_that_are_not_features_are_none():
    data = seen(({1: 0.8}, LEFT)).to_bytes()
    for damaged in (b"", data[:-1], data[:100] + b"x" + data[101:], b"x" * 500, data + b"x"):
        assert Features.from_bytes(damaged) is None
    assert Features.from_bytes(data) is not None


def test_features_do_not_depend_on_their_neighbours_nor_on_labels(opened: Detector):
    photos = pixels(3)
    together = opened.see(photos)
    opened.texts(["a photo of a cat"])
    for photo, features in zip(photos, together, strict=True):
        (alone,) = opened.see(photo[None])
        assert np.abs(alone.boxes - features.boxes).max() < 1e-5
    assert opened.see(photos[:0]) == []
    with pytest.raises(ValueError, match="not"):
        opened.see(photos[:, 1:])


def test_the_fingerprint_tells_weights_and_preparation_apart(folder: Path, tmp_path: Path):
    store = ModelStore(tmp_path / "store")
    write_detector("owlvit", tmp_path, seed=1)
    one, other = (open_detector(store.resolve(str(f), None)) for f in (folder, tmp_path))
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == open_detector(store.resolve(str(folder), None)).fingerprint


def test_looks_and_unloading_from_many_threads(opened: Detector):
    photos, failed = pixels(2), list[BaseException]()
    expected = opened.look(opened.see(photos[:1])[0], 90, 60, [Label("cat")])

    def work(n: int) -> None:
        try:
            for _ in range(3):
                (features,) = opened.see(photos[:1])
                assert opened.look(features, 90, 60, [Label("cat")]) == expected
                if n == 0:
                    opened.unload()
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    opened.unload()
    assert (opened.device, opened.precision, opened.engine) == ("", "", "")


def pixels(count: int) -> NDArray[np.uint8]:
    random: Any = np.random.default_rng(3)
    return random.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
