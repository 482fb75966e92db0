"""Turns one photo's embedding and the embeddings of prompts into probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelInvalid
from engine.types import Embeddings
from engine.vision.checkpoint import REMEDY, read_scalar
from engine.vision.families import FAMILIES

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles


@dataclass(frozen=True, slots=True)
class Scale:
    """How a model turns cosines into logits. `factor` is the factor itself, not its logarithm."""

    factor: float
    bias: float = 0.0
    sigmoid: bool = False


def read_scale(files: ModelFiles) -> Scale:
    """The scale in a checkpoint. Cheap: reads a few bytes.

    Raises:
        ModelInvalid: the weights changed since they were checked, or it is nonsense.
    """
    family = FAMILIES[files.family]
    try:
        exponent = read_scalar(files.tensors["logit_scale"])
        bias = read_scalar(files.tensors["logit_bias"]) if family.sigmoid else 0.0
    except (OSError, ValueError, IndexError) as error:
        raise ModelInvalid(f"The weights in {files.folder} cannot be read. {REMEDY}") from error
    # also refuses NaN; usual are 4.6 and, for SigLIP's bias, -16.5
    if not -10 < exponent < 10 or not -1000 < bias < 1000:
        raise ModelInvalid(f"The weights in {files.folder} have an impossible scale. {REMEDY}")
    return Scale(math.exp(exponent), bias, family.sigmoid)


def probabilities(
    image: NDArray[np.float32],
    texts: Embeddings,
    logit_scale: float,
    logit_bias: float = 0.0,
    *,
    sigmoid: bool = False,
) -> NDArray[np.float32]:
    """How well each of n prompts fits one photo, as transformers documents it for each family.

    CLIP and ChineseCLIP spread one photo over the prompts: `logits_per_image.softmax()`. SigLIP
    judges each prompt for itself: `torch.sigmoid(logits_per_image)`.

    Args:
        image: (dim,) float32, length 1.
        texts: (n, dim) float32, rows of length 1.
        logit_scale: the factor itself (100 for most CLIP models), not its logarithm.
        logit_bias: added to each logit; only matters with `sigmoid`.
        sigmoid: whether each prompt is judged for itself.

    Returns:
        (n,) float32 in the order of `texts`; without `sigmoid` it sums to 1. Empty for no prompts.

    Source: Radford et al. 2021, figure 3 (arXiv:2103.00020); Zhai et al. 2023, algorithm 1
    (arXiv:2303.15343).
    """
    if not len(texts):
        return np.zeros(0, np.float32)
    logits = logit_scale * (texts.astype(np.float64) @ image.astype(np.float64)) + logit_bias
    if sigmoid:
        shares = 0.5 * (1 + np.tanh(logits / 2))  # the logistic function, without overflow
    else:
        weights = np.exp(logits - logits.max())
        shares = weights / weights.sum()
    return cast("NDArray[np.float32]", shares.astype(np.float32))
