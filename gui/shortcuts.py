"""All keys in one place: the actions take theirs from here, and the help dialog lists them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import theme

KEYS: dict[str, tuple[str, ...]] = {
    "undo": ("Ctrl+Z",),
    "redo": ("Ctrl+Shift+Z", "Ctrl+Y"),
    "search": ("Ctrl+F", "/"),
    "search picture": ("Ctrl+Shift+F",),
    "save search": ("Ctrl+S",),
    "similar": ("Ctrl+E",),
    "use in query": ("Ctrl+Shift+E",),
    "part": ("R",),
    "detect": ("Ctrl+B",),
    "boxes": ("B",),
    "add folder": ("Ctrl+O",),
    "look": ("F5",),
    "settings": ("Ctrl+,",),
    "quit": ("Ctrl+Q",),
    "copy": ("Ctrl+C",),
    "copy path": ("Ctrl+Shift+C",),
    "select all": ("Ctrl+A",),
    "review": ("Ctrl+R",),
    "categories": ("Ctrl+Shift+R",),
    "duplicates": ("Ctrl+D",),
    "tag": ("T",),
    **{f"rate {stars}": (str(stars),) for stars in range(6)},
    "pick": ("P",),
    "reject": ("X",),
    "unflag": ("U",),
    "favourite": ("H",),
    "new album": ("Ctrl+N",),
    "select none": ("Ctrl+Shift+A",),
    "invert": ("Ctrl+I",),
    "larger": ("Ctrl++", "Ctrl+="),
    "smaller": ("Ctrl+-",),
    "sidebar": ("F9",),
    "inspector": ("I",),
    "full screen": ("F11", "F"),
    "fit": ("Z", "Ctrl+1"),
    "help": ("?", "F1"),
}
"""Keys of the window's actions; single letters are inert while one types."""


def sequences(name: str) -> list[QKeySequence]:
    """The keys of an action."""
    return [QKeySequence(keys) for keys in KEYS[name]]


class ShortcutHelp(QDialog):
    """Every key the window knows, in three columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        columns = QHBoxLayout(self)
        columns.setContentsMargins(24, 24, 24, 24)
        columns.setSpacing(24)
        left = [
            (
                self.tr("Searching"),
                [
                    (_shown("search"), self.tr("Search")),
                    (_key("Return"), self.tr("Search at once")),
                    (_key("Down"), self.tr("Earlier searches")),
                    (_key("Esc"), self.tr("Clear the search")),
                    (_shown("search picture"), self.tr("Search with a picture")),
                    (_shown("save search"), self.tr("Save the search")),
                    (_shown("similar"), self.tr("Photos similar to this one")),
                    (_shown("use in query"), self.tr("Add this photo to the search")),
                    (_shown("detect"), self.tr("Find things in photos")),
                ],
            ),
            (
                self.tr("In the grid"),
                [
                    (self.tr("Arrows"), self.tr("Move")),
                    (_keys("Return", "Space"), self.tr("Open the photo")),
                    (_shown("select all"), self.tr("Select all")),
                    (_shown("select none"), self.tr("Select none")),
                    (_shown("invert"), self.tr("Invert the selection")),
                    (_shown("copy"), self.tr("Copy the files")),
                    (_shown("copy path"), self.tr("Copy the paths")),
                    (_shown("tag"), self.tr("Add a tag")),
                    (self.tr("0 to 5"), self.tr("Stars, in the viewer too")),
                    (_keys("P", "X"), self.tr("Pick or reject")),
                    (_shown("unflag"), self.tr("Neither of them")),
                    (_shown("favourite"), self.tr("Favourite")),
                    (_shown("new album"), self.tr("New album")),
                ],
            ),
        ]
        middle = [
            (
                self.tr("In the viewer"),
                [
                    (_keys("Right", "Space"), self.tr("Next photo")),
                    (_keys("Left", "Backspace"), self.tr("Previous photo")),
                    (_shown("fit"), self.tr("100 %, or fit")),
                    (self.tr("+, -, wheel"), self.tr("Zoom")),
                    (_shown("boxes"), self.tr("Show or hide boxes")),
                    (_shown("part"), self.tr("Search with a part of it")),
                    (_keys("Esc", "Return"), self.tr("Back to the grid")),
                ],
            ),
            (
                self.tr("On a photo with its things"),
                [
                    (_keys("Down", "Up"), self.tr("Next box, previous box")),
                    (_key("L"), self.tr("What to look for")),
                    (_keys("[", "]"), self.tr("More boxes, or surer ones")),
                    (_key("D"), self.tr("Draw a box; arrows move, Shift sizes it")),
                    (_keys("F2", "Return"), self.tr("Change the label")),
                    (_keys("K", "Ctrl+Return"), self.tr("Keep the box, or all")),
                    (_keys("H", "Del"), self.tr("Hide its label, or delete it")),
                    (_key("S"), self.tr("Photos similar to what is in the box")),
                    (_key("O"), self.tr("The same thing in the other photos")),
                    (_key("C"), self.tr("Copy what is in the box")),
                ],
            ),
            (
                self.tr("In the review"),
                [
                    (_keys("Y", "Return"), self.tr("Accept")),
                    (_keys("N", "Backspace"), self.tr("Reject")),
                    (_key("S"), self.tr("Skip")),
                    (_key("Ctrl+Return"), self.tr("Accept all that reach the cut")),
                ],
            ),
        ]
        right = [
            (
                self.tr("Among duplicates"),
                [
                    (_keys("J", "Down"), self.tr("Next group")),
                    (_key("K"), self.tr("Let this one stay")),
                    (_keys("X", "Del"), self.tr("Mark for the trash")),
                    (_key("N"), self.tr("Not duplicates")),
                    (self.tr("1 to 4"), self.tr("Ways to compare")),
                    (_key("Space"), self.tr("Flick between the two")),
                ],
            ),
            (
                self.tr("Window"),
                [
                    (_shown("full screen"), self.tr("Full screen")),
                    (_shown("undo"), self.tr("Undo")),
                    (_shown("redo"), self.tr("Redo")),
                    (_shown("review"), self.tr("Review suggestions")),
                    (_shown("categories"), self.tr("Categories")),
                    (_shown("duplicates"), self.tr("Duplicates")),
                    (_shown("sidebar"), self.tr("Show or hide the sidebar")),
                    (_shown("inspector"), self.tr("Show or hide the details")),
                    (self.tr("Ctrl+wheel"), self.tr("Size of the thumbnails")),
                    (_shown("add folder"), self.tr("Add a folder")),
                    (_shown("look"), self.tr("Look for changes")),
                    (_shown("settings"), self.tr("Settings")),
                    (_shown("help"), self.tr("This help")),
                ],
            ),
            (
                self.tr("In the preview of a sort"),
                [
                    (self.tr("1 to 9"), self.tr("Put into the group of this number")),
                    (_key("0"), self.tr("Let it stay where it is")),
                    (_key("M"), self.tr("Choose the group")),
                ],
            ),
        ]
        for groups in (left, middle, right):
            columns.addLayout(_column(groups))


def _column(groups: list[tuple[str, list[tuple[str, str]]]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for at, (title, rows) in enumerate(groups):
        if at:
            column.addSpacing(12)
        column.addWidget(theme.mark(QLabel(title), role="heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, 104)
        for row, (keys, text) in enumerate(rows):
            label = QLabel(keys)
            label.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(theme.mark(label, role="muted"), row, 0)
            grid.addWidget(QLabel(text), row, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
    column.addStretch(1)
    return column


def _key(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _keys(first: str, second: str) -> str:
    either = QCoreApplication.translate("ShortcutHelp", "{} or {}")
    return either.format(_key(first), _key(second))


def _shown(name: str) -> str:
    first, *others = KEYS[name]
    return _keys(first, others[0]) if others else _key(first)
