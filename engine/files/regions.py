"""Detections as regions of an XMP packet: those of IPTC and of the Metadata Working Group.

Pure: bytes in, bytes out. What others wrote stays as it is, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from engine.detection_export import clipped
from engine.detection_types import Detection, StoredDetection
from engine.files.xmp_edit import EMPTY, RDF, Node, Packet
from engine.types import Box

IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
MWG = "{http://www.metadataworkinggroup.com/schemas/regions/}"
AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"

OURS = "photosift:"
"""How the `rId` of our regions begins: by it they are known again and replaced."""

_LIST = RDF + "Bag", RDF + "Seq"
_SAME = 2e-4  # shares of the picture, by which a region may differ and be the same
_SAME_SHAPE = 0.01  # by which the proportions of a picture may differ and be the same
_TYPES = {  # what the Metadata Working Group has words for; nothing else may be a type
    **dict.fromkeys(("face", "human face"), "Face"),
    **dict.fromkeys(("pet", "cat", "dog"), "Pet"),
    **dict.fromkeys(("barcode", "bar code", "qr code"), "BarCode"),
}
_SPACES = {  # by the prefixes that our text is written with
    "rdf": RDF[1:-1],
    "Iptc4xmpExt": IPTC[1:-1],
    "mwg-rs": MWG[1:-1],
    "stArea": AREA[1:-1],
    "stDim": DIMENSIONS[1:-1],
}
_HERE = "\0"  # where namespaces are declared
_TAG = re.compile(r"<[^>]*>")  # labels are escaped: none has a bracket
_PREFIX = re.compile(rf"(?<=[</ ])({'|'.join(_SPACES)}):")


class _Region(NamedTuple):
    """A named rectangle in shares of the picture; `share` is left, top, right, bottom."""

    name: str
    share: Box


def regions_packet(
    existing: bytes | None,
    width: int,
    height: int,
    detections: Sequence[StoredDetection | Detection],
    orientation: int = 1,
) -> bytes:
    """A packet that tells these detections, and all else that it told before.

    They are written twice: as IPTC ImageRegion (rectangle, relative) with the label as name, and
    as a region of the Metadata Working Group. The latter knows but four types: a label that is
    none of them has no type, and a face has no name, or others would take "face" for a person.

    Regions lie in the picture *as it is stored*, before it is turned by its EXIF orientation;
    AppliedToDimensions are those of the stored picture. So the Metadata Working Group wants it,
    and IPTC regions are read so too. Our boxes are those of the upright photo and turned back.
    A list that somebody else began with the upright photo's dimensions is carried on as it is;
    to a list for a picture of another shape we add nothing.

    Args:
        existing: the packet there is; None for a new one.
        width: of the upright photo.
        height: of the upright photo.
        detections: their boxes in pixels of the upright photo. Our regions of an earlier call
            are replaced, so none takes them all away. A region that somebody else wrote with the
            same name at the same place is not written again.
        orientation: EXIF's, 1-8, by which the stored picture becomes the upright photo.

    Returns:
        `existing` itself where nothing is to be changed; b"" if there is none and nothing to say.

    Raises:
        NotXmp: `existing` is nothing that we could change without harm.

    Source: MWG, Guidelines for Handling Image Metadata 2.0, 5.9; IPTC Photo Metadata Standard
    2019.1, Image Region.
    """
    upright = [
        _Region(
            " ".join(each.label.split()),
            Box(box.left / width, box.top / height, box.right / width, box.bottom / height),
        )
        for each in detections
        if (box := clipped(each.box, width, height)) is not None
    ]
    if existing is None and not upright:
        return b""
    packet = Packet(EMPTY if existing is None else existing)
    stored = [_Region(name, _stored(share, orientation)) for name, share in upright]
    size = (height, width) if orientation >= 5 else (width, height)

    blocks: list[str] = []
    cut: list[Node] = []
    found = packet.property(IPTC + "ImageRegion")
    kept = _clean(packet, found, found, cut)
    known = [region for region in map(_iptc_region, kept) if region is not None]
    items = "".join(map(_iptc_item, _missing(stored, known)))
    blocks += _placed(packet, found, found, kept, items, "Iptc4xmpExt:ImageRegion", cut)

    found = packet.property(MWG + "Regions")
    held = found.resource().child(MWG + "RegionList") if found is not None else None
    kept = _clean(packet, found, held, cut)
    frame = _frame(found, size) if kept else size
    regions = {size: stored, (size[1], size[0]): upright}.get(frame or (0, 0), [])
    if frame == size:  # a square has one size and two ways up
        regions = stored
    known = [region for region in map(_mwg_region, kept) if region is not None]
    items = "".join(map(_mwg_item, _missing(regions, known)))
    blocks += _placed(packet, found, held, kept, items, "mwg-rs:Regions", cut, size)

    _cut_descriptions(packet, cut)
    if blocks:
        text = f"\n  <rdf:Description {_HERE}>{''.join(blocks)}\n  </rdf:Description>"
        packet.append(packet.rdf, _worded(text, packet, about=packet.about()))
    return packet.result()


# ---- the lists that are there ---------------------------------------------------------------


def _clean(packet: Packet, owner: Node | None, holder: Node | None, cut: list[Node]) -> list[Node]:
    """Take our items out of a list; the property as well where no other's are left.

    Returns:
        The items that stay.
    """
    if owner is None:
        return []
    container = holder.child(*_LIST) if holder is not None else None
    items = container.children if container is not None else []
    ours = [item for item in items if _is_ours(item)]
    kept = [item for item in items if item not in ours]
    if kept:
        for item in ours:
            packet.cut(item)
    elif ours or not _says_more(owner, holder):
        cut.append(owner)
    return kept


def _says_more(owner: Node, holder: Node | None) -> bool:
    """Whether a property without regions holds what we do not know."""
    if owner is holder:
        return bool(owner.text.strip())
    known = {MWG + "RegionList", MWG + "AppliedToDimensions"}
    return any(child.name not in known for child in owner.resource().children)


def _is_ours(item: Node) -> bool:
    name = IPTC + "rId"
    for node in item.all():
        told = node.attributes.get(name, node.text.strip() if node.name == name else "")
        if told.startswith(OURS):
            return True
    return False


def _placed(
    packet: Packet,
    owner: Node | None,
    holder: Node | None,
    kept: Sequence[Node],
    items: str,
    name: str,
    cut: list[Node],
    size: tuple[int, int] | None = None,
) -> list[str]:
    """Add items to the list that others have begun, or make it anew as text to be placed."""
    if not items:
        return []
    if kept and holder is not None:
        container = holder.child(*_LIST)
        assert container is not None  # it holds those that are kept
        items = items.replace("<rdf:li rdf:parseType", f"<rdf:li {_HERE} rdf:parseType")
        packet.append(container, _worded(items, packet))
        return []
    if owner is not None and owner not in cut:
        return []  # something that we do not understand has the place
    if size is None:
        return [f"\n   <{name}>\n    <rdf:Bag>{items}\n    </rdf:Bag>\n   </{name}>"]
    return [
        f'\n   <{name} rdf:parseType="Resource">'
        f'\n    <mwg-rs:AppliedToDimensions stDim:w="{size[0]}" stDim:h="{size[1]}"'
        ' stDim:unit="pixel"/>'
        f"\n    <mwg-rs:RegionList>\n     <rdf:Bag>{items}\n     </rdf:Bag>"
        f"\n    </mwg-rs:RegionList>\n   </{name}>"
    ]


def _worded(text: str, packet: Packet, about: str | None = None) -> str:
    """Our text in a packet's own prefixes."""
    prefixes = {ours: packet.prefixes.get(space, ours) for ours, space in _SPACES.items()}
    if len(set(prefixes.values())) < len(prefixes):  # one of ours is another's there
        prefixes = {ours: ours for ours in _SPACES}
    text = _TAG.sub(lambda tag: _PREFIX.sub(lambda one: prefixes[one[1]] + ":", tag[0]), text)
    here = " ".join(f'xmlns:{prefixes[ours]}="{space}"' for ours, space in _SPACES.items())
    if about is not None:
        here += f" {prefixes['rdf']}:about={quoteattr(about)}"
    return text.replace(_HERE, here)


def _cut_descriptions(packet: Packet, cut: Sequence[Node]) -> None:
    """Take properties away, and with the last one of a description the description."""
    for description in packet.descriptions:
        going = [child for child in description.children if child in cut]
        bare = set(description.attributes) <= {RDF + "about", "about"}
        if going and bare and len(going) == len(description.children):
            packet.cut(description)
            continue
        for child in going:
            packet.cut(child)


def _frame(owner: Node | None, size: tuple[int, int]) -> tuple[int, int] | None:
    """In which picture somebody else's list counts: the stored one, the upright one, or neither."""
    told = owner.resource().child(MWG + "AppliedToDimensions") if owner is not None else None
    if told is None:
        return size
    width, height = _number(told.value(DIMENSIONS + "w")), _number(told.value(DIMENSIONS + "h"))
    if not width or not height:
        return size
    for frame in (size, (size[1], size[0])):
        if abs(width * frame[1] / (height * frame[0]) - 1) <= _SAME_SHAPE:
            return frame
    return None


def _missing(wanted: Sequence[_Region], known: Sequence[_Region]) -> list[_Region]:
    """The regions that nobody has written yet."""
    return [
        region
        for region in wanted
        if not any(
            region.name == other.name
            and all(abs(a - b) <= _SAME for a, b in zip(region.share, other.share, strict=True))
            for other in known
        )
    ]


def _iptc_region(item: Node) -> _Region | None:
    inside = item.resource()
    named = inside.child(IPTC + "Name")
    boundary = inside.child(IPTC + "RegionBoundary")
    if named is None or boundary is None or boundary.value(IPTC + "rbUnit") != "relative":
        return None
    left, top, wide, high = (_number(boundary.value(IPTC + f"rb{edge}")) for edge in "XYWH")
    if left is None or top is None or not wide or not high:
        return None
    name = "".join(node.text.strip() for node in named.all())
    return _Region(name, Box(left, top, left + wide, top + high))


def _mwg_region(item: Node) -> _Region | None:
    inside = item.resource()
    area, name = inside.child(MWG + "Area"), item.value(MWG + "Name")
    if area is None or name is None:
        return None
    x, y, wide, high = (_number(area.value(AREA + edge)) for edge in "xywh")
    if x is None or y is None or not wide or not high:
        return None
    return _Region(name, Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


# ---- the items that we write ----------------------------------------------------------------


def _stored(share: Box, orientation: int) -> Box:
    """A rectangle of the upright photo, in shares, as one of the stored picture."""
    corners = [_stored_point(x, y, orientation) for x, y in (share[:2], share[2:])]
    (left, right), (top, bottom) = (sorted(axis) for axis in zip(*corners, strict=True))
    return Box(left, top, right, bottom)


def _stored_point(x: float, y: float, orientation: int) -> tuple[float, float]:
    match orientation:
        case 2:
            return 1 - x, y
        case 3:
            return 1 - x, 1 - y
        case 4:
            return x, 1 - y
        case 5:
            return y, x
        case 6:
            return y, 1 - x
        case 7:
            return 1 - y, 1 - x
        case 8:
            return 1 - y, x
        case _:
            return x, y


def _iptc_item(region: _Region) -> str:
    left, top, right, bottom = region.share
    return (
        '\n     <rdf:li rdf:parseType="Resource">'
        "\n      <Iptc4xmpExt:RegionBoundary"
        ' Iptc4xmpExt:rbShape="rectangle" Iptc4xmpExt:rbUnit="relative"'
        f' Iptc4xmpExt:rbX="{left:.6f}" Iptc4xmpExt:rbY="{top:.6f}"'
        f' Iptc4xmpExt:rbW="{right - left:.6f}" Iptc4xmpExt:rbH="{bottom - top:.6f}"/>'
        f"\n      <Iptc4xmpExt:rId>{_identity(region)}</Iptc4xmpExt:rId>"
        '\n      <Iptc4xmpExt:Name><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{_escaped(region.name)}</rdf:li></rdf:Alt></Iptc4xmpExt:Name>"
        "\n     </rdf:li>"
    )


def _mwg_item(region: _Region) -> str:
    left, top, right, bottom = region.share
    kind = _TYPES.get(region.name.casefold(), "")
    typed = f"\n       <mwg-rs:Type>{kind}</mwg-rs:Type>" if kind else ""
    word = "Description" if kind == "Face" else "Name"
    return (
        '\n      <rdf:li rdf:parseType="Resource">'
        f'\n       <mwg-rs:Area stArea:x="{(left + right) / 2:.6f}"'
        f' stArea:y="{(top + bottom) / 2:.6f}" stArea:w="{right - left:.6f}"'
        f' stArea:h="{bottom - top:.6f}" stArea:unit="normalized"/>'
        f"\n       <mwg-rs:{word}>{_escaped(region.name)}</mwg-rs:{word}>{typed}"
        '\n       <mwg-rs:Extensions rdf:parseType="Resource">'
        f"\n        <Iptc4xmpExt:rId>{_identity(region)}</Iptc4xmpExt:rId>"
        "\n       </mwg-rs:Extensions>"
        "\n      </rdf:li>"
    )


def _identity(region: _Region) -> str:
    """The same for the same region, so that writing twice gives the same bytes."""
    return OURS + "-".join(f"{edge * 1e6:.0f}" for edge in region.share)


def _escaped(text: str) -> str:
    """As XML has it: without the control characters and halves of characters that it lacks."""
    return escape("".join(one for one in text if one >= " " and not "\ud800" <= one <= "\udfff"))
