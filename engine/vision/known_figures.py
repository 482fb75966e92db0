"""What the tutorials say of the photo of two cats (COCO 000000039769), and whether we agree.

The photo is not ours to ship; a user who has it, and the model, can compare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.types import ModelCheck
from engine.vision.families import FAMILIES
from engine.vision.zero_shot import probabilities

if TYPE_CHECKING:
    from engine.types import Embeddings
    from engine.vision.models import ModelFiles

CLASSIC = "openai/clip-vit-base-patch32"
DETECTOR = "google/owlvit-base-patch32"

COSINES = {"cat": 0.2482, "dog": 0.2080, "two cats": 0.2723, "truck": 0.1814, "couch": 0.2376}
SHARES = {"cat": 0.7451, "dog": 0.0039, "truck": 0.0004, "couch": 0.2507}
_TEMPLATE = "a photo of a {}"  # of SHARES
_TEMPLATES = ("{}", _TEMPLATE, "a photo of {}", "a {}", "This is a photo of a {}.")
"""Of COSINES: the tutorials do not all say which prompt they measured."""

_COSINE_OFF = 0.003  # a JPEG or PNG, Pillow or torchvision, fp32 or bf16
_SHARE_OFF = 0.02
_SCORE_OFF = 0.01
_BOX_OFF = 3.0  # pixels


class KnownBox(NamedTuple):
    """A thing in the photo of 640 x 480 pixels."""

    label: str
    score: float
    corners: tuple[float, float, float, float]


BOXES = (
    KnownBox("cat", 0.287, (324, 20, 640, 373)),
    KnownBox("remote", 0.277, (40, 72, 177, 115)),
    KnownBox("cat", 0.254, (1, 55, 315, 472)),
    KnownBox("remote", 0.147, (335, 74, 371, 187)),
    KnownBox("couch", 0.121, (4, 0, 642, 476)),
)
_SIZE = (640, 480)


def compare(files: ModelFiles, pixels: NDArray[np.uint8]) -> list[ModelCheck]:
    """Compare a model's answers with the known ones.

    Args:
        files: of a model that has known figures; of others nothing is known.
        pixels: (crop, crop, 3) uint8, the photo of two cats as the model wants it.

    Raises:
        ModelInvalid: the model does not load.
    """
    if files.info.id == CLASSIC:
        return _classic(files, pixels)
    if files.info.id == DETECTOR:
        return _detector(files, pixels)
    reason = f"only {CLASSIC} and {DETECTOR} have known figures for this photo."
    return [ModelCheck("known figures", False, f"nothing to compare with: {reason}")]


def _classic(files: ModelFiles, pixels: NDArray[np.uint8]) -> list[ModelCheck]:
    from engine.vision.clip import open_clip

    clip = open_clip(files)
    try:
        image = clip.image.embed(pixels[None])[0]
        prompts = {
            template: clip.text.embed([template.format(label) for label in COSINES])
            for template in _TEMPLATES
        }
        texts = clip.text.embed([_TEMPLATE.format(label) for label in SHARES])
    finally:
        clip.unload()
    return [
        cosine_check(image, prompts),
        share_check(probabilities(image, texts, clip.logit_scale)),
    ]


def cosine_check(image: NDArray[np.float32], prompts: dict[str, Embeddings]) -> ModelCheck:
    """The cosines of one of the usual prompts are the known ones."""
    known = np.array(list(COSINES.values()))
    off = {template: np.abs(texts @ image - known).max() for template, texts in prompts.items()}
    best = min(off, key=lambda template: off[template])
    found = _listed(dict(zip(COSINES, prompts[best] @ image, strict=True)), "{:.4f}")
    return ModelCheck(
        "known cosines",
        bool(off[best] <= _COSINE_OFF),
        f'{found} with "{best}"; the tutorials say {_listed(COSINES, "{:.4f}")}',
    )


def share_check(shares: NDArray[np.float32]) -> ModelCheck:
    """The probabilities are the known ones."""
    off = np.abs(shares - np.array(list(SHARES.values()))).max()
    found = _listed(dict(zip(SHARES, shares, strict=True)), "{:.2%}")
    return ModelCheck(
        "known probabilities",
        bool(off <= _SHARE_OFF),
        f"{found}; the tutorials say {_listed(SHARES, '{:.2%}')}",
    )


def _detector(files: ModelFiles, pixels: NDArray[np.uint8]) -> list[ModelCheck]:
    from engine.vision.reference import ReferenceDetector

    labels = list(dict.fromkeys(box.label for box in BOXES))
    queries = FAMILIES[files.family].tokenizer(files).encode(labels)
    logits, boxes = ReferenceDetector(files)(pixels[None], queries)
    return box_checks(labels, logits[0], boxes[0])


def box_checks(
    labels: list[str], logits: NDArray[np.float32], boxes: NDArray[np.float32]
) -> list[ModelCheck]:
    """Each known box is found, with its score.

    Args:
        labels: of the columns of `logits`.
        logits: (tokens, labels).
        boxes: (tokens, 4), centre and size, of 0..1.
    """
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    half = boxes[:, 2:] / 2
    corners = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], 1) * np.array(_SIZE * 2)
    checks: list[ModelCheck] = []
    for known in BOXES:
        column = scores[:, labels.index(known.label)]
        off = np.abs(corners - np.array(known.corners)).max(1)
        place = int(np.where(np.abs(column - known.score) <= _SCORE_OFF, off, np.inf).argmin())
        good = abs(column[place] - known.score) <= _SCORE_OFF and off[place] <= _BOX_OFF
        found = ", ".join(f"{edge:.0f}" for edge in corners[place])
        expected = ", ".join(f"{edge:.0f}" for edge in known.corners)
        checks.append(
            ModelCheck(
                f"known box of a {known.label}",
                bool(good),
                f"{column[place]:.3f} at ({found}); the tutorials say {known.score:.3f} at "
                f"({expected})",
            )
        )
    return checks


def _listed(values: dict[str, float], form: str) -> str:
    return ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
