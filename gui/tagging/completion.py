"""Completes `tag:`, `category:` and the labels of detections in the search bar."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from gui.tagging.seen import TagsSeen

_ASKED = re.compile(r'(?:^|\s)-?(tag|category|detected|count|box):("[^"]*|[^\s"]*)$', re.IGNORECASE)


class ValueCompletion(QObject):
    """Offers the tags, categories and labels there are while one types their filter.

    `labels` answers at once with the labels known so far.
    """

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._seen = TagsSeen()
        self.labels: Callable[[], Sequence[str]] = tuple
        self._values = QStringListModel(self)
        self.completer = QCompleter(self._values, self)
        self.popup = QListView()
        self.completer.setPopup(self.popup)
        self.completer.setWidget(field)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(8)
        self.completer.activated.connect(self._take)
        field.textEdited.connect(self._offer)

    def follow(self, seen: TagsSeen) -> None:
        """There are other tags and categories now."""
        self._seen = seen

    def _asked(self) -> re.Match[str] | None:
        return _ASKED.search(self._field.text()[: self._field.cursorPosition()])

    def _offer(self) -> None:
        asked = self._asked()
        if asked is None:
            self.popup.hide()
            return
        values: Sequence[str] = self._seen.tags
        if asked[1].casefold() == "category":
            values = [category.name for category in self._seen.categories]
        elif asked[1].casefold() != "tag":
            values = self.labels()
        if self._values.stringList() != list(values):
            self._values.setStringList(list(values))
        typed = asked[2].lstrip('"')
        self.completer.setCompletionPrefix(typed)
        if self.completer.completionCount() and self.completer.currentCompletion() != typed:
            self.completer.complete()
        else:
            self.popup.hide()

    def _take(self, value: str) -> None:
        """What was chosen in the place of what was typed; names with spaces in quotation marks."""
        asked = self._asked()
        if asked is None:
            return
        text, end = self._field.text(), self._field.cursorPosition()
        word = f'"{value}"' if re.search(r"[\s\"]", value) else value
        # Behind the label of count:dog>=2 and box:dog>20% the comparison is still to come.
        goes_on = asked[1].casefold() in ("count", "box")
        before = text[: asked.start(2)] + word + ("" if goes_on else " ")
        self._field.setText(before + text[end:].lstrip())
        self._field.setCursorPosition(len(before))
        self._field.textEdited.emit(self._field.text())  # it is searched for like what is typed
