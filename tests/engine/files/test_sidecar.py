"""Sidecars are found by both names and replaced in one step; at no point is one lost."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.detection_types import Detection
from engine.errors import DiskError
from engine.files import writes
from engine.files.sidecar import SidecarUnwritten, sidecar_of, write_regions
from engine.types import Box

CAT = Detection("cat", 0.9, Box(10, 10, 50, 50))
DOG = Detection("dog", 0.9, Box(10, 10, 50, 50))
FOREIGN = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dt="http://darktable.sf.net/" dt:hours="of work"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def make(folder: Path, *files: str) -> Path:
    """A folder with these files; the first is the photo."""
    for name in files:
        (folder / name).write_bytes(b"")
    return folder / files[0]


def write(photo: Path, *detections: Detection) -> Path | None:
    return write_regions(photo, 100, 100, detections, 1, photo.parent.parent / "kept")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["IMG.jpg"], "IMG.jpg.xmp"),
        (["IMG.jpg", "IMG.xmp"], "IMG.xmp"),
        (["IMG.jpg", "IMG.XMP"], "IMG.XMP"),
        (["IMG.jpg", "IMG.xmp", "IMG.jpg.xmp"], "IMG.jpg.xmp"),
        (["IMG.JPG", "IMG.JPG.XMP"], "IMG.JPG.XMP"),
        (["IMG.CR2", "IMG.jpg", "IMG.xmp"], "IMG.xmp"),  # Adobe's is the RAW file's
        (["IMG.jpg", "IMG.CR2", "IMG.xmp"], "IMG.jpg.xmp"),
        (["IMG.jpg", "IMG.png", "IMG.xmp"], "IMG.jpg.xmp"),  # nobody knows whose
        (["IMG.jpg", "IMG.mov", "IMG.xmp"], "IMG.xmp"),
        (["IMG.jpg", "OTHER.xmp"], "IMG.jpg.xmp"),
    ],
)
def test_the_sidecar_that_is_there_is_used(folder: Path, files: list[str], found: str) -> None:
    assert sidecar_of(make(folder, *files)) == folder / found


def test_a_new_sidecar_then_other_boxes_then_none(folder: Path) -> None:
    photo = make(folder, "IMG.jpg")
    sidecar = write(photo, CAT)
    assert sidecar is not None
    assert sidecar == folder / "IMG.jpg.xmp"
    assert b"cat" in sidecar.read_bytes()
    assert write(photo, CAT) is None
    assert write(photo, DOG) == sidecar
    assert b"cat" not in sidecar.read_bytes()
    assert write(photo) == sidecar
    assert b"photosift:" not in sidecar.read_bytes()
    assert names(folder) == ["IMG.jpg", "IMG.jpg.xmp"]
    assert photo.read_bytes() == b""


def test_nothing_to_say_makes_no_sidecar(folder: Path) -> None:
    assert write(make(folder, "IMG.jpg")) is None
    assert names(folder) == ["IMG.jpg"]


def test_what_was_there_is_kept_inside_and_as_a_copy(folder: Path) -> None:
    photo = make(folder, "IMG.jpg", "IMG.xmp")
    sidecar = folder / "IMG.xmp"
    sidecar.write_bytes(FOREIGN)
    sidecar.chmod(0o640)
    assert write(photo, CAT) == sidecar
    assert b'dt:hours="of work"' in sidecar.read_bytes()
    if os.name != "nt":
        assert sidecar.stat().st_mode & 0o777 == 0o640
    (copy,) = (folder.parent / "kept").iterdir()
    assert copy.read_bytes() == FOREIGN
    write(photo)
    assert sidecar.read_bytes() == FOREIGN


@pytest.mark.parametrize("content", [b"", b"no xml", b"<a>", FOREIGN[:-5], b"\xff\xfe\x00"])
def test_a_sidecar_that_we_do_not_understand_is_left(folder: Path, content: bytes) -> None:
    photo = make(folder, "IMG.jpg", "IMG.xmp")
    (folder / "IMG.xmp").write_bytes(content)
    with pytest.raises(SidecarUnwritten, match="then export again"):
        write(photo, CAT)
    assert (folder / "IMG.xmp").read_bytes() == content
    assert names(folder) == ["IMG.jpg", "IMG.xmp"]


def test_a_sidecar_that_is_a_link_or_a_folder_is_left(folder: Path) -> None:
    photo = make(folder, "IMG.jpg")
    (folder / "real").write_bytes(FOREIGN)
    (folder / "IMG.jpg.xmp").symlink_to(folder / "real")
    with pytest.raises(SidecarUnwritten, match="is a link"):
        write(photo, CAT)
    assert (folder / "real").read_bytes() == FOREIGN
    (folder / "IMG.jpg.xmp").unlink()
    (folder / "IMG.jpg.xmp").mkdir()
    with pytest.raises(SidecarUnwritten, match="not a file"):
        write(photo, CAT)


@pytest.mark.parametrize("swaps", [True, False])
def test_what_another_program_writes_meanwhile_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool
) -> None:
    photo = make(folder, "IMG.jpg", "IMG.xmp")
    sidecar = folder / "IMG.xmp"
    sidecar.write_bytes(FOREIGN)
    newer = FOREIGN.replace(b"of work", b"of more work")

    def meanwhile(name: str, _: Path) -> None:
        if name == "exchange" and sidecar.read_bytes() == FOREIGN:
            sidecar.write_bytes(newer)

    monkeypatch.setattr(writes, "before", meanwhile)
    if not swaps:
        monkeypatch.setattr(writes, "swap", None)
    with pytest.raises(SidecarUnwritten, match="another program"):
        write(photo, CAT)
    assert sidecar.read_bytes() == newer
    assert names(folder) == ["IMG.jpg", "IMG.xmp"]


def test_without_an_exchange_of_names_it_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make(folder, "IMG.jpg", "IMG.xmp")
    (folder / "IMG.xmp").write_bytes(FOREIGN)
    monkeypatch.setattr(writes, "swap", None)
    write(photo, CAT)
    assert b"cat" in (folder / "IMG.xmp").read_bytes()
    write(photo)
    assert (folder / "IMG.xmp").read_bytes() == FOREIGN
    assert names(folder) == ["IMG.jpg", "IMG.xmp"]


@pytest.mark.parametrize("swaps", [True, False])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_whatever_the_disk_refuses_the_sidecar_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, swaps: bool
) -> None:
    photo = make(folder, "IMG.jpg", "IMG.xmp")
    sidecar = folder / "IMG.xmp"
    sidecar.write_bytes(FOREIGN)
    failing = 0
    calls = 0

    def fail(name: str, _: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == failing and name != "unlink":
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writes, "before", fail)
    if not swaps:
        monkeypatch.setattr(writes, "swap", None)
    while failing <= calls:
        failing, calls = failing + 1, 0
        sidecar.write_bytes(FOREIGN)
        with contextlib.suppress(DiskError if number == errno.ENOSPC else SidecarUnwritten):
            write(photo, CAT)
        told = sidecar.read_bytes()
        assert b'dt:hours="of work"' in told
        assert told == FOREIGN or b"cat" in told
        assert names(folder) == ["IMG.jpg", "IMG.xmp"]
    assert failing > 5


_KILLED = """
import os, sys
from pathlib import Path
from engine.detection_types import Detection
from engine.files import writes
from engine.files.sidecar import write_regions
from engine.types import Box
folder, kept, swaps = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if swaps == "False":
    writes.swap = None
foreign = (folder / "IMG.xmp").read_bytes()
for last in range(1, 20):
    (folder / "IMG.xmp").write_bytes(foreign)
    child = os.fork()
    if child == 0:
        calls = 0
        def die(name, path):
            global calls
            calls += 1
            if calls == last:
                os._exit(3)
        writes.before = die
        write_regions(folder / "IMG.jpg", 100, 100, [Detection("cat", 1, Box(1, 1, 9, 9))], 1, kept)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    told = (folder / "IMG.xmp").read_bytes()
    assert told == foreign or (b"of work" in told and b"cat" in told), told
    assert any(copy.read_bytes() == foreign for copy in kept.iterdir())
    if os.waitstatus_to_exitcode(status) == 0:
        break
    assert os.waitstatus_to_exitcode(status) == 3
print(last)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("swaps", [True, False])
def test_killed_at_any_step_the_sidecar_is_whole(folder: Path, swaps: bool) -> None:
    make(folder, "IMG.jpg", "IMG.xmp")
    (folder / "IMG.xmp").write_bytes(FOREIGN)
    told = subprocess.run(
        [sys.executable, "-c", _KILLED, str(folder), str(folder.parent / "kept"), str(swaps)],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) > 5
    # What a kill left behind has a name of ours, and the photo and its sidecar are there.
    rest = [name for name in names(folder) if not name.startswith(".photosift-")]
    assert rest == ["IMG.jpg", "IMG.xmp"]
