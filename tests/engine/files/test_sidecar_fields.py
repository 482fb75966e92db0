"""Odd but valid packets are read and changed; whatever is not XMP is refused."""

from __future__ import annotations

import codecs

import pytest

from engine.files.sidecar_fields import NotXmp, edited, told
from engine.files.xmp import XmpPacket
from engine.files.xmp_facts import facts_of
from engine.sidecar_types import Edits, Told

NOW = "2024-01-01T00:00:00+00:00"
HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
    ' xmlns:ms="http://ns.microsoft.com/photo/1.0/">'
)
TAIL = "</rdf:RDF></x:xmpmeta>"
DESCRIBED = '<rdf:Description rdf:about=""'

SHAPES = {
    "nothing": f"{DESCRIBED}/>",
    "attributes": f'{DESCRIBED} xmp:Rating="2" dc:subject=\'old\' dc:title="Old"/>',
    "elements": f"{DESCRIBED}><xmp:Rating> 2 </xmp:Rating><dc:title>Old</dc:title>"
    "<dc:subject>old</dc:subject></rdf:Description>",
    "two descriptions": f'{DESCRIBED} xmp:Rating="2"/>\n{DESCRIBED}><dc:subject><rdf:Seq>'
    "<rdf:li>old</rdf:li></rdf:Seq></dc:subject></rdf:Description>",
    "the same twice": f'{DESCRIBED} xmp:Rating="2"/>{DESCRIBED}><xmp:Rating>3</xmp:Rating>'
    "<dc:subject><rdf:Bag><rdf:li>old</rdf:li></rdf:Bag></dc:subject></rdf:Description>",
    "empty lists": f"{DESCRIBED}><dc:subject><rdf:Bag/></dc:subject><dc:title><rdf:Alt/>"
    "</dc:title><lr:hierarchicalSubject/></rdf:Description>",
    "other languages": f'{DESCRIBED}><dc:title><rdf:Alt><rdf:li xml:lang="de">Alt</rdf:li>'
    "</rdf:Alt></dc:title></rdf:Description>",
    "no language": f"{DESCRIBED}><dc:title><rdf:Alt><rdf:li>Old</rdf:li></rdf:Alt></dc:title>"
    "</rdf:Description>",
    "windows": f'{DESCRIBED} xmp:Rating="2" ms:Rating="25"><ms:LastKeywordXMP><rdf:Bag>'
    "<rdf:li>old</rdf:li></rdf:Bag></ms:LastKeywordXMP></rdf:Description>",
    "no description": "",
    "comments": f"{DESCRIBED}><!-- <dc:title>no</dc:title> --><dc:subject><rdf:Bag>"
    "<!-- x --><rdf:li>o<![CDATA[ld]]></rdf:li></rdf:Bag></dc:subject></rdf:Description>",
}
EDITS = Edits(("Places/Sea",), ("old",), {"rating": 5, "title": "New", "caption": "Words"})
BACK = Edits((), ("Places/Sea",), {"rating": None, "title": None, "caption": None})


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le"])
def test_odd_packets_are_changed(name: str, coding: str) -> None:
    packet = (HEAD + SHAPES[name] + TAIL).encode(coding)
    if coding != "utf-8":
        packet = codecs.BOM_UTF16_LE + packet
    changed = edited(packet, EDITS, NOW)
    assert told(changed) == Told(("Places/Sea",), 5, "Words", "New")
    facts = facts_of(XmpPacket(changed))
    assert (facts["keywords"], facts["rating"]) == (("Places/Sea",), 5)
    assert (facts["title"], facts["caption"]) == ("New", "Words")
    text = changed.decode(coding)
    assert text.count("MetadataDate") == 2  # one element
    if name == "other languages":
        assert text.index("New") < text.index('xml:lang="de">Alt<')  # the default one is first
    if name == "windows":
        assert 'ms:Rating="99"' in text
    again = edited(changed, BACK, NOW)
    assert told(again) == Told()
    assert edited(again, BACK, NOW) == again
    assert ("Alt" in again.decode(coding)) == (name == "other languages")


def test_other_prefixes_are_kept() -> None:
    packet = (
        '<m xmlns="adobe:ns:meta/"><RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<Description about="" xmlns:d="http://purl.org/dc/elements/1.1/"><d:subject><Bag>'
        "<li>old</li></Bag></d:subject></Description></RDF></m>"
    )
    changed = edited(packet.encode(), Edits(("new",), (), {"title": "New"}), NOW)
    assert set(told(changed).tags) == {"old", "new"}
    assert facts_of(XmpPacket(changed))["title"] == "New"
    assert b"<d:title" in changed
    assert b"<li>new</li>" in changed


@pytest.mark.parametrize(
    "packet",
    [b"", b"words", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", (HEAD + "<b>" + TAIL).encode()],
)
def test_what_is_no_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(NotXmp):
        told(packet)
    with pytest.raises(NotXmp):
        edited(packet, EDITS, NOW)


def test_strange_ratings_are_none() -> None:
    for value in ("", "six", "6", "-2", "nan", "inf", "1e400"):
        packet = HEAD + f'{DESCRIBED} xmp:Rating="{value}"/>' + TAIL
        assert told(packet.encode()).rating is None
    assert told((HEAD + f'{DESCRIBED} xmp:Rating="3.0"/>' + TAIL).encode()).rating == 3
