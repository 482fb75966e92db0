"""Makes random detectors whose boxes and scores are spread out as those of trained ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def write_trained_owlv2(folder: Path, trained: Path) -> None:
    """The weights of a trained OWL-ViT as an OWLv2, which sees padded pictures."""
    import shutil

    import torch
    import transformers

    source = transformers.OwlViTForObjectDetection.from_pretrained(trained)
    config: Any = source.config
    made = transformers.Owlv2ForObjectDetection(
        transformers.Owlv2Config(
            text_config=_numbers(config.text_config),
            vision_config=_numbers(config.vision_config),
            projection_dim=config.projection_dim,
        )
    )
    weights = {
        name.replace("owlvit.", "owlv2.", 1): value for name, value in source.state_dict().items()
    }
    left = made.load_state_dict(weights, strict=False)
    assert not left.unexpected_keys
    assert all(name.startswith("objectness_head") for name in left.missing_keys)
    assert all(torch.isfinite(value).all() for value in made.state_dict().values())
    made.save_pretrained(folder)
    side = config.vision_config.image_size
    transformers.Owlv2ImageProcessorPil(size={"height": side, "width": side}).save_pretrained(
        folder
    )
    for path in trained.iterdir():
        if path.suffix in (".json", ".txt") and not (folder / path.name).exists():
            shutil.copy(path, folder)


def _numbers(config: Any) -> dict[str, Any]:
    return {key: value for key, value in config.to_dict().items() if key != "model_type"}


__all__ = ["PREFIX", "Theirs", "write_detector", "write_trained_owlv2"]
