"""What is known of duplicates: how pictures look, pairs that were compared, what was decided."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalog.photo_rows import FROM_PHOTO, metadata_from
from engine.catalog.store import Store
from engine.duplicate_types import DuplicateClass
from engine.types import Aspect, PhotoId, PhotoMetadata, SpaceId

_RULES = "pick_rules"
_SEARCHED = "duplicates_searched"
_PRESENT = "p.state = 'present' AND p.content_hash IS NOT NULL AND r.forgotten_at IS NULL"
_SIGN = 1 << 63

Pair = tuple[bytes, bytes]
"""Two content hashes, the smaller first."""


def pair_of(one: bytes, other: bytes) -> Pair:
    """Two contents in the order in which they are kept."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing two contents found.

    Attributes:
        pair: the contents.
        same: whether it is one picture; None: not compared in pixels.
        similarity: of the aligned pixels.
        proof: what the comparison tells, as JSON; the catalog does not look into it.
        cosine: of their vectors, where that made them candidates.
    """

    pair: Pair
    same: bool | None
    similarity: float = 0.0
    proof: str = ""
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Hashes:
    """Contents with their perceptual hashes, rows in step."""

    contents: list[bytes]
    shape: NDArray[np.uint64]
    slope: NDArray[np.uint64]


class DuplicateTable:
    """Hashes, pairs and decisions by content, so that they outlive moves; arrivals by photo."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- pictures ----------------------------------------------------------------------------

    def places(self) -> list[tuple[PhotoId, bytes]]:
        """Every photo within reach, read, with its content, by id. Cost: .1 s for 100,000."""
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT p.id, p.content_hash {FROM_PHOTO} WHERE {_PRESENT} AND r.online"
                " AND p.read_ns IS NOT NULL ORDER BY p.id"
            ).fetchall()
        return [(PhotoId(row[0]), row[1]) for row in rows]

    def moments(self) -> dict[bytes, float]:
        """When each content was taken, in seconds of the photographer's clock, where it is told."""
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT p.content_hash, min(p.date_key) {FROM_PHOTO} WHERE {_PRESENT}"
                " AND p.taken_at IS NOT NULL GROUP BY p.content_hash"
            ).fetchall()
        return {row[0]: float(row[1]) for row in rows}

    def facts(self, ids: Sequence[PhotoId]) -> dict[PhotoId, PhotoMetadata]:
        """What the files of photos say of themselves."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT photo_id, facts FROM metadata WHERE photo_id IN"
                " (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            ).fetchall()
        return {PhotoId(row[0]): metadata_from(row[1]) for row in rows}

    def hashed(self, version: int) -> Hashes:
        """All perceptual hashes of this version, by content."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT content_hash, shape, slope FROM picture_hash WHERE version = ?"
                " ORDER BY content_hash",
                (version,),
            ).fetchall()
        numbers = np.array([row[1:] for row in rows], np.int64).reshape(-1, 2).view(np.uint64)
        return Hashes([row[0] for row in rows], numbers[:, 0].copy(), numbers[:, 1].copy())

    def put_hashes(self, version: int, rows: Iterable[tuple[bytes, int, int]]) -> None:
        """Keep perceptual hashes: content, shape, slope. A pixel hash known before is kept."""
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO picture_hash(content_hash, version, shape, slope) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET (version, shape, slope)"
                " = (excluded.version, excluded.shape, excluded.slope)",
                [(row[0], version, _signed(row[1]), _signed(row[2])) for row in rows],
            )

    def pixels(self, contents: Sequence[bytes]) -> dict[bytes, bytes]:
        """The hashes of the upright pixels, where they were computed."""
        found: dict[bytes, bytes] = {}
        with self._store.read() as db:
            for start in range(0, len(contents), 500):
                some = contents[start : start + 500]
                marks = ", ".join("?" * len(some))
                found.update(
                    db.execute(
                        "SELECT content_hash, pixels FROM picture_hash"  # noqa: S608
                        f" WHERE pixels IS NOT NULL AND content_hash IN ({marks})",
                        some,
                    ).fetchall()
                )
        return found

    def put_pixels(self, content_hash: bytes, pixels: bytes) -> None:
        """Keep the hash of a picture's upright pixels."""
        with self._store.write() as db:
            db.execute(
                "UPDATE picture_hash SET pixels = ? WHERE content_hash = ?", (pixels, content_hash)
            )

    # ---- pairs -------------------------------------------------------------------------------

    def sought(self, version: int, space_id: SpaceId | None) -> set[bytes]:
        """Contents whose partners were sought; with a space, only those sought with its vectors."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT content_hash FROM sought WHERE version = ? AND (? IS NULL OR space_id = ?)",
                (version, space_id, space_id),
            ).fetchall()
        return {row[0] for row in rows}

    def mark_sought(
        self, version: int, contents: Iterable[bytes], with_vector: SpaceId | None
    ) -> None:
        """Note that these were compared with all others there are."""
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO sought VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version ="
                " excluded.version, space_id = ifnull(excluded.space_id, space_id)",
                [(content, version, with_vector) for content in contents],
            )

    def mark_searched(self, version: int) -> None:
        """A search of the whole library has ended."""
        with self._store.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_SEARCHED, version))
            self._store.changed((), Aspect.DUPLICATE)

    def searched(self, version: int) -> bool:
        """Whether a search of the whole library has ended."""
        with self._store.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (_SEARCHED,)).fetchone()
        return row is not None and row[0] == version

    def put_pairs(self, version: int, found: Iterable[Compared]) -> None:
        """Keep what comparisons found; a pair's earlier finding is replaced."""
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO duplicate_pair VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET (version, same, similarity, proof, cosine) = (excluded.version,"
                " excluded.same, excluded.similarity, excluded.proof,"
                " ifnull(excluded.cosine, cosine))",
                [
                    (
                        *one.pair, version, None if one.same is None else int(one.same),
                        one.similarity, one.proof, one.cosine,
                    )
                    for one in found
                ],
            )  # fmt: skip

    def known(self, version: int, *, closely: bool = False) -> set[Pair]:
        """Pairs that were compared in pixels.

        Args:
            version: of the method.
            closely: only those that are the same, or were compared with a third one's help.
        """
        which = "(same = 1 OR proof <> '')" if closely else "same IS NOT NULL"
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT first, second FROM duplicate_pair WHERE version = ? AND {which}",  # noqa: S608
                (version,),
            ).fetchall()
        return {(row[0], row[1]) for row in rows}

    def pairs(self, version: int, *, same: bool) -> list[Compared]:
        """Pairs that are one picture; or else those of another moment that have a cosine."""
        which = "same" if same else "same IS NOT 1 AND cosine IS NOT NULL"
        with self._store.read() as db:
            rows = db.execute(
                "SELECT first, second, same, similarity, proof, cosine FROM duplicate_pair"  # noqa: S608
                f" WHERE version = ? AND {which} ORDER BY first, second",
                (version,),
            ).fetchall()
        return [
            Compared((row[0], row[1]), None if row[2] is None else bool(row[2]), *row[3:])
            for row in rows
        ]

    # ---- decisions ---------------------------------------------------------------------------

    def decide(self, pairs: Iterable[tuple[bytes, bytes, int]]) -> None:
        """These are no duplicates of each other. The number: see `decided`."""
        with self._store.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO not_duplicate VALUES (?, ?, ?, ?)",
                [(*pair_of(one, two), files, time.time()) for one, two, files in pairs],
            )
            self._store.changed((), Aspect.DUPLICATE)

    def undecide(self, pairs: Iterable[Pair]) -> None:
        """Take decisions back."""
        with self._store.write() as db:
            db.executemany(
                "DELETE FROM not_duplicate WHERE (first, second) = (?, ?)",
                [pair_of(*pair) for pair in pairs],
            )
            self._store.changed((), Aspect.DUPLICATE)

    def decided(self) -> dict[Pair, int]:
        """Pairs that are no duplicates. A content with itself: how many files were meant."""
        with self._store.read() as db:
            rows = db.execute("SELECT first, second, files FROM not_duplicate").fetchall()
        return {(row[0], row[1]): row[2] for row in rows}

    # ---- arrivals ----------------------------------------------------------------------------

    def note_arrivals(self, found: Iterable[tuple[PhotoId, DuplicateClass, PhotoId]]) -> None:
        """Photos that were duplicates when they came, with one that was there before."""
        with self._store.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO arrival SELECT ?1, ?2, ?3, ?4 WHERE"
                " (SELECT count(*) FROM photo WHERE id IN (?1, ?3)) = 2",
                [(new, kind.value, old, time.time()) for new, kind, old in found],
            )
            self._store.changed((), Aspect.DUPLICATE)

    def arrivals(self) -> list[tuple[PhotoId, DuplicateClass, PhotoId, float]]:
        """The photo, how alike, the one that was there, and when; newest first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT photo_id, kind, twin_id, noted_at FROM arrival"
                " ORDER BY noted_at DESC, photo_id"
            ).fetchall()
        return [(PhotoId(r[0]), DuplicateClass(r[1]), PhotoId(r[2]), r[3]) for r in rows]

    def forget_arrivals(self, ids: Sequence[PhotoId] | None = None) -> None:
        """The user has seen these notes; all when None."""
        with self._store.write() as db:
            db.execute(
                "DELETE FROM arrival WHERE ?1 IS NULL OR photo_id IN"
                " (SELECT value FROM json_each(?1))",
                (None if ids is None else json.dumps(list(ids)),),
            )
            self._store.changed((), Aspect.DUPLICATE)

    # ---- rules -------------------------------------------------------------------------------

    def rules(self) -> str | None:
        """The rules of the best-pick as they were kept."""
        with self._store.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (_RULES,)).fetchone()
        return None if row is None else str(row[0])

    def keep_rules(self, rules: str) -> None:
        """Keep the rules of the best-pick."""
        with self._store.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_RULES, rules))
            self._store.changed((), Aspect.DUPLICATE)


def _signed(number: int) -> int:
    return (number + _SIGN) % (1 << 64) - _SIGN
