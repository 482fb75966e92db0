"""Trains the demo's own small CLIP model on drawn scenes and writes it as a model folder."""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scene_facts import row_of, told_in_full, told_in_part, with_stray_word
from scene_pen import COLOURS
from scene_places import PLACES
from scene_pool import Pool, augment, make_pool
from scene_words import LABELS
from torch import nn
from torch.nn import functional
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel
from vocabulary import TEXT_LENGTH, make_tokenizer, save_tokenizer

SIZE, PATCH = 80, 10
GRID = SIZE // PATCH
MEAN, STD = [0.55, 0.55, 0.53], [0.27, 0.26, 0.28]
MODEL_FOLDER = Path(__file__).resolve().parent / "model"


def build_model(vocabulary: int, bos: int, eos: int) -> CLIPModel:
    """An untrained model: a small vision tower and a smaller text tower."""
    text = {
        "vocab_size": vocabulary, "hidden_size": 128, "intermediate_size": 512,
        "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_act": "gelu",
        "max_position_embeddings": TEXT_LENGTH, "projection_dim": 192,
        "bos_token_id": bos, "eos_token_id": eos, "pad_token_id": eos,
    }  # fmt: skip
    vision = {
        "hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 4,
        "num_attention_heads": 6, "hidden_act": "gelu", "image_size": SIZE,
        "patch_size": PATCH, "projection_dim": 192,
    }  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=192)
    return CLIPModel(config)


class Helpers(nn.Module):
    """Heads for what the boxes tell; they help the vision tower along and are not kept."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.patch_label = nn.Linear(width, len(LABELS) + 1)
        self.patch_colour = nn.Linear(width, len(COLOURS) + 1)
        self.counts = nn.Linear(width, len(LABELS) * 4)
        self.pairs = nn.Linear(width, len(LABELS) * len(COLOURS))
        self.place = nn.Linear(width, len(PLACES))
        self.night = nn.Linear(width, 1)
        # Most of the label and colour pairs are absent: start from there.
        nn.init.constant_(self.pairs.bias, -4.0)

    def loss(
        self, patches: torch.Tensor, whole: torch.Tensor, pool: Pool, rows: torch.Tensor,
        labels: torch.Tensor, colours: torch.Tensor,
    ) -> tuple[torch.Tensor, dict[str, float]]:  # fmt: skip
        """The helpers' loss, and how well they do."""
        said = self.patch_label(patches).float()
        weight = torch.where(labels > 0, 1.5, 0.5)
        flat = functional.cross_entropy(said.flatten(0, 1), labels.flatten(), reduction="none")
        dense = (flat * weight.flatten()).mean()
        tint = functional.cross_entropy(
            self.patch_colour(patches).float().flatten(0, 1), colours.flatten()
        )
        counts = self.counts(whole).float().view(-1, 4)
        count_loss = functional.cross_entropy(counts, pool.counts[rows].flatten())
        pairs = self.pairs(whole).float()
        pair_loss = functional.binary_cross_entropy_with_logits(pairs, pool.pairs[rows].flatten(1))
        place = functional.cross_entropy(self.place(whole).float(), pool.places[rows])
        night = functional.binary_cross_entropy_with_logits(
            self.night(whole).float()[:, 0], pool.nights[rows]
        )
        total = dense + 0.7 * tint + 4 * count_loss + 25 * pair_loss + 0.5 * place + 0.3 * night
        on = labels > 0
        figures = {
            "patch": (said.argmax(-1) == labels)[on].float().mean().item(),
            "count": (counts.argmax(-1) == pool.counts[rows].flatten())
            .view(-1, len(LABELS)).all(1).float().mean().item(),
        }  # fmt: skip
        return total, figures


def contrast(
    images: torch.Tensor, full: torch.Tensor, part: torch.Tensor, scale: torch.Tensor,
    full_true: torch.Tensor, part_true: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Symmetric contrastive loss in which every picture a caption is true of counts as its own.

    `full_true` and `part_true` have a row per caption and a column per picture.
    """
    never = -1e4
    loss = images.new_zeros(())
    for texts, true in ((full, full_true), (part, part_true)):
        # In full precision: half precision would blur captions that differ in one word.
        with torch.autocast("cpu", enabled=False):
            logits = scale.float() * texts.float() @ images.float().T
        target = true / true.sum(1, keepdim=True)
        loss = loss - (target * logits.log_softmax(1)).sum(1).mean()
        # From the picture: its own caption against those that are false of it.
        repeat = len(texts) // len(images)
        for k in range(repeat):
            own = torch.arange(len(images)) * repeat + k
            table = logits.T.clone()
            others = true.T.bool().clone()
            others[torch.arange(len(images)), own] = False
            table = table.masked_fill(others, never)
            loss = loss + functional.cross_entropy(table, own) / repeat
    return loss / 2


def export(model: CLIPModel, folder: Path) -> None:
    """Writes the model folder: half-precision weights that load as float32, all settings."""
    save_tokenizer(folder)
    model.save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    half = {name: tensor.half().contiguous() for name, tensor in weights.items()}
    save_file(half, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    CLIPImageProcessor(
        size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE}, resample=3,
        image_mean=MEAN, image_std=STD,
    ).save_pretrained(folder)  # fmt: skip


def train(options: argparse.Namespace) -> None:
    """The whole run: draws the pool, trains, exports now and then and at the end."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    saved_pool = work / f"pool-{options.seed}-{options.pool}.pt"
    if saved_pool.exists():
        pool: Pool = torch.load(saved_pool, weights_only=False)
    else:
        pool = make_pool(options.seed, 0, options.pool, options.threads)
        torch.save(pool, saved_pool)
    print(f"pool of {len(pool.scenes)} after {time.process_time():.0f} s", flush=True)
    tokenizer = make_tokenizer()
    model = build_model(len(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id)
    helpers = Helpers(192)
    parameters = [*model.parameters(), *helpers.parameters()]
    decayed = [p for p in parameters if p.ndim > 1]
    kept = [p for p in parameters if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": kept, "weight_decay": 0.0}],
        lr=options.lr, betas=(0.9, 0.98),
    )  # fmt: skip
    average = copy.deepcopy(model)
    start, spent = 0, 0.0
    checkpoint = work / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        helpers.load_state_dict(state["helpers"])
        average.load_state_dict(state["average"])
        if not options.fresh_schedule:
            optimiser.load_state_dict(state["optimiser"])
            start = state["step"]
        spent = state["spent"]
    mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    generator = torch.Generator().manual_seed(options.seed + start + int(spent))
    rng = Random(f"{options.seed}:{start}:{int(spent)}")
    order = torch.randperm(len(pool.scenes), generator=generator)
    at, began, clock = 0, time.process_time(), time.time()
    dense_steps = 0 if options.fresh_schedule else options.dense_steps
    sums: dict[str, float] = {}
    for step in range(start, options.steps):
        if at + options.batch > len(order):
            order, at = torch.randperm(len(pool.scenes), generator=generator), 0
        rows = order[at : at + options.batch]
        at += options.batch
        warm = min(1.0, (step + 1) / 150)
        rate = options.lr * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * step / options.steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        pictures, labels, colours = augment(pool, rows, SIZE, GRID, generator)
        with torch.autocast("cpu", torch.bfloat16):
            seen = model.vision_model(pixel_values=(pictures - mean) / std)
            patches = model.vision_model.post_layernorm(seen.last_hidden_state[:, 1:])
            loss, figures = helpers.loss(patches, seen.pooler_output, pool, rows, labels, colours)
            figures["helpers"] = loss.item()
            loss = loss * options.helper_weight
            if step >= dense_steps:
                told = [told_in_full(pool.scenes[i], rng) for i in rows.tolist()]
                for i in rows.tolist():
                    told += [told_in_part(pool.scenes[i], rng) for _ in range(2)]
                texts = [with_stray_word(text, rng) for text, _ in told]
                coded = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
                words = model.text_model(input_ids=coded["input_ids"]).pooler_output
                words = functional.normalize(model.text_projection(words).float(), dim=-1)
                image = functional.normalize(
                    model.visual_projection(seen.pooler_output).float(), dim=-1
                )
                claims = torch.from_numpy(np.stack([row_of(facts) for _, facts in told]))
                true = (claims @ (1 - pool.facts[rows]).T < 0.5).float()
                count = len(rows)
                pull = contrast(
                    image, words[:count], words[count:], model.logit_scale.exp(),
                    true[:count], true[count:],
                )  # fmt: skip
                figures["contrast"] = pull.item()
                loss = loss + options.contrast_weight * pull
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(60))
            keep = min(0.99, (step + 1) / (step + 10))
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
        if (step + 1) % 100 == 0 or step + 1 == options.steps:
            torch.save(
                {
                    "model": model.state_dict(), "helpers": helpers.state_dict(),
                    "average": average.state_dict(), "optimiser": optimiser.state_dict(),
                    "step": step + 1, "spent": spent + time.process_time() - began,
                },
                checkpoint,
            )  # fmt: skip
            export(average, work / "model")
    export(average, options.out)
    print(f"CPU {(spent + time.process_time() - began) / 60:.1f} min in all", flush=True)


def main() -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_FOLDER, help="the model folder")
    parser.add_argument("--work", type=Path, required=True, help="folder for pool and checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1250)
    parser.add_argument("--dense-steps", type=int, default=340, help="steps without captions")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--pool", type=int, default=40000, help="scenes to draw")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--helper-weight", type=float, default=1.0)
    parser.add_argument("--contrast-weight", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--fresh-schedule", action="store_true", help="resume with a new schedule")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
