"""The query language: text ⇄ Query, with places for errors. Pure, no library needed.

Free words are meaning; `name:value` is a plain fact; a leading `-` turns a part round.

    a dog in the snow                     words
    dog -"a person" 2:beach               less of this; twice the weight
    like:12 -0.5:like:"/photos/a.jpg"     pictures, or a part of one: like:12@10,20,300,400
    tag:family -is:rejected rating:>=3    filters: all must hold
    (tag:a or tag:b) not (type:raw date:2024)
"""

from __future__ import annotations

from engine.query.completion import Completion, CompletionKind, Values, complete
from engine.query.contribution import Contribution
from engine.query.language import (
    foreign_to,
    language_note,
    mostly_unknown,
    says_something,
    unknown_note,
    unreadable_to,
)
from engine.query.parsing import Piece, Reading, parse, read
from engine.query.surroundings import near_text
from engine.query.terms import (
    AllOf,
    AnyOf,
    Expr,
    FilterRefused,
    Not,
    PictureTerm,
    Query,
    Term,
    all_of,
    any_of,
    filters_in,
    negated,
)
from engine.query.vocabulary import FILTER_NAMES, FILTERS, FilterKind, Shape
from engine.query.writing import filter_text, picture_text, term_text, where_text

__all__ = [
    "FILTERS",
    "FILTER_NAMES",
    "AllOf",
    "AnyOf",
    "Completion",
    "CompletionKind",
    "Contribution",
    "Expr",
    "FilterKind",
    "FilterRefused",
    "Not",
    "PictureTerm",
    "Piece",
    "Query",
    "Reading",
    "Shape",
    "Term",
    "Values",
    "all_of",
    "any_of",
    "complete",
    "filter_text",
    "filters_in",
    "foreign_to",
    "language_note",
    "mostly_unknown",
    "near_text",
    "negated",
    "parse",
    "picture_text",
    "read",
    "says_something",
    "term_text",
    "unknown_note",
    "unreadable_to",
    "where_text",
]
