"""What keywords and sidecars cost: noting what files say, following sidecars, asking for them.

Fills a catalog with synthetic rows and notes what reading them told, without decoding a picture:
the shares of indexing and reconciling that are this room's. Seconds of wall clock, and
milliseconds of one processor per photo beside them, which other programs disturb less.

    python bench/metadata.py [--photos 100000] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from engine.catalog import Catalog  # noqa: E402
from engine.catalog.sidecars import SidecarRead  # noqa: E402
from engine.files.xmp import XmpPacket  # noqa: E402
from engine.files.xmp_facts import facts_of  # noqa: E402
from engine.sidecar_facts import follow  # noqa: E402
from engine.types import FileSeen, Filter, PhotoContent, PhotoId, PhotoMetadata  # noqa: E402

_BATCH = 64  # photos per transaction, about as indexing has them
_SIDECARS = 200
PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    b' xmp:Rating="4"><dc:subject><rdf:Bag><rdf:li>Sea</rdf:li><rdf:li>Sun</rdf:li></rdf:Bag>'
    b"</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # pyright: ignore[reportOptionalMemberAccess]
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), asked.photos)
    if asked.json:
        print(json.dumps({"photos": asked.photos, **figures}))
        return
    for name, (wall, each) in figures.items():
        print(f"{name:<44} {wall:8.2f} s   {each:7.3f} ms per photo")


def measure(folder: Path, photos: int) -> dict[str, tuple[float, float]]:
    """Name → (seconds, milliseconds of processor time per photo)."""
    figures: dict[str, tuple[float, float]] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        each = (time.process_time() - cpu) / photos * 1000
        figures[name] = (round(time.perf_counter() - wall, 3), round(each, 4))

    with closing(Catalog.open(folder / "catalog.db")) as catalog:
        root = catalog.roots.add(Path("/photos"))
        seen = [FileSeen(f"{n // 500}/{n}.jpg".encode(), 9, n + 1, 1, n + 1) for n in range(photos)]
        ids: list[PhotoId] = []
        for start in range(0, photos, 2000):
            ids += catalog.photos.add(root.id, seen[start : start + 2000])
        beside = [FileSeen(f.relpath[:-3] + b"xmp", 99, f.mtime_ns, 1, 0) for f in seen]

        def read(words: bool) -> None:
            for start in range(0, photos, _BATCH):
                with catalog.write():
                    for n in range(start, min(photos, start + _BATCH)):
                        facts = PhotoMetadata(keywords=keywords(n) if words else ())
                        content = PhotoContent(n.to_bytes(32, "big"), 4, 3, "JPEG", facts)
                        catalog.photos.set_content(ids[n], content, 9, n + 1, 1, n + 1, n + 1)

        def compare() -> None:
            follow(catalog, root.id, (b"", True), beside, [])

        def put() -> None:
            todo = catalog.sidecars.to_read()
            for start in range(0, len(todo), _SIDECARS):
                catalog.sidecars.put(
                    SidecarRead(
                        keys, 99, keys[0].photo_id, 1 << 60, b"x" * 32, facts_of(XmpPacket(PACKET))
                    )
                    for _, keys in todo[start : start + _SIDECARS]
                )

        timed("read, no keywords", lambda: read(words=False))
        timed("read, five new keywords each", lambda: read(words=True))
        timed("read again, the same keywords", lambda: read(words=True))
        timed("compare, no sidecar", lambda: follow(catalog, root.id, (b"", True), [], []))
        timed("compare, all sidecars new", compare)
        timed("parse and note all sidecars", put)
        timed("compare, all sidecars unchanged", compare)
        having, sea = Filter("has", "=", "sidecar"), Filter("tag", "=", "sea")
        timed("has:sidecar", lambda: catalog.photos.matching([having]))
        timed("tag:sea", lambda: catalog.photos.matching([sea]))
        timed("take a tag of files off 10,000", lambda: catalog.tags.take(ids[:10_000], "Sun"))
    return figures


def keywords(number: int) -> tuple[str, ...]:
    """Five, one of them seldom."""
    return ("Places/France/Paris", "Cat", f"Family/{number % 40}", f"y{number % 30}", "Sea")


if __name__ == "__main__":
    main()
