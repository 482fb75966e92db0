"""Read XMP packets: an XML that anyone may have written into a photo, so trusted in nothing.

Also the one place for the names of XMP's fields.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

LONGEST = 1 << 20
"""Larger packets inside a photo are not read; they hold editing histories, or harm."""

LONGEST_SIDECAR = 16 << 20
"""So much of a sidecar of its own; drawn masks are kept there."""

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DC = "{http://purl.org/dc/elements/1.1/}"
LIGHTROOM = "{http://ns.adobe.com/lightroom/1.0/}"
DIGIKAM = "{http://www.digikam.org/ns/1.0/}"
MICROSOFT = "{http://ns.microsoft.com/photo/1.0/}"
ACDSEE = "{http://ns.acdsee.com/iptc/1.0/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
AUX = "{http://ns.adobe.com/exif/1.0/aux/}"

SUBJECT = DC + "subject"
"""Bag of keywords, each a name without its parents."""
HIERARCHICAL_SUBJECT = LIGHTROOM + "hierarchicalSubject"
"""Bag of paths "Places|France|Paris"."""
TAGS_LIST = DIGIKAM + "TagsList"
"""Seq of paths "Places/France/Paris"."""
LAST_KEYWORDS = MICROSOFT + "LastKeywordXMP"
"""Bag of paths "Places/France/Paris"."""
RATING = XMP + "Rating"
"""0 to 5 stars; -1 is a rejected photo."""
RATING_PERCENT = MICROSOFT + "Rating"
"""0, 1, 25, 50, 75, 99 for none to five stars."""
TITLE = DC + "title"
DESCRIPTION = DC + "description"
LABEL = XMP + "Label"
METADATA_DATE = XMP + "MetadataDate"

PREFIXES = {
    "rdf": RDF,
    "dc": DC,
    "lr": LIGHTROOM,
    "digiKam": DIGIKAM,
    "MicrosoftPhoto": MICROSOFT,
    "xmp": XMP,
    "photoshop": PHOTOSHOP,
    "exif": EXIF,
}
"""Who writes uses these; who reads goes by the namespace alone."""

_LISTS = (RDF + "Bag", RDF + "Seq", RDF + "Alt")
_DEEPEST = 100
_MOST_ELEMENTS = 400_000
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_ENCODINGS = re.compile(r"ascii|utf-?(8|16|32)|iso8859-\d+|cp125\d|gb|big5|euc|shift_jis|koi8")
_NUMBERED = re.compile(re.escape(RDF) + r"_(\d+)")


class NotXmp(Exception):
    """A packet cannot be read; `str` ends a sentence."""


class XmpPacket:
    """The properties of one packet, by qualified name. A broken packet has none.

    Attributes:
        trouble: why nothing could be read, the end of a sentence; empty for a good packet.
    """

    def __init__(self, packet: bytes | str, longest: int = LONGEST) -> None:
        self._values: dict[str, list[str]] = {}
        self.trouble = ""
        try:
            top = _parsed(packet, longest)
        except NotXmp as error:
            self.trouble = str(error)
            return
        for description in top.children:
            if description.name != RDF + "Description":
                continue
            for name, value in description.attributes.items():
                if not name.startswith(RDF) and name != "about":
                    self._values.setdefault(name, []).append(value)
            for child in description.children:
                self._values.setdefault(child.name, []).extend(_texts(child))

    def all(self, name: str) -> list[str]:
        """All values of a property, in order; of a text in several languages the default first."""
        return [value for value in self._values.get(name, []) if value.strip()]

    def first(self, name: str) -> str | None:
        """The first value of a property."""
        return next(iter(self.all(name)), None)

    def tells(self, name: str) -> bool:
        """Whether the property is there, be it empty."""
        return name in self._values


@dataclass(slots=True)
class _Element:
    name: str  # "{namespace}local"
    attributes: dict[str, str]
    text: str = ""  # its own, without that of its children
    children: list[_Element] = field(default_factory=list["_Element"])


def _parsed(packet: bytes | str, longest: int) -> _Element:
    """The element rdf:RDF with all in it. Raises NotXmp."""
    if len(packet) > longest:
        raise NotXmp(f"is larger than {longest >> 20} MB")
    if isinstance(packet, bytes):
        packet = _decoded(packet)
    packet = packet.strip("\0 \t\r\n")
    if packet.startswith("<?xml"):
        packet = packet[packet.find("?>") + 2 :]  # the encoding that it declares is past
    reader = _Reader()
    try:
        reader.parser.Parse(packet.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise NotXmp("is no well-formed XML") from error
    if reader.top is None:
        raise NotXmp("has no XMP in it")
    return reader.top


class _Reader:
    """Keeps what is inside of rdf:RDF."""

    def __init__(self) -> None:
        self.top: _Element | None = None
        self._open: list[_Element | None] = []  # None: outside of rdf:RDF
        self._count = 0
        parser = self.parser = expat.ParserCreate("utf-8", "}")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.buffer_text = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _DEEPEST or self._count > _MOST_ELEMENTS:
            raise NotXmp("is nested too deeply" if self._count < _MOST_ELEMENTS else "is too long")
        inside = self._open[-1] if self._open else None
        full = _name(name)
        if inside is None and (full != RDF + "RDF" or self.top is not None):
            self._open.append(None)
            return
        made = _Element(full, {_name(key): value for key, value in attributes.items()})
        if inside is None:
            self.top = made
        else:
            inside.children.append(made)
        self._open.append(made)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, some: str) -> None:
        if self._open and (inside := self._open[-1]) is not None:
            inside.text += some

    def _refuse(self, *_: object) -> None:
        # No honest packet has one; entities can grow without limit.
        raise NotXmp("declares a document type, which is not read")


def _name(name: str) -> str:
    return "{" + name if "}" in name else name


def _texts(element: _Element) -> Iterator[str]:
    """The values of a property: its own text, or the items of its list."""
    holder = next((child for child in element.children if child.name in _LISTS), element)
    items = [c for c in holder.children if c.name == RDF + "li" or _NUMBERED.fullmatch(c.name)]
    numbered = {
        int(match[1]): value
        for name, value in holder.attributes.items()
        if (match := _NUMBERED.fullmatch(name))
    }
    if items or numbered:
        items.sort(key=lambda item: item.attributes.get(XML_LANG, "x-default") != "x-default")
        yield from map(_value, items)
        yield from (numbered[n] for n in sorted(numbered))
    elif holder is element:
        yield _value(element)


def _value(element: _Element) -> str:
    """A text, which may have qualifiers beside it or be said as an attribute."""
    for node in (element, *(c for c in element.children if c.name == RDF + "Description")):
        for child in node.children:
            if child.name == RDF + "value":
                return child.text
        for name in (RDF + "value", RDF + "resource"):
            if name in node.attributes:
                return node.attributes[name]
    return element.text


def _decoded(data: bytes) -> str:
    """The text of a packet. One that is not in the encoding it claims is taken as Windows'."""
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    coding = _MARKS.get(mark) or {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(data[:2])
    data = data[len(mark) :]
    if coding is None:
        data = data.strip(b"\0")
        coding = _declared(data)
    try:
        return data.decode(coding)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _declared(data: bytes) -> str:
    declared = _DECLARED.match(data)
    if declared is None:
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        return "utf-8"
    return name if _ENCODINGS.match(name) else "utf-8"  # others can be slow, or do things
