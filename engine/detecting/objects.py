"""By example: the thing in a drawn box, looked for in other photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.detecting.runs import Means, looked_at
from engine.detection_types import ObjectMatch, ObjectProgress
from engine.errors import PhotoError
from engine.jobs import Job, Skipped
from engine.types import Box, PhotoId

if TYPE_CHECKING:
    from engine.vision.owl_vit import Detector


def find_object(
    means: Means, detector: Detector, photo: PhotoId | Path, box: Box, ids: Sequence[PhotoId]
) -> Job[list[ObjectMatch]]:
    """Where photos show what is in a box of another photo; see `Detecting.find_object`."""
    seen = means.seeing.see(detector, photo)
    query = detector.query_of(seen.features, seen.content.width, seen.content.height, box)
    found: list[ObjectMatch] = []
    done = 0
    yield ObjectProgress(0, len(ids))
    for photo_id, path, outcome in looked_at(means, detector, ids):
        done += 1
        if isinstance(outcome, PhotoError):
            yield Skipped(path, outcome.reason)
            continue
        size = outcome.content.width, outcome.content.height
        matches = detector.look_for(outcome.features, *size, query)
        if matches:
            found.append(ObjectMatch(photo_id, *matches[0]))
        found.sort(key=lambda match: -match.score)
        yield ObjectProgress(done, len(ids), path.name, tuple(found))
    return found
