"""A second model for tests of switching: the demo model in a space of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

DEMO_MODEL = Path(__file__).resolve().parents[3] / "resources" / "demo" / "model"


def rotated_model(folder: Path, seed: int = 1) -> Path:
    """The demo model with both projections turned by the same random rotation.

    It finds the same photos with the same scores, but a vector of one model means nothing to
    the other: whoever mixes the two finds nonsense.
    """
    shutil.copytree(DEMO_MODEL, folder)
    weights: dict[str, Any] = load_file(folder / "model.safetensors")
    dim = weights["text_projection.weight"].shape[0]
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))
    for name in ("visual_projection.weight", "text_projection.weight"):
        turned = rotation @ weights[name].astype(np.float64)
        weights[name] = np.ascontiguousarray(turned.astype(weights[name].dtype))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def mute_model(folder: Path) -> Path:
    """The demo model with a text tower that answers the same to everything."""
    shutil.copytree(DEMO_MODEL, folder)
    weights: dict[str, Any] = load_file(folder / "model.safetensors")
    weights["text_model.final_layer_norm.weight"][:] = 0
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder
