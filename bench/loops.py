"""The loops of others that indexing is compared with, each on the same checkpoint and photos."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_PEER_BATCH = 8  # rclip's default
_PEER_AHEAD = 2 * _PEER_BATCH
_SIDE = 224
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

Loop = Callable[[Sequence[Path]], None]


def tutorial(model_folder: Path) -> Loop:
    """Open, CLIPProcessor, get_image_features, one photo at a time, fp32, default threads."""
    import torch
    from transformers import CLIPModel, CLIPProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()
    model: Any = CLIPModel.from_pretrained(model_folder).eval()
    processor: Any = CLIPProcessor.from_pretrained(model_folder)

    def loop(paths: Sequence[Path]) -> None:
        for path in paths:
            inputs = processor(images=Image.open(path).convert("RGB"), return_tensors="pt")
            with torch.no_grad():
                model.get_image_features(**inputs)

    return loop


# ---- the strongest peer ---------------------------------------------------------------------


def export_peer(model_folder: Path, graph: Path) -> None:
    """The image tower as fp32 ONNX with a free batch, as the peer ships it; kept if it is there."""
    if graph.exists():
        return
    import torch
    from transformers import CLIPVisionModelWithProjection
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    tower: Any = CLIPVisionModelWithProjection.from_pretrained(
        model_folder, attn_implementation="eager"
    )

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tower = tower.eval().requires_grad_(requires_grad=False)

        def forward(self, pixels: Any) -> Any:
            vectors = self.tower(pixel_values=pixels).image_embeds
            return vectors / vectors.norm(dim=-1, keepdim=True)

    unfinished = graph.with_suffix(".unfinished")
    with warnings.catch_warnings(action="ignore"):  # of what tracing means, at length
        _export(torch, Encoder(), unfinished)
    unfinished.replace(graph)


def _export(torch: Any, tower: Any, path: Path) -> None:
    torch.onnx.export(
        tower, (torch.zeros(2, 3, _SIDE, _SIDE),), str(path), dynamo=False,
        input_names=["pixels"], output_names=["vectors"], opset_version=17,
        dynamic_axes={"pixels": {0: "n"}, "vectors": {0: "n"}},
    )  # fmt: skip


def peer(graph: Path) -> Loop:
    """As rclip 3: threads open, hash and prepare ahead; ONNX Runtime fp32; batches of 8; SQLite.

    Source: github.com/yurijmikhalevich/rclip, rclip/main.py and rclip/utils/preprocess.py; with
    224 px, as ViT-B/32 has it, instead of its own model's 256.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])

    def loop(paths: Sequence[Path]) -> None:
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            db = sqlite3.connect(Path(folder) / "db.sqlite3")
            db.execute(
                "CREATE TABLE images (id INTEGER PRIMARY KEY, filepath TEXT UNIQUE,"
                " modified_at REAL, size INTEGER, vector BLOB, hash TEXT)"
            )
            batch: list[tuple[Path, str, NDArray[np.float32]]] = []
            for loaded in _ahead(pool, paths):
                batch.append(loaded)
                if len(batch) == _PEER_BATCH:
                    _store(db, session, batch)
                    batch = []
            if batch:
                _store(db, session, batch)
            db.commit()
            db.close()

    return loop


def _ahead(
    pool: ThreadPoolExecutor, paths: Sequence[Path]
) -> Iterator[tuple[Path, str, NDArray[np.float32]]]:
    waiting: deque[Future[tuple[Path, str, NDArray[np.float32]]]] = deque()
    for path in paths:
        waiting.append(pool.submit(_load, path))
        if len(waiting) == _PEER_AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _load(path: Path) -> tuple[Path, str, NDArray[np.float32]]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    width, height = image.size
    scale = _SIDE / min(width, height)
    size = (_SIDE, int(height * scale)) if width < height else (int(width * scale), _SIDE)
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = round((image.width - _SIDE) / 2), round((image.height - _SIDE) / 2)
    image = image.crop((left, top, left + _SIDE, top + _SIDE))
    pixels = (np.array(image, np.float32) / 255.0 - _MEAN) / _STD
    return path, digest, pixels.transpose(2, 0, 1)


def _store(
    db: sqlite3.Connection, session: Any, batch: list[tuple[Path, str, NDArray[np.float32]]]
) -> None:
    (vectors,) = session.run(None, {"pixels": np.stack([pixels for _, _, pixels in batch])})
    for (path, digest, _), vector in zip(batch, vectors, strict=True):
        info = path.stat()
        db.execute(
            "INSERT OR REPLACE INTO images(filepath, modified_at, size, vector, hash)"
            " VALUES (?, ?, ?, ?, ?)",
            (str(path), info.st_mtime, info.st_size, vector.tobytes(), digest),
        )


def timed(loop: Loop, paths: Sequence[Path]) -> float:
    """Photos per second."""
    began = time.perf_counter()
    loop(paths)
    return len(paths) / (time.perf_counter() - began)
