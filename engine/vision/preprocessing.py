"""preprocessor_config.json: what happens between an upright photo and the image tower."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelInvalid
from engine.types import InputSpec
from engine.vision.checkpoint import REMEDY, JsonObject, as_list, as_object, read_json

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_MOST = 10.0  # of a mean or deviation of 0..1 pixels; beyond it weights would overflow
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What happens between an upright photo and the tower; `mean` and `std` are of 0..1 pixels."""

    spec: InputSpec
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def text(self) -> str:
        """A compact, stable name: photos prepared differently are not comparable."""
        spec = self.spec
        shape = f"resize{spec.resize}-crop{spec.crop}" if spec.keep_aspect else f"fit{spec.crop}"
        mean = ",".join(f"{value:.6g}" for value in self.mean)
        std = ",".join(f"{value:.6g}" for value in self.std)
        pad = "pad-" if spec.pad else ""
        return f"{pad}{shape}-resample{spec.resample}-mean{mean}-std{std}"


@dataclass(frozen=True, slots=True)
class Usual:
    """What transformers' image processor of a family does where its file says nothing.

    `keep_aspect` also tells what a single number for the size means.
    """

    keep_aspect: bool
    crop: bool
    resample: int = 3
    mean: tuple[float, float, float] = CLIP_MEAN
    std: tuple[float, float, float] = CLIP_STD
    pads: bool = False


def read_preprocessing(folder: Path, wanted: int, usual: Usual) -> Preprocessing:
    """Read how photos are prepared, in the old and the new spelling of transformers.

    Args:
        folder: with preprocessor_config.json, or processor_config.json.
        wanted: the size of the image tower's picture.
        usual: what is not written there.

    Raises:
        ModelInvalid: the file is missing, or asks for something that we do not do.
    """
    path, raw = _find(folder)
    steps = ("do_resize", "do_normalize", "do_rescale")
    if "rescale" in raw and "do_rescale" not in raw:  # early OWL-ViT
        raw = {**raw, "do_rescale": raw["rescale"]}
    done = all(_yes(raw, step, usual=True) for step in steps)
    fallback: object = {"shortest_edge": wanted} if usual.keep_aspect else [wanted, wanted]
    edge, keep_aspect = _edge(raw.get("size", fallback), usual.keep_aspect)
    crops = _yes(raw, "do_center_crop", usual=usual.crop)
    cut, _ = _edge(raw.get("crop_size") or wanted, usual.keep_aspect)
    if not keep_aspect:
        cut = edge  # squeezed: to the final size, or to one that we do not do
    elif not crops:
        cut = 0
    factor = raw.get("rescale_factor", 1 / 255)
    usable = isinstance(factor, int | float) and math.isclose(factor, 1 / 255, rel_tol=1e-3)
    pad = _yes(raw, "do_pad", usual=usual.pads)
    if not (done and usable and edge and cut == wanted and pad == usual.pads) or (
        keep_aspect and edge < cut
    ):
        raise ModelInvalid(f"{path} asks for a preparation of photos that we do not do. {REMEDY}")
    resample = raw.get("resample", usual.resample)
    if isinstance(resample, bool) or not isinstance(resample, int) or not 0 <= resample <= 5:
        raise ModelInvalid(f"{path} names no known resampling: {resample!r:.60}. {REMEDY}")
    return Preprocessing(
        InputSpec(edge, cut, resample, keep_aspect, pad),
        _channels(path, raw.get("image_mean", list(usual.mean)), least=-_MOST),
        _channels(path, raw.get("image_std", list(usual.std)), least=_LEAST),
    )


def _find(folder: Path) -> tuple[Path, JsonObject]:
    path = folder / "preprocessor_config.json"
    if path.exists():
        return path, read_json(path)
    path = folder / "processor_config.json"
    if not path.exists():
        raise ModelInvalid(f"{folder} has no preprocessor_config.json. {REMEDY}")
    return path, as_object(read_json(path).get("image_processor"))


def _yes(raw: JsonObject, step: str, *, usual: bool) -> bool:
    value = raw.get(step)
    return usual if value is None else value is True


def _edge(size: object, plain: bool) -> tuple[int, bool]:
    """(pixels, keeps its aspect) of 224, {"shortest_edge": 224}, {"height": …, "width": …}."""
    if isinstance(size, int) and not isinstance(size, bool) and 0 < size <= 4096:
        return size, plain
    parts = as_object(size)
    edge = parts.get("shortest_edge")
    if isinstance(edge, int) and 0 < edge <= 4096:
        return edge, True
    sides = as_list(size) or [parts.get("height"), parts.get("width")]
    if len(sides) == 2 and isinstance(sides[0], int) and sides[0] == sides[1]:
        return (sides[0], False) if 0 < sides[0] <= 4096 else (0, True)
    return 0, True


def _channels(path: Path, value: object, *, least: float) -> tuple[float, float, float]:
    numbers = [
        float(entry)
        for entry in as_list(value)
        if isinstance(entry, int | float) and least <= entry <= _MOST
    ]
    if len(numbers) != 3:
        raise ModelInvalid(f"{path} has an impossible image_mean or image_std. {REMEDY}")
    return numbers[0], numbers[1], numbers[2]
