"""What a keeper takes over from the photos that go. Pure: for the preview and for the act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.duplicate_types import Merge
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog.clearings import Owned


def merge_of(keep: PhotoId, keeper: Owned, others: Sequence[Owned]) -> Merge:
    """Tags, albums and keywords of all; the highest rating; of the rest what the keeper lacks.

    Args:
        keep: the keeper.
        keeper: what it has.
        others: what those have that go, in the order of the group: the first to tell is believed.

    Returns:
        Only what is new to the keeper. A tag that the user took off it is not put on again.
    """
    own = keeper.metadata
    has = {tag.casefold() for tag in (*keeper.tags, *keeper.refused)}
    rating = max((other.metadata.rating or 0 for other in others), default=0)
    places = (
        (other.metadata.latitude, other.metadata.longitude)
        for other in others
        if other.metadata.latitude is not None and other.metadata.longitude is not None
    )
    return Merge(
        keep,
        tags=_new((tag for other in others for tag in other.tags), has),
        albums=_new(
            (a for other in others for a in other.albums), map(str.casefold, keeper.albums)
        ),
        rating=rating if rating > (own.rating or 0) else None,
        caption="" if own.caption else _first(other.metadata.caption for other in others),
        title="" if own.title else _first(other.metadata.title for other in others),
        place=None if own.latitude is not None else next(places, None),  # pyright: ignore[reportArgumentType] - told apart above
        keywords=_new(
            (word for other in others for word in other.metadata.keywords),
            map(str.casefold, own.keywords),
        ),
        favourite=not keeper.favourite and any(other.favourite for other in others),
    )


def _new(values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Each value once that is not known, without regard to case."""
    seen = set(known)
    found: list[str] = []
    for value in values:
        if value.casefold() not in seen:
            seen.add(value.casefold())
            found.append(value)
    return tuple(found)


def _first(texts: Iterable[str | None]) -> str:
    return next((text for text in texts if text), "")
