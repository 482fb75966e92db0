"""Sample values for the tests of the pages, and a task that does nothing by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLabel, QWidget

from engine.types import (
    Counts,
    FolderCount,
    ModelInfo,
    ModelSource,
    ModelStatus,
    Photo,
    PhotoDetail,
    PhotoId,
    PhotoMetadata,
    PhotoState,
    Problem,
    Root,
    RootId,
)

if TYPE_CHECKING:
    from gui.workers import Task

PICTURES = Root(RootId(1), Path("/home/anna/Pictures"), online=True)
ARCHIVE = Root(RootId(2), Path("/media/ARCHIVE"), online=False, note="The drive is not connected.")
ROOTS = [PICTURES, ARCHIVE]
FOLDERS = [
    FolderCount(PICTURES.id, PICTURES.path, b"", 1234),
    FolderCount(PICTURES.id, PICTURES.path / "2023", b"2023", 400),
    FolderCount(PICTURES.id, PICTURES.path / "2023/Italy", b"2023/Italy", 200),
    FolderCount(PICTURES.id, PICTURES.path / "2024", b"2024", 834),
    FolderCount(ARCHIVE.id, ARCHIVE.path, b"", 56),
]
COUNTS = Counts(photos=1290, unread=0, not_searchable=0, problems=3, missing=0, offline=0)

DEMO = ModelInfo("photosift/demo", "Demo model", ModelSource.EMBEDDED, "English", "MIT", 128, 0)
CLIP = ModelInfo("laion/clip", "CLIP", ModelSource.HUB, "English", "MIT", 512, 605_000_000, "Fast.")
LARGE = ModelInfo(
    "openai/large", "CLIP large", ModelSource.HUB, "English", "MIT", 768, 10**9, "", installed=True
)
CHINESE = ModelInfo("ofa/cn", "Chinese CLIP", ModelSource.HUB, "Chinese", "Apache-2.0", 512, 10**9)
MODELS = [DEMO, CLIP, LARGE, CHINESE]
STATUS = ModelStatus(DEMO, ready=True)

HOSTILE = "<b>x<img src=x>\u202egpj.exe\n.jpg"


def photo(name: str = "a.jpg", *, embedded: bool = True, damaged: str = "") -> Photo:
    return Photo(
        id=PhotoId(7),
        root_id=PICTURES.id,
        path=PICTURES.path / name,
        state=PhotoState.PRESENT,
        online=True,
        size=4_312_222,
        mtime_ns=0,
        content_hash=b"x",
        width=6240,
        height=4160,
        format="JPEG",
        taken_at="2024-05-17T14:03:22",
        camera="X-T4",
        damaged=damaged,
        embedded=embedded,
    )


METADATA = PhotoMetadata(
    taken_at="2024-05-17T14:03:22",
    camera_make="FUJIFILM",
    camera_model="X-T4",
    exposure_s=1 / 250,
    f_number=2.8,
    iso=200,
    focal_mm=35.0,
    latitude=48.8584,
    longitude=2.2945,
    rating=4,
    caption="Evening\nat the river",
    keywords=("paris", "river"),
)


def detail(
    name: str = "a.jpg", metadata: PhotoMetadata = METADATA, *, embedded: bool = True
) -> PhotoDetail:
    shown = photo(name, embedded=embedded)
    return PhotoDetail(shown, metadata, (Path("/srv/copy of a.jpg"),))


def problem(number: int, name: str = "a.jpg", *, damaged: bool = False) -> Problem:
    path = PICTURES.path / name
    return Problem(PhotoId(number), path, "The file is empty.", damaged, 1.7e9 + number)


class FakeTask(QObject):
    """The face of `gui.workers.Task`, driven by the test."""

    progressed = Signal(object)
    skipped = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    paused_changed = Signal(bool)
    finished = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.paused = False
        self.cancel_requested = False

    @property
    def face(self) -> Task:
        return cast("Task", self)

    def cancel(self) -> None:
        self.cancel_requested = True

    def pause(self) -> None:
        self.paused = True
        self.paused_changed.emit(True)

    def resume(self) -> None:
        self.paused = False
        self.paused_changed.emit(False)


def texts(widget: QWidget) -> list[str]:
    """All that the labels and buttons below a widget say."""
    labels = [label.text() for label in widget.findChildren(QLabel)]
    return labels + [button.text() for button in widget.findChildren(QAbstractButton)]


def _inside_another(child: QWidget) -> bool:
    around = child.parentWidget()
    while around is not None and not isinstance(around, (QComboBox, QAbstractItemView)):
        around = around.parentWidget()
    return around is not None


def interactive(widget: QWidget) -> list[QWidget]:
    """The controls below a widget that a person can use, Qt's own inner parts left out."""
    kinds = (QAbstractButton, QAbstractItemView, QComboBox)
    found: list[QWidget] = []
    for child in widget.findChildren(QWidget):
        own = not child.objectName().startswith("qt_") and not _inside_another(child)
        stops = bool(child.focusPolicy() & child.focusPolicy().TabFocus)
        if own and (isinstance(child, kinds) or stops):
            found.append(child)
    return found
