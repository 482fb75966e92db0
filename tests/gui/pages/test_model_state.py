"""How a model stands and what can be done with it, from facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_models import CHECKS, CHINESE, CLIP, DEMO, LARGE, MEASURED, OWL, SHELF, SIGLIP

from engine.jobs import Progress
from engine.types import ModelCheck, ModelInfo, ModelSource, ModelStatus, ModelTest, SpaceStatus
from gui.models import words
from gui.models.state import (
    Act,
    Failure,
    Group,
    ModelsSeen,
    ModelView,
    Running,
    Standing,
    Work,
    group_of,
    recommended_id,
    view_of,
)

BY_ID = {info.id: info for info in SHELF}


def space(model_id: str, embedded: int, *, upcoming: bool = False, reason: str = "") -> SpaceStatus:
    return SpaceStatus(model_id, BY_ID[model_id].title, embedded, 1000, embedded * 2048,
                       active=False, upcoming=upcoming, usable=True, reason=reason)  # fmt: skip


def look(
    model_id: str,
    *,
    installed: bool = True,
    embedded: int = 0,
    upcoming: bool = False,
    running: Running | None = None,
    failure: Failure | None = None,
    test: ModelTest | None = None,
    previous: str = "",
    reason: str = "",
) -> ModelView:
    info = replace(BY_ID[model_id], installed=installed)
    found = space(model_id, embedded, upcoming=upcoming, reason=reason)
    seen = ModelsSeen(
        (info,),
        ModelStatus(BY_ID[DEMO], ready=True),
        (found,) if embedded else (),
        found if upcoming else None,
    )
    return view_of(info, seen, running=running, failure=failure, test=test, previous=previous)


def loading(done: int, whole: int, **facts: object) -> Running:
    made = Running(Work.DOWNLOAD, progress=Progress(done, whole))
    return replace(made, **facts)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("view", "standing", "state", "acts"),
    [
        (look(CLIP, installed=False), Standing.ABSENT, "Not installed", [Act.GET, Act.DOWNLOAD]),
        (look(OWL, installed=False), Standing.ABSENT, "Not installed", [Act.DOWNLOAD]),
        (look(CLIP, installed=False, running=loading(120, 600)), Standing.DOWNLOADING,
         "Downloading, 20 %", [Act.PAUSE, Act.CANCEL]),
        (look(CLIP, installed=False, running=loading(120, 600, paused=True)), Standing.PAUSED,
         "Paused, 20 %", [Act.RESUME, Act.CANCEL]),
        (look(CLIP, installed=False, running=Running(Work.DOWNLOAD, started=False)),
         Standing.QUEUED, "Waiting", [Act.PAUSE, Act.CANCEL]),
        (look(CLIP, installed=False, running=loading(600, 600)), Standing.CHECKING,
         "Checking…", []),
        (look(CLIP, running=Running(Work.TEST)), Standing.TESTING, "Checking…", []),
        (look(CLIP, running=Running(Work.SWITCH)), Standing.SWITCHING, "Switching…", []),
        (look(CLIP), Standing.INSTALLED, "Installed", [Act.USE, Act.TEST, Act.REMOVE]),
        (look(OWL), Standing.INSTALLED, "Installed", [Act.TEST, Act.REMOVE]),
        (look(CLIP, embedded=412), Standing.STARTED, "Has seen 41 %",
         [Act.USE, Act.COMPARE, Act.TEST, Act.SWITCH, Act.FREE, Act.REMOVE]),
        (look(CLIP, embedded=412, upcoming=True), Standing.PREPARING, "Being prepared, 41 %",
         [Act.COMPARE, Act.SWITCH, Act.STOP]),
        (look(CLIP, upcoming=True), Standing.PREPARING, "Being prepared, 0 %",
         [Act.SWITCH, Act.STOP]),
        (look(CLIP, embedded=1000), Standing.READY, "Ready to switch to",
         [Act.SWITCH, Act.COMPARE, Act.TEST, Act.FREE, Act.REMOVE]),
        (look(CLIP, embedded=1000, previous=CLIP), Standing.READY, "Ready to switch to",
         [Act.GO_BACK, Act.COMPARE, Act.TEST, Act.FREE, Act.REMOVE]),
        (look(DEMO), Standing.IN_USE, "In use", [Act.TEST]),
        (look(CLIP, test=ModelTest(CLIP, (ModelCheck("Files", False, "One is cut."),))),
         Standing.FAILED, "Self-test failed", [Act.TEST, Act.REMOVE]),
        (look(CLIP, installed=False, failure=Failure(Work.DOWNLOAD, "The disk is full.")),
         Standing.ABSENT, "Download failed", [Act.GET, Act.DOWNLOAD]),
        (look(CLIP, failure=Failure(Work.CHECK, "A tower is swapped.")), Standing.INSTALLED,
         "Refused", [Act.USE, Act.TEST, Act.REMOVE]),
        (look(CLIP, embedded=9, upcoming=True, reason="The weights are gone."),
         Standing.PREPARING, "Stopped", [Act.COMPARE, Act.SWITCH, Act.STOP]),
    ],
)  # fmt: skip
def test_states(view: ModelView, standing: Standing, state: str, acts: list[Act]) -> None:
    assert view.standing is standing
    assert words.state_text(view) == state
    assert list(view.acts) == acts
    assert words.sentence(view), "every state is told in a sentence too"
    for act in view.acts:
        assert words.act_text(act, view)
        assert words.act_hint(act)


def test_a_download_in_figures() -> None:
    running = loading(120_000_000, 609_000_000, rate=8.2e6, seconds_left=60.0)
    view = look(CLIP, installed=False, running=running)
    assert words.sentence(view) == "120 MB of 609 MB · 8.2 MB/s · 1 minute left"
    begun = replace(BY_ID[CLIP], downloaded_bytes=120_000_000)
    view = view_of(begun, ModelsSeen((begun,), ModelStatus(BY_ID[DEMO], ready=True)))
    assert view.standing is Standing.BEGUN
    assert words.sentence(view).startswith("120 MB of 609 MB are here")
    assert words.act_text(Act.GET, view) == "Resume and use"


def test_a_share_is_never_all_before_the_end() -> None:
    assert words.percent_text(0.9999) == "99 %"


def test_engines_are_told_as_their_makers_write_them() -> None:
    assert words.engine_text("openvino int8") == "OpenVINO int8"
    assert words.engine_text("torch fp32") == "PyTorch fp32"
    assert words.engine_text("new thing") == "new thing"
    assert words.agreement_text(MEASURED[0]) == "agreement 0.997, top-10 0.96"
    assert words.agreement_text(MEASURED[1]) == ""  # it could not be tried


def test_what_was_measured_belongs_to_the_model_in_use() -> None:
    info = replace(BY_ID[CLIP], installed=True)
    status = ModelStatus(info, ready=True, engine="openvino int8", measured=MEASURED)
    view = view_of(info, ModelsSeen((info,), status))
    assert (view.engine, round(view.photos_per_second)) == ("openvino int8", 68)
    other = replace(BY_ID[SIGLIP], installed=True, engine="torch fp32", photos_per_second=9.0)
    view = view_of(other, ModelsSeen((info, other), status))
    assert (view.engine, view.photos_per_second, view.measured) == ("torch fp32", 9.0, ())


@pytest.mark.parametrize(
    ("language", "model_id"),
    [("en", CLIP), ("en_GB", CLIP), ("C", CLIP), ("de_AT", SIGLIP), ("zh_CN", SIGLIP),
     ("fr", SIGLIP)],
)  # fmt: skip
def test_the_advice_follows_the_language(language: str, model_id: str) -> None:
    assert recommended_id(SHELF, language) == model_id


def test_the_advice_where_there_is_little_to_choose() -> None:
    few = [BY_ID[DEMO], BY_ID[CLIP], BY_ID[CHINESE]]
    assert recommended_id(few, "zh_CN") == CHINESE
    assert recommended_id(few, "de") == CLIP
    assert recommended_id([BY_ID[DEMO]], "de") == ""


def test_sections() -> None:
    folder = ModelInfo("/models/mine", "Mine", ModelSource.FOLDER, "", "", 0, 0)
    assert group_of(BY_ID[LARGE]) is Group.SEARCH
    assert group_of(BY_ID[OWL]) is Group.DETECT
    assert group_of(folder) is Group.FOLDERS
    gone = SpaceStatus(folder.id, "Mine", 5, 10, 100, active=False, upcoming=False, usable=False,
                       reason="The folder is not there.")  # fmt: skip
    seen = ModelsSeen((), ModelStatus(BY_ID[DEMO], ready=True), (gone,))
    view = view_of(folder, seen)
    assert (view.standing, view.acts) == (Standing.GONE, (Act.FREE,))
    assert view.reason == "The folder is not there."
    assert ModelTest(CLIP, CHECKS).passed
