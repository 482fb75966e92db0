"""A library of small pictures, what is said of them, and what other programs make of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine import Library
from engine.files.sidecar_fields import edited
from engine.jobs import drain
from engine.sidecar_types import Edits, SidecarReport
from engine.types import PhotoId

needs_exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="no exiftool here")
needs_exiv2 = pytest.mark.skipif(shutil.which("exiv2") is None, reason="no exiv2 here")

FOREIGN = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Other 1.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="uuid:1"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dt="http://darktable.sf.net/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   xmp:Rating="2" xmp:CreateDate="2001-02-03T04:05:06" dt:xmp_version="5" crs:Exposure2012="+0.50">
   <dc:subject xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Bag>
     <rdf:li>theirs</rdf:li><rdf:li>both</rdf:li></rdf:Bag></dc:subject>
   <dc:title xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Alt>
     <rdf:li xml:lang="x-default">Old</rdf:li>
     <rdf:li xml:lang="de-DE">Alt &amp; gut</rdf:li></rdf:Alt></dc:title>
   <dt:history><rdf:Seq><rdf:li dt:operation="exposure" dt:params="00ff"/></rdf:Seq></dt:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


class Shelf:
    """A library in `folder` over `photos`; nothing is decoded but where a test asks."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        self.photos.mkdir()
        for number, name in enumerate(names or ("a.jpg", "b.jpg", "c.jpg")):
            picture = Image.new("RGB", (24, 16), (40 * number, 90, 120))
            picture.save(self.photos / name, "JPEG")
        place = folder / "library"
        place.mkdir()
        (place / "settings.json").write_text(json.dumps({"model_id": "no/model"}), encoding="utf-8")
        self.open()
        self.library.add_root(self.photos)
        drain(self.library.reconcile())

    def open(self) -> None:
        self.library = Library.open(self.folder / "library")

    def id(self, name: str) -> PhotoId:
        catalog = self.library._catalog  # pyright: ignore[reportPrivateUsage]
        found = catalog.photos.find(self.photos / name)
        assert found is not None
        return found

    def write(self) -> SidecarReport:
        return drain(self.library.sidecars.write())

    def others_write(self, edits: Edits, name: str = "a.jpg.xmp") -> None:
        """Another program changes a sidecar."""
        path = self.sidecar(name)
        path.write_bytes(edited(path.read_bytes(), edits, "2024-01-01T00:00:00Z"))

    def names(self) -> list[str]:
        return sorted(path.name for path in self.photos.rglob("*.xmp"))

    def sidecar(self, name: str = "a.jpg.xmp") -> Path:
        return self.photos / name

    def pixels(self) -> dict[str, str]:
        """What every file that is no sidecar holds."""
        return {
            path.name: hashlib.blake2b(path.read_bytes()).hexdigest()
            for path in self.photos.rglob("*")
            if path.is_file() and path.suffix != ".xmp"
        }


def exiftool(path: Path) -> dict[str, Any]:
    """All XMP that exiftool finds, by "Group:Name"."""
    done = subprocess.run(
        ["exiftool", "-json", "-G1", "-a", "-struct", "-n", "-charset", "utf8", str(path)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)[0]


def exiv2(path: Path) -> dict[str, list[str]]:
    """All XMP that exiv2 finds, values by key."""
    done = subprocess.run(
        ["exiv2", "-PXkt", str(path)], capture_output=True, check=True, text=True, timeout=60
    )
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value.strip())
    return found
