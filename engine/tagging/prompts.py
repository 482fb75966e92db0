"""A category's words as the texts that the model is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.tag_types import TEMPLATE
from engine.types import Embeddings

_TEMPLATES = ("a photo of a {}", "a photo of the {}", "a picture of a {}")
_PLURAL = ("a photo of {}", "a photo of the {}", "a picture of {}")
_PHRASE = ("{}", "a photo of {}")
_CHINESE = ("一张{}的照片", "{}的图片", "{}")
_CONTRAST = (
    "a photo", "a photo of something", "a picture", "a photo of something else", "a thing",
    "an object", "a background", "an empty scene",
)  # fmt: skip
_PICTURE = re.compile(
    r"\b(photo|photos|photograph|picture|pictures|image|screenshot|drawing|painting|scan|selfie"
    r"|portrait|close-up|closeup)\b", re.IGNORECASE,
)  # fmt: skip
# "my dog", "two cats" and "a dog in the snow" are phrases; "dog" and "remote control" are names
_DETERMINERS = re.compile(
    r"(a|an|the|my|our|your|his|her|their|this|that|these|those|some|several|many|two|three|four"
    r"|five|no|one|something|someone|somebody|people)\b", re.IGNORECASE,
)  # fmt: skip
_JOINTS = re.compile(
    r"\b(in|on|at|with|without|of|from|by|near|under|over|behind|inside|outside|and|or|for|while"
    r"|during|to|into|through|between|against|is|are|being|who|that|which)\b", re.IGNORECASE,
)  # fmt: skip
_MOST_WORDS = 3


def texts_for(prompt: str, template: str = TEMPLATE, own: str = "") -> list[str]:
    """The texts whose mean vector stands for a prompt.

    A noun or a short name ("cat", "remote control", "mountains") is put into three templates, or
    into the set's own template where the user gave one. What says more is taken as written: a
    phrase with an article, a preposition or more than three words ("a dog in the snow") goes as it
    is and after "a photo of"; one that speaks of a photo, a picture or a screenshot itself goes as
    it is and nothing else. Chinese goes into Chinese templates.

    `own` is the template that the model was trained with; where it is another English one, names
    go into it as well.
    """
    prompt = " ".join(prompt.split())
    if re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", prompt):
        return [pattern.replace("{}", prompt) for pattern in _CHINESE]
    words = prompt.split()
    if _PICTURE.search(prompt) and len(words) > 1:
        return [prompt]
    if len(words) > _MOST_WORDS or _DETERMINERS.match(prompt) or _JOINTS.search(prompt):
        return [pattern.replace("{}", prompt) for pattern in _PHRASE]
    if template != TEMPLATE:
        return [template.replace("{}", prompt) if "{}" in template else f"{template} {prompt}"]
    plural = re.search(r"[^sui]s$", words[-1], re.IGNORECASE) is not None
    patterns = _PLURAL if plural else _TEMPLATES
    if own.isascii() and "{}" in own and own not in _TEMPLATES:
        patterns = (own, *patterns)
    return [pattern.replace("{}", prompt) for pattern in patterns]


def contrast_texts(own: Sequence[str]) -> list[str]:
    """What stands for "none of these": the user's own prompts, or a few that say nothing."""
    return [text for text in own if text.strip()] or list(_CONTRAST)


def prompts_of(name: str, prompts: Sequence[str]) -> list[str]:
    """A category's prompts; its name where it has none."""
    return [prompt for prompt in prompts if prompt.strip()] or [name]


def ensemble(
    embed: Callable[[Sequence[str]], Embeddings], texts: Sequence[str]
) -> NDArray[np.float32]:
    """(dim,) the direction that several texts have in common, length 1.

    Source: Radford et al. 2021, section 3.1.4 (arXiv:2103.00020).
    """
    mean = embed(texts).mean(0)
    return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
