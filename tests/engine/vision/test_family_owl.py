"""Where the boxes of detectors lie, against transformers, and what becomes of doubles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.types import Box
from engine.vision.boxes import as_boxes, corners, overlaps, thinned


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


def test_doubles_go_and_neighbours_stay():
    edges = np.array(
        [[0, 0, 10, 10], [1, 0, 11, 10], [9, 0, 19, 10], [0, 0, 10, 10], [50, 50, 60, 60]],
        np.float32,
    )
    scores = np.array([0.5, 0.9, 0.4, 0.5, 0.1], np.float32)
    assert thinned(edges, scores, 10).tolist() == [1, 2, 4]
    assert thinned(edges, scores, 2).tolist() == [1, 2]
    assert thinned(edges, scores, 10, overlap=0.9).tolist() == [1, 0, 2, 4]  # 0 and 3 are equal
    assert thinned(edges[:0], scores[:0], 10).tolist() == []


def test_overlap_is_the_shared_part_of_both():
    one = np.array([[0, 0, 10, 10]], np.float32)
    others = np.array(
        [[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [20, 20, 30, 30], [5, 5, 5, 5]],
        np.float32,
    )
    assert overlaps(one, others)[0].tolist() == pytest.approx([1, 1 / 3, 0, 0, 0])
    assert overlaps(others[4:], others[4:]).tolist() == [[0]]
