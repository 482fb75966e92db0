"""XMP packets: read where they are honest, harmless where they are not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files import xmp
from engine.files.xmp import XmpPacket
from engine.files.xmp_facts import facts_of

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


SUBJECT = ["cat", "Z\u00fcrich"]


@pytest.mark.parametrize(
    "body",
    [
        "<rdf:Description><dc:subject><rdf:Seq><rdf:li>cat</rdf:li><rdf:li>Z\u00fcrich</rdf:li>"
        "</rdf:Seq></dc:subject></rdf:Description>",
        "<rdf:Description><dc:subject><rdf:Bag><rdf:_1>cat</rdf:_1><rdf:_2>Z\u00fcrich</rdf:_2>"
        "</rdf:Bag></dc:subject></rdf:Description>",
        '<rdf:Description><dc:subject><rdf:Bag rdf:_2="Z\u00fcrich" rdf:_1="cat"/></dc:subject>'
        "</rdf:Description>",
        '<rdf:Description><dc:subject><rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>cat'
        "</rdf:value></rdf:li><rdf:li><rdf:Description rdf:value='Z\u00fcrich'/></rdf:li></rdf:Bag>"
        "</dc:subject></rdf:Description>",
        '<rdf:Description dc:subject="cat"/><rdf:Description dc:subject="Z\u00fcrich"/>',
        '<r:Description xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:\u00f6dd="http://purl.org/dc/elements/1.1/"><\u00f6dd:subject><r:Bag><r:li>cat</r:li>'
        "<r:li>Z\u00fcrich</r:li></r:Bag></\u00f6dd:subject></r:Description>",
        "<rdf:Description><dc:subject><rdf:Bag><rdf:li><![CDATA[cat]]></rdf:li>"
        "<rdf:li>Z&#xfc;rich</rdf:li></rdf:Bag></dc:subject></rdf:Description>",
    ],
)
def test_a_list_in_whatever_words(body: str) -> None:
    assert packet(body).all(xmp.SUBJECT) == SUBJECT


def test_what_a_part_says_is_not_said_of_the_photo() -> None:
    found = packet(
        '<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"><crs:Look>'
        '<rdf:Description xmp:Rating="1" dc:subject="part"/></crs:Look></rdf:Description>'
    )
    assert (found.first(xmp.RATING), found.all(xmp.SUBJECT)) == (None, [])


@pytest.mark.parametrize(
    "coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_whatever_the_letters_are_coded_in(coding: str, declared: str) -> None:
    """The declaration lies but for UTF-8: bytes tell better."""
    body = "<rdf:Description><dc:subject>Z\u00fcrich</dc:subject></rdf:Description>"
    head = HEAD[HEAD.index("<x:xmpmeta") :]
    data = f"{declared}{head}{body}</rdf:RDF></x:xmpmeta>".encode(coding)
    assert XmpPacket(data).all(xmp.SUBJECT) == ["Z\u00fcrich"]


def test_a_declared_coding_is_believed_unless_it_is_no_coding_of_text() -> None:
    body = (
        "<rdf:Description><dc:subject>\u0416</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    head = HEAD[HEAD.index("<x:xmpmeta") :]
    for name in ("koi8-r", "windows-1251"):
        data = f'<?xml version="1.0" encoding="{name}"?>{head}{body}'.encode(name)
        assert XmpPacket(data).all(xmp.SUBJECT) == ["\u0416"]
    for name in ("punycode", "unicode_escape", "rot13", "no-such"):
        data = f'<?xml version="1.0" encoding="{name}"?>{head}{body}'.encode()
        assert XmpPacket(data).all(xmp.SUBJECT) == ["\u0416"]


def test_a_list_that_is_empty_is_there() -> None:
    found = packet("<rdf:Description><dc:subject><rdf:Bag/></dc:subject></rdf:Description>")
    assert found.tells(xmp.SUBJECT)
    assert facts_of(found) == {"keywords": ()}
    assert facts_of(packet("<rdf:Description/>")) == {}


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
    found = XmpPacket(data)
    assert (found.all(xmp.SUBJECT), bool(found.trouble)) == ([], True)
    assert time.perf_counter() - started < 2


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_are_survived(data: bytes | str) -> None:
    found = XmpPacket(data).first(xmp.DC + "title")
    assert found is None or isinstance(found, str)
