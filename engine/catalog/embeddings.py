"""The vectors of photos: the truth from which the vector index is built."""

from __future__ import annotations

import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.catalog.photo_rows import text
from engine.catalog.store import Store
from engine.types import Aspect, Embeddings, EmbeddingSpace, PhotoId, SpaceId

log = logging.getLogger(__name__)

_STORED = np.dtype("<f2")
_CHUNK = 8_192  # rows


class EmbeddingTable:
    """One vector per photo and embedding space, as normalised fp16 with a checksum.

    SQLite does not notice a flipped bit in a BLOB; a vector whose CRC-32 is wrong is dropped
    when it is read, so the photo is embedded again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- spaces ------------------------------------------------------------------------------

    def space_id(self, space: EmbeddingSpace) -> SpaceId:
        """The id of a space; it is noted down on first use."""
        key = (
            text(space.model_id), space.revision, space.preprocessing, space.precision, space.dim,
        )  # fmt: skip
        find = (
            "SELECT id FROM embedding_space WHERE (model_id, revision, preprocessing, precision,"
            " dim) = (?, ?, ?, ?, ?)"
        )
        with self._store.read() as db:
            row = db.execute(find, key).fetchone()
        if row is None:
            with self._store.write() as db:
                db.execute(
                    "INSERT OR IGNORE INTO embedding_space(model_id, revision, preprocessing,"
                    " precision, dim) VALUES (?, ?, ?, ?, ?)",
                    key,
                )
                row = db.execute(find, key).fetchone()
        return SpaceId(row[0])

    def generation(self, space_id: SpaceId) -> int:
        """A number that differs whenever the vectors of this space differ.

        It grows by leaps of chance: after a restored backup or a power cut the same number does
        not come again for other vectors, as that of a counter would.
        """
        with self._store.read() as db:
            row = db.execute(
                "SELECT generation FROM embedding_space WHERE id = ?", (space_id,)
            ).fetchone()
        return row[0] if row else 0

    def count(self, space_id: SpaceId) -> int:
        """How many vectors the space has."""
        with self._store.read() as db:
            (found,) = db.execute(
                "SELECT count(*) FROM embedding WHERE space_id = ?", (space_id,)
            ).fetchone()
        return found

    def spaces(self) -> list[tuple[SpaceId, EmbeddingSpace, int]]:
        """Every space that was ever used, with the number of its vectors; oldest first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT s.id, s.model_id, s.revision, s.preprocessing, s.precision, s.dim,"
                " (SELECT count(*) FROM embedding WHERE space_id = s.id)"
                " FROM embedding_space s ORDER BY s.id"
            ).fetchall()
        return [(SpaceId(row[0]), EmbeddingSpace(*row[1:6]), row[6]) for row in rows]

    def drop_space(self, space_id: SpaceId) -> int:
        """Delete all vectors of a space, all or none. Returns: how many.

        Readers go on meanwhile; the file does not shrink, its room is used again.
        """
        with self._store.write() as db:
            dropped = db.execute("DELETE FROM embedding WHERE space_id = ?", (space_id,)).rowcount
            if dropped:
                touch(db, [space_id])
                self._store.changed((), Aspect.EMBEDDING)
        return dropped

    # ---- vectors -----------------------------------------------------------------------------

    def put(self, space_id: SpaceId, ids: Sequence[PhotoId], vectors: Embeddings) -> list[PhotoId]:
        """Store vectors; they are normalised. A photo's vector of before is replaced.

        Args:
            space_id: where they belong.
            ids: n photos; those whose row is gone meanwhile are ignored.
            vectors: (n, dim).

        Returns:
            The photos that have a vector now.

        Raises:
            ValueError: a shape that does not fit, or a vector without a direction (zero, NaN).

        Cost: 100,000 of 512 numbers in 1 s.
        """
        stored = _stored_form(vectors)
        with self._store.write() as db:
            row = db.execute("SELECT dim FROM embedding_space WHERE id = ?", (space_id,)).fetchone()
            if row is None or stored.shape != (len(ids), row[0]):
                raise ValueError(f"{stored.shape} does not fit {len(ids)} ids in space {space_id}")
            there = {
                found[0]
                for found in db.execute(
                    "SELECT id FROM photo WHERE id IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(ids)),),
                )
            }
            kept = [n for n, photo_id in enumerate(ids) if photo_id in there]
            blobs = [stored[n].tobytes() for n in kept]
            db.executemany(
                "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?, ?)",
                [
                    (ids[n], space_id, blob, zlib.crc32(blob))
                    for n, blob in zip(kept, blobs, strict=True)
                ],
            )
            done = [ids[n] for n in kept]
            if done:
                touch(db, [space_id])
                self._store.changed(done, Aspect.EMBEDDING)
        return done

    def vector(self, space_id: SpaceId, photo_id: PhotoId) -> NDArray[np.float32] | None:
        """(dim,) of one photo, length 1 to fp16 precision."""
        with self._store.read() as db:
            row = db.execute(
                "SELECT vector, crc FROM embedding WHERE photo_id = ? AND space_id = ?",
                (photo_id, space_id),
            ).fetchone()
        return None if row is None else _checked(*row)

    def of_equal_content(
        self, space_id: SpaceId, content_hash: bytes
    ) -> NDArray[np.float32] | None:
        """(dim,) of any photo with these very bytes, so that copies are not computed again."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT e.vector, e.crc FROM photo p JOIN embedding e"
                " ON e.photo_id = p.id AND e.space_id = ? WHERE p.content_hash = ?",
                (space_id, content_hash),
            ).fetchall()
        return next((found for row in rows if (found := _checked(*row)) is not None), None)

    def load_all(self, space_id: SpaceId) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Every vector of a space, tombstones' too, ascending by id.

        Returns:
            (n,) ids and (n, dim). A vector whose checksum is wrong is dropped from the catalog
            and logged: its photo is to be embedded again.

        Cost: .5 s for 100,000 of 512 numbers.
        """
        with self._store.read(mapped=True) as db:
            row = db.execute(
                "SELECT dim, (SELECT count(*) FROM embedding WHERE space_id = s.id)"
                " FROM embedding_space s WHERE id = ?",
                (space_id,),
            ).fetchone()
            dim, n = row or (0, 0)
            ids, vectors = np.empty(n, np.int64), np.empty((n, dim), np.float32)
            damaged: list[tuple[PhotoId, bytes]] = []
            filled = 0
            rows = db.execute(
                "SELECT photo_id, vector, crc FROM embedding WHERE space_id = ? ORDER BY photo_id",
                (space_id,),
            )
            while chunk := rows.fetchmany(_CHUNK):
                good = [
                    r
                    for r in chunk
                    if len(r[1]) == _STORED.itemsize * dim and zlib.crc32(r[1]) == r[2]
                ]
                if len(good) < len(chunk):
                    fine = {r[0] for r in good}
                    damaged += [(r[0], r[1]) for r in chunk if r[0] not in fine]
                end = filled + len(good)
                ids[filled:end] = [r[0] for r in good]
                packed = np.frombuffer(b"".join(r[1] for r in good), _STORED)
                vectors[filled:end] = packed.reshape(len(good), dim)
                filled = end
        if damaged:
            self._drop_damaged(space_id, damaged)
        return ids[:filled], vectors[:filled]

    def _drop_damaged(self, space_id: SpaceId, rows: Sequence[tuple[PhotoId, bytes]]) -> None:
        log.warning("%d vectors in the catalog were damaged; they are computed again", len(rows))
        with self._store.write() as db:
            db.executemany(
                "DELETE FROM embedding WHERE photo_id = ? AND vector = ? AND space_id = ?",
                [(*row, space_id) for row in rows],  # not one that was stored anew meanwhile
            )
            touch(db, [space_id])
            self._store.changed([photo_id for photo_id, _ in rows], Aspect.EMBEDDING)


def drop_embeddings(db: sqlite3.Connection, photo_id: PhotoId) -> bool:
    """Drop a photo's vectors in every space. Returns: whether there were any."""
    spaces = db.execute(
        "DELETE FROM embedding WHERE photo_id = ? RETURNING space_id", (photo_id,)
    ).fetchall()
    touch(db, {SpaceId(row[0]) for row in spaces})
    return bool(spaces)


def touch(db: sqlite3.Connection, spaces: Iterable[SpaceId]) -> None:
    """The vectors of these spaces changed."""
    db.executemany(
        "UPDATE embedding_space SET generation = generation + 1 + (random() & 0xFFFFFF)"
        " WHERE id = ?",
        [(space_id,) for space_id in spaces],
    )


def _stored_form(vectors: Embeddings) -> NDArray[np.float16]:
    wide = np.asarray(vectors, np.float32)
    if wide.ndim != 2:
        raise ValueError(f"vectors have the shape {wide.shape}, not (n, dim)")
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    if not np.isfinite(wide).all() or not (lengths > 0).all():
        raise ValueError("a vector without a direction (zero or not finite)")
    return (wide / lengths).astype(_STORED)


def _checked(blob: bytes, crc: int) -> NDArray[np.float32] | None:
    if zlib.crc32(blob) != crc:
        return None
    return np.frombuffer(blob, _STORED).astype(np.float32)
