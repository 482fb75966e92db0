"""What the rest of the engine asks of a family of checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.types import ModelSlot
from engine.vision.checkpoint import JsonObject, Shapes
from engine.vision.model_config import ModelConfig
from engine.vision.preprocessing import Usual
from engine.vision.tower import ImagePlan, TextPlan

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles


class Words(Protocol):
    """Texts to token ids."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, cut and padded as its text tower was trained.

        Where the tower pools its last token, that is the last id of a row.
        """
        ...

    def spelled(self, text: str) -> list[str]:
        """Words of a text that it has no pieces for, so that no model can know them."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """The quirks of one class of transformers. `model_type` is config.json's word for it."""

    name: str
    model_type: str
    class_name: str
    slot: ModelSlot
    sigmoid: bool  # probabilities are sigmoid(scale · cosine + bias), not a softmax
    template: str  # the prompt that it was trained or evaluated with; {} is the label
    words_files: tuple[tuple[str, ...], ...]  # any of these sets of files makes the tokenizer
    usual: Usual
    read_config: Callable[[Path, JsonObject], ModelConfig]
    expected_shapes: Callable[[ModelConfig], Shapes]
    image_plan: Callable[[ModelFiles], ImagePlan]
    text_plan: Callable[[ModelFiles], TextPlan]
    tokenizer: Callable[[ModelFiles], Words]
