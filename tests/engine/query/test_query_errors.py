"""What a query refuses: where, why, and what may have been meant."""

from __future__ import annotations

import time

import pytest

from engine.errors import QueryError
from engine.query import parse


def refused(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.text == text
    return caught.value


@pytest.mark.parametrize(
    ("text", "marked", "part"),
    [
        ("a dog floder:x", "floder:", "Did you mean “folder:”?"),
        ("dog title:x", "title:", "There are: "),
        ("a camera:", "camera:", "needs a value, such as"),
        ('camera:""', '""', "needs a value"),
        ('camera:"Pixel', '"Pixel', "not closed"),
        ('a dog "old house', '"old house', "not closed"),
        ('dog ""', '""', "nothing between"),
        ("is:purple", "purple", "It can be: favourite"),
        ("is:favorit", "favorit", "Did you mean “favourite”?"),
        ("type:jepg", "jepg", "Did you mean “jpg”?"),
        ("orientation:wide", "wide", "portrait, landscape, square"),
        ("name:>x", ">", "cannot be compared"),
        ("detected:>=dog", ">=", "cannot be compared"),
        ('tag:"a">2', ">2", "cannot be compared"),
        ('tag:"a"b', "b", "Leave a space"),
        ("width:wide", "wide", "number of pixels"),
        ("rating:7", "7", "from 0 to 5"),
        ("rating:>1..3", "1..3", "not both"),
        ("rating:..", "..", "one end"),
        ("date:2024-13", "2024-13", "no date of the calendar"),
        ("sea date:2024-08..2024-05", "2024-08..2024-05", "ends before it begins"),
        ("rating:5..1", "5..1", "“rating:1..5”"),
        ("width:4000..2000", "4000..2000", "“width:2000..4000”"),
        ('count:"red fox"=3..1', '"red fox"=3..1', "ends before it begins"),
        ("tag: family", "tag: family", "without a space"),
        ("(rating: >=3)", "rating: >=3", "without a space"),
        ("count:dog >=2", "count:dog >=2", "Leave no space"),
        ("order:date", "order:", "View, Order"),
        ("(like:1", "(", "not closed"),
        ("like:1) dog", ")", "no “(”"),
        ("-(like:1)", "-(", "-like:12"),
        ("date:01.05.2024", "01.05.2024", "such as 2024"),
        ("count:dog>=many", "dog>=many", "a number, such as"),
        ("count:dog=..", "dog=..", "a number, such as"),
        ("count:dog>1..2", "dog>1..2", "not both"),
        ("two count:>2", ">2", "needs a label"),
        ("box:dog", "dog", "part of the picture"),
        ('count:"remote', '"remote', "not closed"),
        ("2:tag:a", "2:", "takes no weight"),
        ("0:beach", "0", "above 0"),
        ("11:beach", "11", "at most at 10"),
        ("like:", "like:", "needs a picture"),
        ('like:""', '""', "needs a picture"),
        ("sea like:a\0b", "like:a\0b", "No file"),
        ("like:1@1,2,3", "@1,2,3", "such as @"),
        ('like:"a.jpg"@5,5,1,1', "@5,5,1,1", "such as @"),
        ("tag:a)", ")", "no “(”"),
        ("(tag:a) )", ")", "no “(”"),
        ("dog (red tag:a", "(", "not closed"),
        ("tag:a or", "or", "between two filters"),
        ("tag:a or dog", "or", "between two filters"),
        ("black or tag:a", "or", "between two filters"),
        ("(dog tag:a) or tag:b", "dog", "rank photos"),
        ("not (tag:a 2:dog)", "2:dog", "rank photos"),
        ("-(tag:a like:1)", "like:1", "rank photos"),
        ('-("a b" c)', "-(", "quotation marks"),
        ("(" * 30 + "tag:a" + ")" * 30, "(", "deep"),
        ("tag:a " * 201, "tag:a", "at most 200 filters"),
        ("-dog " * 21, "-dog", "at most 20 phrases"),
    ],
)
def test_what_is_wrong_is_underlined_and_explained(text: str, marked: str, part: str):
    error = refused(text)
    assert text[error.position : error.position + error.length] == marked
    assert part in str(error)
    assert str(error).endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("a dog floder:x", "a dog folder:x"),
        ("is:favorit", "is:favourite"),
        ("has:caption has:captain", "has:caption has:caption"),
        ("orientation:portrat", "orientation:portrait"),
        ("sea date:2024-08..2024-05", "sea date:2024-05..2024-08"),
        ('count:"red fox"=3..1', 'count:"red fox"=1..3'),
        ("tag: family sea", "tag:family sea"),
        ("dog rating: >=3", "dog rating:>=3"),
        ("count:dog >=2 sea", "count:dog>=2 sea"),
    ],
)
def test_a_suggestion_takes_the_place_of_what_is_underlined(text: str, better: str):
    error = refused(text)
    end = error.position + error.length
    assert text[: error.position] + error.suggestion + text[end:] == better
    parse(better)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000, "dog " * 2_500, "(" * 5_000, "(" * 3_000 + "dog" + ")" * 3_000,
        "(dog) " * 1_600, "or " * 3_000, 'tag:"' + "x" * 9_990 + '"',
    ],
)  # fmt: skip
def test_long_queries_are_read_at_once(text: str):
    """The bar reads them on every key; a loop within a loop would take seconds."""
    began = time.process_time()
    assert parse(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text", ["tag:a " * 1_600, "-dog " * 2_000, "tag:a or " * 1_000, '"' * 9_999]
)
def test_long_mistakes_are_told_at_once(text: str):
    began = time.process_time()
    refused(text)
    assert time.process_time() - began < 1


def test_parentheses_around_pictures_mean_nothing():
    assert parse("(like:1)") == parse("like:1")
    assert parse("((like:1 -like:2) dog)") == parse("like:1 -like:2 dog")
    assert parse("a cat (black)").words == "a cat (black)"
