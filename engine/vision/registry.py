"""The models Photosift knows, as data: what the picker lists and what a download fetches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.types import ModelInfo, ModelSlot, ModelSource

DEMO_MODEL_ID = "photosift/demo"
DEMO_FOLDER = Path(__file__).parents[2] / "resources" / "demo" / "model"
DEMO_DETECTOR_ID = "photosift/demo-detector"
DEMO_DETECTOR_FOLDER = DEMO_FOLDER.with_name("detector")

ENGLISH_DEFAULT = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
MULTILINGUAL_DEFAULT = "google/siglip2-base-patch32-256"


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """One model of the table.

    `revision` is the hub commit that a download is pinned to; it holds safetensors.
    `download_bytes` and `memory_bytes` (both towers loaded in fp32, word tables left on the
    disk) are for people to choose by: right within some percent.
    """

    id: str
    title: str
    family: str  # a key of FAMILIES
    dim: int
    input_size: int
    languages: str
    licence: str
    download_bytes: int
    memory_bytes: int
    revision: str = "main"
    note: str = ""
    source: ModelSource = ModelSource.HUB
    slot: ModelSlot = ModelSlot.SEARCH
    threshold: float = 0.0  # a detector's: the least score that is worth showing

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
            slot=self.slot,
            memory_bytes=self.memory_bytes,
        )


REGISTRY: tuple[RegistryEntry, ...] = (
    RegistryEntry(
        id=DEMO_MODEL_ID,
        title="Photosift demo",
        family="clip",
        dim=0,  # told by its own config.json
        input_size=0,
        languages="English",
        licence="MIT",
        download_bytes=0,
        memory_bytes=20_000_000,
        note="Ships with Photosift; knows only what its sample photos show.",
        source=ModelSource.EMBEDDED,
    ),
    RegistryEntry(
        id=ENGLISH_DEFAULT,
        title="CLIP ViT-B/32, LAION-2B",
        family="clip",
        dim=512,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=608_800_000,
        memory_bytes=510_000_000,
        revision="1a25a446712ba5ee05982a381eed697ef9b435cf",
        note="The recommended model for English: quick on any computer.",
    ),
    RegistryEntry(
        id="openai/clip-vit-base-patch32",
        title="CLIP ViT-B/32, OpenAI",
        family="clip",
        dim=512,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=609_000_000,
        memory_bytes=510_000_000,
        # the hub's own conversion to safetensors: `main` has only pickled weights
        revision="c237dc49a33fc61debc9276459120b7eac67e7ef",
        note="The classic of every tutorial, as quick as the recommended one, finds less.",
    ),
    RegistryEntry(
        id="openai/clip-vit-large-patch14",
        title="CLIP ViT-L/14, OpenAI",
        family="clip",
        dim=768,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=1_715_000_000,
        memory_bytes=1_560_000_000,
        revision="32bd64288804d66eefd0ccbe215aa642df71cc41",
        note="Finds more, about 18 times the work per photo.",
    ),
    RegistryEntry(
        id="laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
        title="CLIP ViT-H/14, LAION-2B",
        family="clip",
        dim=1024,
        input_size=224,
        languages="English",
        licence="MIT",
        download_bytes=3_950_000_000,
        memory_bytes=3_750_000_000,
        revision="1c2b8495b28150b8a4922ee1c8edee224c284c0c",
        note="The best of its kind; needs a graphics card or much patience.",
    ),
    RegistryEntry(
        id=MULTILINGUAL_DEFAULT,
        title="SigLIP 2 B/32-256, Google",
        family="siglip",
        dim=768,
        input_size=256,
        languages="more than 100 languages",
        licence="Apache-2.0",
        download_bytes=1_542_000_000,
        memory_bytes=730_000_000,
        revision="94dffa8cb1179de3e03f091dbc3917e5d5a9ae84",
        note="The recommended model for any language but English; nearly as quick as ViT-B/32.",
    ),
    RegistryEntry(
        id="google/siglip2-base-patch16-224",
        title="SigLIP 2 B/16-224, Google",
        family="siglip",
        dim=768,
        input_size=224,
        languages="more than 100 languages",
        licence="Apache-2.0",
        download_bytes=1_535_000_000,
        memory_bytes=730_000_000,
        revision="75de2d55ec2d0b4efc50b3e9ad70dba96a7b2fa2",
        note="Finds more in any language, about 4 times the work per photo.",
    ),
    RegistryEntry(
        id="OFA-Sys/chinese-clip-vit-base-patch16",
        title="Chinese CLIP ViT-B/16, OFA",
        family="chinese_clip",
        dim=512,
        input_size=224,
        languages="Chinese",
        licence="MIT",
        download_bytes=753_200_000,
        memory_bytes=690_000_000,
        # the hub's own conversion to safetensors: older commits have only pickled weights
        revision="f4a64596bbcf9a2a94591b74b9dc39b2e4e77e3e",
        note="The best for Chinese, weak in English. Its authors' repository says MIT; the "
        "model's own page names no licence.",
    ),
    RegistryEntry(
        id=DEMO_DETECTOR_ID,
        title="Photosift demo detector",
        family="owlvit",
        dim=0,
        input_size=0,
        languages="English",
        licence="MIT",
        download_bytes=0,
        memory_bytes=20_000_000,
        note="Ships with Photosift; finds only the things of its sample photos.",
        source=ModelSource.EMBEDDED,
        slot=ModelSlot.DETECT,
        threshold=0.45,  # finds .85 of the things of held-out scenes; .83 of its boxes are right
    ),
    RegistryEntry(
        id="google/owlvit-base-patch32",
        title="OWL-ViT B/32, Google",
        family="owlvit",
        dim=512,
        input_size=768,
        languages="English",
        licence="Apache-2.0",
        download_bytes=613_000_000,
        memory_bytes=520_000_000,
        revision="cbc355fb364588351c5d51c7f74465e8e7ec6f72",
        note="Finds things inside of a photo by words; the quick one.",
        slot=ModelSlot.DETECT,
        threshold=0.1,
    ),
    RegistryEntry(
        id="google/owlv2-base-patch16-ensemble",
        title="OWLv2 B/16, Google",
        family="owlv2",
        dim=512,
        input_size=960,
        languages="English",
        licence="Apache-2.0",
        download_bytes=620_000_000,
        memory_bytes=530_000_000,
        revision="cfd3195ba4ea9592eec887ded089f4c08eff231d",
        note="Finds things inside of a photo by words; finds more, at least 6 times the work.",
        slot=ModelSlot.DETECT,
        threshold=0.2,
    ),
)

BY_ID = {entry.id: entry for entry in REGISTRY}


def recommended(locale: str) -> str:
    """The model to offer first to a user of a locale such as "de_DE", "zh-Hant" or "C".

    English and unknown locales get the quick English model, all others the multilingual one:
    it is the best for most languages, and also understands English.
    """
    language = locale.replace("-", "_").split(".")[0].split("_")[0].lower()
    return ENGLISH_DEFAULT if language in ("", "c", "posix", "en") else MULTILINGUAL_DEFAULT
