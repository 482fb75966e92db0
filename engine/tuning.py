"""Finds the fastest way to compute a model on this computer, measured on the user's photos."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import PhotoError
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.types import InputSpec, PhotoId, Scope

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.catalog.photos import KnownFile
    from engine.vision.clip import ClipModel

NOTE = "Measuring the fastest way on your photos"
WORTH_WAITING = 1000
"""Photos to embed from which measuring pays before the first of them: it takes ten seconds and
makes half of the time of each. For fewer, the user sees them first."""

_AHEAD = 16


def tune(
    catalog: Catalog, decoders: DecoderPool, clip: ClipModel, waiting: Sequence[KnownFile]
) -> Iterator[str]:
    """Measure once per model and computer, when the library has photos enough for it.

    Args:
        catalog: knows further photos where too few wait.
        decoders: open the sample.
        clip: whose image tower is measured.
        waiting: photos without a vector.

    Yields:
        What it does next, to be shown; between these it can be closed, and keeps nothing then.

    Raises:
        ModelError: the model cannot be computed here.
    """
    wanted = clip.image.photos_wanted()
    if not wanted:
        return
    paths = _sample(catalog, waiting, 2 * wanted)  # some cannot be read
    if len(paths) < wanted:
        return
    yield NOTE
    sample = [*islice(decoded_pixels(decoders, clip.spec, paths), wanted)]
    if len(sample) == wanted:
        for _ in clip.image.tuning(np.stack(sample)):
            yield NOTE


def _sample(catalog: Catalog, waiting: Sequence[KnownFile], count: int) -> list[Path]:
    """From all over the library: neighbours in time look alike, and would judge too gently."""
    chance = random.Random(0)
    paths = [row.path for row in chance.sample(waiting, min(count, len(waiting)))]
    if len(paths) < count:
        known = {row.photo_id for row in waiting}
        others: list[PhotoId] = [n for n in catalog.photos.ids(Scope()) if n not in known]
        some = chance.sample(others, min(count - len(paths), len(others)))
        paths += [photo.path for photo in catalog.photos.page(some, None) if photo.online]
    return paths


def decoded_pixels(
    decoders: DecoderPool, spec: InputSpec, paths: Iterable[Path]
) -> Iterator[NDArray[np.uint8]]:
    """What a model gets of each photo; those that cannot be read are left out."""
    running: deque[Future[DecodedPhoto]] = deque()
    rest = iter(paths)
    try:
        while True:
            for path in islice(rest, _AHEAD - len(running)):
                running.append(decoders.submit(DecodeRequest(path, spec, thumbnail=False)))
            if not running:
                return
            try:
                photo = running.popleft().result()
            except PhotoError:  # indexing itself tells of it
                continue
            if photo.pixels is not None:
                yield photo.pixels
    finally:
        for future in running:
            future.cancel()
