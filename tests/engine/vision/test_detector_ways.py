"""How a detector is computed: the fastest way that sees the same, in 8 bits only where it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from random_detectors import write_detector
from tiny_families import SIDE

from engine.errors import ModelInvalid
from engine.types import Embeddings
from engine.vision import choosing, openvino_engine, runtime
from engine.vision.detection_judge import DetectionJudge, DetectorChoice
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.owl_vit import open_detector
from engine.vision.quantise import Calibration
from engine.vision.registry import DEMO_DETECTOR_FOLDER, DEMO_DETECTOR_ID
from engine.vision.tower import ImagePlan

FP32, BF16, INT8 = (Way("openvino", "cpu", p) for p in ("fp32", "bf16", "int8"))
DIM = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("owlvit")
    write_detector("owlvit", made)
    return made


@pytest.fixture
def files(folder: Path, tmp_path: Path) -> ModelFiles:
    return ModelStore(tmp_path / "store").resolve(str(folder), None)


def queries() -> Embeddings:
    return np.eye(DIM, dtype=np.float32)[:5]


class Disturbed:
    """A real tower whose answers are off by so much: what is seen, and the boxes."""

    def __init__(self, engine: Engine, way: Way, looks: float, boxes: float) -> None:
        self.way = way
        self._engine = engine
        self._off = (looks, boxes)

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        columns = self._engine(inputs).copy()
        random = np.random.default_rng(1)
        shape = columns[..., :DIM].shape
        columns[..., :DIM] += random.normal(0, self._off[0], shape) * columns[..., :DIM].std()
        columns[..., DIM + 2 : DIM + 4] += self._off[1]
        return columns.astype(np.float32)

    def close(self) -> None:
        self._engine.close()


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, float]]:
    """By how much each precision is off; all else computes as it is."""
    found: dict[str, tuple[float, float]] = {}
    real = runtime.open_image

    def open_image(plan: ImagePlan, way: Way, calibration: Calibration | None = None) -> Engine:
        if way.precision == "int8" and calibration is None:
            raise EngineFailed("8 bits were not calibrated")
        return Disturbed(real(plan, FP32), way, *found.get(way.precision, (0.0, 0.0)))

    def observe(*_: Any) -> Any:
        return {"0.qkv": (np.zeros(48, np.float32), np.ones(48, np.float32))}

    monkeypatch.setattr(runtime, "image_ways", lambda: [INT8, BF16, FP32])
    monkeypatch.setattr(runtime, "open_image", open_image)
    monkeypatch.setattr(openvino_engine, "observe", observe)
    return found


def measured(files: ModelFiles) -> dict[str, tuple[bool, str]]:
    choice = DetectorChoice(files, queries)
    pixels = np.random.default_rng(5).integers(0, 256, (16, SIDE, SIDE, 3), dtype=np.uint8)
    for _ in choice.measure(pixels):
        pass
    return {entry.name: (entry.accepted, entry.reason) for entry in choice.record.measured}


def test_what_sees_the_same_is_accepted(files: ModelFiles, off: dict[str, Any]):
    assert all(accepted for accepted, _ in measured(files).values())
    choice = DetectorChoice(files, queries)
    assert choice.photos_wanted() == 0  # it was remembered
    assert {"openvino int8", "openvino bf16", "openvino fp32"} == {
        entry.name for entry in choice.record.measured
    }


@pytest.mark.parametrize(
    ("error", "reason"),
    [((0.5, 0.0), "agrees to"), ((0.0, 0.1), "of the best boxes stay the same")],
)
def test_8_bits_that_see_something_else_are_refused(
    error: tuple[float, float], reason: str, files: ModelFiles, off: dict[str, Any]
):
    off["int8"] = error
    found = measured(files)
    assert found["openvino bf16"] == (True, "")
    accepted, why = found["openvino int8"]
    assert not accepted
    assert reason in why
    engine = DetectorChoice(files, queries).open(allow_int8=True)
    assert engine.way.precision != "int8"
    engine.close()


def test_boxes_may_move_by_a_pixel_in_8_bits_by_a_little_more(
    files: ModelFiles, off: dict[str, Any]
):
    off["int8"] = off["bf16"] = (0.0, 0.004)
    found = measured(files)
    assert found["openvino int8"] == (True, "")
    accepted, why = found["openvino bf16"]
    assert not accepted
    assert "boxes move by 0.40% of the picture" in why


def test_before_there_are_photos_8_bits_are_not_used(
    files: ModelFiles, off: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(choosing, "_FAST_ENOUGH", float("inf"))  # as if the tower were large
    choice = DetectorChoice(files, queries)
    engine = choice.open(allow_int8=True)
    assert engine.way.precision != "int8"
    engine.close()
    assert choice.photos_wanted() == 16


@pytest.mark.parametrize("broken", ["nan", "alike", "short"])
def test_a_tower_without_sense_is_refused(broken: str, files: ModelFiles):
    class Broken:
        way = FP32

        def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
            columns = np.ones((len(inputs), 16, DIM + 6), np.float32)
            if broken == "nan":
                columns[0, 0, 0] = np.nan
            return columns[:, :3] if broken == "short" else columns

        def close(self) -> None: ...

    with pytest.raises(ModelInvalid, match="image tower"):
        DetectionJudge(files, queries).check(Broken())


def test_the_embedded_detector_keeps_its_boxes_in_8_bits(tmp_path: Path):
    """With real products of 8 bits, calibrated on its own sample photos."""
    if not DEMO_DETECTOR_FOLDER.is_dir():
        pytest.skip("the demo detector is not in this checkout")
    if "int8" not in openvino_engine.precisions():
        pytest.skip("this processor has no products of 8 bits")
    from PIL import Image

    from engine.files import picture

    files = ModelStore(tmp_path / "store").resolve(DEMO_DETECTOR_ID, None)
    detector = open_detector(files)
    paths = sorted(DEMO_DETECTOR_FOLDER.with_name("photos").rglob("*.jpg"))[::4][:16]
    shown = [picture.model_input(Image.open(p).convert("RGB"), files.spec) for p in paths]
    assert detector.photos_wanted() in (0, 16)
    for _ in detector.tuning(np.stack([np.asarray(pixels) for pixels in shown])):
        pass
    found = {entry.name: entry for entry in detector.measured}
    assert found["openvino int8"].accepted, found
    assert found["openvino int8"].agreement > 0.99
    detector.see(np.asarray(shown[0])[None])
    assert detector.engine in found
