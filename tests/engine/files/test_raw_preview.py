"""RAW files are shown by the best preview in them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from engine.errors import PhotoUndecodable, PhotoUnsupported
from engine.files import raw_preview
from engine.files.picture import Need

ALL = Need(0, 0)


def jpeg(width: int, height: int, colour: str, **how: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "JPEG", **how)  # type: ignore[arg-type]
    return file.getvalue()


def tiff_head(orientation: int, model: str = "Maker X") -> bytes:
    exif = Image.Exif()
    exif[0x0110] = model
    exif[0x0112] = orientation
    return exif.tobytes()[6:]


def raw(*parts: bytes, orientation: int = 1) -> io.BytesIO:
    return io.BytesIO(
        tiff_head(orientation) + os.urandom(3000) + b"".join(parts) + os.urandom(3000)
    )


def test_the_largest_preview_is_taken() -> None:
    small, large = jpeg(320, 200, "blue"), jpeg(640, 400, "red")
    decoded, exif = raw_preview.decode_preview(raw(small, large, small), Path("a.NEF"), ALL, None)
    assert (decoded.size, decoded.format) == ((640, 400), "NEF")
    red, green, _ = decoded.image.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert red > 200 > 60 > green
    assert exif is not None
    assert exif[0x0110] == "Maker X"


def test_a_preview_that_does_not_decode_gives_way_to_the_next() -> None:
    broken = jpeg(640, 400, "red")
    broken = broken[: broken.index(b"\xff\xda") + 4]
    decoded, _ = raw_preview.decode_preview(
        raw(broken + b"\xff\xd9", jpeg(320, 200, "blue")), Path("a.cr2"), ALL, None
    )
    assert decoded.size in {(320, 200), (640, 400)}
    with pytest.raises(PhotoUnsupported, match="RAW file without a preview"):
        raw_preview.decode_preview(raw(jpeg(100, 100, "red")), Path("a.cr2"), ALL, None)


def test_the_raw_file_tells_which_way_is_up() -> None:
    picture = raw(jpeg(640, 400, "red"), orientation=6)
    decoded, _ = raw_preview.decode_preview(picture, Path("a.arw"), ALL, None)
    assert decoded.size == (400, 640)
    assert decoded.upright().size == (400, 640)
    own = Image.Exif()
    own[0x0112] = 1
    picture = raw(jpeg(640, 400, "red", exif=own), orientation=6)
    decoded, _ = raw_preview.decode_preview(picture, Path("a.arw"), ALL, None)
    assert decoded.size == (640, 400)


@pytest.mark.parametrize(
    ("data", "container"),
    [
        (b"\xff\xd8\xff\xe0", False),
        (b"\x89PNG\r\n", False),
        (b"", False),
        (b"II*\0", True),
        (b"FUJIFILMCCD-RAW", True),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx ", True),
    ],
)
def test_renamed_pictures_are_no_containers(data: bytes, container: bool) -> None:
    assert raw_preview.is_container(io.BytesIO(data)) is container


def test_what_is_no_raw_file_is_called_by_its_name() -> None:
    page = io.BytesIO(b"<html><body>not found</body></html>")
    with pytest.raises(PhotoUndecodable, match="an HTML page"):
        raw_preview.decode_preview(page, Path("a.nef"), ALL, None)
    with pytest.raises(PhotoUnsupported, match="RAW file without a preview"):
        raw_preview.decode_preview(
            io.BytesIO(b"FUJIFILMCCD-RAW" + b"\1" * 99), Path("a.raf"), ALL, None
        )


def test_a_real_dng(shared_data: Path) -> None:
    path = shared_data / "formats" / "synthetic_rggb.dng"
    decoded, exif = raw_preview.decode_preview(io.BytesIO(path.read_bytes()), path, ALL, None)
    assert (decoded.size, decoded.format) == ((320, 212), "DNG")
    assert exif is not None
    assert exif[0x0110] == "DNG Test Camera"
