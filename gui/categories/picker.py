"""Ideas for categories: the starter vocabulary in groups, and what the library itself suggests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.tag_types import Category, CategoryIdea, Concept, SetId
from gui import icons, theme
from gui.engine_words import said
from gui.labels import plain_text, text_label, tooltip_text
from gui.session import Session
from gui.tagging.seen import TagsSeen

if TYPE_CHECKING:
    from engine.tagging import Tagging

_PICK = Qt.ItemDataRole.UserRole + 1
_NEW_SET = -1
_COLUMN, _ROW = 280, 36


class Picker(QDialog):
    """Pick categories; nothing is added before the button at its foot.

    Signals: picked(int), so many are being added; `session.tags.made` tells when they are there.
    """

    picked = Signal(int)

    def __init__(
        self, session: Session, set_id: SetId | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._work = session.tags
        self._concepts: list[Concept] = []
        self._ideas: list[CategoryIdea] = []
        self._checked: dict[str, Concept | CategoryIdea | str] = {}
        self._chinese = QLocale().language() == QLocale.Language.Chinese
        self._filling = False
        self.setWindowTitle(self.tr("Choose categories"))
        self.resize(860, 580)
        self.setMinimumSize(640, 440)

        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Search, or type words of your own"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.setClearButtonEnabled(True)
        self.groups = QListWidget()
        theme.mark(self.groups, role="navigation", region="panel")
        self.groups.setFixedWidth(208)
        self.groups.setAccessibleName(self.tr("Groups"))
        self.list = QListWidget()
        theme.mark(self.list, role="picks")
        self.list.setViewMode(QListView.ViewMode.ListMode)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setGridSize(QSize(_COLUMN, _ROW))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName(self.tr("Ideas for categories"))
        self.look_button = QPushButton(icons.icon("suggest"), self.tr("Look what the photos show"))
        self.look_button.setToolTip(self.tr("Tries the whole vocabulary on a sample; seconds"))
        self.message = text_label("", "muted", wrap=True)
        self.sets = QComboBox()
        self.sets.setAccessibleName(self.tr("Set that they are added to"))
        self.add_button = theme.mark(QPushButton(""), primary=True)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self._lay_out()
        self._fill_sets(session.tags.seen, set_id)

        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._take_typed)
        self.groups.currentRowChanged.connect(lambda: self._fill())
        self.list.itemChanged.connect(self._check)
        self.list.itemActivated.connect(_turn)
        self.look_button.clicked.connect(self._look)
        self.add_button.clicked.connect(self._add)
        self.cancel_button.clicked.connect(self.reject)
        task = self._work.ask(lambda tagging: tagging.vocabulary())
        task.succeeded.connect(self._take_concepts)
        ideas = self._work.ask(lambda tagging: tagging.suggest_categories())
        ideas.succeeded.connect(self._take_ideas)
        ideas.failed.connect(self._excuse)
        self._tell()
        self.field.setFocus()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(16, 16, 16, 8)
        right.setSpacing(8)
        right.addWidget(self.field)
        right.addWidget(self.list, 1)
        said = QHBoxLayout()
        said.addWidget(self.message, 1)
        said.addWidget(self.look_button)
        right.addLayout(said)
        both = QHBoxLayout()
        both.setSpacing(0)
        both.addWidget(self.groups)
        both.addLayout(right, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 16)
        foot.setSpacing(8)
        foot.addWidget(text_label(self.tr("Add to"), "muted"))
        foot.addWidget(self.sets)
        foot.addStretch(1)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(both, 1)
        column.addLayout(foot)
        for button in (self.look_button, self.cancel_button, self.add_button):
            button.setAutoDefault(False)
        order = (self.field, self.groups, self.list, self.look_button, self.sets)
        chain: list[QWidget] = [*order, self.add_button, self.cancel_button]
        for before, after in pairwise(chain):
            self.setTabOrder(before, after)

    def _fill_sets(self, seen: TagsSeen, set_id: SetId | None) -> None:
        for group in seen.sets:
            self.sets.addItem(plain_text(group.name), group.id)
        self.sets.addItem(self.tr("A new set: only one fits"), _NEW_SET)
        self.sets.addItem(self.tr("A new set: several can fit"), _NEW_SET - 1)
        at = self.sets.findData(set_id) if set_id is not None else -1
        first = 0 if seen.sets else 1  # several can fit: what one picks here seldom excludes
        self.sets.setCurrentIndex(at if at >= 0 else first)

    # -- what there is to pick -----------------------------------------------------------------

    def _take_concepts(self, concepts: Sequence[Concept]) -> None:
        self._concepts = list(concepts)
        groups = dict.fromkeys(self._group(concept) for concept in concepts)
        self.groups.addItem(self.tr("From your library"))
        for group in groups:
            self.groups.addItem(group or self.tr("Others"))
        self.groups.setCurrentRow(1 if not self._ideas and self.groups.count() > 1 else 0)

    def _take_ideas(self, ideas: Sequence[CategoryIdea]) -> None:
        known = {idea.name.casefold() for idea in self._ideas}
        self._ideas += [idea for idea in ideas if idea.name.casefold() not in known]
        self.message.setText("")
        if ideas and self.groups.count() and not self.field.text():
            self.groups.setCurrentRow(0)
        self._fill()

    def _excuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.message.setText(said(str(error)))

    def _look(self) -> None:
        self.look_button.setEnabled(False)
        self.message.setText(self.tr("Trying the vocabulary on your photos…"))
        title = self.tr("Looking what the photos show")
        task = self._work.ask_job(title, lambda tagging: tagging.find_concepts())
        task.succeeded.connect(self._take_ideas)
        task.failed.connect(self._excuse)
        task.finished.connect(self._looked)  # no partial: the dialog may be gone by then

    def _looked(self) -> None:
        self.look_button.setEnabled(True)

    def _group(self, concept: Concept) -> str:
        return concept.chinese_group if self._chinese else concept.group

    def _name(self, concept: Concept) -> str:
        return concept.chinese if self._chinese and concept.chinese else concept.name

    def _fill(self) -> None:
        """The group that was chosen, or everything that has the typed words in it."""
        typed = " ".join(self.field.text().split())
        asked = typed.casefold()
        found: list[tuple[str, str, Concept | CategoryIdea | str]] = []
        if asked:
            hits = [c for c in self._concepts if asked in c.name.casefold() or asked in c.chinese]
            hits.sort(key=lambda c: asked not in (c.name.casefold(), c.chinese))  # the very one
            if not hits or asked not in (hits[0].name.casefold(), hits[0].chinese):
                found.append((typed, self.tr("your own words"), typed))
            found += [
                (i.name, said(i.reason), i) for i in self._ideas if asked in i.name.casefold()
            ]
            found += [self._entry(concept) for concept in hits]
        elif self.groups.currentRow() == 0:
            found = [(idea.name, said(idea.reason), idea) for idea in self._ideas]
        else:
            name = self.groups.currentItem().text() if self.groups.count() else ""
            found = [self._entry(c) for c in self._concepts if self._group(c) == name]
        self._filling = True
        self.list.clear()
        there = {category.name.casefold() for category in self._work.seen.categories}
        for name, aside, pick in found:
            self._row(name, aside, pick, taken=name.casefold() in there)
        self._filling = False
        self.look_button.setVisible(self.groups.currentRow() == 0 and not asked)
        if not found and not asked and self.groups.currentRow() == 0:
            self.message.setText(self.tr("Your tags and folders suggest nothing yet."))

    def _entry(self, concept: Concept) -> tuple[str, str, Concept]:
        name = self._name(concept)
        return name, concept.name if name != concept.name else concept.chinese, concept

    def _row(
        self, name: str, aside: str, pick: Concept | CategoryIdea | str, *, taken: bool
    ) -> None:
        is_idea = isinstance(pick, CategoryIdea)
        text = plain_text(name)
        if aside and not is_idea:
            text += f"  ·  {plain_text(aside)}"
        elif isinstance(pick, CategoryIdea) and pick.photos:
            text += "  ·  " + self.tr("%Ln photo(s)", "", pick.photos)
        item = QListWidgetItem(text)
        flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
        item.setFlags(flags if taken else flags | Qt.ItemFlag.ItemIsEnabled)
        chosen = name in self._checked or taken
        item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        item.setData(_PICK, (name, pick))
        item.setSizeHint(QSize(_COLUMN - 8, _ROW))  # all of the cell, else the first one's width
        if is_idea:
            item.setToolTip(tooltip_text(aside))
        elif isinstance(pick, Concept) and pick.prompts:
            item.setToolTip(tooltip_text("\n".join(pick.prompts)))
        self.list.addItem(item)

    # -- picking -------------------------------------------------------------------------------

    def _check(self, item: QListWidgetItem) -> None:
        if self._filling:
            return
        name, pick = item.data(_PICK)
        if item.checkState() == Qt.CheckState.Checked:
            self._checked[name] = pick
        else:
            self._checked.pop(name, None)
        self._tell()

    def _take_typed(self) -> None:
        """Enter in the field picks the first row."""
        if self.list.count() and self.field.text().strip():
            self.list.item(0).setCheckState(Qt.CheckState.Checked)
            self.field.clear()

    def _tell(self) -> None:
        count = len(self._checked)
        self.add_button.setText(
            self.tr("Add %Ln categories", "", count) if count else self.tr("Add")
        )
        self.add_button.setEnabled(count > 0)
        self.add_button.setToolTip(tooltip_text(", ".join(map(plain_text, self._checked))))

    def _add(self) -> None:
        picks = dict(self._checked)
        chosen: int = self.sets.currentData()
        new_name = self.tr("Categories %1") if self._work.seen.sets else self.tr("Categories")
        new_name = new_name.replace("%1", str(len(self._work.seen.sets) + 1))
        words = self.tr("%Ln categories added", "", len(picks))

        def make(door: Tagging) -> list[Category]:
            set_id = SetId(chosen)
            if chosen <= _NEW_SET:
                set_id = door.add_set(new_name, exclusive=chosen == _NEW_SET).id
            made: list[Category] = []
            for name, pick in picks.items():
                if isinstance(pick, Concept):
                    made += door.add_from_vocabulary([name], set_id=set_id)
                elif isinstance(pick, CategoryIdea):
                    made.append(
                        door.add_category(name, pick.prompts, set_id=set_id, examples=pick.examples)
                    )
                else:
                    made.append(door.add_category(name, set_id=set_id))
            return made

        self._work.add(words, make)
        self.picked.emit(len(picks))
        self.accept()


def _turn(item: QListWidgetItem) -> None:
    if item.flags() & Qt.ItemFlag.ItemIsEnabled:
        checked = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)
