"""Trains the demo's own small OWL-ViT on drawn scenes and writes it as a model folder."""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path
from random import Random

import numpy as np
import torch
from detector_pool import MOST, Batch, load_scenes, make_batch
from detector_score import mean_precision
from detector_texts import ask
from evaluate_detector import Detector, held_out
from safetensors.torch import load_file, save_file
from scene_words import LABELS
from torch import nn
from torch.nn import functional
from transformers import (
    CLIPImageProcessor,
    CLIPModel,
    CLIPTokenizer,
    OwlViTConfig,
    OwlViTForObjectDetection,
    OwlViTImageProcessor,
)
from vocabulary import make_tokenizer

SIZE, PATCH, TEXT_LENGTH = 160, 16, 16
GRID = SIZE // PATCH
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
FOLDER = Path(__file__).resolve().parent
DETECTOR_FOLDER, CLIP_FOLDER = FOLDER / "detector", FOLDER / "model"


def tokenizer_for_owl() -> CLIPTokenizer:
    """The demo's word pieces, cut and filled up to OWL-ViT's sixteen."""
    tokenizer = make_tokenizer()
    tokenizer.model_max_length = TEXT_LENGTH
    return tokenizer


def build_model(vocabulary: int, bos: int, eos: int) -> OwlViTForObjectDetection:
    """An untrained detector: the towers of the demo's CLIP model, seeing 160 x 160 pixels."""
    text = {
        "vocab_size": vocabulary, "hidden_size": 128, "intermediate_size": 512,
        "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_act": "gelu",
        "max_position_embeddings": TEXT_LENGTH,
        "bos_token_id": bos, "eos_token_id": eos, "pad_token_id": eos,
    }  # fmt: skip
    vision = {
        "hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 4,
        "num_attention_heads": 6, "hidden_act": "gelu", "image_size": SIZE, "patch_size": PATCH,
    }  # fmt: skip
    config = OwlViTConfig(text_config=text, vision_config=vision, projection_dim=128)
    model = OwlViTForObjectDetection(config)
    # transformers starts the heads so wide that no gradient gets through.
    for layer in (model.box_head.dense0, model.box_head.dense1, model.class_head.dense0):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    # At first hardly anything is there: scores start near the truth, not at one half.
    nn.init.constant_(model.class_head.logit_scale.bias, 14.0)
    nn.init.constant_(model.class_head.logit_shift.bias, -0.45)
    for head in (model.class_head.logit_scale, model.class_head.logit_shift):
        nn.init.normal_(head.weight, std=0.002)
    nn.init.normal_(model.box_head.dense2.weight, std=0.01)
    with torch.no_grad():  # boxes start wider than the one patch OWL-ViT begins with
        model.box_head.dense2.bias.copy_(torch.tensor([0.0, 0.0, 1.3, 1.6]))
    return model


def start_from_clip(model: OwlViTForObjectDetection, folder: Path) -> None:
    """Copies the CLIP model's towers, stretched to the detector's patches and places."""
    clip = CLIPModel.from_pretrained(folder)
    given = dict(clip.state_dict())
    own = model.owlvit.state_dict()
    grid = clip.config.vision_config.image_size // clip.config.vision_config.patch_size
    for name in own:
        theirs = name.replace("pre_layernorm", "pre_layrnorm")
        if theirs in given and given[theirs].shape == own[name].shape:
            own[name].copy_(given[theirs])
    kernel = given["vision_model.embeddings.patch_embedding.weight"]
    wide = functional.interpolate(kernel, (PATCH, PATCH), mode="bicubic", align_corners=False)
    wide = wide * (kernel.shape[-1] / PATCH) ** 2
    # The CLIP model sees other means and deviations: the filters and places take that over.
    seen = CLIPImageProcessor.from_pretrained(folder)
    means, stds = torch.tensor(seen.image_mean), torch.tensor(seen.image_std)
    own["vision_model.embeddings.patch_embedding.weight"].copy_(
        wide * (torch.tensor(STD) / stds).view(1, 3, 1, 1)
    )
    offset = (wide.sum((2, 3)) * ((torch.tensor(MEAN) - means) / stds)).sum(1)
    places = given["vision_model.embeddings.position_embedding.weight"]
    table = places[1:].T.reshape(1, -1, grid, grid)
    table = functional.interpolate(table, (GRID, GRID), mode="bicubic", align_corners=False)
    own["vision_model.embeddings.position_embedding.weight"].copy_(
        torch.cat([places[:1], table.flatten(2)[0].T + offset])
    )
    own["text_model.embeddings.position_embedding.weight"].copy_(
        given["text_model.embeddings.position_embedding.weight"][:TEXT_LENGTH]
    )


def assign(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Whose each patch is (-1: nobody's), and whether it lies in the middle of what is seen of it.

    Returns:
        int64 (b, patches) numbers of things; bool (b, patches).
    """
    best, owner = batch.cover.max(1)
    owned = functional.one_hot(owner, MOST).transpose(1, 2).bool() & (best > 0.4)[:, None]
    most = functional.one_hot(batch.cover.argmax(2), batch.cover.shape[2]).bool()
    # A thing too small to own a patch takes the one it fills best.
    lost = ~owned.any(2) & (batch.labels >= 0)
    taken = (most & lost[:, :, None]).any(1)
    owned = (owned & ~taken[:, None]) | (most & lost[:, :, None])
    at = (torch.arange(GRID) + 0.5) / GRID
    x, y = at.repeat(GRID), at.repeat_interleave(GRID)
    left, top, right, bottom = batch.boxes.unbind(-1)
    across = (x - (left + right)[..., None] / 2).abs() / (right - left)[..., None].clamp(min=1e-3)
    down = (y - (top + bottom)[..., None] / 2).abs() / (bottom - top)[..., None].clamp(min=1e-3)
    away = torch.maximum(across, down).masked_fill(~owned, 9.0)
    rank = away.argsort(2).argsort(2)
    room = (owned.sum(2) * 0.4).ceil().clamp(1, 6)
    middle = (owned & (rank < room[:, :, None])).any(1)
    whose = torch.where(owned.any(1), owned.float().argmax(1), -1)
    return whose, middle


def overlaps(one: torch.Tensor, other: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """IoU and generalised IoU of boxes (n, 4) pair by pair."""
    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    common = (high - low).clamp(min=0).prod(1)
    union = (one[:, 2:] - one[:, :2]).prod(1) + (other[:, 2:] - other[:, :2]).prod(1) - common
    hull = torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])
    iou = common / union.clamp(min=1e-6)
    return iou, iou - 1 + union / hull.prod(1).clamp(min=1e-6)


def losses(
    batch: Batch, logits: torch.Tensor, boxes: torch.Tensor, means: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    """The loss of one step.

    Args:
        batch: what is there.
        logits: float (b, patches, texts).
        boxes: float (b, patches, 4), middle and size.
        means: bool (texts, labels, colours), from `ask`.
    """
    whose, middle = assign(batch)
    rows, patches = torch.nonzero(whose >= 0, as_tuple=True)
    things = whose[rows, patches]
    wanted = batch.boxes[rows, things]
    said = boxes[rows, patches]
    corners = torch.cat([said[:, :2] - said[:, 2:] / 2, said[:, :2] + said[:, 2:] / 2], 1)
    iou, giou = overlaps(corners, wanted)
    inner = middle[rows, patches]
    weight = torch.where(inner, 1.0, 0.3)
    real = torch.cat([(wanted[:, :2] + wanted[:, 2:]) / 2, wanted[:, 2:] - wanted[:, :2]], 1)
    off = (said - real).abs().sum(1)
    box_loss = ((5 * off + 2 * (1 - giou)) * weight).sum() / weight.sum()
    truths = means[:, batch.labels[rows, things], batch.colours[rows, things]].T
    # A middle patch scores as well as its box fits, so the best box of a thing wins.
    quality = torch.where(inner, 0.4 + 0.6 * iou.detach().clamp(0, 1), 0.0)
    target = torch.zeros_like(logits)
    target[rows, patches] = truths * quality[:, None]
    error = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    focus = (logits.detach().sigmoid() - target).abs() ** 1.5
    # Outer patches of a thing may say its name or not: a box of theirs is good as well.
    ease = torch.ones_like(logits)
    ease[rows, patches] = torch.where(truths & ~inner[:, None], 0.25, 1.0)
    class_loss = (error * focus * ease).sum() / (target > 0).sum().clamp(min=1)
    figures = {
        "class": class_loss.item(), "box": box_loss.item(),
        "iou": iou[inner].mean().item(),
    }  # fmt: skip
    return 4 * class_loss + box_loss, figures


def export(model: OwlViTForObjectDetection, folder: Path) -> None:
    """Writes the model folder: half-precision weights that load as float32, all settings."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_for_owl()
    pictures = OwlViTImageProcessor(
        size={"height": SIZE, "width": SIZE}, crop_size={"height": SIZE, "width": SIZE},
        do_center_crop=False, resample=3, image_mean=MEAN, image_std=STD,
    )  # fmt: skip
    pictures.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    tokenizer.backend_tokenizer.model.save(str(folder))
    model.save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    half = {name: tensor.half().contiguous() for name, tensor in weights.items()}
    save_file(half, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


def train(options: argparse.Namespace) -> None:
    """The whole run: draws the scenes, trains, exports whatever validates best."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    work: Path = options.work
    scenes = load_scenes(work, options.seed, options.scenes, options.threads)
    pictures, truth = held_out(options.validation_seed, 80)
    print(f"{len(scenes.pictures)} scenes", flush=True)
    tokenizer = tokenizer_for_owl()
    model = build_model(len(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id)
    start_from_clip(model, CLIP_FOLDER)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.03},
         {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0}],
        lr=options.lr, betas=(0.9, 0.98),
    )  # fmt: skip
    average = copy.deepcopy(model)
    start, best, spent = 0, 0.0, 0.0
    checkpoint = work / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        start, best, spent = state["step"], state["best"], state["spent"]
    mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    generator = torch.Generator().manual_seed(options.seed + start)
    rng = Random(f"{options.seed}:{start}")
    chance = np.random.default_rng(options.seed + start)
    began, clock = time.process_time(), time.time()
    sums: dict[str, float] = {}
    for step in range(start, options.steps):
        rows = chance.choice(len(scenes.pictures), options.batch, replace=False)
        warm = min(1.0, (step + 1) / 100)
        rate = options.lr * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / options.steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        batch = make_batch(scenes, rows, SIZE, GRID, chance, generator)
        on = batch.labels >= 0
        present = list(zip(batch.labels[on].tolist(), batch.colours[on].tolist(), strict=True))
        texts, means = ask(present, rng)
        coded = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16):
            seen, _ = model.image_embedder(pixel_values=(batch.pictures - mean) / std)
            words = model.owlvit.text_model(**coded).pooler_output
        words = model.owlvit.text_projection(words.float())
        seen = seen.float().flatten(1, 2)
        logits, _ = model.class_predictor(seen, words[None].expand(len(rows), -1, -1))
        boxes = model.sigmoid(model.box_head(seen) + model.box_bias)
        loss, figures = losses(batch, logits, boxes, torch.from_numpy(means))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        with torch.no_grad():
            keep = min(0.995, (step + 1) / (step + 10))
            for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        for name, value in figures.items():
            sums[name] = sums.get(name, 0.0) + value
        if (step + 1) % 50 == 0:
            text = " ".join(f"{name} {value / 50:.3f}" for name, value in sums.items())
            pace = 50 * options.batch / (time.time() - clock)
            used = spent + time.process_time() - began
            print(f"{step + 1} {text} | {pace:.0f}/s, CPU {used / 60:.1f} min", flush=True)
            sums, clock = {}, time.time()
        last = step + 1 == options.steps
        if (step + 1) % 200 == 0 or last:
            export(average, work / "now")
            found = Detector(work / "now").find(pictures, [f"a photo of a {x}" for x in LABELS])
            value = mean_precision(found, truth, len(LABELS))
            print(f"{step + 1} mAP@50 {value:.3f}", flush=True)
            if value >= best:
                best = value
                export(average, options.out)
            clock = time.time()
        if (step + 1) % 100 == 0 or last:
            state = {
                "model": model.state_dict(), "average": average.state_dict(),
                "optimiser": optimiser.state_dict(), "step": step + 1, "best": best,
                "spent": spent + time.process_time() - began,
            }  # fmt: skip
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
    print(f"best mAP@50 {best:.3f}, CPU {(spent + time.process_time() - began) / 60:.1f} min")


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DETECTOR_FOLDER, help="the model folder")
    parser.add_argument("--work", type=Path, required=True, help="folder for scenes, checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--validation-seed", type=int, default=7101)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--scenes", type=int, default=12000, help="scenes to draw")
    parser.add_argument("--lr", type=float, default=6e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
