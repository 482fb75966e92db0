"""8 bits: real ones, on photos, with the outliers that trained towers have."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import plan_in_numpy as numpy_engine
import pytest
from numpy.typing import NDArray
from planted import random_plan, real_pixels, with_outliers
from tiny_clip import random_pixels

from engine.vision import quantise, runtime
from engine.vision.agreement import MIN_AGREEMENT, MIN_OVERLAP, agreement, overlap
from engine.vision.embedding import normalise
from engine.vision.engines import EngineFailed, Way
from engine.vision.openvino_engine import observe, precisions
from engine.vision.quantise import Calibration, smooth
from engine.vision.tower import ImagePlan

INT8, FP32 = Way("openvino", "cpu", "int8"), Way("openvino", "cpu", "fp32")

pytestmark = pytest.mark.skipif(
    "int8" not in precisions(), reason="this processor has no 8-bit products"
)


def calibrated(plan: ImagePlan, pixels: NDArray[np.uint8]) -> Calibration:
    return Calibration(observe(plan, pixels, 2, 2))


def figures(
    plan: ImagePlan, pixels: NDArray[np.uint8], *, careful: bool = False
) -> tuple[float, float]:
    """Agreement and overlap on the photos after the 32 that calibrate."""
    calibration = dataclasses.replace(calibrated(plan, pixels[:32]), careful=careful)
    engine = runtime.open_image(plan, INT8, calibration)
    reference = runtime.open_image(plan, FP32)
    exact, short = (normalise(made(pixels[32:])) for made in (reference, engine))
    return agreement(exact, short), overlap(exact, short)


def photos(crop: int, count: int) -> NDArray[np.uint8]:
    found = real_pixels(crop, count)
    if found is None:
        pytest.skip("the photos of ../shared/data are not here")
    return found


def test_outliers_are_smoothed_away(monkeypatch: pytest.MonkeyPatch):
    plan = with_outliers(random_plan(256, 4, 96, 16, 64))
    pixels = photos(96, 96)
    reached, same = figures(plan, pixels)
    assert reached > MIN_AGREEMENT
    assert same > MIN_OVERLAP
    monkeypatch.setattr(quantise, "MIGRATION", 0.0)  # no factors from what goes in
    worse, _ = figures(plan, pixels)
    assert 1 - worse > 3 * (1 - reached)


def test_leaving_the_sensitive_products_alone_helps():
    plan = with_outliers(random_plan(256, 4, 96, 16, 64), weight=0)
    pixels = photos(96, 96)
    reached, _ = figures(plan, pixels)
    careful, _ = figures(plan, pixels, careful=True)
    assert 1 - careful < 0.8 * (1 - reached)


@pytest.mark.slow
@pytest.mark.parametrize("outliers", [0, 12])
def test_a_tower_of_real_size_agrees(outliers: int):
    plan = random_plan(768, 12, 224, 32, 512)
    reached, same = figures(with_outliers(plan, outliers), photos(224, 128))
    assert reached > MIN_AGREEMENT
    assert same > MIN_OVERLAP


def test_the_kernels_are_really_of_8_bits():
    plan = random_plan(128, 2, 64, 16, 32)
    engine: Any = runtime.open_image(plan, INT8, calibrated(plan, random_pixels(8, 64)))
    engine(random_pixels(4, 64))
    graph = engine._requests[0].get_compiled_model().get_runtime_model()
    kinds = [
        (operation.get_rt_info()["runtimePrecision"].astype(str), shape[-1])
        for operation in graph.get_ordered_ops()
        if operation.get_rt_info()["layerType"].astype(str) == "FullyConnected"
        for shape in [operation.get_output_partial_shape(0).get_max_shape()]
    ]
    assert len(kinds) == 1 + 2 * 4 + 1
    assert [width for kind, width in kinds if kind not in ("u8", "i8")] == [32]  # the projection


def test_smoothing_computes_the_same():
    """Before rounding: what one part is divided by, the next is multiplied with."""
    plan = with_outliers(random_plan(128, 3, 64, 16, 32))
    pixels = random_pixels(6, 64)
    smoothed, steps = smooth(plan, calibrated(plan, pixels))

    def undone(n: int) -> Any:
        """The last product's factor is applied while rounding, which numpy does not do here."""
        layer = smoothed.stack.layer(n)
        before, after = steps[f"{n}.narrow"][1], steps[f"{n}.narrow"][3]
        narrow = dataclasses.replace(layer.narrow, weight=layer.narrow.weight * (after / before))
        return dataclasses.replace(layer, narrow=narrow)

    undone_plan = dataclasses.replace(
        smoothed, stack=dataclasses.replace(smoothed.stack, layer=undone)
    )
    exact = numpy_engine.run_image(plan, pixels)
    ours = numpy_engine.run_image(undone_plan, pixels)
    assert np.abs(exact - ours).max() < 1e-4 * np.abs(exact).max()


def test_pixels_are_not_rounded_again():
    low, high, *_ = smooth(
        plan := random_plan(64, 1, 32, 8, 16), calibrated(plan, random_pixels(2, 32))
    )[1]["patches"]
    assert (float(low), float(high)) == (-128, 127)


def test_zero_stays_zero():
    plan = random_plan(64, 2, 32, 8, 16)
    for low, high, *_ in smooth(plan, calibrated(plan, random_pixels(4, 32)))[1].values():
        step = (high - low) / 255
        assert np.allclose(low / step, np.rint(low / step), atol=1e-3)
        assert (low <= 0).all()
        assert (high > 0).all()


def test_a_calibration_comes_back_from_disk_or_not_at_all():
    plan = random_plan(64, 2, 32, 8, 16)
    calibration = dataclasses.replace(calibrated(plan, random_pixels(4, 32)), careful=True)
    data = calibration.to_bytes()
    again = Calibration.from_bytes(data)
    assert again is not None
    assert again.careful
    assert again.ranges.keys() == calibration.ranges.keys()
    assert all((again.ranges[n][k] == calibration.ranges[n][k]).all() for n in again.ranges
               for k in (0, 1))  # fmt: skip
    for place in range(0, len(data), len(data) // 40):
        damaged = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert Calibration.from_bytes(damaged) is None
        assert Calibration.from_bytes(data[:place]) is None


def test_a_calibration_of_another_tower_is_refused():
    other = calibrated(random_plan(64, 2, 32, 8, 16), random_pixels(4, 32))
    for plan in (random_plan(128, 2, 32, 8, 16), random_plan(64, 3, 32, 8, 16)):
        with pytest.raises(EngineFailed, match="another tower"):
            runtime.open_image(plan, INT8, other)
    with pytest.raises(EngineFailed, match="not calibrated"):
        runtime.open_image(random_plan(64, 2, 32, 8, 16), INT8)
