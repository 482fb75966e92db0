"""How each model stands in this library and what can be done with it: facts, no widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from engine.jobs import Progress
from engine.types import (
    EngineMeasured,
    ModelInfo,
    ModelSlot,
    ModelSource,
    ModelStatus,
    ModelTest,
    SpaceStatus,
)


class Standing(Enum):
    """Where a model is on its way from the hub into the search."""

    ABSENT = auto()
    BEGUN = auto()  # a part of it is on the disk
    QUEUED = auto()  # other downloads come first
    DOWNLOADING = auto()
    PAUSED = auto()
    CHECKING = auto()  # its self-test runs before it is used
    TESTING = auto()  # the user asked for the self-test
    SWITCHING = auto()
    INSTALLED = auto()
    STARTED = auto()  # installed, and some photos have its vectors
    READY = auto()  # all photos have its vectors
    PREPARING = auto()
    IN_USE = auto()
    FAILED = auto()  # installed, but its self-test failed
    REFUSED = auto()  # a folder that holds no model we accept
    GONE = auto()  # a folder that is not there any more; its vectors are


class Act(Enum):
    """What the user can do with a model."""

    GET = auto()  # download, then use
    DOWNLOAD = auto()
    PAUSE = auto()
    RESUME = auto()
    CANCEL = auto()
    USE = auto()  # make its vectors in the background, then switch
    SWITCH = auto()  # now, complete or not
    GO_BACK = auto()  # the same, to the model that was in use before
    STOP = auto()
    COMPARE = auto()
    TEST = auto()
    REMOVE = auto()
    FREE = auto()
    DISMISS = auto()


class Work(Enum):
    """What is being done with a model on a lane."""

    DOWNLOAD = auto()
    CHECK = auto()
    TEST = auto()
    SWITCH = auto()


@dataclass(frozen=True, slots=True)
class Running:
    """Something that is being done with a model at present."""

    work: Work
    started: bool = True  # False: it waits for its lane
    paused: bool = False
    progress: Progress | None = None
    rate: float | None = None  # bytes per second
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last thing done with a model did not work."""

    work: Work
    reason: str


@dataclass(frozen=True, slots=True)
class ModelsSeen:
    """What the library said of its models, all at one moment."""

    infos: tuple[ModelInfo, ...] = ()
    status: ModelStatus = field(default_factory=lambda: ModelStatus(None, ready=False))
    spaces: tuple[SpaceStatus, ...] = ()
    upcoming: SpaceStatus | None = None
    on_battery: bool | None = None

    @property
    def current_id(self) -> str:
        return self.status.info.id if self.status.info is not None else ""

    def info(self, model_id: str) -> ModelInfo | None:
        return next((info for info in self.infos if info.id == model_id), None)

    def space(self, model_id: str) -> SpaceStatus | None:
        """The vectors of a model; what is upcoming may have none yet."""
        if self.upcoming is not None and self.upcoming.model_id == model_id:
            return self.upcoming
        return next((space for space in self.spaces if space.model_id == model_id), None)

    def title(self, model_id: str) -> str:
        info = self.info(model_id)
        space = self.space(model_id)
        return info.title if info else space.title if space else model_id


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model as the dialog shows it."""

    info: ModelInfo
    standing: Standing
    acts: tuple[Act, ...]  # the first is the way on, where `primary`
    primary: bool
    space: SpaceStatus | None = None
    running: Running | None = None
    failure: Failure | None = None
    test: ModelTest | None = None
    recommended: bool = False
    engine: str = ""
    photos_per_second: float = 0.0
    measured: tuple[EngineMeasured, ...] = ()
    device: str = ""
    note: str = ""  # what the engine has to say of it

    @property
    def reason(self) -> str:
        """Why it does not work, one sentence; empty where nothing is wrong."""
        if self.failure is not None:
            return self.failure.reason
        if self.space is not None and (self.space.usable or self.standing is Standing.GONE):
            return self.space.reason
        return ""

    @property
    def share(self) -> float | None:
        """How far the work in progress is, 0 to 1; None while nobody knows."""
        if self.running is not None and self.standing is not Standing.PREPARING:
            progress = self.running.progress
            if progress is None or not progress.total:
                return None
            return min(1.0, progress.done / progress.total)
        if self.space is not None and self.space.total:
            return min(1.0, self.space.embedded / self.space.total)
        return None


class Group(Enum):
    """The sections of the list."""

    SEARCH = auto()
    DETECT = auto()
    FOLDERS = auto()


def group_of(info: ModelInfo) -> Group:
    """The section of the list that a model belongs to."""
    if info.source is ModelSource.FOLDER:
        return Group.FOLDERS
    return Group.DETECT if info.slot is ModelSlot.DETECT else Group.SEARCH


_MANY = re.compile(r"multi|many|all |\d\d|languages", re.IGNORECASE)


def recommended_id(infos: Sequence[ModelInfo], language: str) -> str:
    """The download to advise: many languages for who does not write English, else the default.

    Args:
        infos: in the order of the registry, which begins with the default.
        language: of the user, such as "en", "de" or "zh_CN".
    """
    hub = [i for i in infos if i.source is ModelSource.HUB and i.slot is ModelSlot.SEARCH]
    if language[:2] not in ("en", "C", ""):
        many = [info for info in hub if _MANY.search(info.languages)]
        own = [info for info in hub if "chinese" in info.languages.casefold()]
        hub = many or (own if language[:2] == "zh" else []) or hub
    return hub[0].id if hub else ""


def view_of(
    info: ModelInfo,
    seen: ModelsSeen,
    *,
    running: Running | None = None,
    failure: Failure | None = None,
    test: ModelTest | None = None,
    previous: str = "",
    recommended: str = "",
) -> ModelView:
    """All there is to say of one model.

    Args:
        info: the model.
        seen: what the library said of all of them.
        running: what is being done with it.
        failure: why the last thing done with it did not work.
        test: what its last self-test found.
        previous: the model that was in use before the last switch.
        recommended: the model that is advised.
    """
    space = seen.space(info.id)
    standing = _standing(info, seen, space, running, test)
    acts, primary = _acts(info, standing, space, info.id == previous)
    in_use = info.id == seen.current_id
    measured = seen.status.measured if in_use else ()
    engine = seen.status.engine if in_use and seen.status.engine else info.engine
    speed = next((m.photos_per_second for m in measured if m.name == engine), 0.0)
    return ModelView(
        info,
        standing,
        acts,
        primary,
        space=space,
        running=running,
        failure=failure,
        test=test,
        recommended=info.id == recommended,
        engine=engine,
        photos_per_second=speed or info.photos_per_second,
        measured=measured,
        device=seen.status.device if in_use else "",
        note=seen.status.note if in_use else "",
    )


_BY_WORK: Mapping[Work, Standing] = {
    Work.CHECK: Standing.CHECKING,
    Work.TEST: Standing.TESTING,
    Work.SWITCH: Standing.SWITCHING,
}


def _standing(
    info: ModelInfo,
    seen: ModelsSeen,
    space: SpaceStatus | None,
    running: Running | None,
    test: ModelTest | None,
) -> Standing:
    if running is not None:
        if running.work is not Work.DOWNLOAD:
            return _BY_WORK[running.work]
        if running.paused:
            return Standing.PAUSED
        if not running.started:
            return Standing.QUEUED
        progress = running.progress
        whole = progress is not None and progress.total and progress.done >= progress.total
        return Standing.CHECKING if whole else Standing.DOWNLOADING
    if test is not None and not test.passed:
        return Standing.FAILED
    if info.id == seen.current_id and seen.status.ready:
        return Standing.IN_USE
    if seen.upcoming is not None and seen.upcoming.model_id == info.id:
        return Standing.PREPARING
    if info.source is ModelSource.FOLDER and not info.installed:
        return Standing.GONE if space is not None else Standing.REFUSED
    if not info.installed and info.source is ModelSource.HUB:
        return Standing.BEGUN if info.downloaded_bytes else Standing.ABSENT
    if space is not None and space.embedded:
        return Standing.READY if space.complete else Standing.STARTED
    return Standing.INSTALLED


def _acts(
    info: ModelInfo, standing: Standing, space: SpaceStatus | None, was_in_use: bool
) -> tuple[tuple[Act, ...], bool]:
    """What can be done, the likeliest first, and whether the first is the way on."""
    searches = info.slot is ModelSlot.SEARCH
    removable = info.source is ModelSource.HUB
    some = space is not None and space.embedded > 0
    acts: list[Act] = []
    primary = True
    if standing in (Standing.ABSENT, Standing.BEGUN):
        acts = [Act.GET, Act.DOWNLOAD] if searches else [Act.DOWNLOAD]
        acts += [Act.FREE] if some else []
    elif standing in (Standing.DOWNLOADING, Standing.QUEUED):
        acts, primary = [Act.PAUSE, Act.CANCEL], False
    elif standing is Standing.PAUSED:
        acts = [Act.RESUME, Act.CANCEL]
    elif standing in (Standing.CHECKING, Standing.TESTING, Standing.SWITCHING):
        acts, primary = [], False
    elif standing is Standing.REFUSED:
        acts, primary = [Act.USE, Act.DISMISS], False
    elif standing is Standing.GONE:
        acts, primary = [Act.FREE], False
    elif standing is Standing.FAILED:
        acts, primary = [Act.TEST, *([Act.REMOVE] if removable else [])], False
    elif standing is Standing.IN_USE:
        acts, primary = [Act.TEST], False
    elif standing is Standing.PREPARING:
        acts, primary = [*([Act.COMPARE] if some else []), Act.SWITCH, Act.STOP], False
    elif not searches:
        acts, primary = [Act.TEST, *([Act.REMOVE] if removable else [])], False
    else:
        back = Act.GO_BACK if was_in_use else Act.SWITCH
        acts = [back if standing is Standing.READY else Act.USE]
        acts += [Act.COMPARE] if some else []
        acts += [Act.TEST]
        acts += [Act.SWITCH] if standing is Standing.STARTED else []
        acts += [Act.FREE] if some else []
        acts += [Act.REMOVE] if removable else []
    return tuple(acts), primary
