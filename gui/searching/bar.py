"""The search bar: words, facts and pictures in one query, and what was understood of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPixmap,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import QueryError
from engine.query import PictureTerm, read
from gui import icons, theme
from gui.engine_words import said
from gui.labels import plain_text
from gui.searching.chip import PictureChip, bar_button
from gui.searching.completion import SearchCompletion, earlier_searches
from gui.searching.field import SearchField, holds_pictures
from gui.searching.frame import WIDEST, PictureRow, SearchFrame
from gui.searching.parts import SearchParts

__all__ = ["SearchBar", "earlier_searches"]

DEBOUNCE_MS = 250
_WORDS_LEAST = 150  # pixels for words, however many pictures there are


class SearchBar(QWidget):
    """One bar for all searching.

    Signals:
        search_wanted(str): debounced; with the `pictures` it is the query, both empty to browse.
        mime_offered(QMimeData): pictures were dropped or pasted; who takes them adds them.
        picture_wanted(): a picture is to be chosen from the disk.
        left(): Esc in an empty bar.
        proof_wanted(): see what was searched for boxed on the photos.
        strictness_wanted(): what counts as a match is to be changed.
    """

    search_wanted = Signal(str)
    mime_offered = Signal(object)
    picture_wanted = Signal()
    left = Signal()
    proof_wanted = Signal()
    strictness_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: tuple[str, tuple[PictureTerm, ...]] = ("", ())
        self._entered = False
        self._fix = ("", "")  # the text to be put right, and how it is right
        self._frame = SearchFrame()
        self.row = PictureRow()
        self._icon = QLabel()
        self.field = SearchField()
        self.field.setMinimumWidth(_WORDS_LEAST)
        self.field.setPlaceholderText(self.tr("Search: a dog in the snow, two cats on a couch…"))
        self.field.setAccessibleName(self.tr("Search photos"))
        words = self.tr("Search with a picture… (Ctrl+Shift+F); drop or paste one too")
        self.picture_button = bar_button("image", words, 18)
        # Tab goes from the words to the photos; its key does what this button does.
        self.picture_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear = bar_button("close", self.tr("Clear the search (Esc)"), 16)
        self._clear.hide()
        self.parts = SearchParts(self.field)
        self._message = QLabel()
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.hide()
        self.fix_button = self._link("")
        self.proof_button = self._link(self.tr("Find with proof…"))
        self.proof_button.setToolTip(self.tr("Show where it is on each photo (Ctrl+B)"))
        self.proof_button.clicked.connect(self.proof_wanted)
        self.strict_button = bar_button("sliders", self.tr("What counts as a match"), 16)
        self.strict_button.clicked.connect(self.strictness_wanted)
        self.strict_button.hide()
        self._lay_out()
        self._quiet = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._quiet.timeout.connect(self._ask)
        self.completion = SearchCompletion(self.field, self._frame)
        self.completion.taken.connect(self._take)
        self.field.textEdited.connect(self._edited)
        self.field.textChanged.connect(self._text_changed)
        self.field.entered.connect(self._enter)
        self.field.escaped.connect(self._escape)
        self.field.mime_pasted.connect(self.mime_offered)
        self._clear.clicked.connect(self.clear)
        self.picture_button.clicked.connect(self.picture_wanted)
        self.fix_button.clicked.connect(self._put_right)
        self.parts.changed.connect(self._change_text)
        self.row.changed.connect(self._change_pictures)
        self.row.counted.connect(self._show_clear)
        self.row.counted.connect(self._order_tabs)
        self.field.installEventFilter(self)
        self.setFocusProxy(self.field)
        self.setAcceptDrops(True)
        theme.notifier.changed.connect(self._dress)
        self._dress()

    def _link(self, text: str) -> QPushButton:
        button = theme.mark(QPushButton(text), link=True)
        button.setAccessibleName(text)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.hide()
        return button

    def _lay_out(self) -> None:
        inside = QHBoxLayout(self._frame)
        inside.setContentsMargins(12, 0, 8, 0)
        inside.setSpacing(8)
        inside.addWidget(self._icon)
        inside.addWidget(self.row)
        inside.addWidget(self.field, 1)
        inside.addWidget(self._clear)
        inside.addWidget(self.picture_button)
        self.said = QHBoxLayout()
        self.said.setSpacing(12)
        self.said.addStretch(1)
        for widget in (self._message, self.strict_button, self.proof_button):
            self.said.addWidget(widget)
        self.said.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(16, 12, 16, 12)
        outside.setSpacing(8)
        for widget in (self._frame, self.parts):
            middle = QHBoxLayout()
            middle.addStretch(1)
            middle.addWidget(widget, 100)
            middle.addStretch(1)
            outside.addLayout(middle)
        outside.addLayout(self.said)
        outside.addWidget(self.fix_button, 0, Qt.AlignmentFlag.AlignHCenter)

    # -- from outside --------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self.field.text()

    @property
    def pictures(self) -> tuple[PictureTerm, ...]:
        """The pictures in the query."""
        return self.row.terms

    @property
    def chips(self) -> Sequence[PictureChip]:
        return self.row.chips

    @property
    def history(self) -> list[str]:
        """Earlier searches, the latest first."""
        return self.completion.recent

    @property
    def shows_similar(self) -> bool:
        """Whether there are pictures in the query."""
        return bool(self.row.chips)

    @property
    def last_stop(self) -> QWidget:
        """What Tab leaves the bar from."""
        return self._clear

    def lets_go(self) -> bool:
        """Whether the cursor is here and Enter was the last key; true once."""
        entered, self._entered = self._entered, False
        return entered and bool(self.text) and self.field.hasFocus()

    def focus(self) -> None:
        """Put the cursor here, ready to type over what was asked before."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def search_for(self, text: str, *, keep: bool = True) -> None:
        """Search as if the user had typed this and pressed Enter; its pictures become chips.

        Without `keep` it is none of the earlier searches that are offered later.
        """
        words, pictures = _taken_apart(text)
        self.row.drop_all()
        for term in pictures:
            name = term.photo.name if isinstance(term.photo, Path) else str(term.photo)
            self.row.add(term, None, name)
        self.field.setText(words)
        self._enter(keep=keep)

    def clear(self) -> None:
        """Empty the bar and browse again."""
        self.row.drop_all()
        self.field.clear()
        self.field.setFocus()
        self._ask()

    def add_picture(self, term: PictureTerm, picture: QPixmap | None, name: str) -> None:
        """Put a picture into the query, beside what is there already, and ask.

        One that is there already with the same box is only given the new weight.
        """
        known = self.row.chip_of(term)
        if known is not None:
            self.row.weigh(known, term.weight)
        else:
            self.row.add(term, picture, name)
            self._ask()

    def show_similar(self, term: PictureTerm, picture: QPixmap | None, name: str) -> None:
        """Show that results are like one picture and nothing else; who calls this asks."""
        self._quiet.stop()
        self.row.drop_all()
        self.field.clear()
        self.row.add(term, picture, name, self.tr("Like this photo"))
        self._asked = ("", self.pictures)

    def show_picture(self, term: PictureTerm, picture: QPixmap, name: str = "") -> None:
        """The picture of a chip has come; the name is for one that is only a number so far."""
        chip = self.row.chip_of(term)
        if chip is not None:
            chip.show_picture(picture)
            if name and chip.name == str(term.photo):
                chip.be_called(name)

    def reset(self) -> None:
        """Another folder was chosen: the bar is empty again, and nobody asks for it."""
        self._quiet.stop()
        self._asked = ("", ())
        self.row.drop_all()
        self.field.clear()
        self.show_message("")

    def show_message(self, text: str, *, error: bool = False) -> None:
        """One line under the bar, ours or of the engine."""
        text = said(text)
        theme.mark(self._message, role="danger" if error else "muted")
        # A label that may wrap asks for less width than it needs; short ones never should.
        self._message.setWordWrap(self.fontMetrics().horizontalAdvance(text) > WIDEST // 2)
        self._message.setText(plain_text(text))
        self._message.setVisible(bool(text))
        self.fix_button.hide()

    def show_error(self, error: QueryError) -> None:
        """Underline what is wrong, say why, and offer what may have been meant."""
        self.offer_strictness(False)
        self.offer_proof(False)
        self.show_message(str(error), error=True)
        text = self.field.text()
        start = len(text) - len(text.lstrip()) + error.position
        if start >= len(text.rstrip()) and self.row.chips:
            return  # it is about one of the pictures
        self.field.underline(start, error.length)
        if error.suggestion and error.length:
            right = text[:start] + error.suggestion + text[start + error.length :]
            self._fix = (text, right)
            words = self.tr("Change to “%1”").replace("%1", plain_text(error.suggestion))
            self.fix_button.setText(words.replace("&", "&&"))
            self.fix_button.setAccessibleName(words)
            self.fix_button.show()

    def offer_proof(self, offered: bool) -> None:
        """Photos were found by words: a detector can show where what was asked for is."""
        self.proof_button.setVisible(offered)

    def offer_strictness(self, offered: bool) -> None:
        """Photos were ranked: where matches end can be moved."""
        self.strict_button.setVisible(offered)

    @property
    def message(self) -> str:
        return self._message.text()

    # -- inside --------------------------------------------------------------------------------

    def _edited(self) -> None:
        self._entered = False
        self._quiet.start()

    def _take(self, text: str, at_once: bool) -> None:
        """What was chosen from the list."""
        if at_once:
            self.search_for(text)
        else:
            self._edited()

    def _change_text(self, text: str) -> None:
        """A part of the query was changed by its chip."""
        self.field.setText(text)
        self._ask()

    def _put_right(self) -> None:
        wrong, right = self._fix
        self.fix_button.hide()
        if self.field.text() == wrong:
            self.field.setText(right)
            self.field.setFocus()
            self._ask()

    def _enter(self, *, keep: bool = True) -> None:
        self.completion.popup.hide()
        if keep:
            self.completion.remember(self.field.text().strip())
        self._ask(again=True)
        self._entered = True

    def _ask(self, *, again: bool = False) -> None:
        self._quiet.stop()
        asked = (self.field.text().strip(), self.pictures)
        if again or asked != self._asked:
            self._asked = asked
            self.search_wanted.emit(asked[0])

    def _escape(self) -> None:
        if self.field.text() or self.row.chips:
            self.clear()
        else:
            self.left.emit()

    def _text_changed(self) -> None:
        self.parts.show_query(self.field.text())
        self._order_tabs()
        self.fix_button.hide()
        self._show_clear()

    def _show_clear(self) -> None:
        self._clear.setVisible(bool(self.field.text() or self.row.chips))
        words = self.tr("…and words, if you like") if self.row.chips else ""
        usual = self.tr("Search: a dog in the snow, two cats on a couch…")
        self.field.setPlaceholderText(words or usual)

    def _order_tabs(self) -> None:
        """Tab goes from the words to the tokens, and then on to the photos."""
        chips = (*self.row.chips, *self.parts.chips)
        stops = (stop for chip in chips for stop in (chip.body, chip.close_button))
        for before, after in pairwise((self.field, *stops, self._clear)):
            self.setTabOrder(before, after)

    def _change_pictures(self) -> None:
        self.field.setFocus()
        self._ask()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_pictures(event.mimeData()) or event.mimeData().hasText():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._frame.light_up(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._frame.light_up(self.field.hasFocus())

    def dropEvent(self, event: QDropEvent) -> None:
        self._frame.light_up(self.field.hasFocus())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if holds_pictures(event.mimeData()):
            self.mime_offered.emit(event.mimeData())
        else:
            before = self.field.text()[: self.field.cursorPosition()]
            gap = " " if before.strip() and not before.endswith(" ") else ""
            self.field.insert(gap + " ".join(event.mimeData().text().split()))
            self._edited()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._frame.light_up(event.type() == QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def _dress(self) -> None:
        colour = theme.colours().muted
        self._icon.setPixmap(icons.pixmap("search", 18, colour, self.devicePixelRatioF()))
        self.update()


def _taken_apart(text: str) -> tuple[str, list[PictureTerm]]:
    """Pictures out of a query, and the text without them; all of it where it is wrong."""
    try:
        pieces = read(text).pieces
    except QueryError:
        return text, []
    found: list[PictureTerm] = []
    for piece in reversed(pieces):
        if isinstance(piece.what, PictureTerm):
            found.insert(0, piece.what)
            text = f"{text[: piece.start].rstrip()} {text[piece.end :].lstrip()}".strip()
    return text, found
