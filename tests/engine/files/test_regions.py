"""Regions in XMP are what exiftool and exiv2 read, and what others wrote stays as it was."""

from __future__ import annotations

import codecs
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.detection_types import Detection
from engine.files.regions import regions_packet
from engine.files.xmp_edit import NotXmp
from engine.types import Box

WIDTH, HEIGHT = 400, 200
CAT = Detection("cat", 0.9, Box(40, 20, 120, 100))
REMOTE = Detection('遥控器 <1> & "2"', 0.6, Box(300, 150, 400, 200))
FACE = Detection("face", 0.6, Box(10, 10, 20, 30))

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed"
)
needs_exiv2 = pytest.mark.skipif(shutil.which("exiv2") is None, reason="exiv2 is not installed")

FOREIGN = """<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><!-- by hand -->
<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
 <r:Description r:about='uuid:1' xmlns:dt='http://darktable.sf.net/' dt:history='a&#10;b &lt; c'
   xmlns:dc='http://purl.org/dc/elements/1.1/'>
  <dc:subject><r:Bag><r:li>été</r:li></r:Bag></dc:subject>
 </r:Description>
 <r:Description r:about='uuid:1'
   xmlns:m='http://www.metadataworkinggroup.com/schemas/regions/'
   xmlns:a='http://ns.adobe.com/xmp/sType/Area#'
   xmlns:d='http://ns.adobe.com/xap/1.0/sType/Dimensions#'>
  <m:Regions r:parseType='Resource'>
   <m:AppliedToDimensions d:w='4000' d:h='2000' d:unit='pixel'/>
   <m:RegionList>
    <r:Bag>
     <r:li><r:Description m:Name='Ann' m:Type='Face'>
       <m:Area a:x='0.5' a:y='0.5' a:w='0.1' a:h='0.2' a:unit='normalized'/></r:Description></r:li>
    </r:Bag>
   </m:RegionList>
  </m:Regions>
 </r:Description>
</r:RDF>
</x:xmpmeta>
<?xpacket end='w'?>"""


def exiftool(file: Path, *tags: str) -> dict[str, Any]:
    """What exiftool reads, structures as they are; it must have nothing to complain about."""
    told = subprocess.run(
        ["exiftool", "-json", "-struct", "-n", "-a", "-warning", "-error", *tags, str(file)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(told.stdout)[0]
    assert "Warning" not in found, found
    assert "Error" not in found, found
    return found


def exiv2(file: Path) -> dict[str, str]:
    """Every XMP value that exiv2 reads."""
    told = subprocess.run(
        ["exiv2", "-PXkv", str(file)], capture_output=True, check=True, timeout=60
    )
    assert told.stderr == b""
    lines = told.stdout.decode("utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(" ")
        found[name] = value.strip()
    return found


def saved(folder: Path, packet: bytes) -> Path:
    file = folder / "photo.jpg.xmp"
    file.write_bytes(packet)
    return file


@needs_exiftool
def test_exiftool_reads_both_kinds_of_regions(tmp_path: Path) -> None:
    file = saved(tmp_path, regions_packet(None, WIDTH, HEIGHT, [CAT, REMOTE, FACE]))
    found = exiftool(file, "-RegionInfo", "-ImageRegion")
    info = found["RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": WIDTH, "H": HEIGHT, "Unit": "pixel"}
    cat, remote, face = info["RegionList"]
    assert cat["Area"] == {"X": 0.2, "Y": 0.3, "W": 0.2, "H": 0.4, "Unit": "normalized"}
    assert (cat["Name"], cat["Type"]) == ("cat", "Pet")
    assert remote["Name"] == REMOTE.label
    assert "Type" not in remote
    assert (face["Type"], face["Description"]) == ("Face", "face")
    assert "Name" not in face  # nobody is called "face"
    boundary = {"RbShape": "rectangle", "RbUnit": "relative", "RbX": 0.1, "RbY": 0.1}
    assert found["ImageRegion"][0]["RegionBoundary"] == {**boundary, "RbW": 0.2, "RbH": 0.4}
    assert [one["Name"] for one in found["ImageRegion"]] == ["cat", REMOTE.label, "face"]


@needs_exiv2
def test_exiv2_reads_both_kinds_of_regions(tmp_path: Path) -> None:
    found = exiv2(saved(tmp_path, regions_packet(None, WIDTH, HEIGHT, [CAT, REMOTE])))
    mwg, iptc = "Xmp.mwg-rs.Regions/mwg-rs:", "Xmp.iptcExt.ImageRegion[2]/Iptc4xmpExt:"
    assert found[mwg + "AppliedToDimensions/stDim:w"] == "400"
    assert found[mwg + "RegionList[1]/mwg-rs:Name"] == "cat"
    assert float(found[mwg + "RegionList[1]/mwg-rs:Area/stArea:x"]) == 0.2
    assert found[iptc + "Name"] == f'lang="x-default" {REMOTE.label}'
    assert float(found[iptc + "RegionBoundary/Iptc4xmpExt:rbX"]) == 0.75


@needs_exiftool
@needs_exiv2
def test_foreign_readers_still_find_what_others_wrote(tmp_path: Path) -> None:
    usual = FOREIGN.replace("r:", "rdf:").replace("xmlns:r=", "xmlns:rdf=")  # exiv2 insists
    file = saved(tmp_path, regions_packet(usual.encode(), WIDTH, HEIGHT, [CAT]))
    found = exiftool(file, "-RegionInfo", "-Subject")
    assert [one["Name"] for one in found["RegionInfo"]["RegionList"]] == ["Ann", "cat"]
    assert found["RegionInfo"]["AppliedToDimensions"]["W"] == 4000
    assert found["Subject"] in ("été", ["été"])
    told = exiv2(file)
    assert [value for name, value in told.items() if name.endswith(".history")] == ["a"]
    names = [told[name] for name in told if "RegionList" in name and name.endswith(":Name")]
    assert names == ["Ann", "cat"], told


def test_what_others_wrote_keeps_every_byte() -> None:
    before = FOREIGN.encode()
    after = regions_packet(before, WIDTH, HEIGHT, [CAT, REMOTE])
    rest = iter(after)
    assert all(byte in rest for byte in before)  # in this order, with ours in between
    assert regions_packet(after, WIDTH, HEIGHT, []) == before


def test_writing_again_changes_nothing_and_other_boxes_replace_ours() -> None:
    once = regions_packet(None, WIDTH, HEIGHT, [CAT, REMOTE])
    assert regions_packet(once, WIDTH, HEIGHT, [CAT, REMOTE]) == once
    other = regions_packet(once, WIDTH, HEIGHT, [FACE])
    assert other == regions_packet(None, WIDTH, HEIGHT, [FACE])
    within = regions_packet(FOREIGN.encode(), WIDTH, HEIGHT, [CAT])
    assert regions_packet(within, WIDTH, HEIGHT, [CAT]) == within


def test_no_detections_and_no_sidecar_is_no_packet() -> None:
    outside = Detection("cat", 0.9, Box(400, 0, 500, 100))
    assert regions_packet(None, WIDTH, HEIGHT, []) == b""
    assert regions_packet(None, WIDTH, HEIGHT, [outside]) == b""
    assert regions_packet(FOREIGN.encode(), WIDTH, HEIGHT, []) == FOREIGN.encode()


@needs_exiftool
def test_our_regions_are_not_doubled_after_another_program_dropped_our_marks(
    tmp_path: Path,
) -> None:
    packet = regions_packet(None, WIDTH, HEIGHT, [CAT])
    stripped = b"\n".join(line for line in packet.split(b"\n") if b"rId" not in line)
    file = saved(tmp_path, regions_packet(stripped, WIDTH, HEIGHT, [CAT, REMOTE]))
    found = exiftool(file, "-RegionInfo", "-ImageRegion")
    assert [one["Name"] for one in found["RegionInfo"]["RegionList"]] == ["cat", REMOTE.label]
    assert [one["Name"] for one in found["ImageRegion"]] == ["cat", REMOTE.label]


@needs_exiftool
@pytest.mark.parametrize(
    ("told", "area"),
    [
        ((200, 400), {"X": 0.7, "Y": 0.2, "W": 0.4, "H": 0.2}),  # the stored picture
        ((400, 200), {"X": 0.2, "Y": 0.3, "W": 0.2, "H": 0.4}),  # somebody took the upright one
        ((300, 300), None),  # another picture: nobody knows where ours would be
    ],
)
def test_a_list_that_is_there_is_carried_on_in_its_own_frame(
    tmp_path: Path, told: tuple[int, int], area: dict[str, float] | None
) -> None:
    there = FOREIGN.replace("d:w='4000' d:h='2000'", f"d:w='{told[0]}' d:h='{told[1]}'")
    file = saved(tmp_path, regions_packet(there.encode(), WIDTH, HEIGHT, [CAT], orientation=8))
    found = exiftool(file, "-RegionInfo", "-ImageRegion")
    listed = found["RegionInfo"]["RegionList"]
    assert len(listed) == (1 if area is None else 2)
    if area is not None:
        assert {edge: listed[1]["Area"][edge] for edge in "XYWH"} == pytest.approx(area, abs=1e-5)
    assert len(found["ImageRegion"]) == 1  # IPTC's have no such frame


@needs_exiftool
@pytest.mark.parametrize(
    "tag", ["<m:Regions r:parseType='Resource'/>", "<m:Regions/>", "<m:Regions>\n</m:Regions>"]
)
def test_an_empty_list_is_made_anew(tmp_path: Path, tag: str) -> None:
    start, end = FOREIGN.index("<m:Regions"), FOREIGN.index("</m:Regions>") + len("</m:Regions>")
    there = FOREIGN[:start] + tag + FOREIGN[end:]
    file = saved(tmp_path, regions_packet(there.encode(), WIDTH, HEIGHT, [CAT]))
    assert len(exiftool(file, "-RegionInfo")["RegionInfo"]["RegionList"]) == 1


@needs_exiftool
def test_an_empty_packet_is_filled(tmp_path: Path) -> None:
    there = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    file = saved(tmp_path, regions_packet(there, WIDTH, HEIGHT, [CAT]))
    assert len(exiftool(file, "-ImageRegion")["ImageRegion"]) == 1


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("iso-8859-1", b"")],
)
def test_a_sidecar_keeps_its_encoding(encoding: str, mark: bytes) -> None:
    text = FOREIGN.partition("?>\n")[2].rpartition("\n<?")[0]
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'
    before = mark + text.encode(encoding)
    after = regions_packet(before, WIDTH, HEIGHT, [REMOTE])
    assert after.startswith(mark + text[:40].encode(encoding))
    read = after[len(mark) :].decode(encoding)
    assert "été" in read
    assert ("遥控器" in read) or ("&#36965;" in read)
    assert regions_packet(after, WIDTH, HEIGHT, []) == before


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "well-formed"),
        (b"not xml", "well-formed"),
        (b"<a/>", "no XMP"),
        (FOREIGN.encode()[:-200], "well-formed"),
        (FOREIGN.encode("iso-8859-1", "ignore"), "utf-8"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + FOREIGN.encode(), "well-formed|document type"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        (b"<a>" * 5000 + b"</a>" * 5000, "deeply"),
    ],
)
def test_what_is_no_xmp_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(NotXmp, match=why):
        regions_packet(data, WIDTH, HEIGHT, [CAT])


@needs_exiftool
def test_a_sidecar_that_exiftool_wrote(tmp_path: Path) -> None:
    file = tmp_path / "photo.xmp"
    region = "{Area={X=0.5,Y=0.5,W=0.1,H=0.1,Unit=normalized},Name=Ann,Type=Face}"
    info = f"{{AppliedToDimensions={{W={WIDTH},H={HEIGHT},Unit=pixel}},RegionList=[{region}]}}"
    command = ["exiftool", "-q", f"-RegionInfo={info}", "-Rating=4", "-Subject=été", str(file)]
    subprocess.run(command, check=True, timeout=60)
    before = file.read_bytes()
    file.write_bytes(regions_packet(before, WIDTH, HEIGHT, [CAT]))
    found = exiftool(file, "-RegionInfo", "-Rating", "-Subject")
    assert [one["Name"] for one in found["RegionInfo"]["RegionList"]] == ["Ann", "cat"]
    assert found["Rating"] == 4
    # And back: what exiftool has rewritten is known as ours again.
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-Rating=5", str(file)], check=True, timeout=60
    )
    file.write_bytes(regions_packet(file.read_bytes(), WIDTH, HEIGHT, [REMOTE]))
    found = exiftool(file, "-RegionInfo", "-ImageRegion", "-Rating")
    assert [one["Name"] for one in found["RegionInfo"]["RegionList"]] == ["Ann", REMOTE.label]
    assert [one["Name"] for one in found["ImageRegion"]] == [REMOTE.label]
    assert found["Rating"] == 5


@given(st.text(max_size=30), st.integers(1, 8))
def test_any_label_gives_xml_that_can_be_changed_again(label: str, orientation: int) -> None:
    found = [Detection(label, 0.5, Box(10, 20, 30, 40)), CAT]
    packet = regions_packet(None, WIDTH, HEIGHT, found, orientation)
    assert regions_packet(packet, WIDTH, HEIGHT, found, orientation) == packet
    assert b"photosift:" not in regions_packet(packet, WIDTH, HEIGHT, [], orientation)


@given(st.binary(max_size=200), st.integers(0, len(FOREIGN.encode())))
def test_damaged_packets_are_refused_or_changed_but_never_crash(noise: bytes, at: int) -> None:
    data = FOREIGN.encode()
    damaged = data[:at] + noise + data[at + len(noise) :]
    try:
        changed = regions_packet(damaged, WIDTH, HEIGHT, [CAT])
    except NotXmp:
        return
    assert b"photosift:" in changed
