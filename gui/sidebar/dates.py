"""The section of the timeline: years with their months, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QCoreApplication, QLocale

from engine.mark_types import Month
from gui.places import Node, Place

translate = QCoreApplication.translate  # lupdate knows the name
_FIRST, _LAST = 1, 9999  # years that a query can ask for


def timeline_rows(months: Sequence[Month], undated: int = 0) -> list[Node]:
    """Years and months as the library tells them; photos without a date are apart, at the end.

    Args:
        months: the newest first.
        undated: photos that say no date; months count them by the time of their file.
    """
    rows: list[Node] = []
    dated = [month for month in months if _FIRST <= month.year <= _LAST]
    for year, group in groupby(dated, key=lambda month: month.year):
        of_year = list(group)
        rows.append(
            Node(
                Place.of_year(year),
                str(year),
                Place.TIMELINE,
                sum(month.photos for month in of_year),
                "clock",
                query=f"date:{year:04}",
            )
        )
        rows += [
            Node(
                Place.of_month(year, month.month),
                QLocale().standaloneMonthName(month.month),
                Place.of_year(year),
                month.photos,
                query=f"date:{year:04}-{month.month:02}",
            )
            for month in of_year
        ]
    if undated:
        rows.append(
            Node(
                Place.UNDATED,
                translate("Sidebar", "Without a date"),
                Place.TIMELINE,
                undated,
                "clock",
                query="-has:date",
                note=translate(
                    "Sidebar", "They say no date; the time of their file stands in for it."
                ),
            )
        )
    return rows
