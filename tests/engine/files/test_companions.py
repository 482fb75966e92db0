"""Which files are one photo."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files.companions import bundles, sidecars
from engine.files.scan import is_candidate


def grouped(*names: str) -> list[set[str]]:
    return sorted((set(bundle.names) for bundle in bundles(names)), key=sorted)


def test_raw_jpeg_and_sidecars_are_one():
    assert grouped("IMG.CR2", "img.jpg", "IMG.xmp", "IMG.CR2.xmp", "IMG.JPG.xmp", "IMG.wav") == [
        {"IMG.CR2", "img.jpg", "IMG.xmp", "IMG.CR2.xmp", "IMG.JPG.xmp", "IMG.wav"}
    ]


def test_live_photos_take_their_movie():
    assert grouped(
        "IMG_1.HEIC", "IMG_1.MOV", "IMG_1.AAE", "IMG_O1.AAE", "IMG_2.JPG", "IMG_2.mov"
    ) == [
        {"IMG_1.HEIC", "IMG_1.MOV", "IMG_1.AAE", "IMG_O1.AAE"},
        {"IMG_2.JPG", "IMG_2.mov"},
    ]


def test_the_picture_comes_first_a_raw_before_its_jpeg():
    (bundle,) = bundles(["a.xmp", "a.jpg", "a.nef", "a.mov"])
    assert bundle.names[:2] == ("a.nef", "a.jpg")


def test_two_plain_pictures_of_one_name_are_two_photos():
    assert grouped("a.png", "a.jpg", "a.jpg.xmp") == [{"a.jpg", "a.jpg.xmp"}, {"a.png"}]
    assert grouped("a.png", "a.jpg", "a.xmp") == [{"a.jpg", "a.png", "a.xmp"}]  # whose is it?


def test_other_files_belong_to_nobody():
    assert grouped("a.txt", "b.xmp", "movie.mov", "a.jpg", ".xmp", "jpg") == [{"a.jpg"}]


def test_a_takeout_json_and_a_resource_fork_go_along():
    assert grouped("a.jpg", "a.jpg.json", "._a.jpg", "._b.jpg", "a.json") == [
        {"a.jpg", "a.jpg.json", "._a.jpg"}
    ]


def test_the_shared_part_is_known():
    (bundle,) = bundles(["IMG.x.CR2", "IMG.x.CR2.xmp", "IMG.x.xmp", "._IMG.x.CR2"])
    assert {name: name[:stem] for name, stem in bundle.members} == {
        "IMG.x.CR2": "IMG.x",
        "IMG.x.CR2.xmp": "IMG.x",
        "IMG.x.xmp": "IMG.x",
        "._IMG.x.CR2": "._IMG.x",
    }


@given(
    st.lists(
        st.builds(
            str.__add__,
            st.sampled_from(
                ["IMG", "img", "Img", "IMG_1", "IMG_O1", "Ä", "A\u0308", "._IMG", "x.y"]
            ),
            st.sampled_from(
                [
                    ".jpg",
                    ".JPG",
                    ".cr2",
                    ".xmp",
                    ".XMP",
                    ".jpg.xmp",
                    ".CR2.xmp",
                    ".mov",
                    ".aae",
                    ".txt",
                ]
            ),
        ),
        unique=True,
    )
)
def test_every_picture_is_in_exactly_one_bundle(names: list[str]):
    random.Random(0).shuffle(names)
    found = [name for bundle in bundles(names) for name in bundle.names]
    assert len(found) == len(set(found))
    assert set(found) <= set(names)
    pictures = {name for name in names if is_candidate(name) and not name.startswith("._")}
    assert pictures <= set(found)
    assert all(any(is_candidate(n) for n in bundle.names) for bundle in bundles(names))


@pytest.mark.parametrize(
    ("pictures", "files", "expected"),
    [
        (["IMG.jpg"], [], {}),
        (["IMG.jpg"], ["IMG.xmp"], {"IMG.jpg": (None, "IMG.xmp")}),
        (["IMG.JPG"], ["img.jpg.XMP"], {"IMG.JPG": ("img.jpg.XMP", None)}),
        (
            ["IMG.CR2", "IMG.jpg"],
            ["IMG.xmp", "IMG.CR2.xmp"],
            {"IMG.CR2": ("IMG.CR2.xmp", "IMG.xmp"), "IMG.jpg": (None, "IMG.xmp")},
        ),
        # The sidecar of IMG.CR2 in full is not that of a picture called IMG.CR2.jpg.
        (["IMG.CR2", "IMG.CR2.jpg"], ["IMG.CR2.xmp"], {"IMG.CR2": ("IMG.CR2.xmp", None)}),
        (["IMG.CR2.jpg"], ["IMG.CR2.xmp"], {"IMG.CR2.jpg": (None, "IMG.CR2.xmp")}),
        (["IMG.jpg"], ["IMG.XMP", "IMG.xmp"], {"IMG.jpg": (None, "IMG.XMP")}),
        (["IMG.jpg"], ["OTHER.xmp", ".xmp"], {}),
    ],
)
def test_which_sidecars_tell_of_which_pictures(
    pictures: list[str], files: list[str], expected: dict[str, tuple[str | None, str | None]]
) -> None:
    assert sidecars(pictures, files) == expected
