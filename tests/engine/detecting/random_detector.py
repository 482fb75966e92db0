"""A small random OWL-ViT that finds something in every photo: for mechanics, not for meaning."""

from __future__ import annotations

from pathlib import Path

from tiny_families import write_family

from engine.detection_types import Label

LABELS = [Label("cat"), Label("dog", ("a dog", "a puppy"))]


def write_detector(folder: Path) -> Path:
    """36 pixels; scores neither all 0 nor all 1, every box about its own patch."""
    from safetensors.numpy import load_file, save_file

    write_family("owlvit", folder)
    weights = load_file(folder / "model.safetensors")
    for name in weights:
        if name.startswith("class_head.logit_"):
            weights[name] *= 0.03
        if name == "box_head.dense2.weight":
            weights[name] *= 1e-4
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder
