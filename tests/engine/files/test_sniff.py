"""Files that are no pictures are called by their name."""

from __future__ import annotations

import pytest

from engine.files import sniff

FTYP = b"\0\0\0\x18ftyp"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"  <!DOCTYPE HTML><html>", "an HTML page"),
        (b"\xef\xbb\xbf<html lang='en'>", "an HTML page"),
        (b"%PDF-1.7", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (FTYP + b"isom\0\0\0\0isom", "a video"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"\0" * 50, "only zeros, as an interrupted copy leaves them"),
        (b"hello, world\n", "text"),
        (b"<?xml version='1.0'?><note/>", "an XML file"),
        (b"\x00\x05\x16\x07\x00\x02", "a macOS companion file without the picture"),
        (b"\x93\x01\xfe\x80binary", None),
    ],
)
def test_other_kinds(head: bytes, kind: str | None) -> None:
    assert sniff.other_kind(head) == kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"8BPS\0\x01", "a Photoshop picture"),
        (b"\xff\x0a\xfa", "a JPEG XL picture"),
        (b"<svg xmlns=''>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<svg>", "an SVG drawing"),
        (b"\xff\xd8\xff\xe0", None),
    ],
)
def test_pictures_that_we_do_not_read(head: bytes, kind: str | None) -> None:
    assert sniff.unsupported_picture(head) == kind


def test_brands_tell_avif_from_heif() -> None:
    assert sniff.is_heif(FTYP + b"heic\0\0\0\0mif1heic")
    assert sniff.is_avif(FTYP + b"avif\0\0\0\0mif1miaf")
    assert sniff.is_avif(FTYP + b"mif1\0\0\0\0avifmif1")
    assert not sniff.is_heif(FTYP + b"isom\0\0\0\0isommp42")
    assert not sniff.is_heif(b"")
