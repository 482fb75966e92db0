"""Whatever words are said, sidecars tell just these: to us, to indexing and to exiftool."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sidecar_sample import FOREIGN, needs_exiftool

from engine.files import keywords
from engine.files.sidecar_fields import edited, key_of, told
from engine.files.xmp import XmpPacket
from engine.files.xmp_facts import facts_of
from engine.sidecar_types import VALUES, Edits, Told

NOW = "2024-01-01T00:00:00+00:00"

_NO_TEXT = {"true", "false"}  # what exiftool's JSON takes for something else
_sign = st.one_of(st.characters(codec="utf-8"), st.sampled_from("|/<>&\"'∕∣ \\;,日é\u200d😀"))
_name = (
    st.text(_sign, min_size=1, max_size=12)
    .map(keywords.level)
    .filter(lambda name: bool(name) and name.casefold() not in _NO_TEXT)
)
_path = st.lists(_name, min_size=1, max_size=3).map("/".join).filter(
    lambda path: keywords.path(path, "/") == path
)  # fmt: skip
_tags = st.lists(_path, max_size=4, unique_by=key_of).filter(
    # A flat name that is a level of some path is that path's, to every reader.
    lambda paths: (
        len({part for path in paths for part in key_of(path).split("/")})
        == sum(len(key_of(path).split("/")) for path in paths)
    )
)


def _shown(words: str) -> str | None:
    kept = "".join(sign for sign in words if sign in "\n\t" or sign.isprintable())
    words = kept.strip()
    return words if words and words.casefold() not in _NO_TEXT else None


_words = st.text(_sign | st.just("\n"), max_size=30).map(_shown)
_line = _words.map(lambda words: _shown(" ".join(words.split())) if words else None)
_told = st.builds(Told, _tags.map(tuple), st.sampled_from([None, -1, 0, 3, 5]), _words, _line)


def edits_for(said: Told) -> Edits:
    return Edits(add=said.tags, values={name: said.value(name) for name in VALUES})


def same(found: Told, said: Told) -> bool:
    return {*map(key_of, found.tags)} == {*map(key_of, said.tags)} and all(
        found.value(name) == said.value(name) for name in VALUES
    )


@settings(max_examples=50, deadline=None)
@given(said=_told, then=_told)
def test_what_is_written_is_read(said: Told, then: Told) -> None:
    packet = edited(None, edits_for(said), NOW)
    assert same(told(packet or None), said)
    facts = facts_of(XmpPacket(packet)) if packet else {}
    assert {*map(key_of, facts.get("keywords", ()))} == {*map(key_of, said.tags)}
    assert (facts.get("caption"), facts.get("title"), facts.get("rating")) == (
        said.caption, said.title, said.rating,
    )  # fmt: skip
    before, after = {*map(key_of, said.tags)}, {*map(key_of, then.tags)}
    add = tuple(path for path in then.tags if key_of(path) not in before)
    remove = tuple(path for path in said.tags if key_of(path) not in after)
    again = edited(packet or None, Edits(add, remove, edits_for(then).values), NOW)
    found = told(again or None)
    assert {*map(key_of, found.tags)} == after
    assert all(found.value(name) == then.value(name) for name in VALUES)


@settings(max_examples=50, deadline=None)
@given(said=_told)
def test_what_others_wrote_stays_to_the_byte(said: Told) -> None:
    packet = edited(FOREIGN.encode(), edits_for(said), NOW).decode()
    for kept in (
        'xmp:CreateDate="2001-02-03T04:05:06" dt:xmp_version="5" crs:Exposure2012="+0.50">',
        '<dt:history><rdf:Seq><rdf:li dt:operation="exposure" dt:params="00ff"/></rdf:Seq>',
        '<rdf:li xml:lang="de-DE">Alt &amp; gut</rdf:li>',
        "<rdf:li>theirs</rdf:li>",
    ):
        assert kept in packet
    assert {"theirs", "both"} <= {*told(packet.encode()).tags} | {*said.tags} or any(
        part in {"theirs", "both"} for tag in said.tags for part in key_of(tag).split("/")
    )


@needs_exiftool
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(many=st.lists(_told, min_size=30, max_size=40))
def test_exiftool_reads_the_same(many: list[Told]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, said in enumerate(many):
            packet = edited(None, edits_for(said), NOW) or FOREIGN.encode()
            (Path(folder) / f"{number}.xmp").write_bytes(packet)
        done = subprocess.run(
            ["exiftool", "-json", "-G1", "-n", "-ext", "xmp", folder],
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout, parse_int=str, parse_float=str)
    assert len(found) == len(many)
    for row in found:
        said = many[int(Path(row["SourceFile"]).stem)]
        if said == Told():
            continue
        assert row.get("XMP-dc:Description") == said.caption
        assert row.get("XMP-dc:Title") == said.title
        assert row.get("XMP-xmp:Rating") == (None if said.rating is None else str(said.rating))
        for name, mark in (("digiKam:TagsList", "/"), ("lr:HierarchicalSubject", "|")):
            listed = row.get(f"XMP-{name}", [])
            listed = listed if isinstance(listed, list) else [listed]
            assert [keywords.path(item, mark) for item in listed] == list(said.tags)
