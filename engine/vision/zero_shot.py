"""Turns one photo's embedding and the embeddings of prompts into probabilities."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.types import Embeddings


def probabilities(
    image: NDArray[np.float32], texts: Embeddings, logit_scale: float
) -> NDArray[np.float32]:
    """Spread one photo over n prompts, as CLIP's `logits_per_image.softmax()` does.

    Args:
        image: (dim,) float32, length 1.
        texts: (n, dim) float32, rows of length 1.
        logit_scale: the factor itself (100 for most CLIP models), not its logarithm.

    Returns:
        (n,) float32 that sums to 1, in the order of `texts`; empty for no prompts.

    Source: Radford et al. 2021, figure 3 (arXiv:2103.00020).
    """
    if not len(texts):
        return np.zeros(0, np.float32)
    logits = logit_scale * (texts.astype(np.float64) @ image.astype(np.float64))
    weights = np.exp(logits - logits.max())
    return cast("NDArray[np.float32]", (weights / weights.sum()).astype(np.float32))
