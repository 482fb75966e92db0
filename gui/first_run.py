"""The first page of a new library: choose a folder, or look at the demo; which model searches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.types import ModelInfo, ModelSlot, ModelSource
from gui import facts, icons, theme
from gui.engine_words import said
from gui.labels import hairline, plain_text, text_label
from gui.models.state import recommended_id
from gui.translations import user_language

_WIDTH = 560


class FirstRunPage(QWidget):
    """Shown while the library has no folder.

    Signals:
        folder_chosen(Path): watch this folder (chosen or dropped).
        demo_wanted(): open the demo library.
        model_chosen(str): use this model, which is installed.
        download_wanted(str): download this model, then use it.
        local_model_wanted(Path): use the checkpoint in this folder.
    """

    folder_chosen = Signal(object)
    demo_wanted = Signal()
    model_chosen = Signal(str)
    download_wanted = Signal(str)
    local_model_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dragging = False
        self._shown: tuple[object, ...] = ()
        self.setAcceptDrops(True)

        headline = text_label(self.tr("Find your photos by what they show"), "title", wrap=True)
        headline.setAlignment(Qt.AlignmentFlag.AlignCenter)
        promise = text_label(
            self.tr(
                "Photosift looks at the photos where they are. It never changes or uploads one, "
                "and moves one only in a sort that you ask for."
            ),
            "muted",
            wrap=True,
        )
        promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.folder_button = QPushButton(
            icons.icon("folder", on_accent=True), self.tr("Choose a folder…")
        )
        theme.mark(self.folder_button, primary=True, large=True)
        self.folder_button.setAccessibleName(self.tr("Choose a folder"))
        self.folder_button.setToolTip(self.tr("The folder with your photos, subfolders included"))
        drop = text_label(self.tr("or drop one here"), "muted")
        drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.demo_button = QPushButton(self.tr("Try it with the demo photos"))
        theme.mark(self.demo_button, link=True)
        self.demo_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.demo_button.setAccessibleName(self.demo_button.text())
        self.demo_button.setToolTip(
            self.tr(
                "A small library of drawings in a folder of its own; your photos stay out of it"
            )
        )

        self._models = QVBoxLayout()
        self._models.setSpacing(16)
        column = QVBoxLayout()
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(3)
        column.addWidget(headline)
        column.addSpacing(12)
        column.addWidget(promise)
        column.addSpacing(32)
        column.addWidget(self.folder_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        column.addWidget(drop)
        column.addSpacing(16)
        column.addWidget(self.demo_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        column.addSpacing(24)
        column.addWidget(hairline())
        column.addSpacing(24)
        column.addWidget(text_label(self.tr("Search model"), "heading"))
        column.addSpacing(4)
        column.addWidget(
            text_label(
                self.tr(
                    "Searching by words needs a model. It runs on this computer; only the "
                    "download needs the internet. You can change it at any time."
                ),
                "muted",
                wrap=True,
            )
        )
        column.addSpacing(16)
        column.addLayout(self._models)
        column.addStretch(2)
        inner = QWidget()
        inner.setLayout(column)
        inner.setMaximumWidth(_WIDTH)
        centre = QHBoxLayout()
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addStretch(1)
        centre.addWidget(inner, 100)
        centre.addStretch(1)
        page = QWidget()
        page.setLayout(centre)
        theme.mark(page, region="canvas")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        theme.mark(self, region="canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._frame = _DropFrame(self)
        self._frame.hide()

        self.setFocusProxy(self.folder_button)
        self.folder_button.clicked.connect(self._ask_folder)
        self.demo_button.clicked.connect(lambda: self.demo_wanted.emit())

    def set_models(self, models: Sequence[ModelInfo], current_id: str) -> None:
        """Offer the embedded model, the best download for the user's language, a folder."""
        if (tuple(models), current_id) == self._shown:
            return  # buttons that are made anew lose the focus
        self._shown = (tuple(models), current_id)
        while (item := self._models.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.hide()
                row.deleteLater()
        embedded = [
            m for m in models if m.source is ModelSource.EMBEDDED and m.slot is ModelSlot.SEARCH
        ]
        best = recommended_id(models, user_language())
        offered = embedded + [m for m in models if m.id == best]
        offered += [m for m in models if m.id == current_id and m not in offered]
        for model in offered:
            self._models.addWidget(self._row(model, model.id == current_id))
        choose = QPushButton(self.tr("Choose…"))
        choose.setAccessibleName(self.tr("Choose a folder with a model"))
        choose.clicked.connect(self._ask_model)
        self._models.addWidget(
            _choice(
                self.tr("A model on this computer"),
                self.tr("A folder with a CLIP model that you downloaded or trained yourself."),
                choose,
            )
        )

    def _row(self, model: ModelInfo, current: bool) -> QWidget:
        title = plain_text(model.title)
        if model.source is ModelSource.EMBEDDED:
            words = self.tr(
                "Already here, nothing to download. It knows the things in the demo photos, "
                "not the world."
            )
        else:
            words = self.tr("Understands everyday words and scenes in %1.").replace(
                "%1", plain_text(said(model.languages))
            )
            if model.download_bytes and not model.installed:
                words += " " + self.tr("Downloads %1 once, then works offline.").replace(
                    "%1", facts.size_text(model.download_bytes)
                )
        if current:
            in_use = text_label(self.tr("In use"), "muted")
            in_use.setAlignment(Qt.AlignmentFlag.AlignCenter)
            return _choice(title, words, in_use)
        if model.installed or model.source is not ModelSource.HUB:
            button = QPushButton(self.tr("Use"))
            button.setAccessibleName(self.tr("Use %1").replace("%1", title))
            button.clicked.connect(lambda: self.model_chosen.emit(model.id))
        else:
            button = QPushButton(icons.icon("download"), self.tr("Download"))
            button.setAccessibleName(self.tr("Download %1").replace("%1", title))
            button.clicked.connect(lambda: self.download_wanted.emit(model.id))
        return _choice(title, words, button)

    def _ask_folder(self) -> None:
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("The folder with your photos"), pictures
        )
        if chosen:
            self.folder_chosen.emit(Path(chosen))

    def _ask_model(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("The folder with the model"))
        if chosen:
            self.local_model_wanted.emit(Path(chosen))

    # ---- dropping a folder --------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _folders(event):
            event.acceptProposedAction()
            self._frame.setGeometry(self.rect())
            self._frame.show()
            self._frame.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._frame.hide()
        folders = _folders(event)
        if folders:
            event.acceptProposedAction()
        for folder in folders:
            self.folder_chosen.emit(folder)


class _DropFrame(QWidget):
    """The outline that says: let go, here is right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colours().accent, 2))
        outline = QPainterPath()
        outline.addRoundedRect(self.rect().adjusted(8, 8, -8, -8), 12, 12)
        painter.drawPath(outline)


def _folders(event: QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.is_dir()]


def _choice(title: str, words: str, button: QWidget) -> QWidget:
    texts = QVBoxLayout()
    texts.setSpacing(2)
    texts.addWidget(text_label(title))
    texts.addWidget(text_label(words, "muted", wrap=True))
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(24)
    row.addLayout(texts, 1)
    button.setMinimumWidth(120)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    return holder
