"""Dates: what cameras and programs write is understood, nonsense refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files.taken import Taken, first_date

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def taken(text: str | None, offset: str | None = None) -> Taken:
    return first_date([(text, offset)], NOW)


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("2022:02:03 04:05:06", "+02:00", Taken("2022-02-03T04:05:06", "+02:00")),
        ("2022:02:03 04:05:06", None, Taken("2022-02-03T04:05:06", None)),
        ("2022-02-03T04:05:06Z", None, Taken("2022-02-03T04:05:06", "+00:00")),
        ("2022-02-03T04:05:06.123-0330", None, Taken("2022-02-03T04:05:06", "-03:30")),
        ("2022-02-03T04:05", None, Taken("2022-02-03T04:05:00", None)),
        ("2022-02-03", None, Taken("2022-02-03T00:00:00", None)),
        ("20220203 040506+0000", None, Taken("2022-02-03T04:05:06", "+00:00")),
        ("2022:02:03 04:05:60", None, Taken("2022-02-03T04:05:59", None)),
        ("2022:02:03 04:05:06", "nonsense", Taken("2022-02-03T04:05:06", None)),
        ("2022:02:03 04:05:06", "+25:00", Taken("2022-02-03T04:05:06", None)),
        ("1839:08:19 12:00:00", None, Taken("1839-08-19T12:00:00", None)),
        ("2026:06:02 01:00:00", None, Taken("2026-06-02T01:00:00", None)),  # ahead by a time zone
    ],
)
def test_dates_as_they_are_written(text: str, offset: str | None, expected: Taken) -> None:
    assert taken(text, offset) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "    :  :     :  :  ",
        "0000:00:00 00:00:00",
        "2022:13:01 00:00:00",
        "2022:02:30 00:00:00",
        "2022:02:03 25:00:00",
        "1700:01:01 00:00:00",
        "2099:01:01 00:00:00",
        "2026:06:03 00:00:00",
        "1904:01:01 00:00:00",
        "1970:01:01 00:00:00",
        "1980:01:01 00:00:00",
        "not a date",
        "2022",
    ],
)
def test_nonsense_is_no_date(text: str | None) -> None:
    assert taken(text) == Taken(None, None)


def test_the_first_sensible_date_wins() -> None:
    candidates = [("0000:00:00 00:00:00", "+01:00"), (None, None), ("2020:01:02 03:04:05", None)]
    assert first_date(candidates, NOW) == Taken("2020-01-02T03:04:05", None)


@given(st.text(max_size=40) | st.from_regex(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", fullmatch=True))
def test_any_text_gives_a_valid_date_or_none(text: str) -> None:
    at = taken(text).at
    assert at is None or datetime.fromisoformat(at).isoformat(timespec="seconds") == at
