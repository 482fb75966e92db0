"""The categories page: sets at the left, what is chosen at the right, or the first step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.tag_types import CategoryId, CategorySet, SetId
from engine.types import PhotoId
from gui import icons, theme
from gui.categories.editor import CategoryEditor
from gui.categories.picker import Picker
from gui.categories.set_editor import SetEditor
from gui.categories.tree import CategoryTree
from gui.empty_state import EmptyState
from gui.labels import text_label
from gui.session import Session
from gui.tagging.seen import TagsSeen


class CategoriesPage(QWidget):
    """Makes and changes categories.

    Signals: review_wanted(CategoryId) · photos_wanted(Category) · opened(PhotoId) · run_wanted().
    """

    review_wanted = Signal(object)
    photos_wanted = Signal(object)
    opened = Signal(object)
    run_wanted = Signal()
    sort_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work = session.tags
        self._seen = TagsSeen()
        self._wanted: tuple[str, int] | None = None  # to be chosen as soon as it is there
        self._name_next = False
        self.picker: Picker | None = None
        self.tree = CategoryTree()
        self.editor = CategoryEditor(session)
        self.set_editor = SetEditor(session)
        self.empty = EmptyState()
        self.empty.say(
            self.tr("Say in a few words what your photos are to be sorted by."),
            self.tr("Choose categories"),
            "categories",
        )
        self.add_button = QPushButton(icons.icon("add"), self.tr("Add"))
        self.add_button.setAccessibleName(self.tr("Add a category or a set"))
        menu = QMenu(self)
        for icon, text, act in (
            ("add", self.tr("New category"), lambda: self.new_category()),
            ("vocabulary", self.tr("From the vocabulary…"), lambda: self.pick()),
            ("categories", self.tr("New set: only one fits"), lambda: self._new_set(True)),
            ("categories", self.tr("New set: several can fit"), lambda: self._new_set(False)),
        ):
            action = menu.addAction(icons.icon(icon), text)
            action.triggered.connect(act)
        self.add_button.setMenu(menu)
        self.run_button = QPushButton(icons.icon("tag"), self.tr("Tag my photos"))
        self.run_button.setToolTip(self.tr("Put the tags of automatic categories on all photos"))
        self.sort_button = QPushButton(icons.icon("folder-open"), self.tr("Sort into folders…"))
        self.sort_button.setToolTip(self.tr("Put the photos of categories into folders"))

        self._right = QStackedWidget()
        for editor in (self.editor, self.set_editor):
            self._right.addWidget(editor)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 0, 8, 16)
        column.addWidget(self.tree)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.addWidget(left)
        split.addWidget(self._right)
        split.setStretchFactor(1, 1)
        split.setSizes([224, 600])
        split.setCollapsible(0, False)
        split.setCollapsible(1, False)
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 24, 16)
        top.setSpacing(8)
        top.addWidget(text_label(self.tr("Categories"), "heading"))
        top.addStretch(1)
        top.addWidget(self.sort_button)
        top.addWidget(self.run_button)
        top.addWidget(self.add_button)
        filled = QWidget()
        whole = QVBoxLayout(filled)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(split, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(filled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        theme.mark(self, region="canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusProxy(self.tree)

        self.tree.category_chosen.connect(lambda: self._show_chosen())
        self.tree.set_chosen.connect(lambda: self._show_chosen())
        self.tree.removed.connect(self._remove)
        self.tree.examples_dropped.connect(self.add_examples)
        self.editor.review_wanted.connect(self.review_wanted)
        self.editor.photos_wanted.connect(self.photos_wanted)
        self.editor.opened.connect(self.opened)
        self.set_editor.add_wanted.connect(self.new_category)
        self.set_editor.pick_wanted.connect(self.pick)
        self.empty.acted.connect(lambda: self.pick())
        self.run_button.clicked.connect(lambda: self.run_wanted.emit())
        self.sort_button.clicked.connect(lambda: self.sort_wanted.emit())
        self._work.seen_changed.connect(self.show_seen)
        self._work.made.connect(self._choose_made)

    # -- showing -------------------------------------------------------------------------------

    def show_seen(self, seen: TagsSeen) -> None:
        """Sets and categories as they are now."""
        self._seen = seen
        self._stack.setCurrentIndex(1 if seen.sets else 0)
        self.tree.show_seen(seen)
        self.run_button.setEnabled(bool(seen.categories))
        if self._wanted is not None and self.tree.choose(self._wanted):
            self._wanted = None
        elif seen.sets and self.tree.chosen is None:
            first = seen.of_set(seen.sets[0].id)
            self.tree.choose(("category", first[0].id) if first else ("set", seen.sets[0].id))
        self._show_chosen()
        if self._name_next and self._wanted is None:
            self._name_next = False
            editor = self.editor if self._right.currentWidget() is self.editor else self.set_editor
            editor.focus_name()

    def _show_chosen(self) -> None:
        chosen = self.tree.chosen
        if chosen is None:
            return
        kind, number = chosen
        if kind == "set":
            self.editor.keep()
            group = self._seen.group(SetId(number))
            if group is not None:
                self.set_editor.show_set(group, self._seen)
                self._right.setCurrentWidget(self.set_editor)
        else:
            self.set_editor.keep()
            category = self._seen.category(CategoryId(number))
            if category is not None:
                if self.isVisible():
                    self.editor.show_category(category, self._seen)
                self._right.setCurrentWidget(self.editor)

    def choose_category(self, category_id: CategoryId | None) -> None:
        """Show one in the editor."""
        if category_id is not None and not self.tree.choose(("category", category_id)):
            self._wanted = ("category", category_id)

    def choose_set(self, set_id: SetId) -> None:
        if not self.tree.choose(("set", set_id)):
            self._wanted = ("set", set_id)

    # -- acting --------------------------------------------------------------------------------

    def new_category(self, set_id: SetId | None = None) -> None:
        """An unnamed one, with the cursor in its name."""
        name = self._free_name(self.tr("New category"), [c.name for c in self._seen.categories])
        self._name_next = True
        self._work.add_category(name, set_id=set_id if set_id is not None else self._set())

    def _new_set(self, exclusive: bool) -> None:
        name = self._free_name(self.tr("New set"), [group.name for group in self._seen.sets])
        task = self._work.add_set(name, exclusive=exclusive)
        task.succeeded.connect(lambda: self._choose_set_named(name))

    def _choose_set_named(self, name: str) -> None:
        task = self._work.ask(lambda tagging: tagging.sets())

        def choose(groups: Sequence[CategorySet]) -> None:
            found = [group.id for group in groups if group.name == name]
            if found:
                self._name_next = True
                self._wanted = ("set", found[0])
                self._work.refresh()

        task.succeeded.connect(choose)

    def pick(self, set_id: SetId | None = None) -> None:
        """Open the vocabulary."""
        if self.picker is None:
            wanted = set_id if set_id is not None else self._set()
            self.picker = Picker(self._session, wanted, self.window())
            self.picker.finished.connect(self._close_picker)
            self.picker.open()

    def _close_picker(self) -> None:
        picker, self.picker = self.picker, None
        if picker is not None:
            picker.deleteLater()

    def _set(self) -> SetId | None:
        """The set that what is chosen belongs to."""
        chosen = self.tree.chosen
        if chosen is None:
            return None
        kind, number = chosen
        if kind == "set":
            return SetId(number)
        category = self._seen.category(CategoryId(number))
        return category.set_id if category is not None else None

    def _choose_made(self, ids: Sequence[CategoryId]) -> None:
        if ids:
            self._wanted = ("category", ids[0])
            self._work.refresh()

    def _remove(self) -> None:
        chosen = self.tree.chosen
        if chosen is not None:
            (self.set_editor if chosen[0] == "set" else self.editor).remove()

    def add_examples(self, category_id: CategoryId, ids: Sequence[PhotoId]) -> None:
        """Photos that show what a category means."""
        category = self._seen.category(category_id)
        if category is not None:
            self._work.add_examples(category, ids)

    def _free_name(self, wanted: str, taken: Sequence[str]) -> str:
        there = {name.casefold() for name in taken}
        number, name = 2, wanted
        while name.casefold() in there:
            name, number = f"{wanted} {number}", number + 1
        return name

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_seen(self._work.seen)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.editor.keep()
        self.set_editor.keep()

    @property
    def fields(self) -> list[QLineEdit]:
        """Where one types."""
        return self.findChildren(QLineEdit)
