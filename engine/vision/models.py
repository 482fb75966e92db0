"""Finds models on this computer and says, without torch, whether their files are good."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import ModelError, ModelInvalid, ModelMissing
from engine.types import EmbeddingSpace, InputSpec, ModelInfo, ModelSource
from engine.vision import checkpoint
from engine.vision.checkpoint import REMEDY, ClipConfig, Preprocessing, Tensor
from engine.vision.notes import Notes
from engine.vision.registry import BY_ID, CLIP, DEMO_FOLDER, DEMO_MODEL_ID, REGISTRY

__all__ = ["DEMO_MODEL_ID", "ModelFiles", "ModelStore"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
MANIFEST = "photosift.json"
"""Written by a download: {"id", "revision"}."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A checkpoint whose files were checked; `open_clip` needs nothing else."""

    info: ModelInfo
    folder: Path
    space: EmbeddingSpace
    spec: InputSpec
    family: str
    config: ClipConfig
    preprocessing: Preprocessing
    tensors: Mapping[str, Tensor]
    notes: Notes


class ModelStore:
    """The models on this computer. Thread-safe; never touches the network, never imports torch."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            import platformdirs

            folder = platformdirs.user_data_path("photosift", appauthor=False) / "models"
        self.folder = folder
        self._notes = Notes(folder / "known.json")

    def all(self) -> list[ModelInfo]:
        """Every model to choose from: the registry, then local folders that were used before."""
        infos = [self.info(entry.id) for entry in REGISTRY]
        for name in self._notes.folders():
            with contextlib.suppress(ModelError):  # gone or broken since: nothing to choose
                infos.append(self.info(name))
        return infos

    def info(self, model_id: str) -> ModelInfo:
        """Describe one model: an id of the registry or of the hub, or the path of a folder.

        Raises:
            ModelMissing: neither a known id nor a folder.
            ModelInvalid: a folder, but of no model that we accept.
        """
        entry = BY_ID.get(model_id)
        if entry is None:
            return self.resolve(model_id).info
        info = entry.info(self._installed(model_id))
        if info.dim or not info.installed:
            return info
        with contextlib.suppress(ModelInvalid):  # the picker lists it; using it tells what is wrong
            return replace(info, dim=checkpoint.read_config(DEMO_FOLDER).dim)
        return info

    def place(self, model_id: str) -> Path:
        """Where a download of this id belongs."""
        if not _HUB_ID.fullmatch(model_id):
            raise ModelMissing(f"{model_id!r} is neither a model's id nor a folder.")
        return self.folder / model_id.replace("/", "--")

    def resolve(self, model_id: str) -> ModelFiles:
        """Find a model's files and check them, without torch and without the network.

        Raises:
            ModelMissing: the files are not on this computer.
            ModelInvalid: they are, but are damaged, unsafe or of another kind.

        Cost: milliseconds; a local folder is hashed once (2 s per GB) and remembered.
        """
        refused: ModelInvalid | None = None
        for folder, weights, revision in self._candidates(model_id):
            try:
                return self.check(model_id, folder, weights, revision)
            except ModelInvalid as error:
                refused = refused or error
        if refused is not None:
            raise refused
        raise ModelMissing(
            f"The model {model_id} is not on this computer; download it, or choose a folder "
            "that holds it."
        )

    def _installed(self, model_id: str) -> bool:
        return any(
            (folder / "config.json").is_file() and any(weights.glob("*.safetensors"))
            for folder, weights, _ in self._candidates(model_id)
        )

    def _candidates(self, model_id: str) -> Iterator[tuple[Path, Path, str]]:
        """Folders that may hold the model and its weights, with the hub's commit where known."""
        if model_id == DEMO_MODEL_ID:
            if DEMO_FOLDER.is_dir():
                yield DEMO_FOLDER, DEMO_FOLDER, ""
            return
        if _HUB_ID.fullmatch(model_id):
            own = self.place(model_id)
            if own.is_dir():
                yield own, own, _downloaded_revision(own)
            yield from _hub_snapshots(model_id)
            if model_id in BY_ID:
                return
        # os.path never raises where pathlib does: no such user, a name too long, no permission
        folder = Path(os.path.expanduser(model_id))  # noqa: PTH111
        if model_id and os.path.isdir(folder):  # noqa: PTH112
            folder = folder.resolve()
            yield folder, folder, ""

    def check(self, model_id: str, folder: Path, weights: Path, revision: str) -> ModelFiles:
        """Check one folder as `resolve` does; `revision` is empty where only hashing tells it.

        Raises:
            ModelInvalid: with the reason and the remedy.
        """
        config = checkpoint.read_config(folder)
        preprocessing = checkpoint.read_preprocessing(folder, config)
        if not (folder / "tokenizer.json").is_file() and not (
            (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()
        ):
            raise ModelInvalid(f"{folder} has no tokenizer.json. {REMEDY}")
        files = checkpoint.weight_files(weights)
        tensors = checkpoint.read_tensors(files)
        checkpoint.check_tensors(folder, config, tensors)
        info = self._describe(model_id, folder, config)
        if not revision:
            revision = self._notes.digest([folder / "config.json", *files])
        if info.source is ModelSource.FOLDER:
            self._notes.add_folder(info.id)
        # a local checkpoint is known by its bytes alone: it may move and keep its vectors
        name = "local" if info.source is ModelSource.FOLDER else info.id
        space = EmbeddingSpace(name, revision, preprocessing.text(), "float", config.dim)
        return ModelFiles(
            info,
            folder,
            space,
            preprocessing.spec,
            CLIP,
            config,
            preprocessing,
            tensors,
            self._notes,
        )

    def _describe(self, model_id: str, folder: Path, config: ClipConfig) -> ModelInfo:
        entry = BY_ID.get(model_id)
        if entry is not None:
            return replace(entry.info(installed=True), dim=config.dim)
        from_hub = _HUB_ID.fullmatch(model_id) is not None and not Path(model_id).is_dir()
        return ModelInfo(
            id=model_id if from_hub else str(folder),
            title=model_id if from_hub else folder.name,
            source=ModelSource.HUB if from_hub else ModelSource.FOLDER,
            languages="unknown",
            licence="unknown",
            dim=config.dim,
            download_bytes=0,
            installed=True,
        )


def _downloaded_revision(folder: Path) -> str:
    try:
        return str(checkpoint.read_json(folder / MANIFEST).get("revision") or "")
    except ModelInvalid:
        return ""


def _hub_cache() -> Path:
    """The hub library's cache, found by its own rules (importing it would take .3 s)."""
    if (cache := os.environ.get("HF_HUB_CACHE")) or (
        cache := os.environ.get("HUGGINGFACE_HUB_CACHE")
    ):
        return Path(cache).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache")).expanduser() / "huggingface" / "hub"


def _hub_snapshots(model_id: str) -> Iterator[tuple[Path, Path, str]]:
    """Snapshots of a model in the hub's cache: the pinned one, that of `main`, then the others.

    For a model whose `main` has only pickled weights, transformers keeps the hub's conversion
    to safetensors in a second snapshot, alone: the two are put together again.
    """
    repository = _hub_cache() / f"models--{model_id.replace('/', '--')}"
    try:
        found = {entry.name: entry for entry in (repository / "snapshots").iterdir()}
    except OSError:
        return
    entry = BY_ID.get(model_id)
    first = [entry.revision] if entry is not None else []
    with contextlib.suppress(OSError, ValueError):
        first.append((repository / "refs" / "main").read_text(encoding="utf-8").strip())
    for name in dict.fromkeys((*first, *sorted(found))):
        if name in found and (found[name] / "config.json").is_file():
            yield found[name], found[name], name
            if not any(found[name].glob("*.safetensors")):
                for other in sorted(found):
                    if (found[other] / "model.safetensors").is_file():
                        yield found[name], found[other], other
