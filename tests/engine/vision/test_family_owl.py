"""OWLv2's way of preparing a picture, and where boxes lie, against transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.types import Box
from engine.vision.boxes import as_boxes, corners
from engine.vision.owl_padding import pad_and_resize

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(96, 96), (150, 100), (61, 233), (20, 31), (1, 7), (48, 300)])
def test_the_preparation_is_that_of_transformers(shape: tuple[int, int]):
    pytest.importorskip("scipy", reason="transformers needs scipy for OWLv2's resize")
    from transformers import Owlv2ImageProcessorPil

    processor: Any = Owlv2ImageProcessorPil(size={"height": 48, "width": 48})
    given = picture(*shape)
    theirs = processor(images=[given], return_tensors="np", input_data_format="channels_last")
    ours = (pad_and_resize(given, 48) - MEAN) / STD
    off = np.abs(ours.transpose(2, 0, 1) - theirs["pixel_values"][0]).max()
    assert off < 1e-4


@pytest.mark.parametrize("padded", [False, True])
def test_boxes_are_scaled_as_transformers_does(padded: bool):
    import torch
    import transformers
    from transformers.models.owlvit.modeling_owlvit import OwlViTObjectDetectionOutput

    name = "Owlv2" if padded else "OwlViT"
    processor: Any = getattr(transformers, f"{name}ImageProcessorPil")()
    boxes = np.random.default_rng(2).uniform(0.3, 0.6, (5, 4)).astype(np.float32) * 0.7
    output: Any = OwlViTObjectDetectionOutput(
        logits=torch.full((1, 5, 1), 3.0), pred_boxes=torch.tensor(boxes)[None]
    )
    (theirs,) = processor.post_process_object_detection(output, 0.1, [(480, 640)])
    assert np.abs(corners(boxes, 640, 480, padded=padded) - theirs["boxes"].numpy()).max() < 1e-3


def test_a_box_never_leaves_the_photo():
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.5, 0.5]], np.float32)
    assert as_boxes(corners(boxes, 40, 20, padded=False)) == [
        Box(0, 0, 20, 10),
        Box(30, 15, 40, 20),
    ]
    assert as_boxes(corners(boxes, 40, 20, padded=True))[1] == Box(30, 20, 40, 20)
