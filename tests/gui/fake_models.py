"""The models of the library in memory: downloads and checks that wait for the test's permits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import DownloadFailed, ModelInvalid, ModelMissing
from engine.jobs import Job, Progress
from engine.types import (
    EngineMeasured,
    ModelCheck,
    ModelInfo,
    ModelSlot,
    ModelSource,
    ModelStatus,
    ModelTest,
    SpaceStatus,
)

DETECT = ModelSlot.DETECT
DEMO = "photosift/demo"
CLIP = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
LARGE = "openai/clip-vit-large-patch14"
SIGLIP = "google/siglip2-base-patch32-256"
CHINESE = "OFA-Sys/chinese-clip-vit-base-patch16"
OWL = "google/owlvit-base-patch32"

_ALL = "more than 100 languages"


def _hub(
    model_id: str, title: str, languages: str, dim: int, megabytes: int, note: str
) -> ModelInfo:
    licence = "Apache-2.0" if languages == _ALL else "MIT"
    size = megabytes * 1_000_000
    return ModelInfo(model_id, title, ModelSource.HUB, languages, licence, dim, size, note,
                     memory_bytes=size + 1_000_000)  # fmt: skip


SHELF = (
    ModelInfo(DEMO, "Photosift demo", ModelSource.EMBEDDED, "English", "MIT", 256, 0,
              "Ships with Photosift; knows only what its sample photos show.", installed=True,
              memory_bytes=40_000_000),
    _hub(CLIP, "CLIP ViT-B/32, LAION-2B", "English", 512, 609,
         "The recommended model for English: quick on any computer."),
    _hub(LARGE, "CLIP ViT-L/14, OpenAI", "English", 768, 1715,
         "Finds more, about 18 times the work per photo."),
    _hub(SIGLIP, "SigLIP 2 B/32-256, Google", _ALL, 768, 1514,
         "The recommended model for any language but English; nearly as quick as ViT-B/32."),
    _hub(CHINESE, "Chinese CLIP ViT-B/16, OFA", "Chinese", 512, 753,
         "The best for Chinese, weak in English. Its authors' repository says MIT; the model's "
         "own page names no licence."),
    replace(_hub(OWL, "OWL-ViT B/32, Google", "English", 512, 613,
                 "Finds things inside of a photo by words; the quick one."), slot=DETECT),
)  # fmt: skip

MEASURED = (
    EngineMeasured("openvino int8", 68.2, 0.9974, 0.962, True),
    EngineMeasured("openvino bf16", 0.0, 0.0, 0.0, False, "This processor has no bf16."),
    EngineMeasured("openvino fp32", 31.4, 0.99999, 0.999, True),
    EngineMeasured("torch fp32", 20.6, 1.0, 1.0, True),
)

MEASURED_STATUS = ModelStatus(
    None, ready=True, device="CPU", precision="int8", engine="openvino int8", measured=MEASURED,
    note="OpenVINO bf16 is not used: this processor has no bf16.",
)  # fmt: skip

CHECKS = (
    ModelCheck("files", True, "398 weights, 609 MB, all there"),
    ModelCheck("image tower", True, "512 numbers, the same twice"),
    ModelCheck("image arithmetic", True, "centred cosine to transformers 1.000000 in fp32"),
    ModelCheck("towers agree", True, "12 of 12 drawn pictures get their own caption first"),
)


class FakeModels:
    """A part of `FakeLibrary`: the shelf of models, what is installed, whose vectors there are."""

    def __init__(self) -> None:
        self.shelf_of_models: dict[str, ModelInfo] = {info.id: info for info in SHELF}
        self.active = DEMO
        self.upcoming = ""
        self.seen_by: dict[str, int] = {}  # photos with a vector, by model; the active has all
        self.photo_count: Callable[[], int] = lambda: 0
        self.status = ModelStatus(None, ready=True)
        self.calls: list[tuple[str, str]] = []
        self.refuse: dict[str, str] = {}  # a model's id, and why it fails its check
        self.fault = ""  # why downloads fail after a third
        self.tests: dict[str, tuple[ModelCheck, ...]] = {}
        self.battery: bool | None = None
        self.leave: tuple[bool, str] = (True, "")
        self.rested: list[float] = []
        self._permits: dict[str, threading.Semaphore] = {}

    # -- the test's hand ------------------------------------------------------------------------

    def gate(self, act: str) -> threading.Semaphore:
        """From now on each step of "download", "prepare", "test" or "compare" needs a permit."""
        return self._permits.setdefault(act, threading.Semaphore(0))

    def let_go(self) -> None:
        """No step waits any more: the test is over."""
        for permits in self._permits.values():
            permits.release(10_000)

    def install(self, *model_ids: str) -> None:
        for model_id in model_ids:
            info = self.shelf_of_models[model_id]
            self.shelf_of_models[model_id] = replace(info, installed=True, downloaded_bytes=0)

    def pass_gate(self, act: str) -> None:
        """Wait for a permit, for the parts of a library that are kept elsewhere."""
        self._step(act)

    def _step(self, act: str) -> None:
        if act in self._permits:
            assert self._permits[act].acquire(timeout=20), f"no permit for {act}"

    # -- what the door offers -------------------------------------------------------------------

    def models(self) -> list[ModelInfo]:
        return list(self.shelf_of_models.values())

    def model_status(self) -> ModelStatus:
        return replace(self.status, info=self.shelf_of_models[self.active])

    def _space(self, model_id: str) -> SpaceStatus:
        whole = self.photo_count()
        done = whole if model_id == self.active else min(whole, self.seen_by.get(model_id, 0))
        info = self.shelf_of_models[model_id]
        return SpaceStatus(model_id, info.title, done, whole, done * info.dim * 4,
                           active=model_id == self.active, upcoming=model_id == self.upcoming,
                           usable=info.installed)  # fmt: skip

    def next_model(self) -> SpaceStatus | None:
        return self._space(self.upcoming) if self.upcoming else None

    def spaces(self) -> list[SpaceStatus]:
        others = [self._space(m) for m, n in self.seen_by.items() if n and m != self.active]
        return [self._space(self.active), *others]

    def _usable(self, model_id: str) -> ModelInfo:
        if model_id in self.refuse:
            raise ModelInvalid(self.refuse[model_id])
        if model_id not in self.shelf_of_models:
            folder = ModelInfo(model_id, Path(model_id).name, ModelSource.FOLDER, "", "", 512, 0,
                               installed=True)  # fmt: skip
            self.shelf_of_models[model_id] = folder
        if not self.shelf_of_models[model_id].installed:
            raise ModelMissing(f"{model_id} is not on this computer; download it.")
        return self.shelf_of_models[model_id]

    def prepare_model(self, model_id: str) -> ModelInfo:
        self.calls.append(("prepare", model_id))
        self._step("prepare")
        info = self._usable(model_id)
        if not self.photo_count() or self._space(model_id).complete:
            self._switch(model_id)
        else:
            self.upcoming = model_id
        return info

    def use_model(self, model_id: str) -> ModelInfo:
        self.calls.append(("use", model_id))
        info = self._usable(model_id)
        self._switch(model_id)
        return info

    def _switch(self, model_id: str) -> None:
        self.seen_by[self.active] = self.photo_count()
        self.active = model_id
        self.upcoming = ""

    def advance(self, photos: int) -> str:
        """The upcoming model sees so many more photos; the model switched to when complete."""
        if not self.upcoming:
            return ""
        model_id = self.upcoming
        self.seen_by[model_id] = self.seen_by.get(model_id, 0) + photos
        if self._space(model_id).complete:
            self._switch(model_id)
            return model_id
        return ""

    def cancel_switch(self) -> None:
        self.calls.append(("cancel", self.upcoming))
        self.upcoming = ""

    def drop_vectors(self, model_id: str) -> None:
        self.calls.append(("drop", model_id))
        self.seen_by.pop(model_id, None)

    def remove_model(self, model_id: str) -> None:
        self.calls.append(("remove", model_id))
        info = self.shelf_of_models[model_id]
        self.shelf_of_models[model_id] = replace(info, installed=False)

    def test_model(self, model_id: str) -> ModelTest:
        self.calls.append(("test", model_id))
        self._step("test")
        return ModelTest(model_id, self.tests.get(model_id, CHECKS))

    def download_model(self, model_id: str) -> Job[ModelInfo]:
        self.calls.append(("download", model_id))
        info = self.shelf_of_models[model_id]
        whole = info.download_bytes
        for tenth in range(11):
            self._step("download")
            if self.fault and tenth > 3:
                self.shelf_of_models[model_id] = replace(info, downloaded_bytes=whole * 3 // 10)
                raise DownloadFailed(self.fault)
            yield Progress(whole * tenth // 10, whole, "model.safetensors")
        self._step("prepare")
        self.install(model_id)
        return self.shelf_of_models[model_id]

    def warm_up(self) -> None: ...

    def rest(self, idle_s: float) -> None:
        self.rested.append(idle_s)

    def on_battery(self) -> bool | None:
        return self.battery

    def may_work(self, input_idle_s: float) -> tuple[bool, str]:
        return self.leave
