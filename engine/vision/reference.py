"""The image tower as transformers computes it: the measure for every faster way.

The concrete class is filled strictly and directly: `from_pretrained` would read more of a foreign
folder than we want (remote code, kernels, adapters) and only warn of missing weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles


class ReferenceImageTower:
    """`CLIPVisionModelWithProjection` in fp32, with normalisation before it."""

    def __init__(self, weights: Mapping[str, Any], files: ModelFiles, device: str) -> None:
        import torch
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection
        from transformers.utils import logging as noise

        noise.set_verbosity_error()  # our own log tells what counts
        tower = files.config.vision
        config = CLIPVisionConfig(
            hidden_size=tower.hidden,
            intermediate_size=tower.intermediate,
            num_hidden_layers=tower.layers,
            num_attention_heads=tower.heads,
            hidden_act=tower.activation,
            layer_norm_eps=tower.eps,
            projection_dim=files.config.dim,
            image_size=tower.image_size,
            patch_size=tower.patch_size,
        )
        with torch.device("meta"):
            # "sdpa" is said here so that no config.json can name a kernel to fetch
            model: Any = CLIPVisionModelWithProjection._from_config(  # pyright: ignore[reportPrivateUsage]
                config, attn_implementation="sdpa"
            )
        model.load_state_dict({name: weights[name] for name in model.state_dict()}, assign=True)
        embeddings = model.vision_model.embeddings
        embeddings.position_ids = torch.arange(embeddings.num_positions).expand(1, -1)
        self._model = model.eval().requires_grad_(False).to(device)
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(files.preprocessing.mean, device=device).view(shape)
        self._std = torch.tensor(files.preprocessing.std, device=device).view(shape)

    def __call__(self, pixels: Any) -> Any:
        """(n, crop, crop, 3) uint8 on the device → (n, dim) float32 on the device."""
        values = (pixels.permute(0, 3, 1, 2).float() / 255 - self._mean) / self._std
        return self._model(pixel_values=values).image_embeds.float()
