"""The models Photosift knows, as data: what the picker lists and what a download fetches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.types import ModelInfo, ModelSource

DEMO_MODEL_ID = "photosift/demo"
DEMO_FOLDER = Path(__file__).parents[2] / "resources" / "demo" / "model"

CLIP = "clip"
"""The family of `transformers.CLIPModel`: the only one whose towers are written so far."""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """One model of the table; `revision` is the hub commit that a download is pinned to."""

    id: str
    title: str
    family: str
    dim: int
    input_size: int
    languages: str
    licence: str
    download_bytes: int
    revision: str = "main"
    note: str = ""
    source: ModelSource = ModelSource.HUB

    def info(self, installed: bool) -> ModelInfo:
        return ModelInfo(
            id=self.id,
            title=self.title,
            source=self.source,
            languages=self.languages,
            licence=self.licence,
            dim=self.dim,
            download_bytes=self.download_bytes,
            note=self.note,
            installed=installed,
        )


REGISTRY: tuple[RegistryEntry, ...] = (
    RegistryEntry(
        id=DEMO_MODEL_ID,
        title="Photosift demo",
        family=CLIP,
        dim=0,  # told by its own config.json
        input_size=0,
        languages="English",
        licence="MIT",
        download_bytes=0,
        note="Ships with Photosift; knows only what its sample photos show.",
        source=ModelSource.EMBEDDED,
    ),
    RegistryEntry(
        id="laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        title="CLIP ViT-B/32, LAION-2B",
        family=CLIP,
        dim=512,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=608_800_000,
        revision="1a25a446712ba5ee05982a381eed697ef9b435cf",
        note="The recommended model: quick on any computer.",
    ),
    RegistryEntry(
        id="openai/clip-vit-base-patch32",
        title="CLIP ViT-B/32, OpenAI",
        family=CLIP,
        dim=512,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=609_000_000,
        # the hub's own conversion to safetensors: `main` has only pickled weights
        revision="c237dc49a33fc61debc9276459120b7eac67e7ef",
        note="The classic, as quick as the recommended one.",
    ),
    RegistryEntry(
        id="openai/clip-vit-large-patch14",
        title="CLIP ViT-L/14, OpenAI",
        family=CLIP,
        dim=768,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=1_715_000_000,
        revision="32bd64288804d66eefd0ccbe215aa642df71cc41",
        note="Finds more, about 18 times the work per photo.",
    ),
    RegistryEntry(
        id="laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
        title="CLIP ViT-H/14, LAION-2B",
        family=CLIP,
        dim=1024,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=3_950_000_000,
        revision="1c2b8495b28150b8a4922ee1c8edee224c284c0c",
        note="The best of its kind; needs a graphics card or much patience.",
    ),
)

BY_ID = {entry.id: entry for entry in REGISTRY}
