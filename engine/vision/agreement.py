"""How well a faster way of computing agrees with full precision: figures and what to ask."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.types import Embeddings

MIN_AGREEMENT = 0.995
"""Least mean centred cosine to fp32 at which a shorter precision is accepted."""

MIN_OVERLAP = 0.9
"""Least share of the ten nearest photos that stays the same at which it is accepted."""

_NEAREST = 10

PROMPTS = (
    "a photo of a cat", "a dog in the snow", "people at a table", "a child playing",
    "a red car on a street", "a beach at sunset", "mountains and a lake", "a city at night",
    "a plate of food", "a cup of coffee", "a birthday cake", "flowers in a garden",
    "a bird on a branch", "a train at a station", "a boat on the water", "a bicycle",
    "an aeroplane in the sky", "a portrait of a woman", "a man with a hat", "a group of friends",
    "a wedding", "a football match", "a document with text", "a screenshot",
    "a painting", "a black and white photo", "an old building", "a bridge over a river",
    "a forest in autumn", "a bedroom", "a kitchen", "clothes on a white background",
)  # fmt: skip
"""What people search for, in a few dozen words: what a faster tower must still answer alike."""


def agreement(exact: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Mean cosine between rows after their mean is taken away; 0 when anything is not finite.

    Vectors of one model share a large common part, so a plain cosine is near 1 for anything.
    """
    if not (np.isfinite(exact).all() and np.isfinite(other).all()):
        return 0.0
    a, b = exact - exact.mean(axis=0), other - other.mean(axis=0)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1) / np.maximum(lengths, 1e-12)).mean())


def overlap(exact: Embeddings, other: Embeddings, queries: Embeddings | None = None) -> float:
    """Which share of the ten nearest photos stays the same, on average.

    Args:
        exact: (n, dim) unit vectors of photos.
        other: the same photos computed in another way.
        queries: (m, dim) unit vectors that ask; the photos themselves where None.
    """
    share = 0.0
    asked = len(exact) if queries is None else len(queries)
    a, b = (_nearest(photos, queries) for photos in (exact, other))
    for one, another in zip(a, b, strict=True):
        share += len(np.intersect1d(one, another)) / max(1, len(one))
    return share / max(1, asked)


def _nearest(photos: Embeddings, queries: Embeddings | None) -> NDArray[np.int64]:
    scores = (photos if queries is None else queries) @ photos.T
    if queries is None:
        np.fill_diagonal(scores, -np.inf)  # a photo is no answer to itself
    count = min(_NEAREST, len(photos) - (queries is None))
    return np.argsort(-scores, axis=1)[:, :count]


def sample_pixels(crop: int, count: int = 6) -> NDArray[np.uint8]:
    """Drawn pictures, (count, crop, crop, 3) uint8: smooth colours, edges and grain, all distinct.

    They differ enough that a tower which tells photos apart must tell these apart too.
    """
    random = np.random.default_rng(2024)
    y, x = np.mgrid[0:crop, 0:crop] / crop
    pictures: list[NDArray[np.uint8]] = []
    for _ in range(count):
        low, high, box = random.uniform(0, 255, (3, 3))
        wave = random.uniform(1, 9, 2)
        blend = 0.5 + 0.5 * np.sin(wave[0] * x + wave[1] * y)[..., None]
        picture = low * blend + high * (1 - blend)
        left, top = random.uniform(0.1, 0.5, 2)
        picture[(x > left) & (x < left + 0.4) & (y > top) & (y < top + 0.4)] = box
        picture += random.normal(0, 12, picture.shape)
        pictures.append(cast("NDArray[np.uint8]", np.clip(picture, 0, 255).astype(np.uint8)))
    return np.stack(pictures)
