"""Compares pairs of photos in pixels: first their previews, then, where those fit, the photos."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from engine.catalog.duplicates import Compared, Pair
from engine.duplicate_types import Edit, Proof
from engine.errors import PhotoError
from engine.files.alignment import SIDE, Look, by_features, preview_look, refined, whole_frames
from engine.files.decode import DecoderPool
from engine.files.likeness import DIFFERENT, Hint, Likeness, compare, in_place
from engine.files.picture_hashes import pixel_hash
from engine.types import Box, Photo

_KEPT = 600  # prepared previews: 1 MB each with their features
_KEPT_WHOLE = 100  # 3 MB each
_FEW = 40  # details: previews of so little tell nothing
_APART = 0.55  # share of details a pixel away, from which two previews are no candidates

CLOSELY = "{}"
"""The proof of a pair that is not the same even where a third picture says how they lie."""


class Comparer:
    """Pictures by content, prepared once and kept while they are compared with others.

    Args:
        decoders: who opens photos.
        preview: the preview of a photo, a JPEG; raises PhotoError.
        photos: one photo within reach for each content.
    """

    def __init__(
        self,
        decoders: DecoderPool,
        preview: Callable[[Photo], bytes],
        photos: Callable[[bytes], Photo],
    ) -> None:
        self._decoders = decoders
        self._preview = preview
        self._photos = photos
        self._small: OrderedDict[bytes, Look] = OrderedDict()
        self._large: OrderedDict[bytes, Look] = OrderedDict()
        self._several: dict[bytes, bool] = {}

    def compare(self, pair: Pair, cosine: float | None = None) -> Compared:
        """Compare two contents.

        Args:
            pair: the contents.
            cosine: of their vectors, to be kept with what is found.

        Raises:
            PhotoError: one of them cannot be read; nothing is known then.
        """
        similarity = self._at_a_glance(pair)
        if similarity is not None:
            return Compared(pair, False, similarity, "", cosine)
        return told(pair, self._closely(pair), cosine)

    def compare_by_hint(self, pair: Pair, hint: Hint) -> Compared:
        """Compare two parts of a third picture, that tells how they lie to each other."""
        one = told(pair, self._closely(pair, hint), None)
        return one if one.same else replace(one, proof=CLOSELY)

    def same_pixels(self, content: bytes) -> bytes:
        """What is equal where only metadata differ. Raises PhotoError. Decodes it in full.

        Files that hold more than the pixels we look at are like nothing but themselves.
        """
        path = self._photos(content).path
        _, rest = self._decoders.beyond(path)
        return content if rest is None else pixel_hash(self._decoders.picture(path), rest)

    def _closely(self, pair: Pair, hint: Hint | None = None) -> Likeness:
        found = compare(self._whole(pair[0]), self._whole(pair[1]), hint)
        # The first page is all that was compared: a file with more of them is no copy.
        if found.same and any(self._has_several(content) for content in pair):
            return replace(found, same=False)
        return found

    def _has_several(self, content: bytes) -> bool:
        """Whether a photo has further pages, or moves."""
        photo = self._photos(content)
        if photo.format == "JPEG":
            return False
        if content not in self._several:
            self._several[content] = self._decoders.beyond(photo.path)[0]
        return self._several[content]

    def _at_a_glance(self, pair: Pair) -> float | None:
        """How alike the previews are where they cannot be one picture; None where they may be."""
        first, second = (self._glance(content) for content in pair)
        apart, nearly = _glanced(first, second)
        if apart is not None and nearly:  # as in `compare`: the first may be drawn upon
            apart, _ = _glanced(second, first)
        return apart

    def _glance(self, content: bytes) -> Look:
        found = self._small.get(content)
        if found is None:
            photo = self._photos(content)
            size = (photo.width or 0, photo.height or 0)
            found = preview_look(self._preview(photo), size)
            if found is None:
                raise PhotoError(photo.path, "its preview cannot be read")
            self._small[content] = found
            if len(self._small) > _KEPT:
                self._small.popitem(last=False)
        self._small.move_to_end(content)
        return found

    def _whole(self, content: bytes) -> Look:
        found = self._large.get(content)
        if found is None:
            photo = self._photos(content)
            rgb = self._decoders.picture(photo.path, SIDE)
            found = Look(np.ascontiguousarray(rgb), (photo.width or 1, photo.height or 1))
            self._large[content] = found
            if len(self._large) > _KEPT_WHOLE:
                self._large.popitem(last=False)
        self._large.move_to_end(content)
        return found


def _glanced(first: Look, second: Look) -> tuple[float | None, bool]:
    """0 where they cannot be one picture, None where they may be; and if the details found fit."""
    best, nearly = 1.0, False
    for matrix, mirrored in whole_frames(first, second):
        aligned = refined(first, second, matrix, mirrored=mirrored)
        if aligned is not None and len(aligned.moved):
            best = min(best, float((aligned.moved > 1).mean()))
            if best < _APART or len(aligned.moved) < _FEW:
                return None, False
            nearly |= in_place(aligned.moved, 1.0)
    found = by_features(first, second, mirrors=False)
    if found is not None:
        aligned = refined(first, second, found[0], mirrored=found[1])
        if aligned is None or len(aligned.moved) < _FEW:
            return None, False
        best = min(best, float((aligned.moved > 1).mean()))
        nearly |= in_place(aligned.moved, 1.0)
    return (None if best < _APART else 0.0), nearly


# ---- what is kept of it --------------------------------------------------------------------------


def told(pair: Pair, found: Likeness, cosine: float | None) -> Compared:
    """A finding as the catalog keeps it."""
    similarity = round(found.similarity, 5)
    if not found.same:
        return Compared(pair, False, similarity, "", cosine)
    facts: dict[str, Any] = asdict(found)
    facts["edits"] = [edit.name for edit in found.edits]
    facts["matrix"] = [round(value, 7) for value in found.matrix]
    del facts["same"], facts["similarity"]
    return Compared(pair, True, similarity, json.dumps(facts, separators=(",", ":")), cosine)


def likeness_of(found: Compared) -> Likeness:
    """The inverse of `told`."""
    if not found.same or not found.proof:
        return DIFFERENT
    facts: dict[str, Any] = json.loads(found.proof)
    known = {edit.name: edit for edit in Edit}
    return Likeness(
        same=True,
        similarity=found.similarity,
        edits=tuple(known[name] for name in facts["edits"] if name in known),
        turns=facts["turns"],
        mirrored=facts["mirrored"],
        part=None if facts["part"] is None else Box(*facts["part"]),
        part_in_second=facts["part_in_second"],
        matrix=tuple(facts["matrix"]),
        only_by_hint=facts["only_by_hint"],
    )


def proof_of(found: Likeness) -> Proof:
    """What the user is told of a finding."""
    return Proof(
        edits=found.edits,
        similarity=found.similarity,
        turns=found.turns,
        mirrored=found.mirrored,
        part=found.part,
        part_in_second=found.part_in_second,
    )
