"""OWL-ViT and OWLv2: what is where in a photo, for words and for examples.

A photo goes through the image tower once; what the heads read from every patch is kept
(`Features`). Words then cost a pass of the text tower, which remembers them, and one small product.
Source: Minderer et al. 2022 (arXiv:2205.06230) and 2023 (arXiv:2306.09683).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.detection_types import Detection, Label, Sight
from engine.types import Box, Embeddings, EngineMeasured, InputSpec
from engine.vision.boxes import Floats, areas, as_boxes, corners, overlaps, scores_of, thinned
from engine.vision.detection_judge import THINGS
from engine.vision.detector_towers import FeatureTower, LabelTower
from engine.vision.families import FAMILIES
from engine.vision.features import FORMAT, Features
from engine.vision.registry import BY_ID

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

FLOOR = 0.01
"""Least score that `look` tells of: far below any threshold, so that raising and lowering one
needs nothing new."""

OBJECT_THRESHOLD = 0.6
"""Least score of a thing that looks like a drawn one, as transformers has it."""

WORTH_TUNING = 200
"""Photos to look at from which measuring on them pays."""

_THRESHOLD = 0.1  # of a detector that the registry does not know
_MOST = 100  # boxes of one label in one photo
_OBJECT_OVERLAP = 0.3  # of boxes for one example; Source: post_process_image_guided_detection
_NEARLY_BEST = 0.8  # of the best overlap with a drawn box
_ARTICLES = ("a ", "an ", "the ")
_WHOLE = ("a photo of ", "photo of ")  # said as it was trained already


class Detector:
    """A checkpoint with its towers, which load on first use and work independently.

    Thread-safe. `look`, `query_of` and `look_for` never use the image tower.
    """

    def __init__(self, files: ModelFiles) -> None:
        self.files = files
        self.spec: InputSpec = files.spec
        self._padded = files.spec.pad
        self._template = FAMILIES[files.family].template
        self._text = LabelTower(files)
        self._image = FeatureTower(files, lambda: self.texts([self.prompt(t) for t in THINGS]))
        entry = BY_ID.get(files.info.id)
        self.threshold: float = entry.threshold if entry and entry.threshold else _THRESHOLD

    @property
    def fingerprint(self) -> str:
        """Of all that features depend on: kept ones are of no use to another fingerprint."""
        space = self.files.space
        named = f"{FORMAT} {space.revision} {space.preprocessing}"
        return hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def device(self) -> str:
        """Where the image tower computes; empty while it is not loaded."""
        return self._image.device

    @property
    def precision(self) -> str:
        """With which numbers: "fp32", "bf16", "int8"…; empty while it is not loaded."""
        return self._image.precision

    @property
    def engine(self) -> str:
        """Both: "openvino int8"; empty while it is not loaded."""
        return self._image.engine

    def load(self) -> None:
        """Load both towers, if they are not yet. Takes up to seconds.

        Raises:
            ModelError: a tower is not what it should be, or nothing here computes it.
        """
        self._image.load()
        self._text.load()

    def unload(self) -> None:
        """Give the memory of both towers back; the next use loads again."""
        self._image.unload()
        self._text.unload()

    @property
    def allow_int8(self) -> bool:
        """Whether 8 bits may be used where they agree. A change counts from the next photo on."""
        return self._image.allow_int8

    @allow_int8.setter
    def allow_int8(self, allowed: bool) -> None:
        self._image.allow_int8 = allowed

    @property
    def measured(self) -> tuple[EngineMeasured, ...]:
        """How each way of computing did on this computer, the fastest first."""
        return self._image.choice.record.measured

    def photos_wanted(self) -> int:
        """How many sample photos `tuning` needs; 0 when the choice is made."""
        return self._image.choice.photos_wanted()

    def tuning(self, pixels: NDArray[np.uint8]) -> Generator[str, None, None]:
        """Measure all ways on photos, 8 bits too, and use the best that agrees from then on.

        A generator of what it does next; the detector stays usable meanwhile, and closing it
        keeps nothing.

        Args:
            pixels: (n, side, side, 3) uint8 from all over the library, n ≥ `photos_wanted()`.

        Raises:
            ModelError: nothing on this computer computes it.

        Cost: about 30 photos in full precision. It pays from `WORTH_TUNING` photos on.
        """
        yield from self._image.choice.measure(pixels)
        self._image.unload()

    # ---- seeing ------------------------------------------------------------------------------

    def see(self, pixels: NDArray[np.uint8]) -> list[Features]:
        """Look at photos without knowing yet for what.

        Args:
            pixels: (n, side, side, 3) uint8, sRGB, prepared as `spec` says.

        Returns:
            What was seen of each, in order.

        Raises:
            ModelInvalid: the weights are not those of a detector.
            ModelError: nothing on this computer computes it.

        Cost: on two cores .2 to .7 s for an OWL-ViT, 2 to 7 s for an OWLv2; one photo at a time.
        """
        side = self.spec.crop
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (side, side, 3):
            raise ValueError(f"got {pixels.dtype} {pixels.shape}, not (n, {side}, {side}, 3)")
        return self._image.see(pixels) if len(pixels) else []

    def prompt(self, name: str) -> str:
        """A label as this detector was trained to read it: "cat" → "a photo of a cat"."""
        name = " ".join(name.split())
        if name.lower().startswith(_WHOLE):
            return name
        article = next((some for some in _ARTICLES if name.lower().startswith(some)), "")
        return self._template.format(name[len(article) :])

    def texts(self, prompts: Sequence[str]) -> Embeddings:
        """Words as the image tower's patches are compared with; recent ones are remembered.

        Args:
            prompts: whole phrases; see `prompt`.

        Returns:
            (n, dim) float32, rows of length 1.

        Raises:
            ModelInvalid: the weights are not those of a text tower, or its tokenizer is broken.
            ModelError: nothing on this computer computes it.
        """
        return self._text.embed(prompts)

    # ---- looking -----------------------------------------------------------------------------

    def look(
        self,
        features: Features,
        width: int,
        height: int,
        labels: Sequence[Label],
        floor: float = FLOOR,
    ) -> Sight:
        """Find labels in a photo that was seen before.

        Of a label's prompts the best one counts for each box. Of boxes of one label that show the
        same thing the best one stays; boxes of different labels never compete.

        Args:
            features: of the photo, from `see`.
            width: of the upright photo, in pixels.
            height: likewise.
            labels: what to look for. Their thresholds are for the caller, unless below `floor`.
            floor: least score of what is told.

        Returns:
            At most 100 boxes per label, best first, within the photo's edges.

        Raises:
            ModelError: the text tower is not usable.

        Cost: milliseconds for words that were asked for recently.
        """
        edges = corners(features.boxes, width, height, padded=self._padded)
        visible = areas(edges) > 0
        found: list[Detection] = []
        prompts = {label.name: self._prompts(label) for label in labels}
        vectors = self.texts([prompt for some in prompts.values() for prompt in some])
        cosines = features.cosines(vectors)
        first = 0
        for label in {label.name: label for label in labels}.values():
            count = len(prompts[label.name])
            best = scores_of(
                cosines[:, first : first + count].max(1), features.shift, features.scale
            )
            first += count
            least = floor if label.threshold is None else min(floor, label.threshold)
            found += _detections(label.name, edges, best, visible & (best >= least))
        found.sort(key=lambda detection: -detection.score)
        return Sight(width, height, tuple(found))

    def _prompts(self, label: Label) -> list[str]:
        said = [" ".join(prompt.split()) for prompt in label.prompts]
        return [prompt for prompt in said if prompt] or [self.prompt(label.name)]

    # ---- by example --------------------------------------------------------------------------

    def query_of(self, features: Features, width: int, height: int, box: Box) -> Floats:
        """What is in a drawn box, to be looked for elsewhere with `look_for`.

        Of the patches whose own boxes fit the drawn one nearly as well as the best, the one that
        is least like the photo as a whole: else a background that fills the box would do.

        Args:
            features: of the photo that it was drawn on.
            width: of that upright photo, in pixels.
            height: likewise.
            box: in its pixels.

        Returns:
            (dim,) float32, of length 1.

        Source: transformers' OwlViTForObjectDetection.embed_image_query, with the drawn box in
        place of the whole picture.
        """
        edges = corners(features.boxes, width, height, padded=self._padded)
        fit = overlaps(np.array([box], np.float32), edges)[0]
        if not fit.any():  # no patch draws a box there: the nearest one knows best
            middle = np.array([box.left + box.right, box.top + box.bottom], np.float32)
            fit = -np.hypot(*(edges[:, :2] + edges[:, 2:] - middle).T)
            places = np.array([int(fit.argmax())])
        else:
            places = np.flatnonzero(fit >= _NEARLY_BEST * fit.max())
        looks = features.looks_of(places)
        likeness = features.cosines(looks).mean(0)
        return looks[likeness.argmin()]

    def look_for(
        self,
        features: Features,
        width: int,
        height: int,
        query: Floats,
        floor: float = FLOOR,
    ) -> list[tuple[float, Box]]:
        """Where a photo shows the thing of a drawn box; see `query_of`.

        Args:
            features: of the photo to look in.
            width: of that upright photo, in pixels.
            height: likewise.
            query: (dim,) float32.
            floor: least score of what is told; `OBJECT_THRESHOLD` is a good one to show.

        Returns:
            Scores of 0..1 and boxes, best first.
        """
        edges = corners(features.boxes, width, height, padded=self._padded)
        cosines = features.cosines(query[None])[:, 0]
        scores = scores_of(cosines, features.shift, features.scale)
        places = np.flatnonzero((areas(edges) > 0) & (scores >= floor))
        kept = places[thinned(edges[places], scores[places], _MOST, _OBJECT_OVERLAP)]
        return list(zip(scores[kept].tolist(), as_boxes(edges[kept]), strict=True))


def open_detector(files: ModelFiles) -> Detector:
    """Open a checkpoint that `ModelStore.resolve` accepted. Cheap: no tower is loaded yet."""
    return Detector(files)


def _detections(
    name: str, edges: Floats, scores: Floats, wanted: NDArray[np.bool_]
) -> list[Detection]:
    places = np.flatnonzero(wanted)
    kept = places[thinned(edges[places], scores[places], _MOST)]
    boxes = as_boxes(edges[kept])
    return [Detection(name, *pair) for pair in zip(scores[kept].tolist(), boxes, strict=True)]
