"""Read XMP packets: an XML that anyone may have written into a photo, so trusted in nothing."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

LONGEST = 1 << 20
"""Larger packets are not read; they hold editing histories, or harm."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DC = "{http://purl.org/dc/elements/1.1/}"
LIGHTROOM = "{http://ns.adobe.com/lightroom/1.0/}"
DIGIKAM = "{http://www.digikam.org/ns/1.0/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
AUX = "{http://ns.adobe.com/exif/1.0/aux/}"


class XmpPacket:
    """The properties of one packet, by qualified name. A broken packet has none."""

    def __init__(self, packet: bytes | str) -> None:
        self._values: dict[str, list[str]] = {}
        root = _parse(packet)
        if root is None:
            return
        for description in root.iter(_RDF + "Description"):
            for name, value in description.attrib.items():
                self._values.setdefault(name, []).append(value)
            for child in description:
                self._values.setdefault(child.tag, []).extend(_texts(child))

    def all(self, name: str) -> list[str]:
        """All values of a property, in order; of a text in several languages the default first."""
        return [value for value in self._values.get(name, []) if value.strip()]

    def first(self, name: str) -> str | None:
        """The first value of a property."""
        return next(iter(self.all(name)), None)


def _parse(packet: bytes | str) -> ElementTree.Element | None:
    if len(packet) > LONGEST:
        return None
    if isinstance(packet, bytes):
        try:
            packet = packet.strip(b"\0").decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
    packet = packet.strip("\0 \t\r\n")
    if "<!DOCTYPE" in packet or "<!ENTITY" in packet:
        return None  # no honest packet has one; entities can grow without limit
    if packet.startswith("<?xml"):
        packet = packet[packet.find("?>") + 2 :]  # an encoding declared for a str is an error
    try:
        return ElementTree.fromstring(packet)
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None


def _texts(element: ElementTree.Element) -> Iterator[str]:
    """The values of a property: its own text, or the items of its list."""
    items = list(element.iter(_RDF + "li"))
    if not items:
        if element.text:
            yield element.text
        return
    items.sort(key=lambda item: item.get(_XML_LANG, "x-default") != "x-default")
    for item in items:
        if item.text:
            yield item.text
