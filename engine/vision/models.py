"""Finds models on this computer and says, without torch, whether their files are good."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import ModelError, ModelInvalid, ModelMissing
from engine.types import EmbeddingSpace, InputSpec, ModelInfo, ModelSlot, ModelSource
from engine.vision import checkpoint
from engine.vision.checkpoint import REMEDY, Tensor
from engine.vision.families import Family, family_of
from engine.vision.model_config import ModelConfig
from engine.vision.notes import Notes
from engine.vision.preprocessing import Preprocessing, read_preprocessing
from engine.vision.registry import (
    BY_ID,
    DEMO_DETECTOR_FOLDER,
    DEMO_DETECTOR_ID,
    DEMO_FOLDER,
    DEMO_MODEL_ID,
    REGISTRY,
)

__all__ = ["DEMO_DETECTOR_ID", "DEMO_MODEL_ID", "ModelFiles", "ModelStore"]

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
    family: str  # a key of FAMILIES
    config: ModelConfig
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
        """Every model to choose from: the registry, then others that were used before."""
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
            return self.resolve(model_id, None).info
        info = entry.info(self._installed(model_id))
        if info.source is ModelSource.HUB and not info.installed:
            from engine.vision.staging import Staging

            info = replace(info, downloaded_bytes=Staging(self.place(model_id)).kept())
        folder = _embedded(model_id)
        if folder is None or not info.installed:
            return info
        with contextlib.suppress(ModelInvalid):  # the picker lists it; using it tells what is wrong
            return replace(info, dim=read_config(folder)[1].dim)
        return info

    def place(self, model_id: str) -> Path:
        """Where a download of this id belongs."""
        if not _HUB_ID.fullmatch(model_id):
            raise ModelMissing(f"{model_id!r} is neither a model's id nor a folder.")
        return self.folder / model_id.replace("/", "--")

    def resolve(self, model_id: str, slot: ModelSlot | None = ModelSlot.SEARCH) -> ModelFiles:
        """Find a model's files and check them, without torch and without the network.

        Args:
            model_id: of the registry or the hub, or the path of a folder.
            slot: what it is wanted for; None for any use.

        Raises:
            ModelMissing: the files are not on this computer.
            ModelInvalid: they are, but are damaged, unsafe or of another kind.

        Cost: milliseconds; a local folder is hashed once (2 s per GB) and remembered.
        """
        entry = BY_ID.get(model_id)
        if entry is not None:
            require(entry.info(installed=False), slot)
        refused: ModelInvalid | None = None
        for folder, weights, revision in self._candidates(model_id):
            try:
                files = self.check(model_id, folder, weights, revision)
            except ModelInvalid as error:
                refused = refused or error
            else:
                require(files.info, slot)
                return files
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
        if (embedded := _embedded(model_id)) is not None:
            if embedded.is_dir():
                yield embedded, embedded, ""
            return
        if _HUB_ID.fullmatch(model_id):
            own = self.place(model_id)
            self._settle(own)
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

    def _settle(self, place: Path) -> None:
        """Finish a swap that was cut short: whole models must not wait for the next download."""
        from engine.vision.staging import Staging

        Staging(place).settle_alone()

    def check(self, model_id: str, folder: Path, weights: Path, revision: str) -> ModelFiles:
        """Check one folder as `resolve` does; `revision` is empty where only hashing tells it.

        Raises:
            ModelInvalid: with the reason and the remedy.
        """
        family, config = read_config(folder)
        preprocessing = read_preprocessing(folder, config.vision.image_size, family.usual)
        if not any(
            all((folder / name).is_file() for name in names) for names in family.words_files
        ):
            raise ModelInvalid(_no_words(folder, family))
        files = checkpoint.weight_files(weights)
        tensors = checkpoint.read_tensors(files)
        shapes = dict(family.expected_shapes(config))
        checkpoint.check_tensors(folder, shapes.items(), tensors)
        info = self._describe(model_id, folder, family, config)
        if not revision:
            paths = [folder / "config.json", *files]
            if not self._notes.knows(paths):  # a hole in a file takes long to read, and no place
                checkpoint.check_content(folder, {name: tensors[name] for name in shapes})
            revision = self._notes.digest(paths)
        if info.id not in BY_ID:
            self._notes.add_folder(info.id)
        # a local checkpoint is known by its bytes alone: it may move and keep its vectors
        name = "local" if info.source is ModelSource.FOLDER else info.id
        space = EmbeddingSpace(name, revision, preprocessing.text(), "float", config.dim)
        return ModelFiles(
            info,
            folder,
            space,
            preprocessing.spec,
            family.name,
            config,
            preprocessing,
            tensors,
            self._notes,
        )

    def _describe(
        self, model_id: str, folder: Path, family: Family, config: ModelConfig
    ) -> ModelInfo:
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
            slot=family.slot,
        )


def _embedded(model_id: str) -> Path | None:
    """The folder of a model that ships with us."""
    return {DEMO_MODEL_ID: DEMO_FOLDER, DEMO_DETECTOR_ID: DEMO_DETECTOR_FOLDER}.get(model_id)


def require(info: ModelInfo, slot: ModelSlot | None) -> None:
    """Refuse a model that is for something else.

    Raises:
        ModelInvalid: with what it is for.
    """
    if slot is ModelSlot.SEARCH and info.slot is ModelSlot.DETECT:
        raise ModelInvalid(
            f"{info.title} finds things inside of a photo and cannot search; choose a search model."
        )
    if slot is ModelSlot.DETECT and info.slot is ModelSlot.SEARCH:
        raise ModelInvalid(
            f"{info.title} searches photos and cannot find things inside of one; choose a detector."
        )


def read_config(folder: Path) -> tuple[Family, ModelConfig]:
    """The family of the checkpoint in a folder, and its shape.

    Raises:
        ModelInvalid: it has none that we know.
    """
    path = folder / "config.json"
    raw = checkpoint.read_json(path)
    family = family_of(folder, raw)
    return family, family.read_config(path, raw)


def _no_words(folder: Path, family: Family) -> str:
    if (folder / "spiece.model").is_file():
        return (
            f"{folder} has its words only as spiece.model, which we do not read. "
            "Get the tokenizer.json of the same model."
        )
    wanted = " and ".join(family.words_files[-1])
    last = "" if family.words_files[-1] == ("tokenizer.json",) else f" and no {wanted}"
    return f"{folder} has no tokenizer.json{last}. {REMEDY}"


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
    main = repository / "refs" / "main"
    with contextlib.suppress(OSError, ValueError):
        if main.is_file():  # a pipe would never end
            first.append(main.read_text(encoding="utf-8").strip())
    for name in dict.fromkeys((*first, *sorted(found))):
        if name in found and (found[name] / "config.json").is_file():
            yield found[name], found[name], name
            if not any(found[name].glob("*.safetensors")):
                for other in sorted(found):
                    if (found[other] / "model.safetensors").is_file():
                        yield found[name], found[other], other
