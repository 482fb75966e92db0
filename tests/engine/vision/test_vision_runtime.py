"""How agreement is judged, and passes that run side by side."""

from __future__ import annotations

import threading
from itertools import combinations

import numpy as np
import pytest

from engine.vision import runtime
from engine.vision.runtime import Streams, agreement, sample_pixels


def test_agreement_looks_behind_the_common_part():
    random = np.random.default_rng(0)
    own = random.normal(size=(6, 16)).astype(np.float32)
    common = np.float32(100)
    other = random.normal(size=(6, 16)).astype(np.float32)
    assert agreement(own + common, own + common) == pytest.approx(1, abs=1e-4)
    assert agreement(own + common, other + common) < 0.9
    assert agreement(own, np.full_like(own, np.nan)) == 0
    assert agreement(own, np.zeros_like(own)) == 0


def test_sample_pictures_are_distinct_and_always_the_same():
    pixels = sample_pixels(32)
    assert pixels.shape == (6, 32, 32, 3)
    assert (pixels == sample_pixels(32)).all()
    apart = [np.abs(a.astype(int) - b).mean() for a, b in combinations(pixels, 2)]
    assert min(apart) > 10


def test_streams_keep_the_order_and_run_side_by_side():
    streams = Streams("test", 2, 1)
    meet = threading.Barrier(2)

    def work(part: int) -> int:
        meet.wait(30)  # passes only when two are at work at a time
        return part * 10

    assert streams.map(work, [3, 1, 2, 4]) == [30, 10, 20, 40]
    streams.close()


def test_a_fault_in_a_stream_comes_to_its_caller():
    streams = Streams("test", 2, 1)

    def fail(part: int) -> int:
        raise ValueError(part)

    with pytest.raises(ValueError, match="7"):
        streams.map(fail, [7])
    assert streams.map(str, [1]) == ["1"]
    streams.close()


def test_threads_can_be_chosen():
    before = runtime.threads()
    runtime.set_threads(1)
    assert runtime.threads() == 1
    assert Streams.for_images("cpu").count == 1
    runtime.set_threads(before)
    assert Streams.for_images("cuda").count == 1


def test_what_this_machine_gets():
    device = runtime.choose_device()
    assert device in {"cuda", "mps", "cpu"}
    assert runtime.short_precision(device) in {"fp16", "bf16", "fp32"}
    assert device in runtime.fingerprint(device)
    assert runtime.short_precision("cuda") == "fp16"
