"""The row under the search bar: what was understood of the text, part by part."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.errors import QueryError
from engine.query import Piece, Term, read, term_text
from engine.types import Filter
from gui.detection.flow import FlowLayout
from gui.labels import text_label
from gui.searching.chip import Chip, filter_words
from gui.searching.field import SearchField

_MOST = 24  # chips; a query that has more is read in the field


class SearchParts(QWidget):
    """Chips for filters and weighted words. Nothing to see while there are only plain words.

    Signals: changed(str), the text without a part, or with another weight.
    """

    changed = Signal(str)

    def __init__(self, field: SearchField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._text = ""
        self.chips: list[Chip] = []
        self._room = QWidget()
        self._flow = FlowLayout(self._room)
        self._room.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._room)
        self.setMaximumWidth(720)
        self.setAccessibleName(self.tr("What was understood"))
        self.hide()

    def show_query(self, text: str) -> None:
        """Show the parts of a text; one that is wrong leaves nothing to show."""
        self._text = text
        try:
            pieces = read(text).pieces
        except QueryError:
            pieces = ()
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.chips = []
        if _worth_it(pieces):
            for piece in pieces[:_MOST]:
                self._add(piece)
        self._flow.invalidate()
        self.setVisible(bool(self.chips))
        self.updateGeometry()

    def _add(self, piece: Piece) -> None:
        typed = self._text[piece.start : piece.end]
        if isinstance(piece.what, Term):
            chip = Chip(piece.what.words, typed, piece.what.weight)
            chip.weighed.connect(partial(self._weigh, piece, piece.what))
        elif isinstance(piece.what, Filter):
            chip = Chip(filter_words(piece.what), typed)
            chip.chosen.connect(partial(self._edit, piece))
        else:
            self._flow.addWidget(text_label(typed, "muted"))  # an operator or a parenthesis
            return
        chip.removed.connect(partial(self._remove, piece))
        self.chips.append(chip)
        self._flow.addWidget(chip)

    def _edit(self, piece: Piece) -> None:
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.setSelection(piece.start, piece.end - piece.start)

    def _remove(self, piece: Piece) -> None:
        """Without the part, and without an operator that joins nothing any more."""
        before, after = self._text[: piece.start].rstrip(), self._text[piece.end :].lstrip()
        shorter = f"{before} {after}".strip()
        for candidate in (shorter, *_repaired(before, after)):
            try:
                read(candidate)
            except QueryError:
                continue
            self.changed.emit(candidate)
            return
        self._edit(piece)  # parentheses and operators hang on it: the user decides

    def _weigh(self, piece: Piece, term: Term, weight: float) -> None:
        words = term_text(replace(term, weight=weight))
        if weight == 1 and term.words.isalpha():
            words = term.words
        self.changed.emit(self._text[: piece.start] + words + self._text[piece.end :])


def _worth_it(pieces: tuple[Piece, ...]) -> bool:
    """Whether there is more than plain words."""
    terms = [piece.what for piece in pieces if isinstance(piece.what, Term)]
    others = len(pieces) - len(terms)
    return bool(others) or len(terms) > 1 or any(term.weight != 1 for term in terms)


def _repaired(before: str, after: str) -> list[str]:
    """The same without the operator on one side of what was taken out."""
    found: list[str] = []
    head, _, last = before.rpartition(" ")
    first, _, tail = after.partition(" ")
    if last.casefold() in ("or", "and", "not"):
        found.append(f"{head} {after}".strip())
    if first.casefold() in ("or", "and"):
        found.append(f"{before} {tail}".strip())
    return found
