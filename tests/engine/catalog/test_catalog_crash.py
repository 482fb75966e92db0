"""kill -9 in the middle of writing: nothing that was acknowledged is lost, nothing is half."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from catalog_makers import SPACE

from engine.catalog import Catalog

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]

WRITER = """
import sys
from pathlib import Path
from engine.catalog import Catalog
from catalog_makers import SPACE, read, seen, vectors

catalog = Catalog.open(Path(sys.argv[1]))
root = catalog.roots.add(Path("/photos"))
space = catalog.embeddings.space_id(SPACE)
number = max(catalog.photos.ids(), default=0)
while True:
    batch = [seen(f"{number + n}.jpg") for n in range(8)]
    with catalog.write():
        ids = catalog.photos.add(root.id, batch)
        for photo_id, file in zip(ids, batch):
            read(catalog, photo_id, file, text=str(photo_id))
        catalog.embeddings.put(space, ids, vectors(8))
    number = ids[-1]
    print(number, flush=True)
"""


def killed_after(path: Path, acknowledged: int) -> int:
    """Write until so many commits were acknowledged, then kill. Returns: the last id."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{HERE}", "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledged)]
        writer.kill()
        lines += writer.stdout.read().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    return int(whole[-1])


@pytest.mark.skipif(sys.platform == "win32", reason="kill is another thing there")
def test_twenty_kills_lose_nothing_and_leave_nothing_half(catalog_path: Path):
    chance = random.Random(7)
    for _ in range(20):
        last = killed_after(catalog_path, chance.randrange(1, 60))
        catalog = Catalog.open(catalog_path)
        assert catalog.notes == []
        assert catalog.check() == []
        ids = sorted(catalog.photos.ids())
        assert ids[:last] == list(range(1, last + 1))
        assert len(ids) % 8 == 0
        assert catalog.photos.to_read() == []
        held, _ = catalog.embeddings.load_all(catalog.embeddings.space_id(SPACE))
        assert held.tolist() == ids
        catalog.close()
