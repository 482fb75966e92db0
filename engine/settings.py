"""The user's choices: one frozen dataclass is the registry, stored as JSON beside the catalog."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from engine.errors import DiskError
from engine.sidecar_types import SIDECAR_NAMES

DEFAULT_EXCLUDES = (
    ".*", "@eaDir", ".thumbnails", "._*", "#recycle", "$RECYCLE.BIN", ".Trash*", "lost+found",
    "*.part", "*.crdownload", "*.tmp", ".trashed-*",
)  # fmt: skip

THEMES = ("system", "light", "dark")
LANGUAGES = ("system", "en", "zh_CN")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. `load` never raises; `save` is atomic."""

    model_id: str = "photosift/demo"  # id of the registry, or the path of a local checkpoint
    detector_id: str = ""  # the same for a detector; empty: the best one on this computer
    excludes: tuple[str, ...] = field(default=DEFAULT_EXCLUDES)  # glob patterns for names
    theme: str = "system"
    language: str = "system"
    batch_size: int = 16  # photos per forward pass
    decoders: int = 0  # decoder processes; 0 chooses by cores
    paused: bool = False  # indexing waits until the user resumes it
    next_model_id: str = ""  # its vectors are being made beside those in use; empty: none is
    allow_int8: bool = True  # compute in 8 bits where that was measured to agree
    pause_on_battery: bool = True  # indexing waits for the mains
    only_when_idle: bool = False  # indexing waits until nobody uses the computer
    write_sidecars: bool = False  # what the user says is written beside photos, for others
    sidecar_name: str = "whole"  # of a new one: IMG.CR2.xmp; short: IMG.xmp
    strictness: float = 0.0  # of search's matches: -1 shows whatever may fit, 1 what surely does

    @classmethod
    def load(cls, path: Path) -> tuple[Settings, list[str]]:
        """Read settings; a bad entry falls back to its default and yields one sentence."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(), []
        except (OSError, ValueError, RecursionError) as error:
            return cls(), [f"The settings in {path} could not be read ({error}); using defaults."]
        if not isinstance(raw, dict):
            return cls(), [f"The settings in {path} are not a JSON object; using defaults."]
        warnings: list[str] = []
        good: dict[str, Any] = {}
        known = {f.name for f in fields(cls)}
        for name, value in raw.items():
            if name not in known:
                warnings.append(f"Setting {name!r} is unknown and was left out.")
                continue
            problem = _problem(name, value)
            if problem:
                warnings.append(f"Setting {name!r} {problem}; using its default.")
                continue
            good[name] = tuple(value) if isinstance(value, list) else value
        return cls(**good), warnings

    def save(self, path: Path) -> None:
        """Write atomically: a crash leaves the old file or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".json.new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)  # in ASCII: a path need not be UTF-8
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        with contextlib.suppress(OSError):  # not every system and disk can
            _sync(path.parent)


class SettingsFile:
    """The settings in use and the file they are kept in. Thread-safe.

    Replacing the file is the one moment at which a change is made: until then everyone, also
    after a crash, has all of the old settings, and from then on all of the new.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.current = settings

    def change(self, **changes: Any) -> Settings:
        """Change single settings and leave the others as they are now.

        Raises:
            DiskError: nothing was changed.
        """
        with self._lock:
            settings = replace(self.current, **changes)
            if settings != self.current or not self._path.exists():
                try:
                    settings.save(self._path)
                except OSError as error:
                    raise DiskError(f"The settings could not be saved: {error}.") from error
            self.current = settings
            return settings


def _sync(folder: Path) -> None:
    """Make a rename last a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_LIMITS = {"batch_size": (1, 256), "decoders": (0, 64), "strictness": (-1.0, 1.0)}
_CHOICES = {"theme": THEMES, "language": LANGUAGES, "sidecar_name": SIDECAR_NAMES}


def _problem(name: str, value: object) -> str:
    """What is wrong with a stored value, or nothing."""
    default = getattr(Settings(), name)
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            return "is not a list of texts"
        return ""
    if type(value) is not type(default):
        return f"is not of type {type(default).__name__}"
    if name in _LIMITS and isinstance(value, int | float):
        low, high = _LIMITS[name]
        if not low <= value <= high:
            return f"is not between {low} and {high}"
    if name in _CHOICES and value not in _CHOICES[name]:
        return f"is none of {', '.join(_CHOICES[name])}"
    return ""


def default_library() -> Path:
    """Where the library lies unless the user says otherwise: the platform's data folder."""
    from platformdirs import user_data_path

    return user_data_path("Photosift", appauthor=False) / "library"
