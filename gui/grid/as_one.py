"""Shows a RAW and the picture that was made with it as one."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from engine.types import PhotoId
from gui.grid.model import Listing


def as_one(listing: Listing, pairs: Mapping[PhotoId, PhotoId], like: object = None) -> Listing:
    """The listing without those RAW photos whose picture is in it too.

    Among hits it stands where the first of both stood, so that the better one counts. A RAW
    that is asked for alone, as by `type:raw`, stays.

    Args:
        listing: what there is to show.
        pairs: RAW photos with the picture that they are shown as.
        like: the photo that all are to be like; the other one of its pair is no answer.
    """
    if not pairs:
        return listing
    if like is not None:
        listing = _without(listing, {id_ for pair in pairs.items() if like in pair for id_ in pair})
    shown = set(listing.ids)
    raws = {raw: one for raw, one in pairs.items() if raw in shown and one in shown}
    if not raws:
        return listing
    ones = set(raws.values())
    ids: list[PhotoId] = []
    seen: set[PhotoId] = set()
    weaker = None
    for row, id_ in enumerate(listing.ids):
        if row == listing.weaker_from:
            weaker = len(ids)
        if id_ in raws and not listing.hits:
            continue
        one = raws.get(id_, id_)
        if one in ones:
            if one in seen:
                continue
            seen.add(one)
        ids.append(one)
    hits = dict(listing.hits)
    for raw, one in raws.items():
        if raw in hits and one in hits and hits[raw].score > hits[one].score:
            hits[one] = replace(hits[raw], photo_id=one)
    return replace(listing, ids=ids, hits=hits, weaker_from=weaker, with_raw=frozenset(ones))


def _without(listing: Listing, left_out: Set[PhotoId]) -> Listing:
    if left_out.isdisjoint(listing.ids):
        return listing
    ids = [id_ for id_ in listing.ids if id_ not in left_out]
    weaker = listing.weaker_from
    if weaker is not None:
        weaker -= sum(id_ in left_out for id_ in listing.ids[:weaker])
    return replace(listing, ids=ids, weaker_from=weaker)
