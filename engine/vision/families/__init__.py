"""One module per family of checkpoints: its config, its tensors, its words, its quirks."""

from __future__ import annotations

from pathlib import Path

from engine.errors import ModelInvalid
from engine.vision.checkpoint import JsonObject, as_list
from engine.vision.families.chinese_clip import CHINESE_CLIP
from engine.vision.families.clip import CLIP
from engine.vision.families.family import Family
from engine.vision.families.owl import OWLV2, OWLVIT
from engine.vision.families.siglip import SIGLIP

__all__ = ["FAMILIES", "Family", "family_of"]

FAMILIES: dict[str, Family] = {
    family.name: family for family in (CLIP, CHINESE_CLIP, SIGLIP, OWLVIT, OWLV2)
}


def family_of(folder: Path, raw: JsonObject) -> Family:
    """Whose checkpoint a config.json describes; keys that could run code are never looked at.

    Raises:
        ModelInvalid: none that we know.
    """
    kind = raw.get("model_type")
    classes = as_list(raw.get("architectures"))
    for family in FAMILIES.values():
        if kind == family.model_type and (not classes or family.class_name in classes):
            return family
    *most, last = (family.class_name for family in FAMILIES.values())
    found = classes[0] if classes else kind
    raise ModelInvalid(
        f"{folder} holds a model of kind {found!r:.60}, not a {', '.join(most)} or {last}. "
        "Choose a model of one of these classes."
    )
