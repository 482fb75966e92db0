"""The review page: three tabs below one heading."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from engine.tag_types import CategoryId
from engine.types import PhotoId
from gui import theme
from gui.labels import text_label
from gui.review.misfiled import MisfiledTab
from gui.review.runs import RunsTab
from gui.review.suggestions import SuggestionsTab
from gui.session import Session


class ReviewPage(QWidget):
    """What Photosift thinks of the photos, for the user to judge.

    Signals: opened(PhotoId).
    """

    opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.suggestions = SuggestionsTab(session)
        self.misfiled = MisfiledTab(session)
        self.runs = RunsTab(session)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Parts of the review"))
        self.stack = QStackedWidget()
        for name, tab in (
            (self.tr("Suggestions"), self.suggestions),
            (self.tr("Misfiled?"), self.misfiled),
            (self.tr("Runs"), self.runs),
        ):
            self.tabs.addTab(name)
            self.stack.addWidget(tab)
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 24, 12)
        top.setSpacing(24)
        top.addWidget(text_label(self.tr("Review"), "heading"))
        top.addWidget(self.tabs)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.stack, 1)
        theme.mark(self, region="canvas")
        self.tabs.currentChanged.connect(self._show_tab)
        for tab in (self.suggestions, self.misfiled):
            tab.opened.connect(self.opened)
        session.tags.answered.connect(self._follow)
        session.tags.seen_changed.connect(self._follow)

    def show_category(self, category_id: CategoryId | None) -> None:
        """Review one category, or all."""
        self.tabs.setCurrentIndex(0)
        self.suggestions.show_category(category_id)

    def photos_in_front(self) -> list[PhotoId]:
        """The photos that are selected in front."""
        if self.stack.currentWidget() is self.suggestions:
            return self.suggestions.view.selected_ids()
        return []

    def show_tab(self, tab: QWidget) -> None:
        self.tabs.setCurrentIndex(self.stack.indexOf(tab))

    def _show_tab(self, at: int) -> None:
        self.stack.setCurrentIndex(at)
        self._look()
        self.setFocus()

    def setFocus(self, *_reason: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        tab = self.stack.currentWidget()
        if tab is not None:
            tab.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def _look(self) -> None:
        """What is in front is asked for."""
        tab = self.stack.currentWidget()
        if tab is self.runs:
            self.runs.refresh()
        elif tab is self.misfiled:
            self.misfiled.look_once()
        elif tab is self.suggestions:
            self.suggestions.show_seen(self._session.tags.seen)

    def _follow(self) -> None:
        if self.isVisible() and self.stack.currentWidget() is self.runs:
            self.runs.refresh()
