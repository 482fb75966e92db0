"""The models dialog: pick, download and switch the model that looks at the photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.types import ModelInfo, ModelSource, ModelStatus
from gui import facts, icons, theme
from gui.job_row import BYTES, JobRow
from gui.labels import hairline, plain_text, standard_height, text_label, tooltip_text

if TYPE_CHECKING:
    from gui.workers import Task

_ID = Qt.ItemDataRole.UserRole
_STATE = 4  # column


class ModelsDialog(QDialog):
    """All models that there are, one line each; what can be done with the chosen one below.

    Signals:
        use_wanted(str): search with this model from now on.
        download_wanted(str): fetch this model.
        folder_wanted(Path): use the checkpoint in this folder.
    """

    use_wanted = Signal(str)
    download_wanted = Signal(str)
    folder_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: list[ModelInfo] = []
        self._current = ""
        self._job: JobRow | None = None
        self.setWindowTitle(self.tr("Models"))
        self.resize(840, 560)

        self.table = QTableWidget(0, 5)
        self.table.setAccessibleName(self.tr("Models"))
        self.table.setHorizontalHeaderLabels(
            [
                self.tr("Name"),
                self.tr("Languages"),
                self.tr("Download"),
                self.tr("Licence"),
                self.tr("State"),
            ]
        )
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(standard_height(self.table) + 8)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        theme.mark(header, region="panel")
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, 5):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

        self.note = text_label("", "muted", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.note.setMinimumHeight(self.note.fontMetrics().lineSpacing() * 2 + 4)
        self.failure = text_label("", "danger", wrap=True)
        self.failure.hide()
        self._jobs = QVBoxLayout()
        self.use_button = QPushButton(self.tr("Use"))
        self.use_button.setToolTip(
            self.tr("Photos are looked at again with it; searching goes on meanwhile")
        )
        self.download_button = QPushButton(icons.icon("download"), self.tr("Download"))
        self.folder_button = QPushButton(icons.icon("folder"), self.tr("Local folder…"))
        self.folder_button.setToolTip(
            self.tr("A folder with a CLIP model: config.json, tokenizer and safetensors weights")
        )
        self.close_button = QPushButton(self.tr("Close"))
        for button in (
            self.use_button,
            self.download_button,
            self.folder_button,
            self.close_button,
        ):
            button.setAccessibleName(button.text().rstrip("…"))
            button.setAutoDefault(False)

        top = QVBoxLayout()
        top.setContentsMargins(24, 20, 24, 16)
        top.setSpacing(4)
        top.addWidget(text_label(self.tr("Models"), "heading"))
        top.addWidget(
            text_label(
                self.tr(
                    "A model is what looks at the photos. All of them run on this computer; "
                    "switching keeps what the others have seen."
                ),
                "muted",
                wrap=True,
            )
        )
        middle = QVBoxLayout()
        middle.setContentsMargins(24, 12, 24, 12)
        middle.setSpacing(8)
        middle.addWidget(self.note)
        middle.addWidget(self.failure)
        middle.addLayout(self._jobs)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 12, 24, 16)
        buttons.setSpacing(8)
        buttons.addWidget(self.use_button)
        buttons.addWidget(self.download_button)
        buttons.addWidget(self.folder_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        body = QHBoxLayout()
        body.setContentsMargins(16, 0, 16, 0)
        body.addWidget(self.table)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addLayout(body, 1)
        whole.addLayout(middle)
        whole.addWidget(hairline())
        whole.addLayout(buttons)
        theme.mark(self.table, region="panel")

        self.table.itemSelectionChanged.connect(self._follow_selection)
        self.table.itemDoubleClicked.connect(lambda: self._act())
        self.use_button.clicked.connect(self._use)
        self.download_button.clicked.connect(self._download)
        self.folder_button.clicked.connect(self._ask_folder)
        self.close_button.clicked.connect(self.accept)
        self._follow_selection()

    def set_models(self, models: Sequence[ModelInfo], status: ModelStatus) -> None:
        """Show these; the chosen line stays chosen, at first it is the model in use."""
        chosen = self.chosen()
        self._current = status.info.id if status.info is not None else ""
        wanted = chosen.id if chosen is not None else self._current
        self._models = list(models)
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._models))
        for row, model in enumerate(self._models):
            size = facts.size_text(model.download_bytes) if model.download_bytes else "–"
            cells = (model.title, model.languages, size, model.licence, self._state(model))
            for column, text in enumerate(cells):
                item = QTableWidgetItem(plain_text(text))
                item.setData(_ID, model.id)
                item.setToolTip(tooltip_text(model.id if column == 0 else text))
                if column == _STATE and model.id == self._current:
                    item.setIcon(icons.icon("check"))
                self.table.setItem(row, column, item)
            if model.id == wanted:
                self.table.selectRow(row)
        self.table.blockSignals(False)
        self._follow_selection()
        if not status.ready and status.reason and self._job is None:
            self._say(status.reason)

    def chosen(self) -> ModelInfo | None:
        """The model of the chosen line."""
        rows = self.table.selectionModel().selectedRows()
        return self._models[rows[0].row()] if rows else None

    def track(self, task: Task) -> None:
        """Show a running download until it has finished."""
        self.failure.hide()
        if self._job is not None:
            self._drop(self._job)
        row = JobRow(task, BYTES)
        self._job = row
        self._jobs.addWidget(row)
        row.closed.connect(lambda: self._drop(row))
        self._follow_selection()

    def show_failure(self, text: str) -> None:
        """Say why it did not work, and the two ways round a download that does not."""
        remedy = (
            ""
            if "HF_ENDPOINT" in text
            else self.tr(
                "If the download site cannot be reached, set the environment variable "
                "HF_ENDPOINT to a mirror, or choose a local folder with the model's files."
            )
        )
        self._say(text, remedy)

    def _say(self, text: str, remedy: str = "") -> None:
        sentence = plain_text(text).rstrip()
        if sentence and sentence[-1] not in ".!?。":
            sentence += "."
        self.failure.setText(f"{sentence} {remedy}".rstrip())
        self.failure.show()

    def _drop(self, row: JobRow) -> None:
        if self._job is row:
            self._job = None
            self._follow_selection()
        row.hide()
        self._jobs.removeWidget(row)
        row.deleteLater()

    def _state(self, model: ModelInfo) -> str:
        if model.id == self._current:
            return self.tr("In use")
        if model.source is ModelSource.EMBEDDED:
            return self.tr("Built in")
        return self.tr("On this computer") if model.installed else self.tr("Not downloaded")

    def _usable(self, model: ModelInfo) -> bool:
        return model.installed or model.source is ModelSource.EMBEDDED

    def _follow_selection(self) -> None:
        model = self.chosen()
        here = model is not None and self._usable(model)
        self.use_button.setEnabled(model is not None and here and model.id != self._current)
        self.download_button.setEnabled(model is not None and not here and self._job is None)
        theme.mark(self.use_button, primary=self.use_button.isEnabled())
        theme.mark(self.download_button, primary=False)
        if model is None:
            self.note.setText(self.tr("Choose a model to see what it is good at."))
            return
        parts = [plain_text(model.note)] if model.note else []
        if model.dim:
            parts.append(
                self.tr("Describes each photo in %1 numbers.").replace("%1", str(model.dim))
            )
        if not here and model.download_bytes:
            parts.append(
                self.tr("Downloads %1; can be paused and goes on where it stopped.").replace(
                    "%1", facts.size_text(model.download_bytes)
                )
            )
        self.note.setText(" ".join(parts))

    def _act(self) -> None:
        if self.use_button.isEnabled():
            self._use()
        elif self.download_button.isEnabled():
            self._download()

    def _use(self) -> None:
        if (model := self.chosen()) is not None:
            self.failure.hide()
            self.use_wanted.emit(model.id)

    def _download(self) -> None:
        if (model := self.chosen()) is not None:
            self.failure.hide()
            self.download_wanted.emit(model.id)

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("The folder with the model"))
        if chosen:
            self.failure.hide()
            self.folder_wanted.emit(Path(chosen))
