"""The choice of an engine: the fastest that agrees, remembered, and never a crash."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_clip import random_pixels

from engine.errors import ModelError, ModelInvalid
from engine.types import Embeddings, EngineMeasured
from engine.vision import choosing, judging, measuring, openvino_engine, runtime
from engine.vision.choosing import ImageChoice
from engine.vision.clip import ClipModel, open_clip
from engine.vision.engines import EngineFailed, Way
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.quantise import Calibration

DIM, WANTED = 24, 96
FP32, BF16, INT8 = (Way("openvino", "cpu", p) for p in ("fp32", "bf16", "int8"))
TORCH, CARD = Way("torch", "cpu", "fp32"), Way("torch", "cuda", "fp16")
RANGES = {"0.qkv": (np.zeros(3, np.float32), np.ones(3, np.float32))}


@dataclass
class Machine:
    """Ways that compute something simple, at a chosen speed, with a chosen error."""

    ways: list[Way] = field(default_factory=lambda: [INT8, BF16, FP32, TORCH])
    speed: dict[Way, float] = field(
        default_factory=lambda: {INT8: 90, BF16: 50, FP32: 25, TORCH: 20, CARD: 900}
    )
    error: dict[Way, float] = field(default_factory=dict[Way, float])
    careful_error: float | None = None
    broken: dict[Way, str] = field(default_factory=dict[Way, str])  # does not open
    breaks: set[Way] = field(default_factory=set[Way])  # opens, but fails at work
    opened: list[str] = field(default_factory=list[str])
    now: float = 0.0

    def open_image(self, plan: Any, way: Way, calibration: Calibration | None = None) -> Any:
        self.opened.append(way.name)
        if way in self.broken:
            raise EngineFailed(self.broken[way])
        if way == INT8 and calibration is None:
            raise EngineFailed("8 bits were not calibrated")
        return FakeEngine(self, way, calibration is not None and calibration.careful)


class FakeEngine:
    def __init__(self, machine: Machine, way: Way, careful: bool) -> None:
        self.way = way
        self._machine = machine
        self._error = machine.error.get(way, 0.0)
        if careful and machine.careful_error is not None:
            self._error = machine.careful_error

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        if self.way in self._machine.breaks:
            raise EngineFailed("out of memory")
        self._machine.now += len(inputs) / self._machine.speed[self.way]
        rows = inputs.reshape(len(inputs), -1)[:, :DIM].astype(np.float32) / 255
        noise = np.random.default_rng(int(rows[0, 0] * 255)).normal(size=rows.shape)
        return np.asarray(rows + noise * self._error, np.float32)

    def close(self) -> None: ...


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()

    def observe(*_: Any) -> Any:
        return RANGES

    monkeypatch.setattr(runtime, "image_ways", lambda: made.ways)
    monkeypatch.setattr(runtime, "open_image", made.open_image)
    monkeypatch.setattr(openvino_engine, "observe", observe)
    monkeypatch.setattr(measuring.time, "perf_counter", lambda: made.now)
    monkeypatch.setattr(choosing, "_SMALL_WORK", 0.0)  # as if the tower were large
    return made


@pytest.fixture
def files(tiny_folder: Path, store: ModelStore) -> ModelFiles:
    return store.resolve(str(tiny_folder))


def queries() -> Embeddings:
    vectors = np.random.default_rng(7).normal(size=(20, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def measured(files: ModelFiles) -> ImageChoice:
    choice = ImageChoice(files, queries)
    for _ in choice.measure(random_pixels(WANTED, 32)):
        pass
    return choice


def names(choice: ImageChoice, *, accepted: bool) -> list[str]:
    return [entry.name for entry in choice.record.measured if entry.accepted is accepted]


def test_before_there_are_photos_the_best_float_computes(machine: Machine, files: ModelFiles):
    choice = ImageChoice(files, queries)
    assert choice.photos_wanted() == WANTED
    assert machine.opened == []
    assert choice.open(allow_int8=True).way == BF16
    assert names(choice, accepted=True) == ["openvino bf16", "openvino fp32"]
    assert choice.photos_wanted() == WANTED


def test_on_photos_the_fastest_that_agrees_is_chosen(machine: Machine, files: ModelFiles):
    choice = measured(files)
    assert choice.photos_wanted() == 0
    assert choice.open(allow_int8=True).way == INT8
    speeds = [entry.photos_per_second for entry in choice.record.measured]
    assert speeds == [90, 50, 25]
    assert choice.note("openvino int8") == ""
    assert "torch fp32" not in machine.opened  # needless, and slow to import


def test_a_busy_moment_does_not_decide(
    machine: Machine, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    real = machine.speed[INT8]
    machine.speed[INT8] = 10  # something else ran while this way was timed
    first = machine.open_image

    def open_image(plan: Any, way: Way, calibration: Calibration | None = None) -> Any:
        if machine.opened.count(INT8.name) == 1:
            machine.speed[INT8] = real
        return first(plan, way, calibration)

    monkeypatch.setattr(runtime, "open_image", open_image)
    choice = measured(files)
    assert choice.open(allow_int8=True).way == INT8
    assert choice.record.measured[0].photos_per_second == real


def test_a_surprise_that_lasts_is_believed(machine: Machine, files: ModelFiles):
    machine.speed[INT8] = 10
    choice = measured(files)
    assert choice.open(allow_int8=True).way == BF16


def test_it_is_measured_once(machine: Machine, files: ModelFiles):
    measured(files)
    machine.opened.clear()
    again = ImageChoice(files, queries)
    assert again.photos_wanted() == 0
    assert again.open(allow_int8=True).way == INT8
    assert machine.opened == ["openvino int8"]
    assert len(again.record.measured) == 3


@pytest.mark.parametrize("what", ["machine", "model"])
def test_what_changed_is_measured_again(
    what: str, machine: Machine, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    import dataclasses

    measured(files)
    if what == "machine":
        monkeypatch.setattr(runtime, "fingerprint", lambda: "another processor")
    else:
        space = dataclasses.replace(files.space, revision="other weights")
        files = dataclasses.replace(files, space=space)
    assert ImageChoice(files, queries).photos_wanted() == WANTED


def test_8_bits_that_disagree_are_refused_with_the_figure(machine: Machine, files: ModelFiles):
    machine.error[INT8] = 0.3
    choice = measured(files)
    assert choice.open(allow_int8=True).way == BF16
    assert names(choice, accepted=False) == ["openvino int8"]
    assert "agree to 0." in choice.note("openvino bf16")
    assert machine.opened.count("openvino int8") == 2  # the careful way was tried too


def test_8_bits_with_care_are_taken_where_they_agree(machine: Machine, files: ModelFiles):
    machine.error[INT8], machine.careful_error = 0.3, 0.001
    assert measured(files).open(allow_int8=True).way == INT8
    again = ImageChoice(files, queries)
    engine: Any = again.open(allow_int8=True)
    assert engine._error == 0.001  # care is remembered with the calibration


def test_nearest_photos_that_change_are_a_reason_too(
    machine: Machine, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    def few(exact: Any, other: Any, queries: Any = None) -> float:
        return 0.5 if queries is not None and np.abs(exact - other).max() > 1e-6 else 1.0

    machine.error[INT8] = 0.001
    monkeypatch.setattr(judging, "overlap", few)
    choice = measured(files)
    assert choice.open(allow_int8=True).way == BF16
    assert "50% of the nearest photos" in choice.note("openvino bf16")


def test_the_user_may_refuse_8_bits(machine: Machine, files: ModelFiles):
    choice = measured(files)
    assert choice.open(allow_int8=False).way == BF16


def test_a_card_goes_first_where_it_agrees(machine: Machine, files: ModelFiles):
    machine.ways.insert(0, CARD)
    assert measured(files).open(allow_int8=True).way == CARD
    machine.error[CARD] = 0.5
    other = measured(files)
    assert other.open(allow_int8=True).way == INT8
    assert other.note("openvino int8").startswith("cuda fp16 is not used: its vectors agree")


def test_a_fast_tower_is_not_measured_on_photos(machine: Machine, files: ModelFiles):
    machine.speed[BF16] = 800
    choice = ImageChoice(files, queries)
    choice.open(allow_int8=True)
    assert choice.photos_wanted() == 0


def test_a_small_tower_is_tried_before_photos_are_asked_for(
    machine: Machine, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(choosing, "_SMALL_WORK", 2e9)
    machine.speed[BF16] = 800
    assert ImageChoice(files, queries).photos_wanted() == 0


def test_a_slow_tower_is_judged_on_fewer_photos(machine: Machine, files: ModelFiles):
    machine.speed |= {INT8: 3, BF16: 1.5, FP32: 0.5}
    machine.ways.pop()
    assert measured(files).open(allow_int8=True).way == INT8
    assert machine.now < 32 / 0.5 + 32 / 1.5 + 32 / 3 + 16


@pytest.mark.expects_warnings
def test_without_openvino_torch_computes_and_it_is_said(
    machine: Machine, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
):
    machine.ways = [TORCH]
    monkeypatch.setattr(openvino_engine, "precisions", tuple)
    choice = ImageChoice(files, queries)
    assert choice.open(allow_int8=True).way == TORCH
    assert choice.photos_wanted() == 0
    assert "OpenVINO does not work here" in choice.note("torch fp32")


@pytest.mark.expects_warnings
def test_what_fails_to_open_is_said_once_and_the_next_computes(
    machine: Machine, files: ModelFiles, caplog: pytest.LogCaptureFixture
):
    measured(files)
    machine.broken[INT8] = "OpenVINO: no such operation"
    choice = ImageChoice(files, queries)
    for _ in range(3):
        assert choice.open(allow_int8=True).way == BF16
    said = [r for r in caplog.records if "no such operation" in r.getMessage()]
    assert len(said) == 1
    assert "no such operation" in choice.note("openvino bf16")


@pytest.mark.expects_warnings
def test_a_lost_calibration_is_made_again(machine: Machine, files: ModelFiles, store: ModelStore):
    measured(files)
    for path in (store.folder / "measured").iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    choice = ImageChoice(files, queries)
    assert choice.photos_wanted() == 0
    assert choice.open(allow_int8=True).way == BF16
    assert choice.photos_wanted() == WANTED
    for _ in choice.measure(random_pixels(WANTED, 32)):
        pass
    assert choice.open(allow_int8=True).way == INT8


@pytest.mark.expects_warnings
def test_everything_may_fail_but_the_last(machine: Machine, files: ModelFiles):
    machine.broken = {way: f"{way.name} is broken" for way in (INT8, BF16, FP32)}
    choice = measured(files)
    assert choice.open(allow_int8=True).way == TORCH
    machine.broken[TORCH] = "torch is broken"
    with pytest.raises(ModelError, match=r"cannot be computed on this computer.*torch is broken"):
        ImageChoice(files, queries).open(allow_int8=True)
    with pytest.raises(ModelError, match="cannot be computed"):
        measured(files)


def test_measuring_can_be_stopped_and_keeps_nothing(machine: Machine, files: ModelFiles):
    choice = ImageChoice(files, queries)
    steps = choice.measure(random_pixels(WANTED, 32))
    assert [next(steps), next(steps)] == ["openvino fp32", "openvino int8"]
    steps.close()
    assert choice.photos_wanted() == WANTED
    assert not choice.record.measured


def test_notes_that_are_nonsense_are_measured_again(machine: Machine, files: ModelFiles):
    measured(files)
    key = f"{files.space.revision} {runtime.fingerprint()}"
    for nonsense in ("", "bf16", "{}", '{"measured": [1], "final": true}', "[" * 5000):
        files.notes.add_measured(key, nonsense)
        assert ImageChoice(files, queries).photos_wanted() == WANTED
    good = asdict(EngineMeasured("openvino fp32", 5.0, 1.0, 1.0, accepted=True))
    files.notes.add_measured(key, json.dumps({"measured": [good], "final": True}))
    assert ImageChoice(files, queries).photos_wanted() == 0
    wrong = {"name": 5, "photos_per_second": "fast", "agreement": float("nan"), "overlap": [1.0],
             "accepted": "no", "reason": {}, "more": 1.0}  # fmt: skip
    for name, value in wrong.items():
        record = json.dumps({"measured": [{**good, name: value}], "final": True})
        files.notes.add_measured(key, record)
        assert ImageChoice(files, queries).photos_wanted() == WANTED, (name, value)


@pytest.mark.expects_warnings
def test_a_broken_text_tower_does_not_stop_the_measuring(machine: Machine, files: ModelFiles):
    def broken() -> Embeddings:
        raise ModelInvalid("The tokenizer is damaged.")

    choice = ImageChoice(files, broken)
    for _ in choice.measure(random_pixels(WANTED, 32)):
        pass
    assert choice.open(allow_int8=True).way == INT8


# ---- through the towers ----------------------------------------------------------------------


@pytest.fixture
def tower_model(machine: Machine, files: ModelFiles) -> ClipModel:
    model = open_clip(files)

    def embed(texts: Sequence[str]) -> Embeddings:
        return queries()

    model.text.embed = embed
    return model


def test_tuning_tells_its_steps_and_counts_at_once(machine: Machine, tower_model: ClipModel):
    image = tower_model.image
    image.embed(random_pixels(3, 32))
    assert (image.engine, image.precision, image.device) == ("openvino bf16", "bf16", "cpu")
    told: list[str] = []
    image.tune(random_pixels(WANTED, 32), told.append)
    assert told == ["openvino fp32", "openvino int8", "openvino bf16"]
    image.embed(random_pixels(3, 32))
    assert image.engine == "openvino int8"
    assert next(entry.name for entry in image.measured) == "openvino int8"
    tower_model.allow_int8 = False
    image.embed(random_pixels(3, 32))
    assert image.engine == "openvino bf16"
    tower_model.allow_int8 = True
    image.unload()
    assert (image.engine, image.note) == ("", "")


@pytest.mark.expects_warnings
def test_an_engine_that_fails_at_work_is_replaced_in_the_same_call(
    machine: Machine, tower_model: ClipModel, caplog: pytest.LogCaptureFixture
):
    image = tower_model.image
    image.tune(random_pixels(WANTED, 32))
    image.load()
    machine.breaks = {INT8, BF16}
    with caplog.at_level(logging.WARNING):
        assert image.embed(random_pixels(5, 32)).shape == (5, DIM)
        assert image.embed(random_pixels(5, 32)).shape == (5, DIM)
    assert image.engine == "openvino fp32"
    assert len(caplog.records) == 2  # once for each that failed
    assert "out of memory" in image.note


@pytest.mark.parametrize("few", [1, 7])
def test_copies_of_few_photos_judge_nothing(few: int, machine: Machine, files: ModelFiles):
    choice = ImageChoice(files, queries)
    choice.open(allow_int8=True)
    before = choice.record
    copies = np.resize(random_pixels(few, 32), (WANTED, 32, 32, 3))
    assert not [*choice.measure(copies)]
    assert (choice.record, choice.photos_wanted()) == (before, WANTED)


@pytest.mark.expects_warnings
def test_a_way_that_gives_no_numbers_is_passed_over(machine: Machine, files: ModelFiles):
    machine.error[FP32] = float("nan")
    choice = measured(files)
    assert "openvino fp32" in names(choice, accepted=False)
    assert np.isfinite(choice.open(allow_int8=True)(random_pixels(2, 32))).all()
    machine.error |= dict.fromkeys(machine.ways, float("nan"))
    with pytest.raises(ModelInvalid, match="no numbers"):
        measured(files)
