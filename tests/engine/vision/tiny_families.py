"""Makes random checkpoints of every family, by transformers itself, with its processors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tiny_clip import write_tiny_tokenizer

SIDE, PATCH = 36, 8  # the last four pixels of a row belong to no patch
_TOWER: dict[str, Any] = {"num_hidden_layers": 2, "num_attention_heads": 4}
_TEXT = {**_TOWER, "hidden_size": 32, "intermediate_size": 64}
_VISION = {**_TOWER, "hidden_size": 48, "intermediate_size": 96, "image_size": SIDE,
           "patch_size": PATCH}  # fmt: skip


class Sizes(NamedTuple):
    """What a checkpoint is made of, in the words of its config.json."""

    text: dict[str, Any]
    vision: dict[str, Any]
    dim: int

    @property
    def side(self) -> int:
        """Of the picture."""
        return self.vision["image_size"]


TINY = Sizes(_TEXT, _VISION, 24)
_OWL = {"hidden_size": 768, "image_size": 768, "patch_size": 32}
FULL: dict[str, Sizes] = {
    "clip": Sizes({}, {"image_size": 224}, 512),
    "chinese_clip": Sizes({}, {"image_size": 224, "patch_size": 16}, 512),
    "siglip": Sizes({}, {"hidden_size": 768, "image_size": 256, "patch_size": 32}, 768),
    "owlvit": Sizes({}, _OWL, 512),
    "owlv2": Sizes({}, {**_OWL, "image_size": 960, "patch_size": 16}, 512),
}
"""The real ones: ViT-B/32, Chinese CLIP B/16, SigLIP 2 B/32-256, OWL-ViT B/32, OWLv2 B/16."""


def write_family(
    name: str, folder: Path, seed: int = 0, activation: str | None = None, sizes: Sizes = TINY
) -> None:
    """Write a whole random checkpoint of a family of FAMILIES into an empty folder."""
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(seed)
    gain = 3.0 if sizes is TINY else 1.5
    if activation is not None:
        more = {"hidden_act": activation}
        sizes = Sizes({**sizes.text, **more}, {**sizes.vision, **more}, sizes.dim)
    model = _MODELS[name](folder, sizes)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if "norm" in key.lower() or key.endswith("bias"):
                weight.add_(torch.randn_like(weight) * 0.1)  # as trained, unlike 1 and 0
            elif weight.ndim > 1:
                weight.mul_(gain)  # so that inputs make a difference
        scale = dict(model.named_parameters()).get("logit_scale")
        if scale is not None:
            scale.fill_(2.5)
    model.save_pretrained(folder)


def _clip(folder: Path, sizes: Sizes) -> Any:
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    CLIPImageProcessorPil(
        size={"shortest_edge": sizes.side}, crop_size={"height": sizes.side, "width": sizes.side}
    ).save_pretrained(folder)
    words = _word_ids(write_tiny_tokenizer(folder))
    return CLIPModel(
        CLIPConfig(
            text_config={**sizes.text, **words},
            vision_config=sizes.vision,
            projection_dim=sizes.dim,
        )
    )


def _word_ids(vocabulary: int) -> dict[str, int]:
    return {"vocab_size": vocabulary, "bos_token_id": vocabulary - 2,
            "eos_token_id": vocabulary - 1}  # fmt: skip


CHINESE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"一只猫在沙发上的照片狗两张日本语",
           *"abcdefghijklmnopqrstuvwxyz0123456789!,.'-", "##s", "##at", "ca", "photo", "of",
           *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789")]  # fmt: skip


def _chinese_clip(folder: Path, sizes: Sizes) -> Any:
    from transformers import ChineseCLIPConfig, ChineseCLIPImageProcessorPil, ChineseCLIPModel

    ChineseCLIPImageProcessorPil(
        size={"height": sizes.side, "width": sizes.side}, do_center_crop=False
    ).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(CHINESE) + "\n", encoding="utf-8")
    return ChineseCLIPModel(
        ChineseCLIPConfig(
            text_config={**sizes.text, "vocab_size": len(CHINESE),
                         "max_position_embeddings": 60},
            vision_config=sizes.vision,
            projection_dim=sizes.dim,
        )
    )  # fmt: skip


def write_gemma_tokenizer(folder: Path) -> int:
    """Write SigLIP 2's tokenizer, with few words; returns how many."""
    from transformers import Siglip2Tokenizer

    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    words += [f"<0x{byte:02X}>" for byte in range(256)]
    words += ["▁", *"abcdefghijklmnopqrstuvwxyz0123456789.,!'-", *"日本語猫狗"]
    merges: Any = [("c", "a"), ("ca", "t"), ("▁", "d"), ("o", "g"), ("▁d", "og")]
    words += [first + second for first, second in merges]
    Siglip2Tokenizer(
        vocab={word: n for n, word in enumerate(words)}, merges=merges, add_bos_token=False,
        add_eos_token=True, padding_side="right", model_max_length=64,
    ).save_pretrained(folder)  # fmt: skip
    return len(words)


def _siglip(folder: Path, sizes: Sizes) -> Any:
    import torch
    from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

    SiglipImageProcessorPil(
        size={"height": sizes.side, "width": sizes.side}, resample=2
    ).save_pretrained(folder)
    vocabulary = write_gemma_tokenizer(folder)
    model = SiglipModel(
        SiglipConfig(
            text_config={
                **sizes.text,
                "vocab_size": vocabulary,
                "projection_size": sizes.vision["hidden_size"],
            },
            vision_config=sizes.vision,
        )
    )
    with torch.no_grad():
        model.logit_bias.fill_(-1.5)
    return model


def _owl(folder: Path, sizes: Sizes, module: Any, name: str) -> Any:
    words = _word_ids(write_tiny_tokenizer(folder))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 16, "pad_token": "!"})
    )
    config = getattr(module, f"{name}Config")(
        text_config={**sizes.text, **words},
        vision_config=sizes.vision,
        projection_dim=sizes.text.get("hidden_size", 512),
    )
    return getattr(module, f"{name}ForObjectDetection")(config)


def _owlvit(folder: Path, sizes: Sizes) -> Any:
    import transformers

    transformers.OwlViTImageProcessorPil(
        size={"height": sizes.side, "width": sizes.side}
    ).save_pretrained(folder)
    return _owl(folder, sizes, transformers, "OwlViT")


def _owlv2(folder: Path, sizes: Sizes) -> Any:
    import transformers

    transformers.Owlv2ImageProcessorPil(
        size={"height": sizes.side, "width": sizes.side}
    ).save_pretrained(folder)
    return _owl(folder, sizes, transformers, "Owlv2")


_MODELS: dict[str, Callable[[Path, Sizes], Any]] = {
    "clip": _clip,
    "chinese_clip": _chinese_clip,
    "siglip": _siglip,
    "owlvit": _owlvit,
    "owlv2": _owlv2,
}


class Theirs:
    """transformers' own model, tokenizer and image processor of a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        import transformers

        prefix = {"clip": "CLIP", "chinese_clip": "ChineseCLIP", "siglip": "Siglip",
                  "owlvit": "OwlViT", "owlv2": "Owlv2"}[name]  # fmt: skip
        words = {"chinese_clip": "BertTokenizer", "siglip": "Siglip2Tokenizer"}
        kind = "ForObjectDetection" if name.startswith("owl") else "Model"

        def load(what: str) -> Any:
            return getattr(transformers, what).from_pretrained(folder)

        self._name = name
        self.model: Any = load(f"{prefix}{kind}").eval()
        self.tokenizer: Any = load(words.get(name, "CLIPTokenizer"))
        self.processor: Any = load(f"{prefix}ImageProcessorPil")
        self._most = {"clip": 77, "chinese_clip": 52, "siglip": 64}.get(name, 16)

    def words(self, texts: list[str]) -> Any:
        """The encoding that the family's documentation asks for."""
        padding = True if self._name == "chinese_clip" else "max_length"
        return self.tokenizer(
            texts, padding=padding, truncation=True, max_length=self._most, return_tensors="pt"
        )

    def answer(self, pictures: Any, texts: list[str]) -> Any:
        """The forward pass over upright pictures (height, width, 3) uint8 and texts."""
        import torch

        words = dict(self.words(texts))
        if self._name == "siglip":  # trained without a mask, and none is documented
            words.pop("attention_mask", None)
        values = self.processor(images=list(pictures), return_tensors="pt")
        with torch.inference_mode():
            return self.model(**words, pixel_values=values["pixel_values"])

    def image_vectors(self, pictures: Any) -> Any:
        """(n, dim) before normalisation."""
        import torch

        values = self.processor(images=list(pictures), return_tensors="pt")["pixel_values"]
        with torch.inference_mode():
            return self.model.get_image_features(values).pooler_output.numpy()
