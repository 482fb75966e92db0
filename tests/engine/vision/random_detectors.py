"""Makes random detectors whose boxes and scores are spread out as those of trained ones."""

from __future__ import annotations

from pathlib import Path

from tiny_families import TINY, Sizes, Theirs, write_family

PREFIX = {"owlvit": "OwlViT", "owlv2": "Owlv2"}


def write_detector(name: str, folder: Path, seed: int = 0, sizes: Sizes = TINY) -> None:
    """Write a random "owlvit" or "owlv2" into an empty folder.

    Heads as `write_family` makes them say 0 or 1 to everything; these give boxes of all sizes
    around their patches and scores from .1 to .9.
    """
    import torch
    import transformers

    write_family(name, folder, seed, sizes=sizes)
    model = getattr(transformers, f"{PREFIX[name]}ForObjectDetection").from_pretrained(folder)
    probe = torch.rand(1, 3, sizes.side, sizes.side)
    with torch.no_grad():
        tokens = model.image_embedder(pixel_values=probe)[0].flatten(1, 2)
        box, words = model.box_head, model.class_head
        box.dense2.weight.mul_(0.7 / box(tokens).std())
        box.dense2.bias.copy_(torch.tensor([0.0, 0.0, 1.0, 1.0]))
        words.logit_scale.weight.mul_(0.5 / words.logit_scale(tokens).std())
        words.logit_scale.bias.fill_(3.0)
        words.logit_shift.weight.mul_(0.1 / words.logit_shift(tokens).std())
        words.logit_shift.bias.fill_(0.0)
    model.save_pretrained(folder)


__all__ = ["PREFIX", "Theirs", "write_detector"]
