"""XMP packets: read where they are honest, harmless where they are not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files import xmp
from engine.files.xmp import XmpPacket

HEAD = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
)
TAIL = "</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"


def packet(body: str) -> XmpPacket:
    return XmpPacket((HEAD + body + TAIL).encode() + b"\0" * 8)


def test_attributes_elements_and_lists() -> None:
    found = packet(
        '<rdf:Description xmp:Rating="4"><dc:subject><rdf:Bag><rdf:li>cat</rdf:li>'
        "<rdf:li> </rdf:li><rdf:li>Z\u00fcrich</rdf:li></rdf:Bag></dc:subject>"
        "<xmp:CreateDate>2020-01-02</xmp:CreateDate></rdf:Description>"
    )
    assert found.first(xmp.XMP + "Rating") == "4"
    assert found.first(xmp.XMP + "CreateDate") == "2020-01-02"
    assert found.all(xmp.DC + "subject") == ["cat", "Z\u00fcrich"]
    assert found.all(xmp.DC + "title") == []


def test_of_several_languages_the_default_comes_first() -> None:
    found = packet(
        '<rdf:Description><dc:title><rdf:Alt><rdf:li xml:lang="de">Katze</rdf:li>'
        '<rdf:li xml:lang="x-default">Cat</rdf:li></rdf:Alt></dc:title></rdf:Description>'
    )
    assert found.first(xmp.DC + "title") == "Cat"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<x:xmpmeta>",
        b"\xff\xfe<\0x\0",
        f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>'.encode(),
        b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>',
        b"<a>" * 200_000,
        b"<!-- " + b"x" * xmp.LONGEST + b" -->",
    ],
)
def test_broken_and_hostile_packets_have_nothing(data: bytes) -> None:
    started = time.perf_counter()
    assert XmpPacket(data).all(xmp.DC + "subject") == []
    assert time.perf_counter() - started < 2


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_are_survived(data: bytes | str) -> None:
    found = XmpPacket(data).first(xmp.DC + "title")
    assert found is None or isinstance(found, str)
