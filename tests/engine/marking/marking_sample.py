"""A library of real pictures that were found and read without a model, and questions to it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from engine import Library
from engine.catalog import Catalog
from engine.files.decode import DecodeRequest
from engine.jobs import drain
from engine.types import FileSeen, PhotoId, Scope

NAMES = ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")


class Marked:
    """A library in `folder`, its photos, and what tests ask of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        self.photos.mkdir()
        for number, name in enumerate(NAMES):
            exif = Image.Exif()
            if name == "b.jpg":
                exif[0x4746] = 4  # Rating, as Windows and Lightroom write it
                exif[0x010E] = "A lighthouse"
            exif[0x0132] = f"2024:0{number + 1}:03 10:00:00"
            picture = Image.new("RGB", (40, 30), (50 * number, 90, 120))
            picture.save(self.photos / name, exif=exif)
        self.open()
        self.library.add_root(self.photos)
        drain(self.library.reconcile())
        self.read()

    def open(self) -> None:
        self.library = Library.open(self.folder / "library")

    def reopen(self) -> None:
        self.library.close()
        self.open()

    @property
    def catalog(self) -> Catalog:
        return self.library._catalog  # pyright: ignore[reportPrivateUsage] - to read without a model

    def read(self) -> None:
        """Read what is unread, as indexing does, without vectors."""
        for row in self.catalog.photos.to_read():
            request = DecodeRequest(row.path, thumbnail=False)
            made = self.library._decoders.submit(request).result()  # pyright: ignore[reportPrivateUsage]
            seen = made.seen
            self.catalog.photos.set_content(
                row.photo_id, made.content, seen.size, seen.mtime_ns, seen.dev, seen.ino,
                seen.read_ns,
            )  # fmt: skip

    def add_rows(self, count: int) -> list[PhotoId]:
        """Rows of photos that lie nowhere: enough to tell how long something takes."""
        root = self.library.roots()[0]
        files = [FileSeen(f"many/{n}.jpg".encode(), 9, n + 1, 1, n + 1) for n in range(count)]
        return self.catalog.photos.add(root.id, files)

    def ids(self, *names: str) -> list[PhotoId]:
        found = (self.catalog.photos.find(self.photos / name) for name in names)
        return [photo_id for photo_id in found if photo_id is not None]

    def found(self, query: str) -> list[str]:
        """The names of the photos that a query finds."""
        ids = [hit.photo_id for hit in self.library.search(query).hits]
        return sorted(photo.name for photo in self.library.photos(ids))

    def everything(self) -> object:
        """All that undo has to bring back."""
        ids = self.library.photo_ids(Scope())
        albums = self.library.albums
        return (
            self.library.marking.of(ids),
            [self.library.detail(photo_id) for photo_id in ids],
            [(album, self.catalog.albums.photos(album.id)) for album in albums.all()],
        )
