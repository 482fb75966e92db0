"""A small field over the photos: type a tag, Enter puts it on what is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QStringListModel, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from engine.types import PhotoId
from gui import theme
from gui.labels import text_label
from gui.session import Session

_WIDTH = 360


class TagField(QLineEdit):
    """A field that completes the tags there are, anywhere in their path."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__()
        completer = QCompleter(QStringListModel(list(paths), self), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(8)
        completer.setPopup(theme.mark(QListView(), role="offers"))
        self.setCompleter(completer)
        # Qt opens the list after it has told of the text.
        self.textEdited.connect(lambda: QTimer.singleShot(0, self, self._spare))

    def offer(self, paths: Sequence[str]) -> None:
        """Complete these from now on."""
        model = self.completer().model()
        assert isinstance(model, QStringListModel)
        if model.stringList() != list(paths):
            model.setStringList(list(paths))

    def _spare(self) -> None:
        """What is typed already need not be offered; the list would hide what stands below."""
        completer = self.completer()
        offered, offers = completer.completionCount(), completer.popup()
        alike = completer.currentCompletion().casefold() == self.text().casefold()
        if offers is not None and offered == 1 and alike:
            offers.hide()

    def tag(self) -> str:
        """What is typed; parts of a path without the air around them."""
        parts = (" ".join(part.split()) for part in self.text().split("/"))
        return "/".join(part for part in parts if part)


class TagPopup(QFrame):
    """Closes by itself after Enter, Esc or a click elsewhere."""

    def __init__(self, session: Session, ids: Sequence[PhotoId], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._work = session.tags
        self._ids = list(ids)
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = TagField(session.tags.seen.tags)
        self.field.setPlaceholderText(self.tr("Family, or Places/Italy"))
        self.field.setAccessibleName(self.tr("Tag"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(text_label(self.tr("Tag %Ln photo(s)", "", len(self._ids))))
        column.addWidget(self.field)
        self.setFixedWidth(_WIDTH)
        self.field.returnPressed.connect(self._take)

    def show_over(self, page: QWidget) -> None:
        """In the upper middle of a page, the cursor in the field."""
        self.adjustSize()
        middle = QPoint((page.width() - self.width()) // 2, page.height() // 4)
        self.move(page.mapToGlobal(middle))
        self.show()
        self.field.setFocus()

    def _take(self) -> None:
        name = self.field.tag()
        if name:
            self._work.tag(self._ids, name)
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
