"""One set of categories: whether they exclude each other, and what is none of them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.tag_types import TEMPLATE, CategorySet, SetId
from gui import icons, theme
from gui.categories.controls import Choices, Lines
from gui.labels import text_label
from gui.session import Session
from gui.tagging.seen import TagsSeen


class SetEditor(QScrollArea):
    """Changes are kept when a field is left.

    Signals: add_wanted(SetId), a new category in this set · pick_wanted(SetId), from the
    vocabulary.
    """

    add_wanted = Signal(object)
    pick_wanted = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = session.tags
        self._saved: CategorySet | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of the set"))
        self.kind = Choices(
            [
                (
                    True,
                    self.tr("Only one fits"),
                    self.tr("A photo belongs to one of these categories or to none"),
                ),
                (
                    False,
                    self.tr("Several can fit"),
                    self.tr("A photo can belong to several of these categories at once"),
                ),
            ],
            self.tr("How its categories stand to each other"),
        )
        self.template = QLineEdit()
        self.template.setAccessibleName(self.tr("How a name is asked"))
        self.template.setPlaceholderText(TEMPLATE)
        self.contrast = Lines(self.tr("What is none of these, one description per line"))
        self.contrast.setPlaceholderText(self.tr("Photosift's own words"))
        self.add_button = QPushButton(icons.icon("add"), self.tr("New category"))
        self.pick_button = QPushButton(icons.icon("vocabulary"), self.tr("From the vocabulary…"))
        self.remove_button = QPushButton(icons.icon("trash"), self.tr("Remove set"))
        self.remove_button.setToolTip(self.tr("With its categories; their tags stay on the photos"))
        self.explained = text_label("", "muted", wrap=True)

        page = theme.mark(QWidget(), region="canvas")
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 0, 24, 24)
        column.setSpacing(8)
        column.addWidget(self.name)
        column.addSpacing(4)
        column.addWidget(self.kind)
        column.addWidget(self.explained)
        row = QHBoxLayout()
        row.addWidget(self.add_button)
        row.addWidget(self.pick_button)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(row)
        column.addSpacing(16)
        column.addWidget(text_label(self.tr("What is none of these, one description per line")))
        column.addWidget(self.contrast)
        column.addSpacing(8)
        column.addWidget(text_label(self.tr("How a name is asked, with {} in its place")))
        column.addWidget(self.template)
        column.addSpacing(16)
        last = QHBoxLayout()
        last.addWidget(self.remove_button)
        last.addStretch(1)
        column.addLayout(last)
        column.addStretch(1)
        self.setWidget(page)

        self.name.editingFinished.connect(self.keep)
        self.template.editingFinished.connect(self.keep)
        self.contrast.left.connect(self.keep)
        self.kind.chosen.connect(lambda: self.keep())
        self.add_button.clicked.connect(lambda: self._emit(self.add_wanted))
        self.pick_button.clicked.connect(lambda: self._emit(self.pick_wanted))
        self.remove_button.clicked.connect(self.remove)

    def _emit(self, signal: SignalInstance) -> None:
        if self._saved is not None:
            signal.emit(self._saved.id)

    def show_set(self, group: CategorySet, _seen: TagsSeen) -> None:
        """Show one."""
        if self._saved is not None and self._saved.id != group.id:
            self.keep()
        if self._saved == group:
            return
        self._saved = group
        self.name.setText(group.name)
        self.kind.set_value(group.exclusive)
        self.template.setText("" if group.template == TEMPLATE else group.template)
        self.contrast.set_lines(group.contrast)
        self._explain()

    @property
    def set_id(self) -> SetId | None:
        return None if self._saved is None else self._saved.id

    def _explain(self) -> None:
        exclusive = self.kind.value is True
        self.explained.setText(
            self.tr("A photo belongs to the category that fits best, or to none of them.")
            if exclusive
            else self.tr("Each category is asked by itself; a photo can belong to several.")
        )

    def edited(self) -> CategorySet | None:
        """The set as the fields say it."""
        if self._saved is None:
            return None
        template = self.template.text().strip()
        return replace(
            self._saved,
            name=" ".join(self.name.text().split()) or self._saved.name,
            exclusive=self.kind.value is True,
            template=template if "{}" in template else TEMPLATE,
            contrast=self.contrast.lines(),
        )

    def keep(self) -> None:
        """Keep what the fields say, if it differs."""
        entry, saved = self.edited(), self._saved
        self._explain()
        if entry is not None and saved is not None and entry != saved:
            self._saved = entry
            task = self._work.change_set(entry, saved)
            task.failed.connect(lambda: self._put_back(saved))

    def _put_back(self, saved: CategorySet) -> None:
        if self._saved is not None and self._saved.id == saved.id:
            self._saved = None
            self.show_set(saved, TagsSeen())

    def remove(self) -> None:
        if self._saved is not None:
            removed, self._saved = self._saved, None
            self._work.remove_set(removed)

    def focus_name(self) -> None:
        self.name.setFocus()
        self.name.selectAll()
