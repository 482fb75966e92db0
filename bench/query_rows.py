"""Synthetic rows of a library that was used, with vectors, for the benchmarks of queries."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.catalog import Catalog
from engine.types import EmbeddingSpace, SpaceId

_PART = 10_000
_CENTRES = 200


def vectors(space_id: SpaceId, dim: int, n: int) -> Iterator[tuple[int, int, bytes, int]]:
    """Rows of clustered vectors."""
    chance = np.random.default_rng(0)
    centres = chance.standard_normal((_CENTRES, dim), dtype=np.float32)
    for first in range(0, n, _PART):
        found = 0.6 * chance.standard_normal((min(_PART, n - first), dim), dtype=np.float32)
        found += centres[chance.integers(0, _CENTRES, len(found))]
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        for row, vector in enumerate(found.astype("<f2"), first):
            if row % 30:
                blob = vector.tobytes()
                yield row + 1, space_id, blob, zlib.crc32(blob)


def fill(path: Path, n: int, space: EmbeddingSpace) -> SpaceId:
    """A library that was used: a tenth of all is in albums, two thirds have tags, ...

    Of 30 photos 29 have a vector. The files do not exist.
    """
    catalog = Catalog.open(path)
    catalog.roots.add(Path("/photos"))
    catalog.roots.set_online(catalog.roots.add(Path("/drive")).id, False)
    space_id = catalog.embeddings.space_id(space)
    catalog.close()
    db = sqlite3.connect(path)
    for pragma in ("synchronous = OFF", "cache_size = -800000", "temp_store = MEMORY"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TEMP TABLE k(i)")
    db.execute("INSERT INTO k WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r"
               " WHERE i < ?) SELECT i FROM r", (n - 1,))  # fmt: skip
    folders = max(n // 100, 20)
    db.execute(
        "INSERT INTO folder(id, root_id, relpath) SELECT i + 1, iif(i % 50 = 0, 2, 1),"
        " cast(printf('%d/trip%02d/%d', 2000 + i % 25, i % 40, i) AS BLOB) FROM k WHERE i < ?",
        (folders,),
    )
    db.execute(
        """INSERT INTO photo(id, folder_id, name, folded_name, extension, name_key, state, size,
            mtime_ns, dev, ino, read_ns, date_key, content_hash, width, height, format, damaged,
            taken_at, camera, latitude, longitude)
        SELECT i + 1, i % :folders + 1, cast(printf('IMG_%07d.%s', i, ext) AS BLOB),
            printf('img_%07d.%s', i, ext), ext, printf('img_%012d.%s', i, ext),
            iif(i % 200 = 0, 'missing', 'present'), 3000000 + i, 1000000000000000000 + i, 1, i + 1,
            1, 946684800 + (i * 2654435761) % 788400000,
            cast(printf('%032d', iif(i < :n / 50, i / 2, i)) AS BLOB),
            iif(i % 4 = 0, 3000, 4000 + i % 3), iif(i % 4 = 0, 4000, 3000), upper(ext),
            iif(i % 1000 = 0, 'half', ''), '2004-01-01T00:00:00', printf('Canon EOS %dD', i % 7),
            iif(i % 10 = 0, 48 + i % 997 * 0.001, NULL),
            iif(i % 10 = 0, 11.5 + i % 991 * 0.001, NULL)
        FROM (SELECT i, iif(i % 12 = 0, 'nef', 'jpeg') AS ext FROM k)""",
        {"folders": folders, "n": n},
    )
    db.execute(
        """INSERT INTO metadata SELECT i + 1, json_patch(json_object('taken_at',
            '2004-01-01T00:00:00', 'camera_make', 'Canon', 'camera_model',
            printf('Canon EOS %dD', i % 7), 'exposure_s', 0.01, 'f_number', 2.8, 'iso', 100,
            'focal_mm', 35, 'lens', 'EF 35mm'),
            json_patch(iif(i % 5 = 0, json_object('rating', i / 5 % 7 - 1), '{}'),
            json_patch(iif(i % 20 = 0, json_object('caption', 'one of many'), '{}'),
            iif(i % 50 = 0, json_object('title', 'one'), '{}')))) FROM k"""
    )
    db.execute(
        "INSERT INTO tag(id, parent_id, name, folded_name) VALUES (1, NULL, 'Things', 'things')"
    )
    db.execute("INSERT INTO tag(parent_id, name, folded_name) SELECT 1, 'tag' || i, 'tag' || i"
               " FROM k WHERE i < 200")  # fmt: skip
    for step in (3, 7):
        db.execute("INSERT OR IGNORE INTO photo_tag SELECT i + 1, 2 + (i / ?) % 200, 'user', NULL,"
                   " NULL, 0 FROM k WHERE i % 3 < 2", (step,))  # fmt: skip
    db.execute(
        "INSERT INTO category_set VALUES (1, 'Set', 'set', 1, 'a photo of a {}', '[]', NULL)"
    )
    db.execute("INSERT INTO category VALUES (1, 1, 'Cars', 'cars', '[]', 'off', NULL, '', '', 1, 9,"
               " NULL)")  # fmt: skip
    for album_id, name, every in ((1, "Best", 10), (2, "Trip3", 500), (3, "Few", 100)):
        db.execute("INSERT INTO album(id, name, folded_name, created_at) VALUES (?, ?, ?, 0)",
                   (album_id, name, name.lower()))  # fmt: skip
        db.execute("INSERT INTO album_photo(album_id, photo_id) SELECT ?, i + 1 FROM k"
                   " WHERE i % ? = 0", (album_id, every))  # fmt: skip
    db.executemany("INSERT INTO embedding VALUES (?, ?, ?, ?)", vectors(space_id, space.dim, n))
    db.execute("UPDATE embedding_space SET generation = 1 WHERE id = ?", (space_id,))
    db.execute("INSERT INTO detection_run VALUES (1, 'm', '[]', .1, '', 0, NULL)")
    db.execute("INSERT INTO detection_run_label VALUES (1, 'dog'), (1, 'cat')")
    db.execute(
        """INSERT INTO detection_run_photo SELECT 1, p.id, p.id, 'looked', p.content_hash
        FROM photo p WHERE p.id % 4 = 0"""
    )
    for label, every, left in (("dog", 8, 0), ("dog", 24, 300), ("cat", 8, 0)):
        db.execute(
            """INSERT INTO detection(photo_id, source, run_id, label, folded_label, score, box_left,
                box_top, box_right, box_bottom, width, height, added_at)
            SELECT i + 1, 'run', 1, ?, ?, .5, ?, 0, ? + 20 + i % 3000, 2000, 4000, 3000, 0
            FROM k WHERE i % ? = 3""",
            (label, label, left, left, every),
        )
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return space_id
