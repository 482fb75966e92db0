"""The groups as they are now: pairs from the catalog, photos that are there, decisions kept."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from engine.catalog.duplicates import Compared, Pair, pair_of
from engine.duplicate_types import (
    DuplicateClass,
    DuplicateGroup,
    Edit,
    GroupId,
    PickRules,
    Proof,
)
from engine.duplicates.comparing import likeness_of, proof_of
from engine.duplicates.finding import VERSION
from engine.duplicates.grouping import complete_link, in_order
from engine.duplicates.moments import relation, same_frame, two_moments
from engine.duplicates.picking import PickFacts, facts_of, pick
from engine.duplicates.units import Folders, Unit, lacking, offered, one_of_each
from engine.files.likeness import turned_round
from engine.files.scan import is_raw
from engine.types import Photo, PhotoId, PhotoMetadata

if TYPE_CHECKING:
    from engine.catalog import Catalog

_PAGE = 2000
_NOTHING = PhotoMetadata()


@dataclass(frozen=True, slots=True)
class _Node:
    """All photos that are identical, as one; `name` is the smallest of their contents."""

    name: bytes


@dataclass(slots=True)
class Snapshot:
    """All that grouping asks for, read once.

    Attributes:
        units: every photo that may be part of a group, by photo.
        of_content: the photos of each content.
        facts: what the files say of themselves.
        same, other: pairs that are one picture, and pairs that are near and are not.
        decided: what the user said are no duplicates.
    """

    units: dict[PhotoId, Unit]
    of_content: dict[bytes, list[PhotoId]]
    facts: dict[PhotoId, PhotoMetadata]
    same: dict[Pair, Compared]
    other: dict[Pair, Compared]
    pixels: dict[bytes, bytes]
    decided: dict[Pair, int]


def snapshot(catalog: Catalog) -> Snapshot:
    """Read what is known. Cost: .3 s for 100,000 photos, and .2 ms for each that is paired."""
    table = catalog.duplicates
    of_content: dict[bytes, list[PhotoId]] = defaultdict(list)
    for photo_id, content in table.places():
        of_content[content].append(photo_id)
    same = {one.pair: one for one in table.pairs(VERSION, same=True)}
    other = {one.pair: one for one in table.pairs(VERSION, same=False)}
    wanted = {content for content, ids in of_content.items() if len(ids) > 1}
    wanted.update(content for pair in (*same, *other) for content in pair)
    ids = sorted(photo_id for content in wanted for photo_id in of_content.get(content, ()))
    photos: list[Photo] = []
    for start in range(0, len(ids), _PAGE):
        photos += catalog.photos.page(ids[start : start + _PAGE], None)
    folders = Folders()
    units = {photo.id: folders.unit(photo) for photo in offered(photos)}
    kept: dict[bytes, list[PhotoId]] = defaultdict(list)
    for photo_id in sorted(units):
        kept[units[photo_id].photo.content_hash or b""].append(photo_id)
    return Snapshot(
        units=units,
        of_content=kept,
        facts=table.facts(sorted(units)),
        same=same,
        other=other,
        pixels=table.pixels(sorted(wanted)),
        decided=table.decided(),
    )


class View:
    """Groups of one snapshot."""

    def __init__(self, known: Snapshot, rules: PickRules) -> None:
        self._known = known
        self._rules = rules
        self._picks: dict[PhotoId, PickFacts] = {
            photo_id: facts_of(unit.photo, known.facts.get(photo_id, _NOTHING))
            for photo_id, unit in known.units.items()
        }
        self._node_of: dict[bytes, _Node] = {}
        self._photos: dict[_Node, list[PhotoId]] = defaultdict(list)
        self._between_nodes: dict[tuple[_Node | None, _Node | None], Compared] | None = None
        self._name_nodes()

    def _name_nodes(self) -> None:
        by_pixels: dict[bytes, list[bytes]] = defaultdict(list)
        for content in self._known.of_content:
            by_pixels[self._known.pixels.get(content, content)].append(content)
        for contents in by_pixels.values():
            node = _Node(min(contents))
            for content in contents:
                self._node_of[content] = node
                self._photos[node] += self._known.of_content[content]

    # ---- the three classes -------------------------------------------------------------------

    def groups(self, kind: DuplicateClass | None = None) -> list[DuplicateGroup]:
        """All groups, or those of a class: identical first, then by what could be won."""
        found: list[DuplicateGroup] = []
        if kind in (None, DuplicateClass.IDENTICAL):
            found += self._made(DuplicateClass.IDENTICAL, self._identical())
        if kind is DuplicateClass.IDENTICAL:
            return found
        same = complete_link(self._same_edges(), _name)
        if kind in (None, DuplicateClass.SAME_PICTURE):
            found += self._made(DuplicateClass.SAME_PICTURE, map(self._stand_for, same))
        if kind in (None, DuplicateClass.SIMILAR):
            found += self._made(DuplicateClass.SIMILAR, self._similar(same))
        return found

    def _identical(self) -> Iterator[list[PhotoId]]:
        yield from in_order(self._photos.values(), int)

    def _stand_for(self, nodes: Iterable[_Node]) -> list[PhotoId]:
        """One photo of each node: that which the rules would keep."""
        return [self._best(self._photos[node]) for node in nodes]

    def _best(self, ids: Sequence[PhotoId]) -> PhotoId:
        if len(ids) == 1:
            return ids[0]
        members = [self._known.units[photo_id].as_member() for photo_id in ids]
        ordered, _ = pick(members, self._rules, self._picks)
        return ordered[0].photo_id

    def _same_edges(self) -> dict[tuple[_Node, _Node], float]:
        edges: dict[tuple[_Node, _Node], float] = {}
        for pair, found in self._known.same.items():
            nodes = self._nodes(pair)
            if nodes is not None and self._one_moment(pair, found):
                edges[nodes] = max(found.similarity, edges.get(nodes, 0.0))
        return edges

    def _nodes(self, pair: Pair) -> tuple[_Node, _Node] | None:
        one, two = (self._node_of.get(content) for content in pair)
        if one is None or two is None or one == two:
            return None
        return (one, two) if one.name < two.name else (two, one)

    def _one_moment(self, pair: Pair, found: Compared) -> bool:
        """What pixels say is one picture, and the cameras do not speak against it."""
        one, two = (self._unit_of(content) for content in pair)
        if is_raw(one.photo.name) != is_raw(two.photo.name) or one.key == two.key:
            return False
        first, second = (self._facts_of(content) for content in pair)
        if two_moments(first, second):
            return False
        marked = Edit.MARKED in likeness_of(found).edits
        return not (marked and same_frame(one.photo, two.photo))

    def _unit_of(self, content: bytes) -> Unit:
        return self._known.units[self._known.of_content[content][0]]

    def _facts_of(self, content: bytes) -> PhotoMetadata:
        return self._known.facts.get(self._known.of_content[content][0], _NOTHING)

    def _similar(self, same: Sequence[Sequence[_Node]]) -> Iterator[list[PhotoId]]:
        """Shots of one scene; of copies of a shot only one."""
        home = {node: group[0] for group in same for node in group}
        group_of = {group[0]: group for group in same}
        edges: dict[tuple[_Node, _Node], float] = {}
        kept_same = self._same_edges()
        # Versions of one shot that are in no group together are not two shots for that.
        versions = {frozenset(home.get(node, node) for node in edge) for edge in kept_same}
        for pair, found in (*self._known.other.items(), *self._known.same.items()):
            nodes = self._nodes(pair)
            if nodes is None or nodes in kept_same or not self._one_scene(pair):
                continue
            one, two = (home.get(node, node) for node in nodes)
            if one == two or frozenset((one, two)) in versions:
                continue
            edge = (one, two) if one.name < two.name else (two, one)
            edges[edge] = max(found.cosine or found.similarity, edges.get(edge, 0.0))
        for group in complete_link(edges, _name):
            yield [self._stand_for(group_of.get(node, [node]))[0] for node in group]

    def _one_scene(self, pair: Pair) -> bool:
        one, two = (self._unit_of(content) for content in pair)
        if one.key == two.key or is_raw(one.photo.name) != is_raw(two.photo.name):
            return False
        return relation(self._facts_of(pair[0]), self._facts_of(pair[1])) is not None

    # ---- one group ---------------------------------------------------------------------------

    def _made(
        self, kind: DuplicateClass, groups: Iterable[Sequence[PhotoId]]
    ) -> list[DuplicateGroup]:
        found: list[DuplicateGroup] = []
        bundles: set[frozenset[object]] = set()
        for ids in groups:
            units = one_of_each([self._known.units[photo_id] for photo_id in ids])
            keys = frozenset[object](unit.key for unit in units)
            if len(units) < 2 or keys in bundles or self._is_decided(units):
                continue
            bundles.add(keys)  # RAW and JPEG of the same units are one group
            found.append(self._group(kind, units))
        return sorted(found, key=lambda group: (-group.to_win, group.id))

    def _group(self, kind: DuplicateClass, units: Sequence[Unit]) -> DuplicateGroup:
        by_id = {unit.photo.id: unit for unit in units}
        ordered, reason = pick([unit.as_member() for unit in units], self._rules, self._picks)
        keeper = by_id[ordered[0].photo_id]
        members = [replace(ordered[0], proof=None)]
        for member in ordered[1:]:
            unit = by_id[member.photo_id]
            missing = lacking(unit, keeper) if member.offered else ""
            members.append(
                replace(
                    member,
                    proof=self._proof(kind, keeper, unit),
                    offered=member.offered and not missing,
                    why_not=member.why_not or missing,
                )
            )
        to_win = sum(member.size for member in members[1:] if member.offered)
        contents = sorted(unit.photo.content_hash or b"" for unit in units)
        return DuplicateGroup(_group_id(kind, contents[0]), kind, tuple(members), reason, to_win)

    def _proof(self, kind: DuplicateClass, keeper: Unit, unit: Unit) -> Proof | None:
        kept, other = keeper.photo.content_hash or b"", unit.photo.content_hash or b""
        if kept == other:
            return Proof((Edit.BYTES,), 1.0)
        if kind is DuplicateClass.IDENTICAL:
            return Proof((Edit.METADATA,), 1.0)
        pair = pair_of(kept, other)
        if kind is DuplicateClass.SIMILAR:
            return self._relation(pair)
        found = self._known.same.get(pair) or self._between(kept, other)
        if found is None:
            return None
        like = likeness_of(found)
        return proof_of(like if found.pair[0] == kept else turned_round(like))

    def _between(self, kept: bytes, other: bytes) -> Compared | None:
        """A pair of contents with the same pixels as these two."""
        one, two = self._node_of[kept], self._node_of[other]
        found = self._found_between().get((one, two))
        if found is not None:
            return replace(found, pair=(kept, other))
        found = self._found_between().get((two, one))
        return None if found is None else replace(found, pair=(other, kept))

    def _found_between(self) -> dict[tuple[_Node | None, _Node | None], Compared]:
        """The first comparison of each two nodes, in the order of the pair."""
        if self._between_nodes is None:
            self._between_nodes = {}
            for pair, found in self._known.same.items():
                one, two = (self._node_of.get(content) for content in pair)
                self._between_nodes.setdefault((one, two), found)
        return self._between_nodes

    def _relation(self, pair: Pair) -> Proof:
        facts = [self._facts_of(content) for content in pair]
        related = relation(*facts)
        found = self._known.other.get(pair) or self._known.same.get(pair)
        likeness = 0.0 if found is None else found.cosine or found.similarity
        if related is None:
            return Proof((Edit.SCENE,), likeness)
        return Proof((related[0],), likeness, seconds=related[1])

    # ---- decisions ---------------------------------------------------------------------------

    def _is_decided(self, units: Sequence[Unit]) -> bool:
        return all(
            self._known.decided.get((one, two), -1) >= files
            for one, two, files in self.to_decide([unit.photo.id for unit in units])
        )

    def to_decide(self, ids: Sequence[PhotoId]) -> list[tuple[bytes, bytes, int]]:
        """The pairs of contents among photos; for copies of one content also how many files."""
        counts: Mapping[bytes, int] = _counted(
            self._known.units[photo_id].photo.content_hash or b""
            for photo_id in ids
            if photo_id in self._known.units
        )
        pairs = [(one, two, 0) for one, two in combinations(sorted(counts), 2)]
        return pairs + [(one, one, count) for one, count in counts.items() if count > 1]


def _counted(contents: Iterable[bytes]) -> dict[bytes, int]:
    counts: dict[bytes, int] = {}
    for content in contents:
        counts[content] = counts.get(content, 0) + 1
    return counts


def _name(node: _Node) -> bytes:
    return node.name


def _group_id(kind: DuplicateClass, content: bytes) -> GroupId:
    digest = hashlib.blake2b(kind.value.encode() + content, digest_size=8).digest()
    return GroupId(int.from_bytes(digest) >> 1)
