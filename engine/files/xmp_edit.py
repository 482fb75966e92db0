"""Change an XMP packet by cutting and pasting its text: what is not touched keeps every byte."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from engine.errors import EngineError

LONGEST = 64 << 20
"""Bytes; editors keep drawn masks in sidecars, but none is longer than this."""

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Photosift">\n'
    b' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    b" </rdf:RDF>\n"
    b"</x:xmpmeta>\n"
)
"""A packet that says nothing."""

_DEEPEST = 200
_UNSAYABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_START_TAG = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKED = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


class NotXmp(EngineError):
    """Some bytes are no XMP that could be changed safely; `str` ends a sentence."""


@dataclass(slots=True)
class Node:
    """An element and where it stands: `[start, end)` in bytes, `[inner, outer)` its content."""

    name: str  # "{namespace}local"
    attributes: dict[str, str]
    start: int
    inner: int
    outer: int = 0
    end: int = 0
    text: str = ""  # its own, without that of its children
    children: list[Node] = field(default_factory=list["Node"])

    def all(self) -> Iterator[Node]:
        """This element and everything in it."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def child(self, *names: str) -> Node | None:
        """The first child of one of these names."""
        return next((child for child in self.children if child.name in names), None)

    def resource(self) -> Node:
        """Where the fields of a structure are: in itself or in the description inside."""
        return self.child(RDF + "Description") or self

    def value(self, name: str) -> str | None:
        """A simple field of a structure, written as an element or as an attribute."""
        inside = self.resource()
        found = inside.child(name)
        if found is not None:
            return found.text.strip()
        return inside.attributes.get(name, self.attributes.get(name))


class Packet:
    """A parsed packet and the changes to be made to it."""

    def __init__(self, data: bytes) -> None:
        """Parse.

        Raises:
            NotXmp: anything that is no well-formed XMP.
        """
        if len(data) > LONGEST:
            raise NotXmp(f"is longer than {LONGEST >> 20} MB")
        self._mark, self._coding, self.data = _as_utf8(data)
        self.prefixes: dict[str, str] = {}
        """By namespace, the prefix that the packet uses; some readers accept but one."""
        root = _tree(self.data, self.prefixes)
        found = next((node for node in root.all() if node.name == RDF + "RDF"), None)
        if found is None:
            raise NotXmp("has no XMP in it")
        self.rdf = found
        self._changes: list[tuple[int, int, bytes]] = []

    @property
    def descriptions(self) -> list[Node]:
        """The top-level descriptions, which hold the properties."""
        return [child for child in self.rdf.children if child.name == RDF + "Description"]

    @property
    def changed(self) -> bool:
        """Whether anything is to be different."""
        return bool(self._changes)

    def property(self, name: str) -> Node | None:
        """A property of the photo, whichever description has it."""
        return next(
            (one for each in self.descriptions for one in each.children if one.name == name), None
        )

    def about(self) -> str:
        """What the descriptions say they are about: all must say the same."""
        for description in self.descriptions:
            for name in (RDF + "about", "about"):
                if name in description.attributes:
                    return description.attributes[name]
        return ""

    def cut(self, node: Node) -> None:
        """Take an element away, with the white space before it."""
        start = node.start
        while start and self.data[start - 1] in b" \t\r\n":
            start -= 1
        self._changes.append((start, node.end, b""))

    def append(self, node: Node, text: str) -> None:
        """Add text as the last content of an element, once for each."""
        data = text.encode("utf-8")
        if node.end == node.inner:  # <empty/>
            self._fill(node, data + b"\n")
            return
        at = node.outer
        while at > node.inner and self.data[at - 1] in b" \t\r\n":
            at -= 1
        self._changes.append((at, at, data))

    def prepend(self, node: Node, text: str) -> None:
        """Add text as the first content of an element that has some."""
        self._changes.append((node.inner, node.inner, text.encode("utf-8")))

    def fill(self, node: Node, text: str) -> None:
        """Let an element hold this text and nothing else."""
        data = text.encode("utf-8")
        if node.end == node.inner:
            self._fill(node, data)
        else:
            self._changes.append((node.inner, node.outer, data))

    def _fill(self, node: Node, data: bytes) -> None:
        name = re.split(rb"[\s/>]", self.data[node.start + 1 : node.end], maxsplit=1)[0]
        self._changes.append((node.end - 2, node.end, b">" + data + b"</" + name + b">"))

    def set_attribute(self, node: Node, name: str, value: str | None) -> None:
        """Give an attribute that is there another value; None takes it away.

        Raises:
            NotXmp: it cannot be told where it stands.
        """
        place = list(node.attributes).index(name)
        found = [
            one
            for one in _ATTRIBUTE.finditer(self.data, node.start, node.inner)
            if one[1] != b"xmlns" and not one[1].startswith(b"xmlns:")
        ]
        local = name.rpartition("}")[2].encode("utf-8")
        if len(found) != len(node.attributes) or found[place][1].rpartition(b":")[2] != local:
            raise NotXmp("has attributes that cannot be told apart")
        if value is None:
            self._changes.append((*found[place].span(), b""))
        else:
            quoted = quoteattr(value).encode("utf-8")
            self._changes.append((*found[place].span(2), quoted))

    def result(self) -> bytes:
        """The packet with all changes, in the encoding that it came in."""
        if not self._changes:
            return self._mark + self._encoded(self.data)
        pieces: list[bytes] = []
        at = 0
        # In the order of the text; what is added comes after what is cut at the same place.
        for start, end, text in sorted(self._changes, key=lambda one: (one[0], -one[1])):
            pieces += [self.data[at:start], text]
            at = max(at, end)
        return self._mark + self._encoded(b"".join([*pieces, self.data[at:]]))

    def _encoded(self, data: bytes) -> bytes:
        if self._coding == "utf-8":
            return data
        return data.decode("utf-8").encode(self._coding, "xmlcharrefreplace")


def _as_utf8(data: bytes) -> tuple[bytes, str, bytes]:
    """The byte order mark, the encoding, and the text in UTF-8."""
    if data.startswith(codecs.BOM_UTF8):
        return codecs.BOM_UTF8, "utf-8", data[len(codecs.BOM_UTF8) :]
    mark, coding = b"", "utf-8"
    for one, name in zip(_MARKS, _MARKED, strict=True):
        if data.startswith(one):
            mark, coding = one, name
            break
    else:
        declared = _DECLARED.match(data)
        if declared is not None:
            coding = declared[1].decode("ascii").lower()
    try:
        text = data[len(mark) :].decode(coding)
        if codecs.lookup(coding).name == "utf-8":
            coding = "utf-8"
        return mark, coding, text.encode("utf-8")
    except (UnicodeError, LookupError) as error:
        raise NotXmp(f"is not the {coding} text that it says it is") from error


def _tree(data: bytes, prefixes: dict[str, str]) -> Node:
    """The element at the top, with all below it."""
    parser = expat.ParserCreate("utf-8", "}")
    open_nodes: list[Node] = []
    tops: list[Node] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        tag = _START_TAG.match(data, at)
        if tag is None or len(open_nodes) > _DEEPEST:
            raise NotXmp("is nested too deeply")
        named = {_name(key): value for key, value in attributes.items()}
        node = Node(_name(name), named, at, tag.end())
        (open_nodes[-1].children if open_nodes else tops).append(node)
        open_nodes.append(node)

    def end(_name: str) -> None:
        node, at = open_nodes.pop(), parser.CurrentByteIndex
        if data[node.inner - 2 : node.inner] == b"/>":
            node.outer = node.end = node.inner
        else:
            node.outer, node.end = at, data.index(b">", at) + 1

    def text(some: str) -> None:
        if open_nodes:
            open_nodes[-1].text += some

    def declare(prefix: str | None, space: str | None) -> None:
        if prefix and space:
            prefixes.setdefault(space, prefix)

    def refuse(*_: object) -> None:
        # No honest packet has one; entities can grow without limit.
        raise NotXmp("declares a document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartNamespaceDeclHandler = declare
    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(data.rstrip(b"\0"), True)
    except expat.ExpatError as error:
        raise NotXmp("is no well-formed XML") from error
    return tops[0]


def _name(name: str) -> str:
    return "{" + name if "}" in name else name


def escaped(text: str) -> str:
    """Words as the content of an element: without the signs that XML lacks."""
    kept = (one for one in text if one in "\t\n" or (one >= " " and not _UNSAYABLE.match(one)))
    return escape("".join(kept))
