"""What a query refuses: where, why, and what may have been meant."""

from __future__ import annotations

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
    ],
)
def test_a_suggestion_takes_the_place_of_what_is_underlined(text: str, better: str):
    error = refused(text)
    end = error.position + error.length
    assert text[: error.position] + error.suggestion + text[end:] == better
    parse(better)
