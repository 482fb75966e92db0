"""What the detector sees in photos: computed once, then taken from memory or from the disk."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DiskError, ModelMissing, PhotoUnreadable
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.files.kept_bytes import KeptBytes
from engine.settings import Settings
from engine.types import ModelSlot, ModelSource, PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.vision.features import Features
    from engine.vision.models import ModelFiles, ModelStore
    from engine.vision.owl_vit import Detector

_IN_MEMORY = 64  # photos
_IN_MEMORY_BYTES = 64 << 20
ON_DISK_BYTES = 512 << 20  # 800 photos of an OWL-ViT, 130 of an OWLv2
_AROUND = 2048  # bytes at most beside the arrays in a file
_KNOWN_FILES = 500


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a photo, and its size when upright."""

    content_hash: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a detector sees in one photo."""

    content: Content
    features: Features


@dataclass(slots=True)
class Coming:
    """A photo on its way: seen before, or being decoded."""

    path: Path
    seen: Seen | None = None
    decoding: Future[DecodedPhoto] | None = None

    def cancel(self) -> None:
        """It is not wanted any more."""
        if self.decoding is not None:
            self.decoding.cancel()


class Detectors:
    """Which detector is used, opened once and shared by all lanes. Thread-safe."""

    def __init__(self, store: Callable[[], ModelStore], settings: Callable[[], Settings]) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.RLock()
        self._files: ModelFiles | None = None  # of the one in use
        self._wanted = ""  # what was chosen then
        self._open: dict[str, Detector] = {}
        self._used_at = time.monotonic()

    def files(self) -> ModelFiles:
        """The detector in use: the one that was chosen, or the best one that is here.

        Raises:
            ModelError: with the remedy.
        """
        with self._lock:
            wanted = self._settings().detector_id
            if self._files is None or self._wanted != wanted:
                self._files = self._store().resolve(wanted or self._best(), ModelSlot.DETECT)
                self._wanted = wanted
            return self._files

    def check_again(self) -> None:
        """Look anew which detector is the best one here: one may have come, or gone."""
        with self._lock:
            self._files = None

    def use(self, model_id: str = "") -> Detector:
        """A detector; its towers load on first use. Without an id the one in use.

        Raises:
            ModelError: it is not on this computer, with the remedy.
        """
        from engine.vision.owl_vit import open_detector

        with self._lock:
            self._used_at = time.monotonic()
            if model_id and (self._files is None or self._files.info.id != model_id):
                files = self._store().resolve(model_id, ModelSlot.DETECT)
            else:
                files = self.files()
            name = f"{files.info.id} {files.space.revision}"
            if name not in self._open:
                for other in self._open.values():  # one at a time: each takes hundreds of MB
                    other.unload()
                self._open = {name: open_detector(files)}
            self._open[name].allow_int8 = self._settings().allow_int8
            return self._open[name]

    def _best(self) -> str:
        # The registry goes from quick to thorough; the embedded one knows only the demo's things,
        # and the user's own folders are for those who choose them.
        found = [
            (info.source is ModelSource.HUB, place, info.id)
            for place, info in enumerate(self._store().all())
            if info.slot is ModelSlot.DETECT
            and info.installed
            and info.source is not ModelSource.FOLDER
        ]
        if not found:
            raise ModelMissing("There is no detector on this computer; download one first.")
        return max(found)[2]

    def used(self) -> None:
        """A long run is no idleness."""
        self._used_at = time.monotonic()

    def rest(self, idle_s: float) -> None:
        """Give back the memory of what nobody used for so long."""
        with self._lock:
            if time.monotonic() - self._used_at < idle_s:
                return
            for detector in self._open.values():
                detector.unload()

    def close(self) -> None:
        """Give back all memory."""
        self.rest(0.0)


class Seeing:
    """Photos to features, in the cheapest way there is. Thread-safe."""

    def __init__(
        self, catalog: Catalog, decoders: DecoderPool, folder: Path, limit: int = ON_DISK_BYTES
    ) -> None:
        self._catalog = catalog
        self._decoders = decoders
        self._disk = KeptBytes(folder, limit)
        self._lock = threading.Lock()
        self._memory: OrderedDict[bytes, Features] = OrderedDict()
        self._memory_bytes = 0
        self._files: OrderedDict[tuple[str, int, int, int], Content] = OrderedDict()

    def see(self, detector: Detector, photo: PhotoId | Path) -> Seen:
        """What there is in one photo, for somebody who waits.

        Raises:
            PhotoError: it cannot be read. ModelError: there is no usable detector.
        """
        coming = self.begin(detector, photo, urgent=True)
        return self.finish(detector, coming, remember=True)

    def begin(self, detector: Detector, photo: PhotoId | Path, *, urgent: bool) -> Coming:
        """Look up a photo, or have it decoded meanwhile.

        Raises:
            PhotoUnreadable: it is no longer in the library, or its drive is away.
        """
        path, content = self._content_of(photo)
        if content is not None:
            features = self._kept(_key(detector, content))
            if features is not None:
                return Coming(path, Seen(content, features))
        request = DecodeRequest(path, detector.spec, thumbnail=False)
        return Coming(path, None, self._decoders.submit(request, urgent=urgent))

    def finish(
        self, detector: Detector, coming: Coming, *, remember: bool, keep: bool = True
    ) -> Seen:
        """What there is in the photo; computes what is not known.

        Args:
            detector: the one that was given to `begin`.
            coming: of `begin`.
            remember: hold it in memory, for somebody who looks at this photo.
            keep: keep on the disk what had to be computed.

        Raises:
            PhotoError: it cannot be read. ModelError: the detector cannot compute.
        """
        if coming.seen is not None:
            seen = coming.seen
        else:
            assert coming.decoding is not None
            seen = self._computed(detector, coming.path, coming.decoding.result(), keep=keep)
        if remember:
            self._remember(_key(detector, seen.content), seen.features)
        return seen

    def keeps(self, features: Features) -> int:
        """How many photos like this one the disk may hold."""
        return self._disk.limit // (features.nbytes + _AROUND)

    def size_of(self, photo: PhotoId) -> Content:
        """A photo's bytes and size, decoded only where they are not known.

        Raises:
            PhotoError: it cannot be read.
        """
        path, content = self._content_of(photo)
        if content is None:
            request = DecodeRequest(path, thumbnail=False)
            content = self._note(path, self._decoders.submit(request, urgent=True).result())
        return content

    def path_of(self, photo: PhotoId) -> Path:
        """Where a photo's file lies. PhotoUnreadable: it is no longer in the library."""
        path = self._catalog.photos.path_of(photo)
        if path is None:
            raise PhotoUnreadable(Path(), "is no longer in the library")
        return path

    # ---- files -------------------------------------------------------------------------------

    def _content_of(self, photo: PhotoId | Path) -> tuple[Path, Content | None]:
        """Where a photo lies, and what its bytes are, if that is known and still so."""
        known = None
        if isinstance(photo, Path):
            path = photo.absolute()
            found = self._catalog.photos.find(path)
        else:
            path, found = None, photo
        if found is not None:
            known = self._catalog.photos.contents([found]).get(found)
        if path is None:
            if known is None:
                raise PhotoUnreadable(Path(), "is no longer in the library")
            path = known.path
        if known is not None and not known.online:
            raise PhotoUnreadable(path, "cannot be reached: its drive or folder is not there")
        try:
            stat = path.stat()
        except OSError:
            return path, None  # decoding says why
        with self._lock:
            content = self._files.get((str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino))
        if (
            content is None
            and known is not None
            and known.content_hash is not None
            and known.width
            and known.height
            and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
        ):
            content = Content(known.content_hash, known.width, known.height)
        return path, content

    def _note(self, path: Path, decoded: DecodedPhoto) -> Content:
        seen, content = decoded.seen, decoded.content
        found = Content(content.content_hash, content.width, content.height)
        with self._lock:
            self._files[str(path), seen.size, seen.mtime_ns, seen.ino] = found
            while len(self._files) > _KNOWN_FILES:
                self._files.popitem(last=False)
        return found

    # ---- features ----------------------------------------------------------------------------

    def _kept(self, key: bytes) -> Features | None:
        from engine.vision.features import Features

        with self._lock:
            found = self._memory.get(key)
            if found is not None:
                self._memory.move_to_end(key)
                return found
        data = self._disk.get(key)
        return None if data is None else Features.from_bytes(data)

    def _computed(
        self, detector: Detector, path: Path, decoded: DecodedPhoto, *, keep: bool
    ) -> Seen:
        content = self._note(path, decoded)
        key = _key(detector, content)
        features = self._kept(key)  # a copy may have been seen meanwhile
        if features is None:
            if decoded.pixels is None:
                raise PhotoUnreadable(path, "could not be prepared for the detector")
            (features,) = detector.see(decoded.pixels[None])
            if keep:
                with contextlib.suppress(DiskError):  # it is computed again then
                    self._disk.put(key, features.to_bytes())
        return Seen(content, features)

    def _remember(self, key: bytes, features: Features) -> None:
        with self._lock:
            before = self._memory.pop(key, None)
            self._memory_bytes += features.nbytes - (before.nbytes if before else 0)
            self._memory[key] = features
            while len(self._memory) > 1 and (
                len(self._memory) > _IN_MEMORY or self._memory_bytes > _IN_MEMORY_BYTES
            ):
                _, gone = self._memory.popitem(last=False)
                self._memory_bytes -= gone.nbytes


def _key(detector: Detector, content: Content) -> bytes:
    return content.content_hash + detector.fingerprint.encode()
