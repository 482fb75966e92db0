"""Facts in words: exposure, dates, sizes, places; nothing is invented from nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pages_sample import METADATA, photo

from engine.types import PhotoMetadata
from gui import facts
from gui.map_link import map_url


def test_exposure_reads_like_on_a_camera() -> None:
    assert facts.exposure_text(METADATA) == "1/250 s · f/2.8 · ISO 200 · 35 mm"


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        (PhotoMetadata(), ""),
        (PhotoMetadata(exposure_s=0.5, f_number=8.0), "0.5 s · f/8"),
        (PhotoMetadata(exposure_s=30), "30 s"),
        (PhotoMetadata(exposure_s=1 / 8000), "1/8000 s"),
        (PhotoMetadata(exposure_s=0.0, f_number=0.0, iso=0, focal_mm=0.0), ""),
    ],
)
def test_exposure_in_part(metadata: PhotoMetadata, text: str) -> None:
    assert facts.exposure_text(metadata) == text


def test_cameras_name_their_maker_once() -> None:
    both = PhotoMetadata(camera_make="NIKON CORPORATION", camera_model="NIKON D90")
    assert facts.camera_text(both) == "NIKON D90"
    assert facts.camera_text(METADATA) == "FUJIFILM X-T4"
    assert facts.camera_text(PhotoMetadata(camera_make=" ", camera_model="X")) == "X"


def test_dates_are_the_cameras_own_time() -> None:
    text = facts.date_text("2024-05-17T14:03:22", "+02:00")
    assert "2024" in text
    assert "May" in text
    assert text.endswith("(UTC+02:00)")
    assert facts.date_text("0000-00-00T00:00:00") == "0000-00-00T00:00:00"
    assert facts.date_text(None) == ""


def test_sizes_and_pixels() -> None:
    assert facts.size_text(4_312_222) == "4.3 MB"
    assert facts.size_text(605_000_000) == "605 MB"
    assert facts.size_text(0) == "0 bytes"
    assert facts.file_text(photo()) == "6240 × 4160 · 26 megapixels"
    icon = replace(photo(), width=225, height=150)
    assert facts.file_text(icon) == "225 × 150", "no 0.0 megapixels"


def test_reasons_become_sentences() -> None:
    assert facts.reason_text("is empty") == "The file is empty."
    assert facts.reason_text("The drive is gone.") == "The drive is gone."
    assert facts.reason_text("") == ""


def test_places_and_their_map() -> None:
    south = PhotoMetadata(latitude=-33.8568, longitude=-151.2153, altitude_m=4.2)
    assert facts.place_text(south) == "33.85680° S, 151.21530° W · 4 m"
    assert facts.place_text(PhotoMetadata(latitude=1.0)) == ""
    assert facts.coordinates_text(48.8584, 2.2945, 2) == "48.86° N, 2.29° E"
    assert METADATA.latitude is not None
    assert METADATA.longitude is not None
    url = map_url(METADATA.latitude, METADATA.longitude).toString()
    assert url.startswith("https://www.openstreetmap.org/?mlat=48.858400&mlon=2.294500")
