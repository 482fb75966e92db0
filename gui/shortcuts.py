"""All keys in one place: the actions take theirs from here, and the help dialog lists them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

translate = QCoreApplication.translate  # lupdate knows the name

KEYS: dict[str, tuple[str, ...]] = {
    "undo": ("Ctrl+Z",),
    "redo": ("Ctrl+Shift+Z", "Ctrl+Y"),
    "search": ("Ctrl+F", "/"),
    "search picture": ("Ctrl+Shift+F",),
    "save search": ("Ctrl+S",),
    "similar": ("Ctrl+E",),
    "use in query": ("Ctrl+Shift+E",),
    "part": ("R",),
    "why": ("W",),
    "weaker": ("G",),
    "detect": ("Ctrl+B",),
    "boxes": ("B",),
    "add folder": ("Ctrl+O",),
    "look": ("Shift+F5",),
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
    "compare": ("C",),
    "slideshow": ("F5",),
    "trash": ("Del",),
    "rename photos": ("F2",),
    "move to": ("Ctrl+M",),
    "copy to": ("Ctrl+Shift+M",),
    "show in folder": ("Ctrl+Shift+O",),
    "properties": ("Alt+Return",),
    "help": ("?", "F1"),
}
"""Keys of the window's actions by name; single letters are inert while one types."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One line of the help: what is pressed, and what it does.

    `names` are those in `KEYS` that the line tells of; `shown` is what stands there instead of
    their keys, or the keys of a page's own.
    """

    words: str
    names: tuple[str, ...] = ()
    shown: str = ""

    @property
    def keys(self) -> str:
        """What is pressed, in the words of the platform."""
        return self.shown or either(*KEYS[self.names[0]])


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Lines that belong to one place of the window."""

    title: str
    rows: tuple[KeyRow, ...]


def sequences(name: str) -> list[QKeySequence]:
    """The keys of an action."""
    return [QKeySequence(keys) for keys in KEYS[name]]


def with_key(words: str, name: str) -> str:
    """A tooltip that tells the key as well: "Move to the trash (Del)"."""
    return f"{words} ({native(KEYS[name][0])})"


def groups() -> list[KeyGroup]:
    """Every key that there is, in the order of the help. A name in `KEYS` is in one line."""
    return [
        KeyGroup(
            translate("ShortcutHelp", "Searching"),
            (
                _row("search", translate("ShortcutHelp", "Search")),
                _own(translate("ShortcutHelp", "Search at once"), "Return"),
                _own(translate("ShortcutHelp", "Earlier searches"), "Down"),
                _own(translate("ShortcutHelp", "Clear the search"), "Esc"),
                _row("search picture", translate("ShortcutHelp", "Search with a picture")),
                _row("save search", translate("ShortcutHelp", "Save the search")),
                _row("similar", translate("ShortcutHelp", "Photos similar to this one")),
                _row("use in query", translate("ShortcutHelp", "Add this photo to the search")),
                _row("detect", translate("ShortcutHelp", "Find things in photos")),
                _row("why", translate("ShortcutHelp", "Why was this found?")),
                _row("weaker", translate("ShortcutHelp", "Hide or show weaker matches")),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In the grid"),
            (
                KeyRow(
                    translate("ShortcutHelp", "Move"), shown=translate("ShortcutHelp", "Arrows")
                ),
                _own(translate("ShortcutHelp", "Open the photo"), "Return", "Space"),
                _own(translate("ShortcutHelp", "What can be done with it"), "Menu", "Shift+F10"),
                _row("select all", translate("ShortcutHelp", "Select all")),
                _row("select none", translate("ShortcutHelp", "Select none")),
                _row("invert", translate("ShortcutHelp", "Invert the selection")),
                _row("copy", translate("ShortcutHelp", "Copy the files")),
                _row("copy path", translate("ShortcutHelp", "Copy the paths")),
                _row("tag", translate("ShortcutHelp", "Add a tag")),
                KeyRow(
                    translate("ShortcutHelp", "Stars, in the viewer too"),
                    tuple(f"rate {stars}" for stars in range(6)),
                    translate("ShortcutHelp", "0 to 5"),
                ),
                KeyRow(
                    translate("ShortcutHelp", "Pick or reject"),
                    ("pick", "reject"),
                    either(KEYS["pick"][0], KEYS["reject"][0]),
                ),
                _row("unflag", translate("ShortcutHelp", "Neither of them")),
                _row("favourite", translate("ShortcutHelp", "Favourite")),
                _row("new album", translate("ShortcutHelp", "New album")),
                KeyRow(
                    translate("ShortcutHelp", "Move it in its album's order"),
                    shown=translate("ShortcutHelp", "Alt and arrows"),
                ),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In the sidebar"),
            (
                KeyRow(
                    translate("ShortcutHelp", "Look for a row"),
                    shown=translate("ShortcutHelp", "Letters"),
                ),
                _own(translate("ShortcutHelp", "Fold, unfold"), "Left", "Right"),
                _own(translate("ShortcutHelp", "New tag, new album"), "Ins"),
                _own(translate("ShortcutHelp", "Rename a tag or an album"), "F2"),
                _own(translate("ShortcutHelp", "Remove it; photos stay"), "Del"),
                _own(translate("ShortcutHelp", "Move an album in the list"), "Alt+Up", "Alt+Down"),
                _own(translate("ShortcutHelp", "To the photos"), "Return"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "Files"),
            (
                _row("trash", translate("ShortcutHelp", "Move to the trash")),
                _row("rename photos", translate("ShortcutHelp", "Rename")),
                _row("move to", translate("ShortcutHelp", "Move to a folder")),
                _row("copy to", translate("ShortcutHelp", "Copy to a folder")),
                _row("show in folder", translate("ShortcutHelp", "Show in its folder")),
                _row("properties", translate("ShortcutHelp", "Properties")),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In the viewer"),
            (
                _own(translate("ShortcutHelp", "Next photo"), "Right", "Space"),
                _own(translate("ShortcutHelp", "Previous photo"), "Left", "Backspace"),
                _row("fit", translate("ShortcutHelp", "100 %, or fit")),
                KeyRow(
                    translate("ShortcutHelp", "Zoom"),
                    shown=translate("ShortcutHelp", "+, -, wheel"),
                ),
                _row("boxes", translate("ShortcutHelp", "Show or hide boxes")),
                _row("part", translate("ShortcutHelp", "Search with a part of it")),
                KeyRow(
                    translate("ShortcutHelp", "Look elsewhere on it"),
                    shown=translate("ShortcutHelp", "Shift and arrows"),
                ),
                _row("compare", translate("ShortcutHelp", "Compare two to four photos")),
                _row("slideshow", translate("ShortcutHelp", "Slideshow")),
                _own(translate("ShortcutHelp", "Back to the grid"), "Esc", "Return"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In a slideshow"),
            (
                _own(translate("ShortcutHelp", "Pause, or go on"), "Space"),
                _own(translate("ShortcutHelp", "Show each for longer, or less long"), "+", "-"),
                _own(translate("ShortcutHelp", "End it"), "Esc"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "Among compared photos"),
            (
                KeyRow(
                    translate("ShortcutHelp", "Which one is meant"),
                    shown=translate("ShortcutHelp", "Arrows"),
                ),
                _own(translate("ShortcutHelp", "Another photo in its place"), "PgDown", "PgUp"),
                _own(translate("ShortcutHelp", "Move all together, or each alone"), "L"),
                _own(translate("ShortcutHelp", "Look at it alone"), "Return"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "On a photo with its things"),
            (
                _own(translate("ShortcutHelp", "Next box, previous box"), "Down", "Up"),
                _own(translate("ShortcutHelp", "What to look for"), "L"),
                _own(translate("ShortcutHelp", "More boxes, or surer ones"), "[", "]"),
                _own(translate("ShortcutHelp", "The same for the label of the box"), "{", "}"),
                _own(translate("ShortcutHelp", "Draw a box; arrows move, Shift sizes it"), "D"),
                _own(translate("ShortcutHelp", "Move or size the box with the arrows"), "E"),
                _own(translate("ShortcutHelp", "Change the label"), "F2", "Return"),
                _own(translate("ShortcutHelp", "Keep the box, or all"), "K", "Ctrl+Return"),
                _own(translate("ShortcutHelp", "Hide its label, or delete it"), "H", "Del"),
                _own(translate("ShortcutHelp", "Photos similar to what is in the box"), "S"),
                _own(translate("ShortcutHelp", "The same thing in the other photos"), "O"),
                _own(translate("ShortcutHelp", "Copy what is in the box"), "C"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In the review"),
            (
                _own(translate("ShortcutHelp", "Accept"), "Y", "Return"),
                _own(translate("ShortcutHelp", "Reject"), "N", "Backspace"),
                _own(translate("ShortcutHelp", "Skip"), "S"),
                _own(translate("ShortcutHelp", "Accept all that reach the cut"), "Ctrl+Return"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "Among duplicates"),
            (
                _own(translate("ShortcutHelp", "Next group"), "J", "Down"),
                _own(translate("ShortcutHelp", "Let this one stay"), "K"),
                _own(translate("ShortcutHelp", "Mark for the trash"), "X", "Del"),
                _own(translate("ShortcutHelp", "Not duplicates"), "N"),
                KeyRow(
                    translate("ShortcutHelp", "Ways to compare"),
                    shown=translate("ShortcutHelp", "1 to 4"),
                ),
                _own(translate("ShortcutHelp", "Flick between the two"), "Space"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In the preview of a sort"),
            (
                KeyRow(
                    translate("ShortcutHelp", "Put into the group of this number"),
                    shown=translate("ShortcutHelp", "1 to 9"),
                ),
                _own(translate("ShortcutHelp", "Let it stay where it is"), "0"),
                _own(translate("ShortcutHelp", "Choose the group"), "M"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "In the trash"),
            (
                _own(translate("ShortcutHelp", "Put back what is selected"), "Return"),
                _own(translate("ShortcutHelp", "Select all"), "Ctrl+A"),
            ),
        ),
        KeyGroup(
            translate("ShortcutHelp", "Window"),
            (
                _row("full screen", translate("ShortcutHelp", "Full screen")),
                _row("undo", translate("ShortcutHelp", "Undo")),
                _row("redo", translate("ShortcutHelp", "Redo")),
                _row("review", translate("ShortcutHelp", "Review suggestions")),
                _row("categories", translate("ShortcutHelp", "Categories")),
                _row("duplicates", translate("ShortcutHelp", "Duplicates")),
                _row("sidebar", translate("ShortcutHelp", "Show or hide the sidebar")),
                _row("inspector", translate("ShortcutHelp", "Show or hide the details")),
                KeyRow(
                    translate("ShortcutHelp", "Size of the thumbnails"),
                    ("larger", "smaller"),
                    translate("ShortcutHelp", "Ctrl+wheel, Ctrl++, Ctrl+-"),
                ),
                _row("add folder", translate("ShortcutHelp", "Add a folder")),
                _row("look", translate("ShortcutHelp", "Look for changes")),
                _row("settings", translate("ShortcutHelp", "Settings")),
                _row("quit", translate("ShortcutHelp", "Quit")),
                _row("help", translate("ShortcutHelp", "This help")),
            ),
        ),
    ]


def native(keys: str) -> str:
    """Keys as the platform writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def either(first: str, *others: str) -> str:
    """One or the other, where there are two."""
    if not others:
        return native(first)
    words = translate("ShortcutHelp", "{} or {}")
    return words.format(native(first), native(others[0]))


def _row(name: str, words: str) -> KeyRow:
    return KeyRow(words, (name,))


def _own(words: str, *keys: str) -> KeyRow:
    """A key that a page, and no action of the window, listens to."""
    return KeyRow(words, shown=either(*keys))
