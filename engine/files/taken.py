"""When a photo was taken: dates as cameras and programs write them, nonsense refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

OLDEST = datetime(1826, 1, 1)  # noqa: DTZ001  local time; the year of the oldest photograph kept

# What a camera without a set clock, or a program without a date, writes.
_EMPTY_CLOCKS = frozenset({"1904-01-01T00:00:00", "1970-01-01T00:00:00", "1980-01-01T00:00:00"})

_DATE = re.compile(
    r"\s*(\d{4})[:\-/. ]?(\d{2})[:\-/. ]?(\d{2})"
    r"(?:[T ]+(\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*"
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


class Taken(NamedTuple):
    """Local time "YYYY-MM-DDTHH:MM:SS" and its offset from UTC "+02:00", where known."""

    at: str | None
    offset: str | None


def first_date(
    candidates: Iterable[tuple[str | None, str | None]], now: datetime | None = None
) -> Taken:
    """The first sensible date among texts with their offsets.

    Sensible is a day that exists, not before 1826, at most a day ahead of `now` (UTC; time zones
    are up to 14 hours ahead), and not the zero of a clock that was never set.
    """
    latest = (now or datetime.now(UTC)).replace(tzinfo=None) + timedelta(days=1)
    for text, offset in candidates:
        match = _DATE.fullmatch(text or "")
        if match is None:
            continue
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        try:
            # Second 60 is a leap second, which Python does not know.
            moment = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001
        except ValueError:
            continue
        at = moment.isoformat(timespec="seconds")
        if OLDEST <= moment <= latest and at not in _EMPTY_CLOCKS:
            return Taken(at, _clean_offset(match.group(7) or offset))
    return Taken(None, None)


def _clean_offset(offset: str | None) -> str | None:
    if offset is None:
        return None
    if offset.strip() == "Z":
        return "+00:00"
    match = _OFFSET.fullmatch(offset.strip())
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        return None
    return f"{match[1]}{match[2]}:{match[3]}"
