"""What can go wrong in the world. `str(error)` is one sentence for the user.

EngineError
├── CatalogError     CatalogLocked · CatalogTooNew · CatalogDamaged
├── PhotoError       PhotoUnreadable · PhotoUndecodable · PhotoUnsupported · PhotoTooLarge
├── ModelError       ModelMissing · ModelInvalid · DownloadFailed
├── RootError        a folder that cannot be watched or is not there
├── DiskError        writing failed: full, read-only, no permission
├── TagError         a tag's or category's name that cannot be, or is not there
├── AlbumError       an album's name that cannot be, or one that is not there
├── DetectionError   a label, box or run of a detector that cannot be, or is not there
└── QueryError       (text, position)

Everything else is our own bug and reaches the crash dialog.
"""

from __future__ import annotations

from pathlib import Path


class EngineError(Exception):
    """The world's fault, told in one sentence."""


class CatalogError(EngineError):
    """The catalog cannot be opened or used."""


class CatalogLocked(CatalogError):
    """Another Photosift has this library open."""


class CatalogTooNew(CatalogError):
    """The catalog was written by a newer Photosift."""


class CatalogDamaged(CatalogError):
    """The catalog is damaged and no good backup was found."""


class PhotoError(EngineError):
    """One photo cannot be read. `reason` is the sentence without the path."""

    def __init__(self, path: Path, reason: str) -> None:
        # Of a photo that the library knows no more there is no path to be named.
        named = path != Path()
        super().__init__(f"{path}: {reason}" if named else f"The photo {reason}.")
        self.path = path
        self.reason = reason


class PhotoUnreadable(PhotoError):
    """The file cannot be opened: gone, no permission, an I/O error, a placeholder."""


class PhotoUndecodable(PhotoError):
    """The bytes are no picture, or broken beyond showing anything."""


class PhotoUnsupported(PhotoError):
    """A real picture of a kind that this installation cannot read."""


class PhotoTooLarge(PhotoError):
    """More pixels or memory than we allow a decoder."""


class ModelError(EngineError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """The model's files are not on this computer."""


class ModelInvalid(ModelError):
    """The files are there but are not a model that we accept."""


class DownloadFailed(ModelError):
    """A download ended early; what came so far is kept."""


class RootError(EngineError):
    """A folder cannot be added or is not there."""


class DiskError(EngineError):
    """Writing failed; nothing was lost."""


class TagError(EngineError):
    """A tag or category that cannot be called so, or is not there."""


class AlbumError(EngineError):
    """An album that cannot be called so, is not there, or takes no photos."""


class DetectionError(EngineError):
    """A label, a box or a run that cannot be, or is not there."""


class QueryError(EngineError):
    """A query that cannot be understood.

    What is wrong are `length` characters of `text` from `position` on, 0 where no one can say;
    `suggestion` is what may have been meant instead of them.
    """

    def __init__(
        self, text: str, position: int, reason: str, length: int = 0, suggestion: str = ""
    ) -> None:
        super().__init__(reason)
        self.text = text
        self.position = position
        self.length = length
        self.suggestion = suggestion
