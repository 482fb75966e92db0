"""A library of small pictures with words in them and beside them, read without a model."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PIL import ExifTags, Image

from engine import Library
from engine.catalog import Catalog
from engine.jobs import drain
from engine.mark_types import Marks
from engine.types import DirtyFolder, PhotoDetail, PhotoId

HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
    ' xmlns:digiKam="http://www.digikam.org/ns/1.0/">'
)


def packet(attributes: str = "", body: str = "") -> bytes:
    """An XMP packet with one description."""
    told = f"<rdf:Description {attributes}>{body}</rdf:Description>"
    return f"{HEAD}{told}</rdf:RDF></x:xmpmeta>".encode()


def listed(name: str, *items: str) -> str:
    """A property that is a list."""
    inside = "".join(f"<rdf:li>{item}</rdf:li>" for item in items)
    return f"<{name}><rdf:Bag>{inside}</rdf:Bag></{name}>"


def subject(*names: str) -> str:
    """Flat keywords."""
    return listed("dc:subject", *names)


class Described:
    """A library, its photos, and what tests ask of them."""

    def __init__(self, folder: Path) -> None:
        self.photos = folder / "photos"
        self.photos.mkdir()
        place = self._place = folder / "library"
        place.mkdir()
        (place / "settings.json").write_text(json.dumps({"model_id": "no/model"}), encoding="utf-8")
        self._clock = 1_600_000_000
        self.library = Library.open(place)
        self.library.add_root(self.photos)

    @property
    def catalog(self) -> Catalog:
        return self.library._catalog  # pyright: ignore[reportPrivateUsage] - to look at rows

    def reopen(self) -> None:
        self.library.close()
        self.library = Library.open(self._place)

    def picture(self, name: str, xmp: bytes = b"", shade: int = 0, **exif: object) -> Path:
        """Write a picture; EXIF by number, as "x0110"."""
        path = self.photos / name
        path.parent.mkdir(exist_ok=True)
        tags = Image.Exif()
        for number, value in exif.items():
            where = tags.get_ifd(ExifTags.IFD.Exif) if number == "x9003" else tags
            where[int(number[1:], 16)] = value
        made = Image.new("RGB", (32, 24), (shade, 90, 120))
        if xmp:
            made.save(path, exif=tags, xmp=xmp)
        else:
            made.save(path, exif=tags)
        return self._settled(path)

    def beside(self, name: str, data: bytes) -> Path:
        """Write a sidecar, so long ago that it is not racy."""
        path = self.photos / name
        path.write_bytes(data)
        return self._settled(path)

    def _settled(self, path: Path) -> Path:
        self._clock += 10
        os.utime(path, (self._clock, self._clock))
        return path

    def update(self, *, folder: Path | None = None) -> None:
        """Look and read; only one folder, as the watcher asks, where it is given."""
        dirty = None if folder is None else [DirtyFolder(folder, recursive=False)]
        drain(self.library.reconcile(dirty))
        drain(self.library.index())

    def id(self, name: str) -> PhotoId:
        found = self.catalog.photos.find(self.photos / name)
        assert found is not None
        return found

    def detail(self, name: str) -> PhotoDetail:
        found = self.library.detail(self.id(name))
        assert found is not None
        return found

    def tags(self, name: str) -> dict[str, str]:
        """Path → source."""
        return {tag.path: tag.source.value for tag in self.library.tagging.tags_of(self.id(name))}

    def all_tags(self) -> dict[str, int]:
        """Path → photos with that very tag."""
        return {tag.path: tag.photos for tag in self.library.tagging.tags()}

    def marks(self, name: str) -> Marks:
        photo_id = self.id(name)
        return self.library.marking.of([photo_id]).get(photo_id, Marks())

    def found(self, query: str) -> list[str]:
        """The names of the photos that a query finds."""
        ids = [hit.photo_id for hit in self.library.search(query).hits]
        return sorted(photo.name for photo in self.library.photos(ids))
