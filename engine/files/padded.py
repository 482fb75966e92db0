"""Pictures as OWLv2 wants them: black to a square, smoothed, sampled. In decoder processes only.

transformers does this in floating point at full size: a photo of 24 megapixels takes gigabytes and
seconds. Smoothing and sampling are both sums over neighbours along a side, so they are one product
of matrices along each side here, with nothing in between but the narrow picture. A picture that
was decoded smaller is smoothed by as much less as the decoder has smoothed it already.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image  # noqa: TID253  (only the decoder processes import this module)

from engine.files.resample import Band, Picture, banded

_REACH = 4.0  # standard deviations after which the Gaussian is cut off
_MOST_TIMES = 8  # the result's side; beyond, memory counts, and means of boxes come first
_LEFT_TIMES = 3


def padded(picture: Picture, size: int, original: tuple[int, int]) -> Image.Image:
    """The picture with black on its right or below to a square, as size x size pixels.

    Args:
        picture: upright, perhaps decoded smaller than it is.
        size: pixels of the result's side.
        original: width and height of the photo, which fix how much is smoothed.

    Returns:
        RGB or L. From the full size within one grey value of transformers' (which keeps
        fractions); from a smaller one on average within half of one.

    Source: transformers' Owlv2ImageProcessorPil, which follows skimage.transform.resize.
    Cost: 60 ms for a photo of 12 megapixels that was decoded at half its size.
    """
    if picture.image.mode not in ("RGB", "L"):
        picture = Picture(picture.image.convert("RGB"))
    if max(picture.size) > _MOST_TIMES * size:
        picture = Picture(picture.image.reduce(max(picture.size) // (_LEFT_TIMES * size)))
    across, down = (
        _bands(inputs, side, max(original), size)
        for inputs, side in zip(picture.size, original, strict=True)
    )
    small = picture.summed(across, down)
    square = Image.new(small.mode, (size, size))
    square.paste(small)
    return square


@lru_cache(maxsize=64)  # photos come in few sizes
def _bands(inputs: int, length: int, side: int, size: int) -> list[Band]:
    """The weights along one side, of the outputs that see any of the picture.

    Args:
        inputs: pixels there are.
        length: pixels there were in the original.
        side: pixels of the original's square.
        size: outputs along the whole square.
    """
    shrunk = length / inputs
    # variances in pixels of the original: of the Gaussian, of sampling between two pixels; less
    # that of a box that the decoder took the mean of, and of sampling between its pixels
    sigma = max(0.0, (side / size - 1) / 2)
    left = sigma**2 + (1 - shrunk**2) / 6 - (shrunk**2 - 1) / 12
    weights = _weights(inputs, round(side / shrunk), size, side / size / shrunk,
                       max(0.0, left) ** 0.5 / shrunk)  # fmt: skip
    seen = int(np.flatnonzero(weights.any(1)).max(initial=0)) + 1
    return banded(weights[:seen])


def _weights(
    inputs: int, side: int, outputs: int, step: float, sigma: float
) -> NDArray[np.float64]:
    """(outputs, inputs): a Gaussian around two neighbours each. What is padded counts as black."""
    radius = int(_REACH * sigma + 0.5)
    steps = np.arange(-radius, radius + 1)
    bell = np.exp(-0.5 * (steps / sigma) ** 2) if radius else np.ones(1)
    bell /= bell.sum()
    place = (np.arange(outputs) + 0.5) * step - 0.5
    low = np.floor(place).astype(np.int64)
    part = place - low
    # a neighbour beyond the square is folded back first, as is what the Gaussian reaches from it
    weights = np.zeros((outputs, inputs))
    for first, share in ((low, 1 - part), (low + 1, part)):
        columns = _mirrored(_mirrored(first, side)[:, None] + steps, side)
        rows = np.broadcast_to(np.arange(outputs)[:, None], columns.shape)
        inside = columns < inputs
        np.add.at(weights, (rows[inside], columns[inside]), (share[:, None] * bell)[inside])
    return weights


def _mirrored(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Places beyond an edge, folded back at the centre of the last pixel."""
    if count == 1:
        return np.zeros_like(places)
    around = 2 * (count - 1)
    folded = np.mod(places, around)
    return np.where(folded < count, folded, around - folded)
