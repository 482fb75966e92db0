"""A small JSON file beside the models: hashes, measurements, folders that were used before."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
from pathlib import Path
from typing import Any, cast

from engine.errors import ModelInvalid
from engine.vision import checkpoint

log = logging.getLogger(__name__)

_KEPT = 50


class Notes:
    """What took long to find out. Thread-safe.

    Losing the file costs only time, so whatever goes wrong with it is not an error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def folders(self) -> list[str]:
        """Models that were accepted before and are in no table: folders, ids of the hub."""
        found = self._read().get("folders")
        names = cast("list[object]", found) if isinstance(found, list) else []
        return [name for name in names if isinstance(name, str)]

    def add_folder(self, name: str) -> None:
        with self._lock:
            if name not in (folders := self.folders()):
                self._write({**self._read(), "folders": [*folders[-_KEPT:], name]})

    def measured(self, key: str) -> str:
        """What was measured under this key; empty when nothing was."""
        return str(self._part("measured").get(key, ""))

    def add_measured(self, key: str, value: str) -> None:
        self._add("measured", key, value)

    def data(self, name: str) -> bytes:
        """A larger thing kept under a name; empty when there is none."""
        try:
            return self._place(name).read_bytes()
        except OSError:
            return b""

    def keep_data(self, name: str, data: bytes) -> None:
        self._replace(self._place(name), data)

    def _place(self, name: str) -> Path:
        """Names come from foreign files too: only their digest becomes part of a path."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        return self._path.parent / "measured" / digest[:32]

    def digest(self, files: list[Path]) -> str:
        """sha256 over the files' contents, remembered while their size and time stand still.

        Raises:
            ModelInvalid: a file cannot be read.
        """
        try:
            key, known = self._known(files)
            if known:
                return known
            total = hashlib.sha256()
            for path in files:
                with path.open("rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ModelInvalid(f"{error.filename} cannot be read ({error.strerror}).") from error
        self._add("hashes", key, total.hexdigest())
        return total.hexdigest()

    def knows(self, files: list[Path]) -> bool:
        """Whether `digest` need not read the files."""
        try:
            return bool(self._known(files)[1])
        except OSError:
            return False

    def _known(self, files: list[Path]) -> tuple[str, str]:
        stats = [(str(path), path.stat()) for path in files]
        key = json.dumps([[path, stat.st_size, stat.st_mtime_ns] for path, stat in stats])
        known = self._part("hashes").get(key)
        return key, known if isinstance(known, str) and len(known) == 64 else ""

    def _part(self, name: str) -> dict[str, Any]:
        part = self._read().get(name)
        return cast("dict[str, Any]", part) if isinstance(part, dict) else {}

    def _add(self, part: str, key: str, value: str) -> None:
        with self._lock:
            kept = dict(list(self._part(part).items())[1 - _KEPT :])
            self._write({**self._read(), part: {**kept, key: value}})

    def _read(self) -> dict[str, object]:
        try:
            return dict(checkpoint.read_json(self._path))
        except ModelInvalid:
            return {}

    def _write(self, value: dict[str, object]) -> None:
        self._replace(self._path, json.dumps(value).encode())

    def _replace(self, path: Path, data: bytes) -> None:
        temporary = path.with_name(f"{path.name}.{threading.get_ident()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError as error:
            log.debug("could not write %s: %s", path, error)
            with contextlib.suppress(OSError):
                temporary.unlink()
