"""Makes tiny random CLIP checkpoints, and asks transformers itself for the right answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

START, END = "<|startoftext|>", "<|endoftext|>"


def write_tiny_tokenizer(folder: Path) -> int:
    """Write CLIP's tokenizer with bytes for a vocabulary and a few merges; returns its size."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    merges = [("c", "a"), ("ca", "t</w>"), ("d", "o"), ("do", "g</w>"), ("r", "e"), ("re", "d</w>")]
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += [first + second for first, second in merges] + [START, END]
    (folder / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(words)}))
    lines = ["#version: 0.2", *(f"{first} {second}" for first, second in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    return len(words)


def write_checkpoint(folder: Path, vocabulary: int, seed: int = 0, **sizes: Any) -> None:
    """Write a random CLIPModel with its preprocessing as transformers itself would."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(seed)
    config: Any = CLIPConfig(
        text_config={"vocab_size": vocabulary, "bos_token_id": vocabulary - 2,
                     "eos_token_id": vocabulary - 1, **sizes.get("text", {})},
        vision_config=sizes.get("vision", {}),
        projection_dim=sizes.get("dim", 512),
    )  # fmt: skip
    model = CLIPModel(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name or name.endswith("bias"):
                weight.add_(torch.randn_like(weight) * 0.1)  # as trained, unlike 1 and 0
            elif weight.ndim > 1:
                weight.mul_(3)  # so that inputs make a difference
    model.save_pretrained(folder)
    side = config.vision_config.image_size
    CLIPImageProcessorPil(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    ).save_pretrained(folder)


TINY: dict[str, Any] = {
    "text": {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
             "num_attention_heads": 4},
    "vision": {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 3,
               "num_attention_heads": 4, "image_size": 32, "patch_size": 8},
    "dim": 24,
}  # fmt: skip


def load_reference(folder: Path) -> Callable[[Any, list[str]], Any]:
    import torch
    from PIL import Image
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    model: Any = CLIPModel.from_pretrained(folder, use_safetensors=True).eval()
    tokenizer: Any = CLIPTokenizer.from_pretrained(folder)
    processor: Any = CLIPImageProcessorPil.from_pretrained(folder)

    def answer(pixels: Any, texts: list[str]) -> Any:
        words = tokenizer(
            texts, padding="max_length", truncation=True, max_length=77, return_tensors="pt"
        )
        pictures = [Image.fromarray(picture) for picture in pixels]
        with torch.inference_mode():
            return model(**words, **processor(images=pictures, return_tensors="pt"))

    return answer


def random_pixels(count: int, crop: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (count, crop, crop, 3), dtype=np.uint8)
