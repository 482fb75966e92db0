"""What a model says of a library when nothing in particular is asked: measured once and kept."""

from __future__ import annotations

import hashlib
import io
import logging
import threading
import zipfile
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.cut import Background, background
from engine.errors import DiskError
from engine.files.disk import make_folder, replace_file
from engine.types import Embeddings, PhotoId

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model_spaces import InUse
    from engine.types import SpaceId
    from engine.vectors.vector_index import VectorIndex

log = logging.getLogger(__name__)

PROMPTS = (
    "a photo", "a person", "a woman", "a baby", "a crowd", "hands", "a wedding", "a concert",
    "a football match", "a swimmer", "a soldier", "a cook", "a cat", "a cow", "a bird",
    "an insect", "an elephant", "a lion", "a snake", "a flower", "a forest", "leaves",
    "a mountain", "a river", "the sea", "an island", "snow", "rain", "the sky", "the moon",
    "a rainbow", "smoke", "rocks", "a road", "a street", "a village", "a house", "a castle",
    "a wall", "a window", "a roof", "a bedroom", "a living room", "a classroom", "a market",
    "a museum", "a library", "an airport", "a harbour", "a farm", "a swimming pool", "a car",
    "a truck", "a bicycle", "an aeroplane", "a boat", "a tractor", "an engine", "a sign", "a map",
    "a book", "a document with text", "a screenshot", "a painting", "a statue", "a logo", "a doll",
    "a game", "a guitar", "a drum", "a phone", "a keyboard", "a television", "a clock", "glasses",
    "a shoe", "a shirt", "a bag", "jewellery", "a chair", "a bed", "a box", "a glass", "a plate",
    "a knife", "bread", "a pizza", "soup", "cheese", "an apple", "vegetables", "wine", "a knot",
    "a tool", "a machine", "a weapon", "paper", "metal", "stone", "a pattern", "something red",
    "something green", "a black and white photo", "a bright picture", "a close-up",
    "an empty room",
)  # fmt: skip
"""Everyday things of all kinds: whatever a library is about, it lacks most of them."""

_SAMPLE = 2_000  # photos that tell how a library scores in general
_PROBES = 64  # of them, as pictures to be like
_GROWN = 0.25  # of the library came or went: measure again
_SAME = 0.9999  # the cosine of a copy, which tells nothing of other photos
_WORDS_QUANTILE = 0.5  # most prompts find nothing
_PICTURES_QUANTILE = 0.1  # most photos have others like them
_CHECK = 16  # bytes of a checksum before the arrays
_ABOUT = hashlib.blake2b("\n".join(PROMPTS).encode(), digest_size=_CHECK).digest()


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """The null distributions of one embedding space in one library."""

    words: Background
    pictures: Background
    photos: int  # how many the library had
    prompts: Embeddings  # as the model embeds `PROMPTS`: they are not to be computed again


class Keeper:
    """Measures backgrounds when they are first needed or out of date, and keeps them in files.

    A file is a checked cache beside the vectors: what is torn, or of other prompts, is measured
    again. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[SpaceId, Backgrounds] = {}

    def of(self, used: InUse) -> Backgrounds:
        """The backgrounds of a model's vectors.

        Raises:
            ModelError: the text tower cannot be loaded.

        Cost: the first time a pass of the text tower over 106 prompts (1 s for a ViT-B/32), and
        .2 s whenever a quarter of the library is new; else nothing.
        """
        space = used.index.space_id
        vectors = used.index.ready()
        photos = len(vectors)
        with self._lock:
            known = self._known.get(space) or _read(used.index.background_path, vectors.dim)
            if known is None or abs(photos - known.photos) > _GROWN * known.photos:
                prompts = used.clip.text.embed(PROMPTS) if known is None else known.prompts
                known = _measured(used, vectors, prompts)
                _write(used.index.background_path, known)
            self._known[space] = known
            return known


def sample(vectors: VectorIndex) -> NDArray[np.int64]:
    """Ids of photos that stand for the library: evenly spread over the order of their coming."""
    ids = vectors.ids()
    return ids[:: -(-len(ids) // _SAMPLE)] if len(ids) else ids


def _measured(used: InUse, vectors: VectorIndex, prompts: Embeddings) -> Backgrounds:
    ids = sample(vectors)
    words = [vectors.scores(prompt, ids) for prompt in prompts]
    pictures: list[NDArray[np.float32]] = []
    for photo_id in ids[:: max(1, len(ids) // _PROBES)] if len(ids) > 1 else ():
        vector = used.index.vector(PhotoId(int(photo_id)))
        if vector is not None:
            scores = vectors.scores(vector, ids)
            scores[scores >= _SAME] = np.nan
            if not np.isnan(scores).all():
                pictures.append(scores)
    return Backgrounds(
        background(np.stack(words), _WORDS_QUANTILE),
        background(_whole(pictures), _PICTURES_QUANTILE),
        len(vectors),
        prompts,
    )


def _whole(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Rows as one array, without photos that none of them tells anything of."""
    table = np.stack(rows) if rows else np.zeros((0, 0), np.float32)
    return table[:, ~np.isnan(table).all(0)] if table.size else table


def _write(path: Path, found: Backgrounds) -> None:
    file = io.BytesIO()
    numbers = np.array([astuple(found.words), astuple(found.pictures)])
    np.savez(file, numbers=numbers, photos=np.array(found.photos), prompts=found.prompts)
    data = _ABOUT + file.getvalue()
    try:
        make_folder(path.parent)
        replace_file(path, hashlib.blake2b(data, digest_size=_CHECK).digest() + data, durable=False)
    except DiskError as error:  # measured again the next time
        log.warning("the background of a model was not kept: %s", error)


def _read(path: Path, dim: int) -> Backgrounds | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    check, data = data[:_CHECK], data[_CHECK:]
    if hashlib.blake2b(data, digest_size=_CHECK).digest() != check or data[:_CHECK] != _ABOUT:
        return None
    try:
        with np.load(io.BytesIO(data[_CHECK:]), allow_pickle=False) as arrays:
            prompts = arrays["prompts"].astype(np.float32)
            words, pictures = (Background(*map(float, row)) for row in arrays["numbers"])
            photos = int(arrays["photos"])
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile):
        return None
    if prompts.shape != (len(PROMPTS), dim):
        return None
    return Backgrounds(words, pictures, photos, prompts)
