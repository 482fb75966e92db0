"""Pixels come out upright, opaque, in sRGB and as the model wants them, whatever the file."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine.errors import PhotoTooLarge, PhotoUndecodable, PhotoUnsupported
from engine.files import colour, picture
from engine.files.picture import Need
from engine.types import Box, InputSpec

ALL = Need(0, 0)
HERE = Path("photo")
SPEC = InputSpec(224, 224)


def scene(width: int = 60, height: int = 40) -> Image.Image:
    """A picture whose every corner differs."""
    y, x = np.mgrid[0:height, 0:width]
    red = x * 255 // max(width - 1, 1)
    green = y * 255 // max(height - 1, 1)
    blue = np.where((x < width // 3) & (y < height // 3), 255, 30)
    return Image.fromarray(np.dstack([red, green, blue]).astype(np.uint8))


def saved(image: Image.Image, kind: str, **how: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **how)  # type: ignore[arg-type]
    return file


def pixels(file: io.BytesIO, box: Box | None = None) -> NDArray[np.float64]:
    decoded = picture.decode(file, HERE, ALL, box)
    image = colour.to_srgb(decoded.upright(box=box), decoded.icc)
    assert image.mode == "RGB"
    return np.asarray(image).astype(np.float64)


def difference(a: NDArray[np.float64], b: Image.Image | NDArray[np.float64]) -> float:
    other = np.asarray(b).astype(np.float64)
    assert a.shape == other.shape
    return float(np.abs(a - other).mean())


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera stores it so that `orientation` makes it upright again."""
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    method = picture._TRANSPOSE.get(undo)  # pyright: ignore[reportPrivateUsage]
    return image if method is None else image.transpose(method)


def exif_with(orientation: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_look_the_same(kind: str, orientation: int) -> None:
    original = scene(64, 48)
    file = saved(turned(original, orientation), kind, exif=exif_with(orientation), quality=95)
    decoded = picture.decode(file, HERE, ALL)
    assert decoded.size == (64, 48)
    assert difference(pixels(file), original) < 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heif_is_not_turned_twice(orientation: int) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    original = scene(64, 48)
    file = saved(
        turned(original, orientation), "HEIF", exif=exif_with(orientation).tobytes(), quality=95
    )
    assert picture.decode(file, HERE, ALL).size == (64, 48)
    assert difference(pixels(file), original) < 5


@pytest.mark.parametrize("nonsense", [0, 9, 65535, 274])
def test_a_nonsensical_orientation_counts_as_upright(nonsense: int) -> None:
    original = scene()
    file = saved(original, "JPEG", exif=exif_with(nonsense), quality=95)
    assert difference(pixels(file), original) < 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_is_meant_of_the_upright_photo(orientation: int) -> None:
    original = scene(60, 40)
    file = saved(turned(original, orientation), "PNG", exif=exif_with(orientation))
    part = pixels(file, Box(5, 3, 25, 13))
    assert difference(part, original.crop((5, 3, 25, 13))) == 0


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        (Box(-50, -50, 10, 10), (10, 10)),
        (Box(50, 30, 500, 500), (10, 10)),
        (Box(7.2, 7.2, 7.3, 7.3), (1, 1)),
        (Box(900, 900, 901, 901), (1, 1)),
    ],
)
def test_a_box_is_kept_within_the_photo(box: Box, shape: tuple[int, int]) -> None:
    assert pixels(saved(scene(60, 40), "PNG"), box).shape[:2] == shape


def test_what_shines_through_is_white() -> None:
    hidden = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    for image, kind in (
        (hidden, "PNG"),
        (hidden, "WEBP"),
        (Image.new("LA", (4, 4), (0, 0)), "PNG"),
    ):
        file = saved(image, kind, **({"lossless": True} if kind == "WEBP" else {}))
        assert difference(pixels(file), Image.new("RGB", (4, 4), "white")) == 0
    half = saved(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG")
    assert abs(pixels(half).mean() - 127) < 2


def test_transparent_colours_of_palettes_and_rgb_are_white() -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    for kind in ("PNG", "GIF"):
        file = saved(palette, kind, transparency=1)
        assert difference(pixels(file), Image.new("RGB", (4, 4), "white")) == 0
    rgb = saved(Image.new("RGB", (4, 4), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert difference(pixels(rgb), Image.new("RGB", (4, 4), "white")) == 0
    grey = saved(Image.new("L", (4, 4), 7), "PNG", transparency=7)
    assert difference(pixels(grey), Image.new("RGB", (4, 4), "white")) == 0


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    expected = np.dstack([(ramp / 257).round()] * 3)
    for kind in ("PNG", "TIFF"):
        found = pixels(saved(Image.fromarray(ramp), kind))
        assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floating_point_pictures_are_scaled_by_the_range_they_suggest(top: float) -> None:
    ramp = np.linspace(0, top, 256).astype(np.float32).reshape(16, 16)
    ramp[0, 0] = np.nan
    found = pixels(saved(Image.fromarray(ramp), "TIFF"))
    expected = np.arange(256).reshape(16, 16)
    assert np.abs(found[..., 0] - expected).max() <= 1


def test_floating_point_with_negative_values_uses_its_own_range() -> None:
    ramp = np.linspace(-3, 3, 256).astype(np.float32).reshape(16, 16)
    found = pixels(saved(Image.fromarray(ramp), "TIFF"))
    assert (found.min(), found.max()) == (0, 255)


def test_one_bit_grey_and_integers() -> None:
    stripes = Image.fromarray(np.tile(np.array([[0, 255]], np.uint8), (8, 4)))
    assert difference(pixels(saved(stripes.convert("1"), "PNG")), stripes.convert("RGB")) == 0
    assert difference(pixels(saved(stripes, "PNG")), stripes.convert("RGB")) == 0
    wide = Image.fromarray(np.asarray(stripes).astype(np.int32) * 257)
    assert difference(pixels(saved(wide, "TIFF")), stripes.convert("RGB")) == 0


def test_cmyk_keeps_its_colours_in_jpeg_and_tiff() -> None:
    original = scene()
    for kind, tolerance in (("JPEG", 6), ("TIFF", 2)):
        assert difference(pixels(saved(original.convert("CMYK"), kind)), original) < tolerance


def test_lab_becomes_rgb() -> None:
    original = scene()
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = ImageCms.applyTransform(original, to_lab)
    assert lab is not None
    assert difference(pixels(saved(lab, "TIFF")), original) < 3


def swapping_profile() -> bytes:
    """A valid profile in which red and green change places; no eye could miss it."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * data[131], 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data).replace(b"s\0R\0G\0B", b"t\0e\0s\0t").replace(b"sRGB", b"test")


def test_a_colour_profile_is_applied() -> None:
    red = Image.new("RGB", (8, 8), (200, 10, 10))
    found = pixels(saved(red, "PNG", icc_profile=swapping_profile()))
    assert found[0, 0, 1] > 150 > found[0, 0, 0]


def test_srgb_and_broken_profiles_leave_the_pixels_alone() -> None:
    original = scene()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"nonsense", srgb[:200], swapping_profile()[:-300]):
        assert difference(pixels(saved(original, "PNG", icc_profile=profile)), original) == 0
    grey = saved(original.convert("L"), "PNG", icc_profile=srgb)  # a profile of another space
    assert difference(pixels(grey), original.convert("L").convert("RGB")) == 0


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG", "MPO"])
def test_of_several_pictures_the_first_counts(kind: str) -> None:
    first, second = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    file = saved(first, kind, save_all=True, append_images=[second])
    assert difference(pixels(file), first) < 3


def test_an_mpo_is_called_a_jpeg() -> None:
    first, second = scene(), scene()
    file = saved(first, "MPO", save_all=True, append_images=[second])
    assert picture.decode(file, HERE, ALL).format == "JPEG"


def test_a_jpeg_is_decoded_no_larger_than_needed() -> None:
    file = saved(scene(1600, 1200), "JPEG")
    decoded = picture.decode(file, HERE, Need(2 * 64, 2 * 128))
    assert decoded.image.size == (400, 300)
    assert decoded.size == (1600, 1200)
    assert picture.decode(file, HERE, ALL).image.size == (1600, 1200)
    small_box = Box(0, 0, 140, 140)
    assert picture.decode(file, HERE, Need(128, 0), small_box).image.size == (1600, 1200)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (500, 333), (224, 224), (100, 37)])
@pytest.mark.parametrize("spec", [SPEC, InputSpec(96, 64, 2), InputSpec(64, 80)])
def test_the_model_input_is_that_of_transformers(size: tuple[int, int], spec: InputSpec) -> None:
    processing = pytest.importorskip("transformers.models.clip.image_processing_pil_clip")
    processor = processing.CLIPImageProcessorPil(
        size={"shortest_edge": spec.resize},
        crop_size={"height": spec.crop, "width": spec.crop},
        resample=spec.resample,
        do_rescale=False,
        do_normalize=False,
    )
    original = scene(*size)
    expected = np.moveaxis(processor(original)["pixel_values"][0], 0, -1)
    found = np.asarray(picture.model_input(original, spec))
    assert np.array_equal(found, expected)


def test_without_keeping_the_aspect_the_picture_is_squeezed() -> None:
    original = scene(300, 100)
    found = picture.model_input(original, InputSpec(64, 64, 3, keep_aspect=False))
    assert np.array_equal(np.asarray(found), np.asarray(original.resize((64, 64), 3)))


@pytest.mark.parametrize("size", [(1, 5000), (200_000, 1), (1, 1), (3, 60_000)])
def test_hair_thin_pictures_cost_no_memory(size: tuple[int, int]) -> None:
    thin = Image.new("RGB", size, (10, 200, 30))
    assert picture.model_input(thin, SPEC).size == (224, 224)
    with Image.open(io.BytesIO(picture.thumbnail_jpeg(thin, None))) as thumbnail:
        assert max(thumbnail.size) <= 256


def test_the_middle_of_a_long_strip_is_where_it_would_be() -> None:
    strip = scene(224 * 18, 224)  # just beyond the length from which only the middle is resized
    exact = strip.resize((224 * 18, 224), 3).crop((224 * 17 // 2, 0, 224 * 19 // 2, 224))
    found = np.asarray(picture.model_input(strip, SPEC)).astype(np.float64)
    assert difference(found, exact) < 0.5


def test_a_thumbnail_is_small_and_says_nothing() -> None:
    exif = exif_with(1)
    exif[0x010E] = "private words"
    loud = saved(scene(900, 600), "JPEG", exif=exif, comment=b"private words", xmp=b"private words")
    decoded = picture.decode(loud, HERE, ALL)
    jpeg = picture.thumbnail_jpeg(decoded.upright(), decoded.icc)
    assert b"private" not in jpeg
    with Image.open(io.BytesIO(jpeg)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (256, 171))
    small = picture.thumbnail_jpeg(scene(30, 20), None)
    with Image.open(io.BytesIO(small)) as thumbnail:
        assert thumbnail.size == (30, 20)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", PhotoUndecodable, "is empty"),
        (b"\0" * 5000, PhotoUndecodable, "only zeros"),
        (b"<html><body>404</body></html>", PhotoUndecodable, "an HTML page"),
        (b"%PDF-1.4 ...", PhotoUndecodable, "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", PhotoUndecodable, "PostScript"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isom", PhotoUndecodable, "a video"),
        (b"8BPS\0\x01\0\0\0\0", PhotoUnsupported, "Photoshop"),
        (b"\0\0\x01\0\x01\0\x10\x10", PhotoUnsupported, "an icon"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", PhotoUndecodable, "is broken"),
        (b"\x89PNG\r\n\x1a\n", PhotoUndecodable, "is broken"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heic", PhotoUndecodable, "is broken"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avif", PhotoUndecodable, "is broken"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", PhotoUndecodable, "is broken"),
        (b"\x93\x01\xfe\x80" * 9, PhotoUndecodable, "is not a picture"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(
    data: bytes, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        picture.decode(io.BytesIO(data), HERE, ALL)


def test_too_many_pixels_are_refused_before_decoding() -> None:
    png = bytearray(saved(Image.new("1", (8, 8)), "PNG").getvalue())
    png[16:24] = (20_000).to_bytes(4, "big") * 2
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    with pytest.raises(PhotoTooLarge, match="has 400 megapixels"):
        picture.decode(io.BytesIO(bytes(png)), HERE, ALL)


def test_a_photo_cut_short_is_shown_as_far_as_it_goes() -> None:
    data = saved(scene(400, 300), "JPEG", quality=95).getvalue()
    decoded = picture.decode(io.BytesIO(data[: len(data) // 2]), HERE, ALL)
    assert decoded.damaged == "is cut short; a part of the picture is missing"
    assert decoded.size == (400, 300)


def test_a_photo_of_which_nothing_is_left_is_broken() -> None:
    data = saved(scene(400, 300), "JPEG", quality=95).getvalue()
    start = data.index(b"\xff\xda")
    with pytest.raises(PhotoUndecodable, match="is broken"):
        picture.decode(io.BytesIO(data[: start + 100]), HERE, ALL)


def test_a_bomb_in_a_text_chunk_does_not_cost_the_pixels() -> None:
    png = saved(scene(), "PNG").getvalue()
    packed = b"Comment\0\0" + zlib.compress(b"A" * (80 << 20), 9)
    chunk = b"zTXt" + packed
    whole = len(packed).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    bomb = png[:33] + whole + png[33:]
    assert difference(pixels(io.BytesIO(bomb)), scene()) == 0
