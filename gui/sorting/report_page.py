"""What became of one sort: what was done, what was left and why, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.file_types import RunState, SortMode
from gui import icons, theme
from gui.facts import moment_text, size_text
from gui.labels import PathLink, path_text, plain_text, text_label, tooltip_text
from gui.sorting.engine_notes import note_text, reason_text
from gui.sorting.seen import RunSeen
from gui.sorting.words import SortWords
from gui.tagging.words import DOT

_MOST = 2000  # rows of files that were left


class ReportPage(QWidget):
    """A run as the journal has it.

    Signals: take_back_wanted(RunId) · resume_wanted(FilingRun) · runs_wanted() ·
    again_wanted(), another sort · folder_wanted(Path).
    """

    take_back_wanted = Signal(object)
    resume_wanted = Signal(object)
    runs_wanted = Signal()
    again_wanted = Signal()
    folder_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = SortWords(self)
        self.run: RunSeen | None = None
        self.title = text_label("", "heading", wrap=True)
        self.facts = text_label("", "muted", wrap=True)
        self.note = text_label("", wrap=True)
        self.categories = text_label("", wrap=True)
        self._link = QHBoxLayout()
        self._link.addStretch(1)
        self.link: PathLink | None = None
        self.back_button = QPushButton(icons.icon("undo"), self.tr("Take back"))
        self.back_button.setToolTip(
            self.tr("Put everything back as it was; what was changed since is left and named")
        )
        self.resume_button = theme.mark(
            QPushButton(icons.icon("play", on_accent=True), self.tr("Resume")), primary=True
        )
        self.resume_button.setToolTip(self.tr("Go on with the photos that were not tried"))
        self.again_button = QPushButton(self.tr("Sort more"))
        self.runs_button = QPushButton(self.tr("All sorts"))
        for button in (self.back_button, self.resume_button, self.again_button, self.runs_button):
            button.setAccessibleName(button.text())
        self.left_title = text_label("", "section-strong")
        self.left = QTreeWidget()
        self.left.setColumnCount(2)
        self.left.setHeaderLabels([self.tr("File"), self.tr("Why it was left")])
        self.left.setRootIsDecorated(False)
        self.left.setUniformRowHeights(True)
        self.left.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.left.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.left.setAccessibleName(self.tr("Files that were left"))
        header = self.left.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.resume_button, self.back_button, self.again_button, self.runs_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 16)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.facts)
        column.addLayout(self._link)
        column.addWidget(self.categories)
        column.addWidget(self.note)
        column.addSpacing(8)
        column.addLayout(buttons)
        column.addSpacing(16)
        column.addWidget(self.left_title)
        column.addWidget(self.left, 1)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        self.setFocusProxy(self.back_button)

        self.back_button.clicked.connect(self._take_back)
        self.resume_button.clicked.connect(self._resume)
        self.again_button.clicked.connect(lambda: self.again_wanted.emit())
        self.runs_button.clicked.connect(lambda: self.runs_wanted.emit())

    def show_run(self, run: RunSeen) -> None:
        """Show how a run stands."""
        self.run = run
        self.title.setText(self._words.heading(run))
        self.facts.setText(DOT.join(self._facts(run)))
        self._show_link(run)
        counts = QLocale()
        self.categories.setText(
            DOT.join(
                f"{plain_text(name)} {counts.toString(count)}"
                for name, count in sorted(run.by_category.items(), key=lambda item: -item[1])
            )
        )
        self.categories.setVisible(bool(run.by_category))
        self._show_note(run)
        self.back_button.setVisible(run.run.can_undo)
        again = run.run.state in (RunState.UNDONE, RunState.UNDOING)
        self.back_button.setText(self.tr("Try again to take back") if again else self._back_words())
        self.resume_button.setVisible(run.run.can_resume)
        self._show_left(run)

    def _back_words(self) -> str:
        return self.tr("Take back")

    def set_running(self, running: bool) -> None:
        """While files are being handled nothing else can begin."""
        self.back_button.setEnabled(not running)
        self.resume_button.setEnabled(not running)

    def _facts(self, run: RunSeen) -> list[str]:
        parts = [moment_text(run.run.created_at), self._words.state(run.run)]
        if run.files and run.mode is not SortMode.ALBUM:
            parts += [self.tr("%Ln file(s)", "", run.files), size_text(run.bytes)]
        return parts

    def _show_link(self, run: RunSeen) -> None:
        if self.link is not None:
            self.link.hide()
            self._link.removeWidget(self.link)
            self.link.deleteLater()
            self.link = None
        if run.mode is not SortMode.ALBUM and run.there:
            self.link = PathLink(run.into)
            self.link.activated.connect(self.folder_wanted)
            self._link.insertWidget(0, self.link)

    def _show_note(self, run: RunSeen) -> None:
        words = ""
        if run.run.state is RunState.STOPPED and run.untried:
            words = self.tr(
                "It was stopped. %Ln photo(s) were not tried and lie where they were.",
                "",
                run.untried,
            )
        elif run.run.note and run.run.state in (RunState.STOPPED, RunState.UNDOING):
            words = note_text(run.run.note)
        elif run.undone and not run.there:
            words = self.tr("Everything is as it was before, and in its old place.")
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _show_left(self, run: RunSeen) -> None:
        shown = bool(run.left)
        self.left_title.setText(self.tr("%Ln file(s) left where they are", "", len(run.left)))
        self.left.clear()
        for path, why in run.left[:_MOST]:
            item = QTreeWidgetItem([plain_text(path.name), reason_text(why)])
            item.setToolTip(0, tooltip_text(path_text(path)))
            item.setToolTip(1, tooltip_text(reason_text(why)))
            self.left.addTopLevelItem(item)
        for widget in (self.left_title, self.left):
            widget.setVisible(shown)
        self._rest.setVisible(not shown)

    def _take_back(self) -> None:
        if self.run is not None:
            self.take_back_wanted.emit(self.run.run.id)

    def _resume(self) -> None:
        if self.run is not None:
            self.resume_wanted.emit(self.run.run)
