"""Dates as a query writes them: 2024, 2024-05, 2024-05-01, and ranges a..b with an open end."""

from __future__ import annotations

import calendar
import re
from datetime import date

_DAY_S = 86_400


def period(raw: str) -> tuple[int, int]:
    """A year, month or day as seconds on the wall clock: its start and the start of the next.

    Raises:
        ValueError: it is no date, in one sentence.
    """
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?", raw)
    if found is None:
        raise ValueError("“date:” needs a date such as 2024, 2024-05 or 2024-05-01.")
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"“{raw}” is no date of the calendar.") from None
    start = calendar.timegm(first.timetuple())
    if day is not None:
        return start, start + _DAY_S
    if month is not None:
        return start, start + _DAY_S * calendar.monthrange(first.year, first.month)[1]
    return start, start + _DAY_S * (366 if calendar.isleap(first.year) else 365)


def ends(name: str, op: str, value: str) -> tuple[str, str] | None:
    """Both ends of a range a..b; None where it is none.

    Raises:
        ValueError: a comparison of a range, or no end at all.
    """
    if ".." not in value:
        return None
    if op != "=":
        raise ValueError(f"“{name}:” takes a comparison or a range, not both.")
    low, _, high = (part.strip() for part in value.partition(".."))
    if not low and not high:
        raise ValueError(f"“{name}:” needs at least one end of the range.")
    return low, high
