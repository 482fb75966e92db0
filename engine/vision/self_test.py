"""Puts a model to the proof before its first use: every check with a figure or the reason.

What can be known differs. A model of the registry must know the world, so its towers must agree
on drawn pictures: a tower of another model gives itself away. Of an unknown checkpoint only what
is inside can be judged; whether its two towers were trained together cannot be told for sure when
it does not know the drawn things, and the test says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError, ModelInvalid
from engine.types import ModelCheck, ModelSlot, ModelSource, ModelTest
from engine.vision import drawn
from engine.vision.checkpoint import REMEDY, check_content, check_tensors, read_tensors
from engine.vision.families import FAMILIES, Family
from engine.vision.registry import BY_ID
from engine.vision.zero_shot import read_scale

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles
    from engine.vision.reference import Detections

Floats = NDArray[np.float32]

EXACT = 0.9999
"""Least centred cosine to transformers at which fp32 arithmetic is accepted."""

SHORT = 0.99
"""The same for fewer bits; the choice of an engine asks for more, on real photos."""

AGREED = 0.002
"""Share of random pairings that may fit as well as the captions; 1 of 20,001 is the least."""

_VERSION = 2
_ALIKE = 1e-4  # largest difference of two unit vectors that counts as none
_BOX_OFF = 1.0  # pixels of the detector's picture
_SCORE_OFF = 1e-3
_SAME = 1e-3  # the same of one input computed twice
_TEXTS = (
    "a photo of a cat",
    "a dog in the snow",
    "the letter z",
    "两只猫在沙发上",
    "Ein Haus am See",
)


def run(files: ModelFiles, pixels: NDArray[np.uint8] | None = None) -> ModelTest:
    """Test a model that `ModelStore.resolve` accepted, and remember when it passes.

    Args:
        files: the model.
        pixels: (n, crop, crop, 3) uint8 photos to compare with transformers too; drawn ones are
            always used.

    Cost: seconds: each tower is loaded twice, by us and by transformers. Never raises for what
    is wrong with the model.
    """
    parts: list[tuple[str, Callable[[], list[ModelCheck]]]] = [
        ("files", lambda: _files(files)),
        ("words", lambda: _words(files)),
    ]
    if FAMILIES[files.family].slot is ModelSlot.DETECT:
        parts.append(("detection", lambda: _detection(files)))
    else:
        parts.append(("towers", lambda: _towers(files, pixels)))
    test = ModelTest(files.info.id, tuple(_all(parts)))
    if test.passed:
        files.notes.add_measured(_key(files), "passed")
    return test


def passed_before(files: ModelFiles) -> bool:
    """Whether these very files passed, with these versions of what computes them. Cheap."""
    return files.notes.measured(_key(files)) == "passed"


def _key(files: ModelFiles) -> str:
    named = f"{files.info.id} {files.space.revision} {files.space.preprocessing}"
    digest = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return f"self-test {_VERSION} {digest} transformers {version('transformers')}"


def _all(parts: Sequence[tuple[str, Callable[[], list[ModelCheck]]]]) -> list[ModelCheck]:
    """The checks of each part; what follows a failed part would only repeat its reason."""
    checks: list[ModelCheck] = []
    for name, part in parts:
        try:
            checks += part()
        except ModelError as error:
            checks.append(ModelCheck(name, False, str(error)))
        except (ImportError, OSError) as error:  # the measure itself is missing or broken
            what = str(error).partition("\n")[0]
            checks.append(ModelCheck(name, False, f"torch and transformers do not load: {what}."))
        if not all(check.passed for check in checks):
            break
    return checks


# ---- files and words -------------------------------------------------------------------------


def _files(files: ModelFiles) -> list[ModelCheck]:
    """The files are as they were when they were accepted, and hold something everywhere."""
    paths = sorted({tensor.file for tensor in files.tensors.values()})
    tensors = read_tensors(paths)
    check_tensors(files.folder, FAMILIES[files.family].expected_shapes(files.config), tensors)
    expected = dict(FAMILIES[files.family].expected_shapes(files.config))
    check_content(files.folder, {name: tensors[name] for name in expected})
    size = sum(path.stat().st_size for path in paths)
    return [ModelCheck("files", True, f"{len(expected)} weights, {size / 1e6:,.0f} MB, all there")]


def _words(files: ModelFiles) -> list[ModelCheck]:
    """The tokenizer tells texts apart."""
    family = FAMILIES[files.family]
    rows = [tuple(row) for row in family.tokenizer(files).encode(_TEXTS)]
    if len(set(rows)) < 3:
        raise ModelInvalid(f"The tokenizer in {files.folder} knows too few words. {REMEDY}")
    longest = max(len(row) for row in rows)
    return [ModelCheck("words", True, f"texts are told apart, in up to {longest} tokens")]


# ---- towers ----------------------------------------------------------------------------------


def _towers(files: ModelFiles, pixels: NDArray[np.uint8] | None) -> list[ModelCheck]:
    from engine.vision.clip import open_clip

    scale = read_scale(files)
    pictures = drawn.draw(files.spec.crop, chinese=files.family == "chinese_clip")
    shown = pictures.pixels if pixels is None else np.concatenate([pictures.pixels, pixels])
    texts = [*pictures.captions, *_TEXTS]
    clip, other = open_clip(files), open_clip(files)
    try:
        images = clip.image.embed(shown)
        again = clip.image.embed(shown[:2])
        how = clip.image.precision
        clip.image.unload()
        words = clip.text.embed(texts)
        clip.text.unload()
        words_again = other.text.embed(texts[:2])  # not from the memory of recent texts
    finally:
        clip.unload()
        other.unload()
    checks = [
        ModelCheck("scale", True, f"a cosine counts {scale.factor:,.1f} times"),
        _sane("image tower", images, again, files),
        _sane("text tower", words, words_again, files),
    ]
    if not all(check.passed for check in checks):
        return checks
    checks.append(_arithmetic("image arithmetic", images, _exact_images(files, shown), how))
    checks.append(_arithmetic("text arithmetic", words, _exact_texts(files, texts), "fp32"))
    checks.append(_together(images[: len(pictures.captions)], words, files))
    return checks


def _sane(name: str, vectors: Floats, again: Floats, files: ModelFiles) -> ModelCheck:
    """The right width, finite, the same twice, and different inputs told apart."""
    dim = files.space.dim
    if vectors.shape[1] != dim or not np.isfinite(vectors).all():
        return ModelCheck(name, False, f"it gives no vectors of {dim} numbers. {REMEDY}")
    if np.abs(vectors[: len(again)] - again).max() > _SAME:
        return ModelCheck(name, False, f"it answers differently each time. {REMEDY}")
    if np.abs(vectors - vectors[:1]).max() < _ALIKE:
        return ModelCheck(name, False, f"it answers the same to everything. {REMEDY}")
    spread = float(np.linalg.norm(vectors.mean(0)))
    return ModelCheck(
        name, True, f"{dim} numbers, the same twice; {spread:.2f} of a vector is common to all"
    )


def _exact_images(files: ModelFiles, pixels: NDArray[np.uint8]) -> Floats:
    from engine.vision.reference import ReferenceImageTower

    return _unit(ReferenceImageTower(files)(pixels))


def _exact_texts(files: ModelFiles, texts: list[str]) -> Floats:
    from engine.vision.reference import ReferenceTextTower

    return _unit(ReferenceTextTower(files)(FAMILIES[files.family].tokenizer(files).encode(texts)))


def _arithmetic(name: str, ours: Floats, exact: Floats, precision: str) -> ModelCheck:
    reached = centred_cosine(exact, ours)
    bar = EXACT if precision == "fp32" else SHORT
    detail = f"centred cosine to transformers {reached:.6f} in {precision}"
    if reached >= bar:
        return ModelCheck(name, True, detail)
    return ModelCheck(name, False, f"{detail}, less than {bar}: it is not computed rightly here.")


def centred_cosine(exact: Floats, other: Floats) -> float:
    """Least cosine between rows after the mean of the exact ones is taken from both.

    Vectors of one model share a large common part, so a plain cosine is near 1 for anything.
    0 when anything is not finite.
    """
    if not (np.isfinite(exact).all() and np.isfinite(other).all()):
        return 0.0
    mean = exact.mean(0)
    a, b = exact - mean, other - mean
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(1) / np.maximum(lengths, 1e-12)).min())


def _together(images: Floats, words: Floats, files: ModelFiles) -> ModelCheck:
    """Captions fit their own pictures better than chance would have it."""
    similarity = images @ words[: len(images)].T
    share = drawn.chance(similarity)
    first = int((similarity.argmax(1) == np.arange(len(images))).sum())
    figure = f"{first} of {len(images)} drawn pictures get their own caption first"
    if share <= AGREED:
        return ModelCheck(
            "towers agree", True, f"{figure}; of random pairings {share:.3%} fit as well"
        )
    if files.info.source is ModelSource.EMBEDDED or files.info.id in BY_ID:
        return ModelCheck(
            "towers agree",
            False,
            f"{figure}, and {share:.1%} of random pairings fit as well: the image tower and the "
            f"text tower do not belong together. {REMEDY}",
        )
    return ModelCheck(
        "towers agree",
        True,
        f"{figure}: this checkpoint does not know them, so whether its towers were trained "
        "together cannot be told",
    )


def _unit(vectors: Floats) -> Floats:
    if not np.isfinite(vectors).all():
        raise ModelInvalid(f"The model computes vectors that are no numbers. {REMEDY}")
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))


# ---- detection -------------------------------------------------------------------------------


def _detection(files: ModelFiles) -> list[ModelCheck]:
    """The whole forward pass of transformers on drawn pictures, then ours."""
    from engine.vision.reference import ReferenceDetector

    family: Family = FAMILIES[files.family]
    texts = ["a red circle", "a chessboard"]
    queries = family.tokenizer(files).encode(texts)
    pictures = drawn.draw(files.spec.crop).pixels[-2:]
    detector = ReferenceDetector(files)
    found, again = detector(pictures, queries), detector(pictures[:1], queries)
    name = "detection"
    if not (np.isfinite(found.logits).all() and np.isfinite(found.boxes).all()):
        return [ModelCheck(name, False, f"it computes boxes that are no numbers. {REMEDY}")]
    if found.boxes.min() < 0 or found.boxes.max() > 1:
        return [ModelCheck(name, False, f"its boxes lie outside of the picture. {REMEDY}")]
    if np.abs(found.logits[:1] - again.logits).max() > _SAME * np.abs(found.logits).max():
        return [ModelCheck(name, False, f"it answers differently each time. {REMEDY}")]
    if np.abs(found.logits[0] - found.logits[1]).max() < _ALIKE:
        return [ModelCheck(name, False, f"it answers the same to everything. {REMEDY}")]
    count = found.boxes.shape[1]
    told = f"{count:,} boxes, all inside of the picture, the same twice"
    return [ModelCheck(name, True, told), _same_boxes(files, pictures, texts, found)]


def _same_boxes(
    files: ModelFiles, pictures: NDArray[np.uint8], texts: list[str], exact: Detections
) -> ModelCheck:
    """Our arithmetic in full precision; shorter ones are judged on photos, by the choice."""
    from engine.vision import runtime
    from engine.vision.boxes import scores_of
    from engine.vision.features import unpack
    from engine.vision.owl_vit import open_detector

    detector = open_detector(files)
    way = next(way for way in runtime.image_ways() if way.precision == "fp32")
    engine = runtime.open_image(FAMILIES[files.family].image_plan(files), way)
    try:
        seen = [unpack(columns, files.space.dim) for columns in engine(pictures)]
        vectors = detector.texts(texts)
    finally:
        engine.close()
        detector.unload()
    off_box = max(np.abs(p.boxes - b).max() for p, b in zip(seen, exact.boxes, strict=True))
    scores = [
        scores_of(photo.cosines(vectors), photo.shift[:, None], photo.scale[:, None])
        for photo in seen
    ]
    theirs = 1 / (1 + np.exp(np.clip(-exact.logits, -80, 80)))
    off_score = np.abs(np.stack(scores) - theirs).max()
    pixels = off_box * files.spec.crop
    detail = f"boxes within {pixels:.2g} pixels of transformers, scores within {off_score:.2g}"
    if pixels <= _BOX_OFF and off_score <= _SCORE_OFF:
        return ModelCheck("detection arithmetic", True, detail)
    return ModelCheck("detection arithmetic", False, f"{detail}: it is not computed rightly here.")
