"""Places as a query writes them: 48.86,2.35 with what lies around them: 48.86,2.35,10km."""

from __future__ import annotations

import re
from dataclasses import dataclass

_METRES = {"m": 1.0, "km": 1000.0, "mi": 1609.344}
_USUAL_M = 1000.0
_FARTHEST_M = 20_040_000.0  # half way round the earth

_DEGREES = r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,9})?"
_NEAR = re.compile(rf"({_DEGREES}),({_DEGREES})(?:,([0-9]{{1,8}}(?:\.[0-9]{{1,3}})?)(m|km|mi))?")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that is at most so far from a point."""

    latitude: float  # degrees north
    longitude: float  # degrees east
    radius_m: float = _USUAL_M


def surroundings(value: str) -> Surroundings:
    """What stands behind near:.

    Args:
        value: latitude and longitude in degrees, and how far around them: 48.86,2.35,10km. Without
            a distance 1 km; units are m, km and mi.

    Raises:
        ValueError: it is no place, in one sentence.
    """
    found = _NEAR.fullmatch(value)
    if found is None:
        raise ValueError("“near:” needs a place in degrees, such as near:48.86,2.35,10km.")
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("A latitude goes from -90 to 90, a longitude from -180 to 180.")
    radius_m = float(found[3]) * _METRES[found[4]] if found[3] else _USUAL_M
    if not 0 < radius_m <= _FARTHEST_M:
        raise ValueError("The distance goes from 1m to 20000km.")
    return Surroundings(latitude, longitude, radius_m)


def near_text(latitude: float, longitude: float, radius_km: float) -> str:
    """The value that means this; two digits of a degree are about one kilometre."""
    return f"{latitude:.2f},{longitude:.2f},{radius_km:g}km"
