"""Any order of additions, moves, losses, returns and adoptions, against a plain dict."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from catalog_makers import SPACE, content, seen, vectors
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.catalog import Catalog
from engine.types import FileSeen, PhotoId, PhotoState, RootId, SpaceId

PLACES = st.sampled_from(["a.jpg", "b.jpg", "x/a.jpg", "x/b.jpg", "x/y/c.jpg"])
TEXTS = st.sampled_from(["one", "two", "three"])
PICK = st.integers(0, 10_000)


@dataclass
class Row:
    """What we expect of a photo."""

    file: FileSeen
    state: PhotoState = PhotoState.PRESENT
    text: str | None = None  # stands for the bytes
    to_read: bool = True
    embedded: bool = False


class CatalogAgainstDict(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.catalog = Catalog.open(Path(self.folder.name) / "catalog.db")
        self.root: RootId = self.catalog.roots.add(Path("/photos")).id
        self.space: SpaceId = self.catalog.embeddings.space_id(SPACE)
        self.rows: dict[PhotoId, Row] = {}
        self.clock = 1

    def teardown(self) -> None:
        if hasattr(self, "catalog"):
            self.catalog.close()
            self.folder.cleanup()

    def pick(self, number: int, *states: PhotoState) -> PhotoId | None:
        ids = sorted(i for i, row in self.rows.items() if row.state in states)
        return ids[number % len(ids)] if ids else None

    def living_at(self, relpath: bytes) -> PhotoId | None:
        for photo_id, row in self.rows.items():
            if row.file.relpath == relpath and row.state is not PhotoState.MISSING:
                return photo_id
        return None

    def tick(self, place: str) -> FileSeen:
        self.clock += 1
        return seen(place, mtime_s=self.clock)

    @rule(place=PLACES)
    def add(self, place: str) -> None:
        file = self.tick(place)
        there = self.living_at(file.relpath)
        (photo_id,) = self.catalog.photos.add(self.root, [file])
        if there is None:
            assert photo_id not in self.rows
            self.rows[photo_id] = Row(file)
        else:
            assert photo_id == there

    @precondition(lambda self: self.rows)
    @rule(number=PICK, place=PLACES)
    def relocate(self, number: int, place: str) -> None:
        photo_id = self.pick(number, *PhotoState)
        assert photo_id is not None
        row = self.rows[photo_id]
        file = replace(row.file, relpath=place.encode())
        there = self.living_at(file.relpath)
        self.catalog.photos.relocate([(photo_id, self.root, file)])
        if there is not None and there != photo_id:
            self.rows[there].state = PhotoState.MISSING
        row.file = file
        if row.state is PhotoState.MISSING:
            row.state = PhotoState.PRESENT

    @rule(one=PICK, two=PICK)
    def swap(self, one: int, two: int) -> None:
        a, b = self.pick(one, PhotoState.PRESENT), self.pick(two, PhotoState.PRESENT)
        if a is None or b is None or a == b:
            return
        first, second = self.rows[a], self.rows[b]
        there, here = first.file.relpath, second.file.relpath
        first.file, second.file = (
            replace(first.file, relpath=here),
            replace(second.file, relpath=there),
        )
        moves = [(a, self.root, first.file), (b, self.root, second.file)]
        self.catalog.photos.relocate(moves)

    @rule(number=PICK)
    def vanish(self, number: int) -> None:
        photo_id = self.pick(number, PhotoState.PRESENT)
        if photo_id is not None:
            self.catalog.photos.mark_missing([photo_id])
            self.rows[photo_id].state = PhotoState.MISSING

    @rule(number=PICK, same=st.booleans())
    def come_back(self, number: int, same: bool) -> None:
        photo_id = self.pick(number, PhotoState.MISSING)
        if photo_id is None:
            return
        row = self.rows[photo_id]
        file = row.file if same else self.tick(row.file.relpath.decode())
        taken = self.living_at(file.relpath) is not None
        self.catalog.photos.mark_returned([(photo_id, file)])
        if not taken:
            row.state, row.file = PhotoState.PRESENT, file
            row.to_read = row.to_read or not same

    @rule(number=PICK)
    def edit(self, number: int) -> None:
        photo_id = self.pick(number, PhotoState.PRESENT)
        if photo_id is not None:
            row = self.rows[photo_id]
            row.file, row.to_read = self.tick(row.file.relpath.decode()), True
            self.catalog.photos.mark_changed([(photo_id, row.file)])

    @rule(number=PICK, text=TEXTS, embed=st.booleans())
    def read(self, number: int, text: str, embed: bool) -> None:
        photo_id = self.pick(number, PhotoState.PRESENT)
        if photo_id is None:
            return
        row, file = self.rows[photo_id], self.rows[photo_id].file
        with self.catalog.write():
            self.catalog.photos.set_content(
                photo_id, content(text), file.size, file.mtime_ns, file.dev, file.ino, 5
            )
            if embed:
                self.catalog.embeddings.put(self.space, [photo_id], vectors(1))
        row.embedded = embed or (row.embedded and row.text == text)
        row.text, row.to_read = text, False

    @rule(one=PICK, two=PICK)
    def adopt(self, one: int, two: int) -> None:
        old, new = self.pick(one, PhotoState.MISSING), self.pick(two, PhotoState.PRESENT)
        if old is None or new is None:
            return
        self.catalog.photos.adopt(old, new)
        tombstone, found = self.rows[old], self.rows.pop(new)
        if not found.to_read:
            same = tombstone.text == found.text
            tombstone.embedded = found.embedded or (tombstone.embedded and same)
            tombstone.text, tombstone.to_read = found.text, False
        elif tombstone.text is None or (
            (tombstone.file.size, tombstone.file.mtime_ns) != (found.file.size, found.file.mtime_ns)
        ):
            tombstone.to_read = True
        tombstone.file, tombstone.state = found.file, PhotoState.PRESENT

    @rule()
    def reopen(self) -> None:
        self.catalog.close()
        self.catalog = Catalog.open(self.catalog.path)
        assert self.catalog.notes == []

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "catalog"):
            return
        known = {row.photo_id: row for row in self.catalog.photos.known(self.root)}
        assert set(known) == set(self.rows)
        for photo_id, row in self.rows.items():
            held = known[photo_id]
            assert (held.relpath, held.state) == (row.file.relpath, row.state)
            assert (held.mtime_ns, held.ino) == (row.file.mtime_ns, row.file.ino)
            assert (held.read_ns is None) is row.to_read
        present = {i for i, row in self.rows.items() if row.state is PhotoState.PRESENT}
        assert set(self.catalog.photos.ids()) == present
        to_read = {row.photo_id for row in self.catalog.photos.to_read()}
        assert to_read == {i for i in present if self.rows[i].to_read}
        vectors_of, _ = self.catalog.embeddings.load_all(self.space)
        assert set(vectors_of.tolist()) == {i for i, row in self.rows.items() if row.embedded}
        counts = self.catalog.photos.counts(self.space)
        assert counts.photos == len(present)
        assert counts.not_searchable == sum(not self.rows[i].embedded for i in present)
        assert counts.missing == len(self.rows) - len(present)


TestCatalogAgainstDict = CatalogAgainstDict.TestCase
TestCatalogAgainstDict.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
