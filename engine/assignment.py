"""One photo's place in a set of categories: what tagging gives and sorting takes."""

from __future__ import annotations

from dataclasses import dataclass

from engine.types import PhotoId


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a photo belongs, and how sure that is."""

    photo_id: PhotoId
    category: str | None  # None: "none of these"
    score: float  # probability among the set, contrast prompts included
    runner_up: str | None
    margin: float  # score minus the runner-up's score
