"""The rule of a sort: which categories become folders, where, and what becomes of the files."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.file_types import ByDate, SortMode
from gui import icons, theme
from gui.labels import hairline, path_text, text_label
from gui.sorting.category_choice import CategoryChoice
from gui.sorting.draft import Choice
from gui.sorting.engine_notes import note_text
from gui.tagging.seen import TagsSeen

_MODES = (SortMode.COPY, SortMode.MOVE, SortMode.LINK, SortMode.ALBUM)


class RulePage(QWidget):
    """Asks what is to be sorted, and says in plain words what will happen.

    Signals: plan_wanted(Choice).
    """

    plan_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._planning = False
        self.categories = CategoryChoice()
        self.all_button = theme.mark(QPushButton(self.tr("All")), link=True)
        self.none_button = theme.mark(QPushButton(self.tr("None")), link=True)
        self.all_button.setAccessibleName(self.tr("Choose all categories"))
        self.none_button.setAccessibleName(self.tr("Choose no category"))
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Folder to sort into"))
        self.browse_button = QPushButton(icons.icon("folder-open"), self.tr("Choose…"))
        self.browse_button.setAccessibleName(self.tr("Choose the folder to sort into"))
        self.modes = QButtonGroup(self)
        self._mode_buttons: dict[SortMode, QRadioButton] = {}
        self.by_date = QComboBox()
        self.by_date.setAccessibleName(self.tr("Folders by date"))
        for value, words in (
            (ByDate.NONE, self.tr("no folders by date")),
            (ByDate.YEAR, self.tr("one per year: 2024")),
            (ByDate.MONTH, self.tr("one per month: 2024/2024-05")),
        ):
            self.by_date.addItem(words, value)
        self.explanation = text_label("", "", wrap=True)
        self.trouble = text_label("", "danger", wrap=True)
        self.plan_button = theme.mark(QPushButton(), primary=True)
        self._lay_out()
        self._restore()

        self.categories.changed.connect(self._tell)
        self.all_button.clicked.connect(lambda: self._choose(everything=True))
        self.none_button.clicked.connect(lambda: self._choose(everything=False))
        self.field.textChanged.connect(self._tell)
        self.field.returnPressed.connect(self.plan_button.click)
        self.browse_button.clicked.connect(self._browse)
        self.modes.idClicked.connect(self._tell)
        self.by_date.currentIndexChanged.connect(self._tell)
        self.plan_button.clicked.connect(self._plan)
        self._tell()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        heads = QHBoxLayout()
        heads.setSpacing(12)
        heads.addWidget(text_label(self.tr("Which categories"), "section-strong"))
        heads.addStretch(1)
        heads.addWidget(self.all_button)
        heads.addWidget(self.none_button)
        left.addLayout(heads)
        left.addWidget(self.categories, 1)

        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(text_label(self.tr("What becomes of the files"), "section-strong"))
        for mode in _MODES:
            right.addLayout(self._mode(mode))
        right.addSpacing(8)
        self._where = text_label(self.tr("Into which folder"), "section-strong")
        right.addWidget(self._where)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.field, 1)
        where.addWidget(self.browse_button)
        right.addLayout(where)
        right.addSpacing(8)
        self._dates = text_label(self.tr("In each category's folder"), "section-strong")
        right.addWidget(self._dates)
        dates = QHBoxLayout()
        dates.addWidget(self.by_date)
        dates.addStretch(1)
        right.addLayout(dates)
        right.addSpacing(8)
        right.addWidget(text_label(self.tr("What will happen"), "section-strong"))
        right.addWidget(self.explanation)
        right.addStretch(1)
        options = QWidget()
        options.setLayout(right)
        right.setContentsMargins(0, 3, 24, 8)
        options.setMaximumWidth(600)
        theme.mark(options, region="canvas")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(options)
        both = QHBoxLayout()
        both.setContentsMargins(24, 0, 0, 8)
        both.setSpacing(32)
        both.addLayout(left, 2)
        both.addWidget(area, 3)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 12)
        foot.setSpacing(12)
        foot.addWidget(self.trouble, 1)
        foot.addWidget(self.plan_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(both, 1)
        whole.addWidget(hairline())
        whole.addLayout(foot)
        self.setFocusProxy(self.categories)

    def _mode(self, mode: SortMode) -> QVBoxLayout:
        name, words = {
            SortMode.COPY: (
                self.tr("Copy"),
                self.tr("The photos stay where they are; copies go into the folders."),
            ),
            SortMode.MOVE: (
                self.tr("Move"),
                self.tr("The photos themselves go, with all that belongs to them."),
            ),
            SortMode.LINK: (
                self.tr("Hard link"),
                self.tr("The same file under a second name: takes no space, same disk only."),
            ),
            SortMode.ALBUM: (
                self.tr("Album only"),
                self.tr("No file is touched; each category fills an album."),
            ),
        }[mode]
        button = QRadioButton(name)
        button.setAccessibleDescription(words)
        self._mode_buttons[mode] = button
        self.modes.addButton(button, _MODES.index(mode))
        below = QHBoxLayout()
        below.setContentsMargins(28, 0, 0, 0)
        below.addWidget(text_label(words, "muted", wrap=True))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(button)
        column.addLayout(below)
        return column

    # -- what is chosen ------------------------------------------------------------------------

    def show_seen(self, seen: TagsSeen) -> None:
        """Sets and categories as they are now."""
        stored = QSettings().value("sorting/categories", "")
        self.categories.show_seen(seen, set(str(stored).split("\n")) if stored else set())
        self._tell()

    @property
    def mode(self) -> SortMode:
        return _MODES[max(0, self.modes.checkedId())]

    def set_mode(self, mode: SortMode) -> None:
        self._mode_buttons[mode].setChecked(True)
        self._tell()

    def set_folder(self, path: Path) -> None:
        self.field.setText(str(path))

    @property
    def folder(self) -> Path | None:
        """The folder to sort into; None where nothing usable is written there."""
        text = self.field.text().strip()
        path = Path(os.path.expanduser(text)) if text else None  # noqa: PTH111 - "~" only
        return path if path is not None and path.is_absolute() else None

    @property
    def choice(self) -> Choice:
        chosen = self.categories.chosen()
        album = self.mode is SortMode.ALBUM
        return Choice(
            tuple(category.name for category in chosen),
            self.folder or Path.home(),
            self.mode,
            ByDate.NONE if album else self.by_date.currentData(),
            {category.name: category.target for category in chosen if category.target},
            {category.name: category.colour for category in chosen},
        )

    def _choose(self, *, everything: bool) -> None:
        names = {c.name for c in self.categories.known} if everything else set[str]()
        self.categories.choose(names)

    def _browse(self) -> None:
        start = self.folder
        while start is not None and not start.is_dir() and start != start.parent:
            start = start.parent
        chosen = QFileDialog.getExistingDirectory(
            self.window(), self.tr("Folder to sort into"), str(start or Path.home())
        )
        if chosen:
            self.field.setText(chosen)

    # -- saying --------------------------------------------------------------------------------

    def _tell(self) -> None:
        """What will happen, in plain words, and whether it can be looked at."""
        count = len(self.categories.chosen())
        album = self.mode is SortMode.ALBUM
        for widget in (self._where, self.field, self.browse_button, self._dates, self.by_date):
            widget.setEnabled(not album)
        self.explanation.setText(self._explained())
        able = count > 0 and (album or self.folder is not None) and not self._planning
        self.plan_button.setEnabled(able)
        words = self.tr("Looking…") if self._planning else self.tr("Show what would go where")
        self.plan_button.setText(words)
        self.plan_button.setAccessibleName(words)
        if not count:
            self.plan_button.setToolTip(self.tr("Choose at least one category"))
        elif not able and not self._planning:
            self.plan_button.setToolTip(self.tr("Choose a folder, with its whole path"))
        else:
            self.plan_button.setToolTip("")

    def _explained(self) -> str:
        into = path_text(self.folder) if self.folder is not None else self.tr("the folder")
        first = {
            SortMode.COPY: self.tr(
                "Each photo is copied into the folder of the category that fits it best, in %1. "
                "The originals stay as they are."
            ),
            SortMode.MOVE: self.tr(
                "Each photo is moved into the folder of the category that fits it best, in %1. "
                "What belongs to it, such as a RAW or a sidecar file, goes along."
            ),
            SortMode.LINK: self.tr(
                "Each photo gets a second name in the folder of the category that fits it best, "
                "in %1. Both names are the same file: what changes one changes the other."
            ),
            SortMode.ALBUM: self.tr(
                "Each photo goes into an album named after the category that fits it best. "
                "No file is touched."
            ),
        }[self.mode].replace("%1", into)
        rest = self.tr(
            "A photo that fits none of these stays where it is. Next you see every photo with its "
            "place, can change it, and say how sure it must be. Nothing is overwritten, and all of "
            "it can be taken back."
        )
        return self.tr("%1 %2").replace("%2", rest).replace("%1", first)

    def show_trouble(self, words: str) -> None:
        """Why there is no plan, or nothing."""
        self.trouble.setText(note_text(words))

    def set_planning(self, planning: bool) -> None:
        """A plan is being made."""
        self._planning = planning
        self._tell()

    # -- acting --------------------------------------------------------------------------------

    def _plan(self) -> None:
        self.show_trouble("")
        self._remember()
        self.plan_wanted.emit(self.choice)

    def _remember(self) -> None:
        state = QSettings()
        state.setValue("sorting/into", self.field.text())
        state.setValue("sorting/mode", self.mode.value)
        state.setValue("sorting/by_date", self.by_date.currentData().value)
        names = [category.name for category in self.categories.chosen()]
        state.setValue("sorting/categories", "\n".join(names))

    def _restore(self) -> None:
        state = QSettings()
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        usual = str(Path(pictures or Path.home()) / self.tr("Sorted"))
        self.field.setText(str(state.value("sorting/into", usual)))
        # Moving is for those who say so each time.
        kept = str(state.value("sorting/mode", SortMode.COPY.value))
        mode = next((m for m in _MODES if m.value == kept and m is not SortMode.MOVE), _MODES[0])
        self._mode_buttons[mode].setChecked(True)
        by_date = str(state.value("sorting/by_date", ByDate.NONE.value))
        at = next((n for n, value in enumerate(ByDate) if value.value == by_date), 0)
        self.by_date.setCurrentIndex(at)
