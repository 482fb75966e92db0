"""The lines of the model picker: all that is known of every model without loading one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import ModelError
from engine.types import ModelInfo, ModelSlot, ModelSource

if TYPE_CHECKING:
    from engine.types import Embeddings
    from engine.vision.models import ModelStore


def shelf(store: ModelStore) -> list[ModelInfo]:
    """Every model, with what was begun to download and what was measured here.

    Cost: some small files for each model that is on this computer.
    """
    return [_told(info, store) for info in store.all()]


def _told(info: ModelInfo, store: ModelStore) -> ModelInfo:
    if info.source is ModelSource.HUB and not info.installed:
        from engine.vision.download import begun

        return replace(info, downloaded_bytes=begun(info.id, store))
    from engine.vision.choosing import ImageChoice
    from engine.vision.detection_judge import DetectorChoice

    try:
        files = store.resolve(info.id, info.slot)
    except ModelError:  # it says why when it is chosen
        return info
    kind = DetectorChoice if info.slot is ModelSlot.DETECT else ImageChoice
    known = kind(files, _nothing_asked).record.measured
    best = next((entry for entry in known if entry.accepted), None)
    if best is None:
        return info
    return replace(info, engine=best.name, photos_per_second=best.photos_per_second)


def _nothing_asked() -> Embeddings:
    raise ModelError("Nothing is measured here.")
