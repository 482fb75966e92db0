"""Compares two models: the user's own query, answered by both side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.types import PhotoId, SearchResult
from gui import theme
from gui.engine_words import said
from gui.labels import hairline, plain_text, short_title, text_label
from gui.models.column import Column
from gui.models.words import photos_text, state_text
from gui.searching.bar import earlier_searches

if TYPE_CHECKING:
    from gui.session import Session
    from gui.workers import Task

SHOWN = 24  # of each model's answer
_OFFERED = 6  # earlier searches
_DEBOUNCE_MS = 300

Answers = tuple[SearchResult, SearchResult]


class CompareDialog(QDialog):
    """Two answers to one query; the model in use at the left.

    Signals:
        switch_wanted(str): search with the other model, once it is complete.
    """

    switch_wanted = Signal(str)

    def __init__(self, session: Session, model_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model_id = model_id
        self._task: Task | None = None
        self._asked = ""
        seen = session.work.seen
        self._now = plain_text(seen.title(seen.current_id))
        self._other = plain_text(seen.title(model_id))
        self.setWindowTitle(self.tr("Compare models"))
        self.resize(960, 640)
        self.setMinimumSize(640, 480)

        self.field = _Field()
        self.field.setPlaceholderText(self.tr("Search with both, in your own words"))
        self.field.setAccessibleName(self.tr("What to search for"))
        self.field.setClearButtonEnabled(True)
        completer = QCompleter(QStringListModel(earlier_searches(), self), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.setCompleter(completer)
        self.message = text_label("", "muted", wrap=True)
        self.message.setMinimumHeight(self.message.fontMetrics().lineSpacing())
        self.left = Column(session, self._now, self.tr("In use"))
        self.right = Column(session, self._other, self._standing())
        self.keep_button = QPushButton(self.tr("Keep %1").replace("%1", _short(self._now)))
        self.switch_button = QPushButton(self.tr("Switch to %1").replace("%1", _short(self._other)))
        theme.mark(self.switch_button, primary=True)
        for button in (self.keep_button, self.switch_button):
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
        self._pages = QStackedWidget()
        self._lay_out()

        self._wait = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._wait.timeout.connect(self._ask)
        self.field.textChanged.connect(self._type)
        self.field.entered.connect(self._ask)
        self.left.selected.connect(self.right.follow)
        self.right.selected.connect(self.left.follow)
        self.keep_button.clicked.connect(self.reject)
        self.switch_button.clicked.connect(self._switch)
        session.models.answered.connect(self._explain)
        self._explain()
        self.field.setFocus()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(24, 20, 24, 12)
        top.setSpacing(8)
        top.addWidget(text_label(self.tr("Which one finds what you mean?"), "heading"))
        top.addWidget(self.field)
        top.addWidget(self.message)
        columns = QHBoxLayout()
        columns.setContentsMargins(24, 12, 24, 0)
        columns.setSpacing(16)
        line = QFrame()
        line.setFixedWidth(1)
        columns.addWidget(self.left, 1)
        columns.addWidget(theme.mark(line, role="upright"))
        columns.addWidget(self.right, 1)
        both = QWidget()
        both.setLayout(columns)
        self._pages.addWidget(self._offer())
        self._pages.addWidget(both)
        theme.mark(self._pages, region="canvas")
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 12, 24, 16)
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.keep_button)
        buttons.addWidget(self.switch_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addWidget(self._pages, 1)
        whole.addWidget(hairline())
        whole.addLayout(buttons)

    def _offer(self) -> QWidget:
        """What is shown before anything was asked: the searches of late, one click away."""
        page = QWidget()
        theme.mark(page, region="canvas")
        column = QVBoxLayout(page)
        column.setSpacing(8)
        column.addStretch(2)
        texts = earlier_searches()[:_OFFERED]
        words = (
            self.tr("Try one of your searches")
            if texts
            else self.tr("Type what you would search for; both models answer.")
        )
        column.addWidget(text_label(words, "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        for text in texts:
            button = theme.mark(QPushButton(plain_text(text).replace("&", "&&")), link=True)
            button.setAccessibleName(self.tr("Search for %1").replace("%1", plain_text(text)))
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, text=text: self.compare(text))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        return page

    def _standing(self) -> str:
        """How the other model stands, under its name."""
        views = self._session.work.views()
        return next((state_text(view) for view in views if view.info.id == self._model_id), "")

    # ---- asking -------------------------------------------------------------------------------

    def compare(self, text: str) -> None:
        """Ask both models this."""
        self.field.setText(text)
        self._ask()

    def _type(self) -> None:
        self._wait.start()

    def _ask(self) -> None:
        self._wait.stop()
        text = self.field.text().strip()
        if text == self._asked and self._task is not None:
            return
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._asked = text
        if not text:
            self._pages.setCurrentIndex(0)
            self._explain()
            return
        library, model_id = self._session.library, self._model_id
        task = self._session.workers.start(
            "compare", "", lambda: library.compare(text, model_id, SHOWN)
        )
        self._task = task
        task.succeeded.connect(self._show)
        task.failed.connect(self._fail)
        task.finished.connect(lambda: self._finish(task))
        self._say(self.tr("Both are looking…"))

    def _finish(self, task: Task) -> None:
        if self._task is task:
            self._task = None

    def _show(self, answers: Answers) -> None:
        left, right = (result.hits[:SHOWN] for result in answers)
        ids = [frozenset(hit.photo_id for hit in hits) for hits in (left, right)]
        self.left.show_hits(left, ids[0] - ids[1])
        self.right.show_hits(right, ids[1] - ids[0])
        self._pages.setCurrentIndex(1)
        self._tell(*ids, note=answers[0].note or answers[1].note)

    def _tell(self, left: frozenset[PhotoId], right: frozenset[PhotoId], *, note: str) -> None:
        most = max(len(left), len(right))
        if not most:
            words = self.tr("Neither finds anything.")
        elif left == right:
            words = self.tr("Both find the same %n photo(s).", "", most)
        else:
            words = self.tr("%1 of the first %n photo(s) are in both; the others are marked.", "",
                            most).replace("%1", str(len(left & right)))  # fmt: skip
        self._say(" ".join(part for part in (words, self._limits() or note) if part))

    def _fail(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._say(said(str(error)), role="danger")

    # ---- words --------------------------------------------------------------------------------

    def _limits(self) -> str:
        """Which photos are compared, as long as the other model has not seen all of them."""
        space = self._session.work.seen.space(self._model_id)
        if space is None or space.complete:
            return ""
        words = self.tr("Compared are the %1 that both have seen.")
        return words.replace("%1", photos_text(space.embedded, space.total))

    def _explain(self) -> None:
        """What switching means now, and, before anything was asked, what is compared."""
        space = self._session.work.seen.space(self._model_id)
        complete = space is not None and space.complete
        self.switch_button.setToolTip(
            self.tr("Search changes at once; you can go back at once too")
            if complete
            else self.tr("Search changes as soon as it has seen all photos")
        )
        if not self._asked:
            self._say(self._limits())

    def _say(self, words: str, role: str = "muted") -> None:
        self.message.setText(plain_text(words))
        self.message.setAccessibleName(plain_text(words))
        theme.mark(self.message, role=role)

    def _switch(self) -> None:
        self.switch_wanted.emit(self._model_id)
        self.accept()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.cancel()
        for column in (self.left, self.right):
            column.thumbnails.stop()
        super().done(result)


class _Field(QLineEdit):
    """Enter asks at once; passed on, it would also press a button.

    Signals: entered().
    """

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self.entered.emit()


def _short(title: str) -> str:
    """For a button, which takes a lone & for a shortcut."""
    return short_title(title).replace("&", "&&")
