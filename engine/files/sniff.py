"""What a file is by its first bytes, so that "no picture" can be said in clear words."""

from __future__ import annotations

_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "an EPS file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"ID3", "an MP3 sound"),
    (b"OggS", "an Ogg sound or video"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"\x00\x05\x16\x07", "a macOS companion file without the picture"),
    (b"version https://git-lfs", "a Git LFS placeholder without the picture"),
)
_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"8BPS", "a Photoshop picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"qoif", "a QOI picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"gimp xcf", "a GIMP picture"),
    (b"II\xbc\x01", "a JPEG XR picture"),
    (b"P6\n", "a PPM picture"),
)


def is_heif(head: bytes) -> bool:
    """Whether a decoder for HEIC/HEIF should be asked."""
    return head[4:8] == b"ftyp" and bool(_brands(head) & _HEIF_BRANDS)


def is_avif(head: bytes) -> bool:
    """Whether this is AVIF. Such files often claim to be HEIF too: ask this first."""
    return head[4:8] == b"ftyp" and bool(_brands(head) & _AVIF_BRANDS)


def unsupported_picture(head: bytes) -> str | None:
    """The kind of a real picture that we do not read, such as "a Photoshop picture"."""
    for magic, name in _PICTURES:
        if head.startswith(magic):
            return name
    lowered = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith(b"<svg") or (lowered.startswith(b"<?xml") and b"<svg" in lowered):
        return "an SVG drawing"
    return None


def other_kind(head: bytes) -> str | None:
    """What a file that is no picture seems to be, such as "an HTML page"."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp":
        return "a video"
    if head[:4] == b"RIFF":
        return {b"AVI ": "a video", b"WAVE": "a sound"}.get(head[8:12])
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "an HTML page"
    if text.startswith((b"<?xml", b"<x:xmpmeta")):
        return "an XML file"
    if not head.strip(b"\0"):
        return "only zeros, as an interrupted copy leaves them"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head[:1024]):
        return "text"
    return None


def _brands(head: bytes) -> set[bytes]:
    size = min(int.from_bytes(head[:4], "big"), len(head), 256)
    return {head[8:12]} | {head[at : at + 4] for at in range(16, size - 3, 4)}
