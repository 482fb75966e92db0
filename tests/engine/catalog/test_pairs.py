"""RAW photos that are one with the picture beside them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from engine import Library
from engine.types import Scope


def picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(path, "JPEG")


def test_a_raw_is_one_with_the_picture_of_its_name_and_folder(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    names = (
        "a/IMG_1.CR2",
        "a/img_1.jpg",
        "a/IMG_2.NEF",
        "b/IMG_2.jpg",
        "a/IMG_3.png",
        "a/IMG_3.jpg",
    )
    for shade, name in enumerate((*names, "a/Été.DNG", "a/été.heic", "a/été.jpg")):
        picture(photos / name, 20 * shade)
    library = Library.open(tmp_path / "library")
    try:
        library.add_root(photos)
        for _ in library.reconcile():
            pass
        names_of = {photo.id: photo.name for photo in library.photos(library.photo_ids(Scope()))}
        told = {names_of[raw]: names_of[one] for raw, one in library.pairs().items()}
        assert told == {"IMG_1.CR2": "img_1.jpg", "Été.DNG": "été.heic"}
        assert library.pairs() is library.pairs(), "asked once"
        (photos / "a" / "img_1.jpg").unlink()
        for _ in library.reconcile():
            pass
        assert [names_of[raw] for raw in library.pairs()] == ["Été.DNG"]
    finally:
        library.close()
