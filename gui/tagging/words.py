"""What is said of categories: shares and counts in words that need no statistics."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from engine.tag_types import CategoryState, Estimate, PhotoTag, Share, Stage, TagSource

translate = QCoreApplication.translate
DOT = " · "


def percent_text(chance: float) -> str:
    """A probability: never 0 or 100 %, which nobody knows."""
    return translate("Tags", "%1 %").replace("%1", str(max(1, min(99, round(chance * 100)))))


def of_ten(share: Share) -> str:
    """Such as "9 of 10 (8–10)"."""
    low, high = round(share.low * 10), round(share.high * 10)
    words = translate("Tags", "%1 of 10").replace("%1", str(round(share.value * 10)))
    return words if low == high else f"{words} ({low}–{high})"


def right_text(estimate: Estimate) -> str:
    """How many of the photos at the cut are expected to be right, and what that rests on."""
    if not estimate.photos:
        return translate("Tags", "No photo reaches this cut.")
    share = of_ten(estimate.precision)
    if not estimate.answers:
        words = translate("Tags", "By its words alone: about %1 right")
        return words.replace("%1", share)
    if estimate.answers == 1:
        return translate("Tags", "About %1 right, based on 1 answer").replace("%1", share)
    words = translate("Tags", "About %1 right, based on %2 answers").replace("%1", share)
    return words.replace("%2", QLocale().toString(estimate.answers))


def found_text(estimate: Estimate) -> str:
    """How many of those that belong are expected to be found."""
    if not estimate.photos:
        return ""
    words = translate("Tags", "finds about %1 of those there are")
    return words.replace("%1", of_ten(estimate.recall))


def estimate_text(estimate: Estimate) -> str:
    """Both in one line."""
    return DOT.join(part for part in (right_text(estimate), found_text(estimate)) if part)


def stage_text(state: CategoryState) -> str:
    """How far a category has learned."""
    return {
        Stage.PROMPT: translate("Tags", "Goes by its words alone so far."),
        Stage.CALIBRATED: translate("Tags", "The cut follows your answers."),
        Stage.PROBE: translate("Tags", "Has learned what the photos you accepted have in common."),
    }[state.stage]


def source_text(tag: PhotoTag) -> str:
    """Who put a tag on a photo."""
    match tag.source:
        case TagSource.USER:
            return translate("Tags", "you")
        case TagSource.FILE:
            return translate("Tags", "the file itself")
        case TagSource.DETECTION:
            words = translate("Tags", "detected")
        case _:
            words = translate("Tags", "automatic")
    return f"{words}, {percent_text(tag.score)}" if tag.score is not None else words
