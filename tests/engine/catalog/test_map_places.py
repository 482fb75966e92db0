"""Places on the map: what is near a point by the sphere's own measure, and where photos lie."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest
from catalog_makers import read, seen
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.query import parse
from engine.types import PhotoId, PhotoMetadata, Root, Scope

EARTH_KM = 6_371.0088


def put(catalog: Catalog, root: Root, places: list[tuple[float, float] | None]) -> list[PhotoId]:
    files = [seen(f"{n}.jpg") for n in range(len(places))]
    with catalog.write():
        ids = catalog.photos.add(root.id, files)
        for photo_id, file, place in zip(ids, files, places, strict=True):
            facts = PhotoMetadata()
            if place is not None:
                north, east = place
                facts = PhotoMetadata("2024-05-01T10:00:00", latitude=north, longitude=east)
            read(catalog, photo_id, file, str(photo_id), metadata=facts)
    return ids


def found(catalog: Catalog, text: str) -> set[PhotoId]:
    return set(catalog.photos.matching(parse(text).where, Scope(), None))


def apart_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the angle between two unit vectors: another way than the engine's."""

    def vector(place: tuple[float, float]) -> tuple[float, float, float]:
        north, east = map(math.radians, place)
        return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)

    chord = math.dist(vector(one), vector(other))
    return 2 * EARTH_KM * math.asin(min(1.0, chord / 2))


def test_near_is_a_circle_on_the_sphere(catalog: Catalog, root: Root) -> None:
    paris, tower, versailles, lyon = (48.8566, 2.3522), (48.8584, 2.2945), (48.8049, 2.1204), (
        45.764, 4.8357)  # fmt: skip
    ids = put(catalog, root, [paris, tower, versailles, lyon, None])
    assert found(catalog, "near:48.8566,2.3522") == {ids[0]}
    assert found(catalog, "near:48.8566,2.3522,5km") == set(ids[:2])
    assert found(catalog, "near:48.8566,2.3522,20km") == set(ids[:3])
    assert found(catalog, "near:48.8566,2.3522,300mi") == set(ids[:4])
    assert found(catalog, "-near:48.8566,2.3522,20km") == {ids[3], ids[4]}, "unknown is not near"
    assert found(catalog, "near:48.86,2.35,20km or has:date") == set(ids[:4])
    assert found(catalog, "-has:date") == {ids[4]}
    assert catalog.timeline.undated() == 1
    assert "45.76,4.84,10km" in catalog.photos.query_values().places


@pytest.mark.parametrize(
    ("middle", "inside", "outside"),
    [
        ((0.0, 179.95), (0.0, -179.95), (0.0, -179.0)),
        ((-16.8, -179.97), (-16.81, 179.98), (-16.8, 178.9)),
        ((89.95, 0.0), (89.95, 180.0), (89.8, 90.0)),
        ((-89.99, 12.0), (-89.99, -168.0), (-89.5, 12.0)),
    ],
)
def test_the_date_line_and_the_poles_are_no_edges(
    catalog: Catalog,
    root: Root,
    middle: tuple[float, float],
    inside: tuple[float, float],
    outside: tuple[float, float],
) -> None:
    ids = put(catalog, root, [middle, inside, outside])
    assert found(catalog, f"near:{middle[0]},{middle[1]},15km") == set(ids[:2])


_degrees = st.tuples(
    st.floats(-90, 90).map(lambda n: round(n, 3)), st.floats(-180, 180).map(lambda n: round(n, 3))
)


@settings(max_examples=60, deadline=None)
@given(middle=_degrees, radius=st.sampled_from([1, 30, 700, 5000, 9900, 15_000]))
def test_near_agrees_with_a_measure_of_each_photo(
    scattered: tuple[Catalog, dict[PhotoId, tuple[float, float]]],
    middle: tuple[float, float],
    radius: int,
) -> None:
    catalog, places = scattered
    told = found(catalog, f"near:{middle[0]},{middle[1]},{radius}km")
    for photo_id, place in places.items():
        km = apart_km(middle, place)
        if abs(km - radius) > 0.01:
            assert (photo_id in told) == (km < radius), (place, km)


@pytest.fixture(scope="module")
def scattered(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Catalog, dict[PhotoId, tuple[float, float]]]]:
    catalog = Catalog.open(tmp_path_factory.mktemp("map") / "catalog.db")
    root = catalog.roots.add(tmp_path_factory.mktemp("photos"))
    places = [
        (round(math.degrees(math.asin(2 * ((n * 0.61803) % 1) - 1)), 4),
         round((n * 137.508) % 360 - 180, 4))
        for n in range(600)
    ]  # fmt: skip
    ids = put(catalog, root, [*places, (90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0)])
    kept = [*places, (90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0)]
    yield catalog, dict(zip(ids, kept, strict=True))
    catalog.close()


def test_photos_of_one_town_are_one_place(catalog: Catalog, root: Root) -> None:
    town = [(48.85 + n % 7 * 0.01, 2.299 + n % 5 * 0.01) for n in range(60)]
    island = [(-16.9, 179.99), (-16.91, -179.99), (-16.9, 179.98)]
    put(catalog, root, [*town, *island, (64.1, -21.9), None])
    spots = catalog.map_places.all()
    assert [spot.photos for spot in spots] == [60, 3, 1]
    for spot in spots:
        shown = f"near:{spot.latitude},{spot.longitude},{spot.radius_km:g}km"
        assert len(found(catalog, shown)) == spot.photos
    assert abs(abs(spots[1].longitude) - 179.99) < 0.02
    assert catalog.map_places.all(most=1) == spots[:1]


def test_without_coordinates_there_are_no_places(catalog: Catalog, root: Root) -> None:
    put(catalog, root, [None, None])
    assert catalog.map_places.all() == []
    assert found(catalog, "near:0,0,20000km") == set()


def test_ten_thousand_photos_are_asked_at_once(catalog: Catalog, root: Root) -> None:
    places = [(48 + n % 100 * 0.01, 2 + n // 100 * 0.01) for n in range(10_000)]
    put(catalog, root, list(places))
    began = time.perf_counter()
    assert 0 < len(found(catalog, "near:48.5,2.5,30km")) < 10_000
    assert time.perf_counter() - began < 0.25, "five times of what it takes on a busy machine"
