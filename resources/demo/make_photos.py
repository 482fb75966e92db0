"""Makes the sample library: drawn photos with dates, cameras, places, bursts, edits and copies."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import draw
import piexif
from PIL import Image, ImageEnhance, ImageOps
from scene_words import Item, Scene, full_caption

HERE = Path(__file__).resolve().parent
SEED = 2024

Box = tuple[int, int, int, int]
Entry = dict[str, object]


@dataclass(frozen=True)
class Trip:
    """A folder of the library: when, where and with what its photos were taken."""

    folder: str
    start: datetime
    days: int
    camera: tuple[str, str]
    places: tuple[str, ...]
    count: int
    prefix: str
    at: tuple[float, float] | None = None
    ending: str = "jpg"


# EXIF times are the camera's own clock and carry no zone.
TRIPS = (
    Trip("2016 Winter", datetime(2016, 1, 8, 10), 40, ("Canon", "Canon PowerShot G9 X"),  # noqa: DTZ001
         ("snow", "snow", "mountains"), 16, "IMG", (47.27, 11.39)),
    Trip("2019 Summer", datetime(2019, 7, 5, 9), 30, ("NIKON CORPORATION", "NIKON D3500"),  # noqa: DTZ001
         ("beach", "beach", "meadow"), 24, "DSC", None),
    Trip("Italy", datetime(2021, 5, 12, 8), 9, ("Apple", "iPhone 12"),  # noqa: DTZ001
         ("street", "mountains", "beach"), 22, "IMG", (43.77, 11.25)),
    Trip("Home", datetime(2018, 3, 2, 17), 1900, ("samsung", "SM-G960F"),  # noqa: DTZ001
         ("room", "room", "street"), 26, "IMG", None),
    Trip("Garden", datetime(2022, 4, 3, 11), 120, ("Canon", "Canon EOS M50"),  # noqa: DTZ001
         ("meadow",), 14, "IMG", (52.09, 5.12)),
    Trip("Desert Tour", datetime(2023, 10, 6, 7), 8, ("Google", "Pixel 7"),  # noqa: DTZ001
         ("desert", "desert", "mountains"), 12, "PXL", (31.05, -3.98)),
    Trip("Scans", datetime(1998, 6, 1, 12), 3, ("", ""),  # noqa: DTZ001
         ("meadow", "street", "room"), 8, "scan", None, "png"),
    Trip("Web", datetime(2020, 2, 1, 12), 200, ("", ""),  # noqa: DTZ001
         ("street", "beach", "snow"), 6, "saved", None, "webp"),
)  # fmt: skip
SIZES = ((640, 480), (640, 480), (800, 600), (480, 640), (720, 540), (640, 640), (768, 512))

# Scenes the guide and the screenshots ask for by name.
WISHES: dict[str, tuple[Scene, ...]] = {
    "Home": (
        Scene("room", False, (Item("cat", "orange", 2), Item("couch", "blue")), True),
        Scene("room", False, (Item("dress", "red"),)),
        Scene("room", False, (Item("cat", "grey"), Item("remote control", "black"),
                              Item("couch", "red")), True),
        Scene("room", False, (Item("dog", "brown"), Item("couch", "green")), True),
        Scene("room", False, (Item("shirt", "blue"), Item("dress", "yellow"))),
    ),
    "2019 Summer": (
        Scene("beach", True, (Item("dog", "black"),)),
        Scene("beach", False, (Item("boat", "red"), Item("sun", "yellow"))),
        Scene("beach", False, (Item("ball", "red"), Item("dog", "brown"))),
    ),
    "Italy": (
        Scene("street", False, (Item("car", "red"),)),
        Scene("street", False, (Item("truck", "blue"), Item("bird", "white"))),
    ),
    "Garden": (
        Scene("meadow", False, (Item("flower", "pink", 3),)),
        Scene("meadow", False, (Item("tree", "green"), Item("house", "red"))),
        Scene("meadow", False, (Item("bird", "blue"),)),
    ),
}  # fmt: skip
BURSTS = {"2019 Summer": (2, 4), "Home": (2, 3), "Italy": (1, 4), "Garden": (1, 3)}


@dataclass
class Shot:
    """A picture of the library, upright, with what is to be written beside its pixels."""

    picture: Image.Image
    entry: Entry
    when: datetime
    trip: Trip
    boxes: list[tuple[str, Box]] = field(default_factory=list)


def _gps(at: tuple[float, float], rng: Random) -> dict[int, object]:
    def parts(value: float) -> tuple[tuple[int, int], ...]:
        value = abs(value)
        whole = int(value)
        minutes = int((value - whole) * 60)
        seconds = round(((value - whole) * 60 - minutes) * 6000)
        return ((whole, 1), (minutes, 1), (seconds, 100))

    north, east = at[0] + rng.uniform(-0.03, 0.03), at[1] + rng.uniform(-0.03, 0.03)
    return {
        piexif.GPSIFD.GPSLatitudeRef: b"N" if north >= 0 else b"S",
        piexif.GPSIFD.GPSLatitude: parts(north),
        piexif.GPSIFD.GPSLongitudeRef: b"E" if east >= 0 else b"W",
        piexif.GPSIFD.GPSLongitude: parts(east),
    }


def _exif(shot: Shot, orientation: int, rng: Random) -> bytes:
    stamp = shot.when.strftime("%Y:%m:%d %H:%M:%S").encode()
    make, model = shot.trip.camera
    zeroth: dict[int, object] = {piexif.ImageIFD.Orientation: orientation}
    detail: dict[int, object] = {}
    if make:
        zeroth[piexif.ImageIFD.Make] = make.encode()
        zeroth[piexif.ImageIFD.Model] = model.encode()
        zeroth[piexif.ImageIFD.DateTime] = stamp
        detail[piexif.ExifIFD.DateTimeOriginal] = stamp
        detail[piexif.ExifIFD.DateTimeDigitized] = stamp
    gps = _gps(shot.trip.at, rng) if shot.trip.at and rng.random() < 0.8 else {}
    return piexif.dump({"0th": zeroth, "Exif": detail, "GPS": gps, "1st": {}, "thumbnail": None})


# How upright pixels are stored so that the orientation tag turns them upright again.
_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def _entry(scene: Scene, when: datetime | None) -> Entry:
    return {
        "caption": full_caption(scene, None),
        "background": scene.place,
        "night": scene.night,
        "objects": [{"label": i.label, "colour": i.colour, "count": i.count} for i in scene.items],
        "taken": when.isoformat() if when else None,
        "role": "photo",
        "of": None,
        "burst": None,
        "orientation": 1,
    }


class Library:
    """Writes photos into the folder and keeps the truth about each."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.entries: list[Entry] = []
        self.rng = Random(f"library:{SEED}")
        self.numbers: dict[str, int] = {}

    def name(self, shot: Shot) -> str:
        """The next file name of the trip's camera."""
        trip = shot.trip
        if trip.folder not in self.numbers:
            self.numbers[trip.folder] = self.rng.randint(100, 700)
        self.numbers[trip.folder] += self.rng.randint(1, 3)
        number = self.numbers[trip.folder]
        if trip.prefix == "DSC":
            stem = f"DSC_{number:04d}"
        elif trip.prefix == "PXL":
            stem = f"PXL_{shot.when:%Y%m%d_%H%M%S}"
        elif trip.prefix == "IMG":
            stem = f"IMG_{shot.when:%Y}_{number:04d}"
        else:
            stem = f"{trip.prefix}-{number:03d}"
        return f"{trip.folder}/{stem}.{trip.ending}"

    def write(
        self, shot: Shot, name: str | None = None, orientation: int = 1, quality: int = 86
    ) -> str:
        """Writes the picture and keeps its entry; returns its path in the library."""
        name = name or self.name(shot)
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stored = shot.picture.transpose(_STORED[orientation]) if orientation > 1 else shot.picture
        if path.suffix == ".png":
            # Scans carry no camera data; few colours keep the file small.
            stored.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
        elif path.suffix == ".webp":
            stored.save(path, quality=82, method=4)
        else:
            exif = _exif(shot, orientation, self.rng)
            stored.save(path, "JPEG", quality=quality, exif=exif)
        boxes = [{"label": label, "box": list(box)} for label, box in shot.boxes]
        width, height = shot.picture.size
        if orientation > 1:
            # How the upright picture looks, very small: tells whether the tag is honoured.
            small = shot.picture.convert("L").resize((6, 6), Image.Resampling.BOX)
            shot.entry["look"] = list(small.tobytes())
        self.entries.append(
            {"file": name, **shot.entry, "orientation": orientation, "boxes": boxes,
             "width": width, "height": height}
        )  # fmt: skip
        return name


def _take(trip: Trip, scene: Scene, when: datetime, rng: Random, shift=(0.0, 0.0, 1.0)) -> Shot:
    drawn = draw.render(scene, rng.choice(SIZES), rng, shift=shift)
    dated = when if trip.camera[0] else None
    return Shot(drawn.image, _entry(scene, dated), when, trip, drawn.boxes)


def _scene_for(trip: Trip, rng: Random, seen: set[object]) -> Scene:
    while True:
        plan = draw.plan_scene(rng)
        night = plan.night and not trip.prefix.startswith("scan")
        scene = Scene(rng.choice(trip.places), night, plan.items, plan.seat)
        if scene.place == "room":
            scene = Scene("room", False, plan.items, plan.seat)
        no_sun = scene.night or scene.place == "room"
        if no_sun and any(i.label == "sun" for i in scene.items):
            continue
        if scene.signature not in seen:
            seen.add(scene.signature)
            return scene


def _moved(boxes: list[tuple[str, Box]], crop: Box, by: float) -> list[tuple[str, Box]]:
    """Boxes after cutting `crop` out and resizing by `by`; those cut away are left out."""
    left, top, right, bottom = crop
    kept = []
    for label, (x0, y0, x1, y1) in boxes:
        a, b = max(x0, left) - left, max(y0, top) - top
        c, d = min(x1, right) - left, min(y1, bottom) - top
        if c - a > 4 and d - b > 4:
            kept.append((label, (int(a * by), int(b * by), round(c * by), round(d * by))))
    return kept


def _edit(shot: Shot, kind: str) -> Shot:
    """The picture as somebody changed it: cut, lit, made smaller or stored again."""
    picture, boxes = shot.picture, shot.boxes
    width, height = picture.size
    if kind == "crop":
        crop = (int(width * 0.07), int(height * 0.06), int(width * 0.95), int(height * 0.96))
        picture, boxes = picture.crop(crop), _moved(boxes, crop, 1.0)
    elif kind == "brightness":
        picture = ImageEnhance.Brightness(picture).enhance(1.18)
    elif kind == "resized":
        size = (int(width * 0.6), int(height * 0.6))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        boxes = _moved(boxes, (0, 0, width, height), 0.6)
    entry = {**shot.entry, "role": kind}
    return Shot(picture, entry, shot.when, shot.trip, boxes)


def make_library(out: Path, truth: Path) -> list[Entry]:
    """Draws the whole library anew into `out` and its truth into `truth`."""
    if out.exists():
        shutil.rmtree(out)
    library = Library(out)
    rng = library.rng
    seen: set[object] = {s.signature for scenes in WISHES.values() for s in scenes}
    taken: list[tuple[str, Shot]] = []
    turn = 1
    for trip in TRIPS:
        scenes = list(WISHES.get(trip.folder, ()))
        scenes += [_scene_for(trip, rng, seen) for _ in range(trip.count - len(scenes))]
        step = timedelta(days=trip.days) / trip.count
        wanted, frames = BURSTS.get(trip.folder, (0, 0))
        for i, scene in enumerate(scenes):
            when = trip.start + step * i + timedelta(minutes=rng.randint(0, 300))
            when = when.replace(microsecond=0)
            key = rng.getrandbits(32)
            shot = _take(trip, scene, when, Random(key))
            orientation = 1
            if trip.ending == "jpg" and i % 6 == 5:
                turn = turn % 8 + 1
                orientation = max(2, turn)
            name = library.write(shot, orientation=orientation)
            if orientation == 1:
                taken.append((name, shot))
            if trip.ending != "jpg" or i % 7 != 2 or wanted == 0 or orientation > 1:
                continue
            wanted -= 1
            burst = f"{trip.folder} {i}"
            library.entries[-1]["burst"] = burst
            for frame in range(1, frames):
                shift = (0.012 * frame, -0.005 * frame, 1.0 + 0.004 * frame)
                more = _take(trip, scene, when + timedelta(seconds=frame), Random(key), shift)
                more.entry["burst"] = burst
                library.write(more)
    jpegs = [(name, shot) for name, shot in taken if name.endswith(".jpg")]
    chosen = rng.sample(jpegs, 18)
    for i, (name, shot) in enumerate(chosen[:12]):
        kind = ("crop", "brightness", "resized", "re-encoded")[i % 4]
        edited = _edit(shot, kind)
        edited.entry["of"] = name
        stem, _, _ = name.rpartition(".")
        library.write(edited, f"{stem}-edited.jpg", quality=58 if kind == "re-encoded" else 86)
    for name, _ in chosen[12:]:
        copy = f"Backup/{name.rpartition('/')[2]}"
        (out / "Backup").mkdir(exist_ok=True)
        shutil.copyfile(out / name, out / copy)
        original = next(e for e in library.entries if e["file"] == name)
        library.entries.append({**original, "file": copy, "role": "copy", "of": name})
    library.entries.sort(key=lambda entry: str(entry["file"]))
    truth.write_text(json.dumps(library.entries, indent=1) + "\n", encoding="utf-8")
    return library.entries


def upright(path: Path) -> Image.Image:
    """A picture of the library as a viewer shows it."""
    with Image.open(path) as opened:
        return ImageOps.exif_transpose(opened).convert("RGB")


def main() -> None:
    """Reads the command line and makes the library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "photos")
    parser.add_argument("--truth", type=Path, default=HERE / "photos.json")
    options = parser.parse_args()
    entries = make_library(options.out, options.truth)
    total = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"{len(entries)} photos, {total / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
