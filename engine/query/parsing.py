"""Text → Query: free words rank, `name:value` chooses; or, not and parentheses join filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.errors import QueryError
from engine.query.lexing import Kind, Token, lex, tidy
from engine.query.terms import Expr, PictureTerm, Query, Term, all_of, any_of, negated
from engine.types import Filter

_DEEPEST = 20
_MOST_FILTERS = 200
_MOST_TERMS = 20
_OPERATORS = {"or": Kind.OR, "and": Kind.AND, "not": Kind.NOT}
_RANKING = (Kind.WORD, Kind.TERM, Kind.PICTURE)
_CHOOSING = (Kind.FILTER, Kind.PICTURE)  # beside these a parenthesis is no part of a phrase


@dataclass(frozen=True, slots=True)
class Piece:
    """What one part of the text was understood as, from `start` to before `end`.

    `what` is a term (a run of free words is one), a picture, a filter (as if no operator stood
    before it), or None for an operator or a parenthesis.
    """

    start: int
    end: int
    what: Term | PictureTerm | Filter | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, what it asks, and what each part of it was understood as."""

    text: str
    query: Query
    pieces: tuple[Piece, ...]

    def place_of(self, entry: Filter) -> tuple[int, int]:
        """Where a filter stands: position and length."""
        for piece in self.pieces:
            what = piece.what
            if isinstance(what, Filter) and (
                (what.name, what.op, what.value, what.amount)
                == (entry.name, entry.op, entry.value, entry.amount)
            ):
                return piece.start, piece.end - piece.start
        return 0, len(self.text)


def parse(text: str) -> Query:
    """Understand a query; see `read`."""
    return read(text).query


def read(text: str) -> Reading:
    """Understand a query and tell what each part of it is.

    Raises:
        QueryError: an unknown filter, a missing or impossible value, an operator or parenthesis
            out of place; with its position, its length and, where there is one, a suggestion.
    """
    tokens = _with_operators(text, _with_groups(text, lex(text)))
    found = _Reader(text, tokens).query()
    return Reading(text, found, _pieces(text, tokens))


# ---- which parentheses and operators are meant as such -------------------------------------------


def _with_groups(text: str, tokens: list[Token]) -> list[Token]:
    """Parentheses around filters stay; others are a part of the words they stand in."""
    partner: dict[int, int] = {}
    opened: list[int] = []
    deep: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            if len(opened) >= _DEEPEST:
                deep.add(at)
            opened.append(at)
        elif token.kind is Kind.CLOSE and opened:
            partner[opened.pop()] = at
    if opened and any(token.kind in _CHOOSING for token in tokens[opened[0] :]):
        raise QueryError(text, tokens[opened[0]].start, "This parenthesis is not closed.", 1)
    kept = list(tokens)
    chosen = [0, *accumulate(token.kind is Kind.FILTER for token in tokens)]
    drop: set[int] = set()
    groups: set[int] = set()
    for start, end in sorted(partner.items(), reverse=True):  # the innermost first
        if start in deep and chosen[start] == chosen[end]:  # words, whatever they mean
            for at in (start, end):
                kept[at] = Token(Kind.WORD, tokens[at].start, tokens[at].end)
            continue
        inside = [t for n, t in enumerate(kept[start + 1 : end], start + 1) if n not in drop]
        if any(token.kind is Kind.FILTER for token in inside):
            groups |= {start, end}
        elif not all(token.kind is Kind.WORD for token in inside) or not inside:
            if tokens[start].minus and inside:
                reason = 'Put the words behind a minus into quotation marks: -"a person".'
                if any(token.kind is Kind.PICTURE for token in inside):
                    reason = "A minus stands before each picture: -like:12."
                raise QueryError(text, tokens[start].start, reason, 2)
            drop |= {start, end}
        elif tokens[start].minus:
            words = Term(tidy(text[tokens[start].end : tokens[end].start]), -1.0)
            kept[start] = Token(Kind.TERM, tokens[start].start, tokens[end].end, words)
            drop |= set(range(start + 1, end + 1))
        else:
            kept[start] = Token(Kind.WORD, tokens[start].start, tokens[start].end)
            kept[end] = Token(Kind.WORD, tokens[end].start, tokens[end].end)
    found: list[Token] = []
    for at, token in enumerate(kept):
        if at in drop:
            continue
        lone = token.kind in (Kind.OPEN, Kind.CLOSE) and at not in groups
        beside = found and (_closes(found[-1]) or found[-1].kind is Kind.PICTURE)
        if lone and token.kind is Kind.CLOSE and beside:
            raise QueryError(text, token.start, "There is no “(” for this “)”.", 1)
        word = Token(Kind.WORD, token.start, token.end) if lone else token
        if found and word.kind is Kind.WORD is found[-1].kind and found[-1].end == word.start:
            found[-1] = Token(Kind.WORD, found[-1].start, word.end)
        else:
            found.append(word)
    return found


def _closes(token: Token) -> bool:
    return token.kind in (Kind.FILTER, Kind.CLOSE)


def _with_operators(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The words or, and, not are operators where they stand with filters, and words elsewhere."""
    found = list(tokens)
    opens = False  # whether a filter begins right behind
    for at in range(len(found) - 1, -1, -1):
        token = found[at]
        kind = _OPERATORS.get(text[token.start : token.end].casefold())
        if token.kind is not Kind.WORD or kind is None:
            opens = token.kind in (Kind.FILTER, Kind.OPEN)
            continue
        closed = at > 0 and _closes(found[at - 1])
        if kind is Kind.OR and opens != closed:
            reason = "“or” stands between two filters, and words are none."
            hint = f'Write "{text[token.start : token.end]}" if it is one of the words.'
            raise QueryError(text, token.start, f"{reason} {hint}", 2)
        if opens and (closed or kind is Kind.NOT):
            found[at] = Token(kind, token.start, token.end)
        opens = opens and kind is Kind.NOT
    return found


# ---- the tree ------------------------------------------------------------------------------------


class _Reader:
    """Recursive descent: or < and < not < filter or group."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._terms: list[Term] = []
        self._pictures: list[PictureTerm] = []
        self._words: list[str] = []
        self._words_at: int | None = None

    def query(self) -> Query:
        for token in [t for t in self._tokens if t.kind is Kind.FILTER][_MOST_FILTERS:]:
            self._refuse(token, f"A query takes at most {_MOST_FILTERS} filters.")
        ranking = [t for t in self._tokens if t.kind in (Kind.TERM, Kind.PICTURE)]
        for token in ranking[_MOST_TERMS:]:
            self._refuse(token, f"A query takes at most {_MOST_TERMS} phrases and pictures.")
        where, _ = self._either(0)
        if self._words_at is not None:
            self._terms.insert(self._words_at, Term(" ".join(self._words)))
        return Query(tuple(self._terms), tuple(self._pictures), where)

    def _either(self, depth: int) -> tuple[Expr | None, Token | None]:
        """Parts joined by “or”. Returns also the first token of words in a group."""
        parts: list[Expr] = []
        first_word: Token | None = None
        joined = False
        while True:
            part, word = self._both(depth)
            first_word = first_word or word
            if part is not None:
                parts.append(part)
            if self._kind() is not Kind.OR:
                break
            joined = True
            self._at += 1
        if joined and first_word is not None:
            self._refuse_words(first_word)
        return any_of(parts), first_word

    def _both(self, depth: int) -> tuple[Expr | None, Token | None]:
        parts: list[Expr] = []
        first_word: Token | None = None
        while (kind := self._kind()) not in (None, Kind.OR, Kind.CLOSE):
            token = self._tokens[self._at]
            if kind in _RANKING:
                self._at += 1
                self._rank(token)
                if depth:
                    first_word = first_word or token
            elif kind is Kind.AND:
                self._at += 1
            else:
                part, word = self._one(depth)
                first_word = first_word or word
                if part is not None:
                    parts.append(part)
        return all_of(parts), first_word

    def _one(self, depth: int) -> tuple[Expr | None, Token | None]:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind is Kind.NOT:
            part, word = self._one(depth)
            if word is not None:
                self._refuse_words(word)
            return (None if part is None else negated(part)), None
        if isinstance(token.what, Filter):
            return token.what, None
        if depth >= _DEEPEST:
            self._refuse(token, f"Parentheses go at most {_DEEPEST} deep.")
        part, word = self._either(depth + 1)
        self._at += 1  # its “)”
        if token.minus and part is not None:
            if word is not None:
                self._refuse_words(word)
            part = negated(part)
        return part, word

    def _rank(self, token: Token) -> None:
        """Note what ranks. Free words are one term, wherever they stand."""
        if isinstance(token.what, PictureTerm):
            self._pictures.append(token.what)
        elif isinstance(token.what, Term):
            self._terms.append(token.what)
        else:
            if self._words_at is None:
                self._words_at = len(self._terms)
            self._words.append(tidy(self._text[token.start : token.end]))

    def _kind(self) -> Kind | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _refuse_words(self, token: Token) -> None:
        self._refuse(
            token,
            "Words and pictures rank photos, they choose none: move them out of the parentheses"
            " that “or” or “not” belongs to.",
        )

    def _refuse(self, token: Token, reason: str) -> None:
        raise QueryError(self._text, token.start, reason, token.end - token.start)


def _pieces(text: str, tokens: Sequence[Token]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    run: tuple[int, int] | None = None  # free words beside each other

    def close() -> None:
        if run is not None:
            found.append(Piece(*run, Term(tidy(text[slice(*run)]))))

    for token in tokens:
        if token.kind is not Kind.WORD:
            close()
            run = None
            found.append(Piece(token.start, token.end, token.what))
        elif run is not None and not text[run[1] : token.start].strip():
            run = run[0], token.end
        else:
            close()
            run = token.start, token.end
    close()
    return tuple(found)
