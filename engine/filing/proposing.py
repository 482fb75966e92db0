"""What names photos would get, looked up by the very rules that renaming goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import PhotoUnreadable
from engine.file_types import NewName
from engine.files.target_names import ExactNames
from engine.files.transfer import TransferFailed
from engine.filing.naming import NameFacts, NamePattern
from engine.filing.wishes import renamed
from engine.filing_steps import bundles_of
from engine.filing_tally import why
from engine.sort_facts import bundles_with
from engine.types import Photo, PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog


def by_pattern(
    catalog: Catalog, ids: Sequence[PhotoId], pattern: NamePattern, start: int = 1
) -> dict[PhotoId, str]:
    """A name for each photo, numbered in this order; what belongs together has one number.

    Cost: one listing of each folder that they lie in.
    """
    photos = {photo.id: photo for photo in catalog.photos.page(ids, None)}
    found = bundles_with(catalog, photos)
    seen: set[int] = set()
    names: dict[PhotoId, str] = {}
    number = start
    for photo_id in dict.fromkeys(ids):
        bundle = found.get(photo_id)
        if bundle is None or id(bundle) in seen:
            continue
        seen.add(id(bundle))
        names[photo_id] = (
            pattern.fill(_facts(photos[photo_id]), number) + photos[photo_id].path.suffix
        )
        number += 1
    return names


def proposals(catalog: Catalog, names: Mapping[PhotoId, str]) -> list[NewName]:
    """What would come of these names, in their order; nothing is touched."""
    wish = renamed(catalog, names)
    there = ExactNames()
    found: dict[PhotoId | None, NewName] = {}
    for bundle in bundles_of(wish.steps):
        trouble = ""
        try:
            there.given(bundle)
        except (TransferFailed, PhotoUnreadable) as error:
            trouble = why(error, bundle[0].source)
        asked = next((step for step in bundle if step.photo_id in names), bundle[0])
        before = found.get(asked.photo_id)  # where it steps aside first
        found[asked.photo_id] = NewName(
            asked.photo_id,
            before.path if before else asked.source,
            asked.target.name,
            len(bundle) - 1,
            trouble,
        )
    told = [found[photo_id] for photo_id in names if photo_id in found]
    return told + [NewName(None, one.path, "", 0, one.reason) for one in wish.refused]


def _facts(photo: Photo) -> NameFacts:
    return NameFacts(photo.path.stem, _moment(photo), photo.camera or "", photo.path.parent.name)


def _moment(photo: Photo) -> datetime:
    """When it was taken, by the photographer's clock; else when the file was last changed."""
    try:
        return datetime.fromisoformat(photo.taken_at or "")
    except ValueError:
        pass
    try:
        return datetime.fromtimestamp(photo.mtime_ns / 1e9)  # noqa: DTZ006 - the user's own day
    except (ValueError, OverflowError, OSError):
        return datetime(1970, 1, 1)  # noqa: DTZ001 - a clock without a zone
