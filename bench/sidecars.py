"""What writing sidecars costs: `python bench/sidecars.py [--photos 10000] [--folder DIR]`.

Tiny pictures in one folder; all of them are tagged and rated, written, rated again and written, and
looked at once more. Seconds by the clock and of computing; `--folder` chooses the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image

from engine import Library
from engine.jobs import drain
from engine.types import Scope


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    found: dict[str, object] = {"photos": options.photos}

    def timed(name: str, act: Callable[[], object]) -> None:
        clock, computing = time.perf_counter(), time.process_time()
        act()
        found[name] = {
            "s": round(time.perf_counter() - clock, 2),
            "computing_s": round(time.process_time() - computing, 2),
        }

    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        photos, place = Path(temporary) / "photos", Path(temporary) / "library"
        photos.mkdir()
        place.mkdir()
        (place / "settings.json").write_text('{"model_id": "no/model"}', encoding="utf-8")
        Image.new("RGB", (8, 8)).save(photos / "IMG_00000.jpg")
        picture = (photos / "IMG_00000.jpg").read_bytes()
        for number in range(1, options.photos):
            (photos / f"IMG_{number:05}.jpg").write_bytes(picture)
        with Library.open(place) as library:
            library.add_root(photos)
            drain(library.reconcile())
            ids = library.photo_ids(Scope())
            timed("tag", lambda: library.tagging.tag(ids, "Places/Sea"))
            timed("rate", lambda: library.marking.rate(ids, 3))
            timed("status", library.sidecars.status)
            timed("write new", lambda: drain(library.sidecars.write()))
            library.marking.rate(ids, 4)
            timed("write again", lambda: drain(library.sidecars.write()))
            library.sidecars.include_all()
            timed("nothing to write", lambda: drain(library.sidecars.write()))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
