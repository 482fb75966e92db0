"""What cameras tell of two photos: one moment or two, a burst, a bracket, or only one scene."""

from __future__ import annotations

import math
from datetime import datetime

from engine.duplicate_types import Edit
from engine.types import Photo, PhotoMetadata

BURST_S = 3.0
SCENE_S = 600.0
_QUARTER_S = 900  # clocks differ by time zones, and those by quarters of an hour
_DAY_S = 86_400
_BRACKET_EV = 0.4


def seconds_apart(first: PhotoMetadata, second: PhotoMetadata) -> float | None:
    """Between two photos, by their cameras' clocks; None where one does not tell."""
    one, two = _moment(first), _moment(second)
    if one is None or two is None:
        return None
    return abs((one - two).total_seconds())


def two_moments(first: PhotoMetadata, second: PhotoMetadata) -> bool:
    """Whether two photos were surely taken at different moments.

    A copy keeps the date of its original; one that differs by whole quarters of an hour up to a
    day may have gone through another time zone.
    """
    apart = seconds_apart(first, second)
    if apart is None or not _one_camera(first, second):
        return False
    if apart == 0:
        fine = first.subsecond, second.subsecond
        if None not in fine and _fraction(fine[0]) != _fraction(fine[1]):
            return True
        return _exposure_apart(first, second) > _BRACKET_EV
    return not (apart <= _DAY_S and apart % _QUARTER_S == 0)


def relation(first: PhotoMetadata, second: PhotoMetadata) -> tuple[Edit, float] | None:
    """How two shots that look alike belong together, and the seconds between; None: not at all.

    Without both cameras' clocks nothing is told: what only looks alike is no shot of one scene.
    """
    apart = seconds_apart(first, second)
    if apart is None:
        return None
    if apart <= BURST_S:
        bracket = _exposure_apart(first, second) > _BRACKET_EV
        return (Edit.BRACKET if bracket else Edit.BURST), apart
    return (Edit.SCENE, apart) if apart <= SCENE_S else None


def same_frame(first: Photo, second: Photo) -> bool:
    """Whether both are a camera's own, of one size: what differs then is not a mark."""
    return (
        bool(first.camera)
        and first.camera == second.camera
        and ((first.width, first.height) == (second.width, second.height))
    )


def _one_camera(first: PhotoMetadata, second: PhotoMetadata) -> bool:
    return (first.camera_make, first.camera_model) == (second.camera_make, second.camera_model)


def _moment(facts: PhotoMetadata) -> datetime | None:
    if facts.taken_at is None:
        return None
    try:
        return datetime.fromisoformat(facts.taken_at).replace(tzinfo=None)
    except ValueError:
        return None


def _fraction(digits: str | None) -> float:
    """Cameras write .5 s as 5, 50 or 500."""
    return float(f"0.{digits}") if digits and digits.isdigit() else -1.0


def _exposure_apart(first: PhotoMetadata, second: PhotoMetadata) -> float:
    """Stops between two exposures; 0 where one does not tell."""
    one, two = _stops(first), _stops(second)
    return 0.0 if one is None or two is None else abs(one - two)


def _stops(facts: PhotoMetadata) -> float | None:
    if not facts.exposure_s or facts.exposure_s <= 0:
        return None
    number, iso = facts.f_number or 1.0, facts.iso or 100
    if number <= 0 or iso <= 0:
        return None
    return math.log2(facts.exposure_s * iso / 100 / number**2)
