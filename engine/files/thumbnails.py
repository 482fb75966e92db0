"""The thumbnail cache: small JPEGs on disk, keyed by the hash of the photo's bytes."""

from __future__ import annotations

from pathlib import Path

from engine.files.disk import make_folder, remove_file, replace_file

_JPEG_START = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"


class ThumbnailCache:
    """A folder of thumbnails. Any of it may be deleted at any time, even all of it.

    Equal bytes share one thumbnail, and a moved or renamed photo keeps its own.
    Safe to use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, content_hash: bytes) -> bytes | None:
        """The JPEG, or None if there is none or it was cut short by a power failure."""
        try:
            jpeg = self._path(content_hash).read_bytes()
        except OSError:
            return None
        return jpeg if jpeg.startswith(_JPEG_START) and jpeg.endswith(_JPEG_END) else None

    def put(self, content_hash: bytes, jpeg: bytes) -> None:
        """Keep a thumbnail, atomically. Not waiting for the disk: `get` checks what it reads.

        Raises:
            DiskError: the disk is full or read-only; an older thumbnail is left as it was.
        """
        path = self._path(content_hash)
        if not path.parent.is_dir():
            make_folder(path.parent)
        replace_file(path, jpeg, durable=False)

    def remove(self, content_hash: bytes) -> None:
        """Forget a thumbnail; one that is not there is fine.

        Raises:
            DiskError: it is still there.
        """
        remove_file(self._path(content_hash))

    def _path(self, content_hash: bytes) -> Path:
        name = content_hash.hex()
        # 256 folders: 100,000 thumbnails in one folder are slow to list on some disks.
        return self.folder / name[:2] / f"{name[2:]}.jpg"
