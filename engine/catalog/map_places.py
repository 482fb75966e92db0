"""Where photos were taken: which lie near a point, and where many lie together.

Distances are those on a sphere (haversine; the earth is flatter by .3 %, which moves the edge of
10 km by 30 m).
"""

from __future__ import annotations

import json
import math
import sqlite3

import numpy as np
from numpy.typing import NDArray

from engine.catalog.photo_rows import HIDDEN_FOLDERS
from engine.catalog.store import Store
from engine.mark_types import Spot
from engine.query.surroundings import Surroundings, near_text, surroundings

_EARTH_M = 6_371_008.8
_CELLS = 10  # per degree: photos of one town share a cell or lie in the next one
_MOST = 200  # places that are told
_RADII_KM = (1, 2, 5, 10, 20)
_MICRO = 1_000_000


class MapPlaces:
    """Photos with coordinates. They have no names: we have no gazetteer and ask nobody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, most: int = _MOST) -> list[Spot]:
        """Where photos lie together, the most first.

        The fullest cell of a tenth degree takes those around it, then the fullest of the rest.
        `photos` is what `near:` finds there, so a photo between two places is counted in both.

        Cost: .2 s for 100,000 photos with coordinates.
        """
        with self._store.read() as db:
            places = _positions(
                db,
                "p.latitude + p.longitude IS NOT NULL AND p.state = 'present'"
                f" AND p.folder_id NOT IN {HIDDEN_FOLDERS}",
            )[:, 1:]
        if not len(places):
            return []
        cells = np.floor(places * _CELLS).astype(np.int64)
        unique, of, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
        numbers = {(row, column): n for n, (row, column) in enumerate(unique.tolist())}
        rows = np.argsort(of, kind="stable")
        starts = np.searchsorted(of[rows], np.arange(len(unique) + 1))
        found: list[Spot] = []
        taken: set[int] = set()
        for number in np.argsort(-counts, kind="stable").tolist():
            if number in taken or len(found) == most:
                continue
            row, column = unique[number].tolist()
            around = [
                near
                for north in (-1, 0, 1)
                for east in (-1, 0, 1)
                if (near := numbers.get((int(row + north), _wrapped(int(column + east)))))
                is not None
                and near not in taken
            ]
            taken.update(around)
            members = np.concatenate([rows[starts[near] : starts[near + 1]] for near in around])
            spot = _spot(places, places[members])
            found.append(spot)
            middles = (unique + 0.5) / _CELLS  # what is shown there is no place of its own
            shown = _distances(Surroundings(spot.latitude, spot.longitude), middles)
            taken.update(np.flatnonzero(shown <= spot.radius_km * 1000).tolist())
        return sorted(found, key=lambda spot: -spot.photos)


def near(db: sqlite3.Connection, value: str) -> tuple[str, tuple[object, ...]]:
    """Photos around a point, as near:48.86,2.35,10km.

    Those in a square well inside are told by SQL alone, only those between it and the square around
    the circle are measured. Cost: 30 ms for 100,000 photos; .1 s beyond 6,000 km, where all are.

    Raises:
        ValueError: it is no place, in one sentence.
    """
    where = surroundings(value)
    inner, outer = _square(where, inside=True), _square(where, inside=False)
    ring = _positions(db, f"{outer} AND NOT {inner}")
    far = _distances(where, ring[:, 1:])
    ids = ring[far <= where.radius_m, 0].astype(np.int64).tolist()
    listed = "p.id IN (SELECT value FROM json_each(?))"
    return f"(p.latitude IS NOT NULL AND ({inner} OR {listed}))", (json.dumps(ids),)


def common_places(db: sqlite3.Connection, most: int = 20) -> tuple[str, ...]:
    """Where most photos were taken, coarsely, as near: takes it. Cost: as a look at all rows."""
    rows = db.execute(
        "SELECT avg(p.latitude), avg(p.longitude) FROM photo p NOT INDEXED"  # noqa: S608
        " WHERE p.latitude + p.longitude IS NOT NULL AND p.state = 'present'"
        f" GROUP BY cast((p.latitude + 90) * {_CELLS} AS INTEGER) * 10000"
        f" + cast((p.longitude + 180) * {_CELLS} AS INTEGER) ORDER BY count(*) DESC LIMIT ?",
        (most,),
    )
    return tuple(near_text(latitude, longitude, 10) for latitude, longitude in rows)


def _wrapped(column: int) -> int:
    """Cells east of the last one are the first again."""
    half = 180 * _CELLS
    return (column + half) % (2 * half) - half


def _spot(places: NDArray[np.float64], members: NDArray[np.float64]) -> Spot:
    # Longitudes on both sides of the date line are brought to one before they are averaged.
    east = (members[:, 1] - members[0, 1] + 180) % 360 - 180 + members[0, 1]
    latitude = round(float(np.median(members[:, 0])), 2)
    longitude = round((float(np.median(east)) + 180) % 360 - 180, 2)
    point = Surroundings(latitude, longitude)
    reach_km = float(np.percentile(_distances(point, members), 98)) / 1000
    radius_km = next((km for km in _RADII_KM if km >= reach_km), _RADII_KM[-1])
    # Only what lies in the same band of latitudes can be near.
    band = places[np.abs(places[:, 0] - latitude) <= radius_km / 111]
    photos = int(np.count_nonzero(_distances(point, band) <= radius_km * 1000))
    return Spot(latitude, longitude, radius_km, photos)


def _positions(db: sqlite3.Connection, condition: str) -> NDArray[np.float64]:
    """(n, 3) float64: id, latitude and longitude of photos `p`. As texts: half the time of rows."""
    columns = ("p.id", *(f"cast({c} * {_MICRO} AS INTEGER)" for c in ("p.latitude", "p.longitude")))
    found = db.execute(
        f"SELECT {', '.join(f'json_group_array({c})' for c in columns)}"  # noqa: S608
        f" FROM photo p NOT INDEXED WHERE {condition}"
    ).fetchone()
    ids, *degrees = (np.asarray(json.loads(column), np.float64) for column in found)
    return np.stack([ids, *(column / _MICRO for column in degrees)], axis=1)


def _distances(point: Surroundings, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) metres from a point to places of (n, 2) degrees."""
    ours = np.radians((point.latitude, point.longitude))
    theirs = np.radians(places)
    north, east = theirs[:, 0] - ours[0], theirs[:, 1] - ours[1]
    half = np.sin(north / 2) ** 2
    half += np.cos(ours[0]) * np.cos(theirs[:, 0]) * np.sin(east / 2) ** 2
    return 2 * _EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1)))


def _square(point: Surroundings, *, inside: bool) -> str:
    """SQL for a rectangle of degrees within a circle, or around it."""
    angle = point.radius_m / _EARTH_M
    here = math.radians(point.latitude)
    north = math.degrees(angle) * (0.7 if inside else 1.000001)
    south, top = point.latitude - north, point.latitude + north
    if max(abs(south), abs(top)) >= 89.9 or angle > 1:  # a pole: every longitude may be near
        return "0" if inside else f"p.latitude BETWEEN {south!r} AND {top!r}"
    if inside:  # the corner that is nearer to the equator is the farthest
        half = math.sin(angle / 2) ** 2 - math.sin(math.radians(north) / 2) ** 2
        widest = 1.0 if south <= 0 <= top else max(
            math.cos(math.radians(south)), math.cos(math.radians(top))
        )  # fmt: skip
        ratio = half / (math.cos(here) * widest)
        east = 2 * math.degrees(math.asin(math.sqrt(min(ratio, 1)))) * 0.999999
    else:
        east = math.degrees(math.asin(min(1, math.sin(angle) / math.cos(here)))) * 1.000001
    rows = f"p.latitude BETWEEN {south!r} AND {top!r}"
    west, last = point.longitude - east, point.longitude + east
    columns = f"p.longitude BETWEEN {west!r} AND {last!r}"
    if west < -180:
        columns = f"(p.longitude <= {last!r} OR p.longitude >= {west + 360!r})"
    elif last > 180:
        columns = f"(p.longitude >= {west!r} OR p.longitude <= {last - 360!r})"
    return f"({rows} AND {columns})"
