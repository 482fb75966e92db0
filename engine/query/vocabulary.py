"""The names of the filters, what stands behind their colon, and what they mean in a few words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

RAW_EXTENSIONS = (
    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "gpr", "iiq", "kdc", "mef",
    "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw",
    "x3f",
)  # fmt: skip


class Shape(Enum):
    """What may stand behind a filter's colon."""

    TEXT = auto()  # anything; what it means is the catalog's matter
    CHOICE = auto()  # one of `values`
    NUMBER = auto()  # 3000, >=3000, 2000..3000
    DATE = auto()  # 2024-05, >2024, 2023..2024-05
    COUNT = auto()  # a label and a number: dog>=2
    PLACE = auto()  # degrees and a distance: 48.86,2.35,10km
    SHARE = auto()  # a label and a part of the picture: dog>20%


@dataclass(frozen=True, slots=True)
class FilterKind:
    """One name of the language."""

    name: str
    note: str  # what it asks, for people
    shape: Shape = Shape.TEXT
    values: tuple[str, ...] = ()  # all that can be, or the likeliest
    such: str = ""  # a value, for sentences that say what is missing

    @property
    def ordered(self) -> bool:
        """Whether > and < mean something."""
        return self.shape in (Shape.NUMBER, Shape.DATE)


_TYPES = (
    "jpeg", "raw", "heic", "png", "webp", "tiff", "gif", "bmp", "avif",
    "jpg", "jpe", "jfif", "heif", "hif", "tif", *(e for e in RAW_EXTENSIONS if e != "raw"),
)  # fmt: skip

FILTERS: dict[str, FilterKind] = {
    kind.name: kind
    for kind in (
        FilterKind("tag", "photos with a tag, or one below it", such="family"),
        FilterKind("folder", "a folder's name or path", such="2024/Italy"),
        FilterKind("date", "when it was taken", Shape.DATE, such="2024-05"),
        FilterKind("rating", "stars, 0 for none", Shape.NUMBER,
                   (">=1", ">=2", ">=3", ">=4", "5", "0"), ">=3"),
        FilterKind("is", "a mark, or how it stands", Shape.CHOICE, (
            "favourite", "picked", "rejected", "untagged", "raw", "identical", "offline",
            "missing", "damaged", "unsearchable")),
        FilterKind("has", "what is known of it", Shape.CHOICE, (
            "gps", "date", "caption", "title", "rating", "tags", "detections", "sidecar")),
        FilterKind("album", "photos of an album", such="Best"),
        FilterKind("category", "photos of a category", such="Receipts"),
        FilterKind("type", "the kind of file", Shape.CHOICE, _TYPES, "jpeg"),
        FilterKind("near", "taken near a place, in degrees", Shape.PLACE, such="48.86,2.35,10km"),
        FilterKind("camera", "a part of make and model", such='"Pixel 8"'),
        FilterKind("name", "a part of the name; * and ? stand for letters", such="IMG_*"),
        FilterKind("orientation", "upright or lying", Shape.CHOICE,
                   ("portrait", "landscape", "square")),
        FilterKind("width", "pixels from left to right", Shape.NUMBER, (), ">3000"),
        FilterKind("height", "pixels from top to bottom", Shape.NUMBER, (), ">3000"),
        FilterKind("detected", "a thing that was seen in it", such="dog"),
        FilterKind("count", "how many of a thing", Shape.COUNT, such="dog>=2"),
        FilterKind("box", "how large a thing is in it", Shape.SHARE, such="dog>20%"),
    )
}  # fmt: skip
"""Every filter by its name, the most used first."""

FILTER_NAMES = tuple(FILTERS)

LIKE = "like"
"""The name before a picture: like:12, like:"/photos/a.jpg"@10,20,300,400."""

SYNONYMS = {
    "is": {"favorite": "favourite", "favourites": "favourite", "favorites": "favourite",
           "pick": "picked", "reject": "rejected", "duplicate": "identical"},
    "has": {"tag": "tags", "detection": "detections", "location": "gps", "place": "gps"},
    "orientation": {"vertical": "portrait", "horizontal": "landscape"},
}  # fmt: skip
"""Other words for a value; the first is what is kept."""

RATINGS = range(6)
