"""Keywords, stars, caption and title of an XMP packet: what it tells, and how that is changed.

Pure: bytes in, bytes out. What is not to be changed keeps every byte.

Source: Adobe, XMP Specification Part 1 (lists, language alternatives, simple values as elements or
attributes); digiKam and Lightroom for the three lists of keywords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from engine.files import keywords, xmp
from engine.files.xmp_edit import EMPTY, RDF, Node, NotXmp, Packet, escaped
from engine.files.xmp_facts import ACDSEE_RATING, FLAT, HIERARCHIES, stars_of_percent
from engine.sidecar_types import Edits, Told, Value

Key = str

_DEFAULT = "x-default"
_LISTS = RDF + "Bag", RDF + "Seq", RDF + "Alt"
_PREFIXES = {space: prefix for prefix, space in xmp.PREFIXES.items()}
_MADE = (xmp.TAGS_LIST, xmp.HIERARCHICAL_SUBJECT)
"""Lists of paths that are made where they lack; others are kept in step where they are."""
_PERCENTS = {1: 1, 2: 25, 3: 50, 4: 75, 5: 99}  # as Windows has it
_WORDS = {"caption": xmp.DESCRIPTION, "title": xmp.TITLE}


def key_of(path: str) -> Key:
    """By what two paths of tags are the same."""
    return "/".join(keywords.level(part) for part in path.split("/")).casefold()


def told(packet: bytes | None) -> Told:
    """What a packet tells, of texts in several languages the default one.

    Raises:
        NotXmp: it is nothing that we could read without doubt.
    """
    if packet is None:
        return Told()
    held = Packet(packet)
    return Told(
        tags=_tags(held),
        rating=_stars(held),
        caption=_default_words(held, _WORDS["caption"]),
        title=_default_words(held, _WORDS["title"]),
    )


def edited(existing: bytes | None, edits: Edits, now: str) -> bytes:
    """A packet with these changes; `existing` itself where they are none.

    Tags are written as digiKam and Lightroom do: whole paths into digiKam:TagsList and
    lr:hierarchicalSubject, last names into dc:subject, where a name stays as long as some path
    that is left has it.

    Args:
        existing: the packet there is; None for a new one.
        edits: what is to be different.
        now: the moment as XMP writes it, for xmp:MetadataDate.

    Raises:
        NotXmp: `existing` is nothing that we could change without harm.
    """
    packet = Packet(EMPTY if existing is None else existing)
    fresh: list[str] = []
    if edits.add or edits.remove:
        _edit_tags(packet, edits, fresh)
    for name, value in edits.values.items():
        if name == "rating":
            _set_rating(packet, value, fresh)
        else:
            _set_words(packet, _WORDS[name], None if value is None else str(value), fresh)
    if not fresh and not packet.changed:
        return b"" if existing is None else existing
    _set_simple(packet, xmp.METADATA_DATE, now, fresh)
    _place(packet, fresh)
    return packet.result()


# ---- tags ----------------------------------------------------------------------------------------


def _tags(packet: Packet) -> tuple[str, ...]:
    """Each path once; a flat keyword only where it is no level of a path."""
    paths = [
        keywords.path(item, mark)
        for name, mark in HIERARCHIES.items()
        for item in _items(packet, name)
    ]
    names = [keywords.path(item) for name in FLAT for item in _items(packet, name)]
    return keywords.tag_paths(paths, names)


def _edit_tags(packet: Packet, edits: Edits, fresh: list[str]) -> None:
    gone = {key_of(path) for path in edits.remove}
    left = [path for path in _tags(packet) if key_of(path) not in gone] + list(edits.add)
    names = {part for path in left for part in key_of(path).split("/")}
    for name, mark in HIERARCHIES.items():
        there = {key_of(keywords.path(item, mark)) for item in _items(packet, name)}
        add = [path for path in edits.add if key_of(path) not in there]
        if name not in _MADE and not there:
            continue
        written = [keywords.written(path, mark) for path in add]
        _edit_list(packet, name, written, _in(gone, mark), fresh)
    lost = {key.rpartition("/")[2] for key in gone} - names
    there = {key_of(keywords.path(item)) for item in _items(packet, xmp.SUBJECT)}
    leaves = {key_of(path.rpartition("/")[2]): keywords.written(path) for path in edits.add}
    add = [leaf for key, leaf in leaves.items() if key not in there]
    for name in FLAT:
        _edit_list(packet, name, add if name == xmp.SUBJECT else (), _in(lost, ""), fresh)


def _in(gone: set[Key], mark: str) -> Callable[[str], bool]:
    return lambda item: key_of(keywords.path(item, mark)) in gone


def _edit_list(
    packet: Packet, name: str, add: Sequence[str], gone: Callable[[str], bool], fresh: list[str]
) -> None:
    values = list(_items(packet, name))
    if not add and not any(map(gone, values)):
        return
    holder = _container(_element(packet, name))
    if holder is None or not holder.children or not any(not gone(value) for value in values):
        _remove(packet, name)
        kept = [value for value in values if not gone(value)]
        if kept or add:
            kind = "Seq" if name == xmp.TAGS_LIST else "Bag"
            fresh.append(_new(packet, name, kind, [("", value) for value in (*kept, *add)]))
        return
    for element in _elements(packet, name):
        for item in _li(element):
            if gone(item.text):
                packet.cut(item)
    if add:
        packet.append(holder, "".join(_item(packet, holder, value) for value in add))


# ---- values --------------------------------------------------------------------------------------


def _stars(packet: Packet) -> int | None:
    """As indexing reads them: where xmp:Rating says nothing, others may."""
    for name in (xmp.RATING, ACDSEE_RATING):
        with suppress(ValueError, OverflowError):
            stars = round(float(next(_simple_values(packet, name), "")))
            if -1 <= stars <= 5:
                return stars
    return stars_of_percent(next(_simple_values(packet, xmp.RATING_PERCENT), None))


def _set_rating(packet: Packet, value: Value, fresh: list[str]) -> None:
    _set_simple(packet, xmp.RATING, None if value is None else str(value), fresh)
    if next(_simple_values(packet, xmp.RATING_PERCENT), None) is not None:
        percent = _PERCENTS.get(value if isinstance(value, int) else 0)
        _set_simple(packet, xmp.RATING_PERCENT, None if percent is None else str(percent), fresh)


def _set_simple(packet: Packet, name: str, value: str | None, fresh: list[str]) -> None:
    """Set a simple value where it stands, as an attribute or an element."""
    done = value is None
    for description in packet.descriptions:
        if name in description.attributes:
            if done or description.attributes[name] != value:
                packet.set_attribute(description, name, None if done else value)
            done = True
        for element in description.children:
            if element.name != name:
                continue
            if done or element.children or set(element.attributes):
                packet.cut(element)
            else:
                if element.text.strip() != value:
                    packet.fill(element, escaped(value or ""))
                done = True
    if not done:
        fresh.append(_new(packet, name, "", [("", value or "")]))


def _set_words(packet: Packet, name: str, value: str | None, fresh: list[str]) -> None:
    """Set the default one of a text in several languages; the others stay."""
    element = _element(packet, name)
    items = _li(element) if element is not None else []
    default = next((one for one in items if _language(one) == _DEFAULT), None)
    others = [one for one in items if one is not default]
    holder = _container(element)
    if not others or holder is None:
        if value is not None and default is not None and not default.children:
            if default.text != value:
                packet.fill(default, escaped(value))
            return
        _remove(packet, name)
        if value is not None:
            fresh.append(_new(packet, name, "Alt", [(_DEFAULT, value)]))
        return
    if default is not None and value is not None and not default.children:
        if default.text != value:
            packet.fill(default, escaped(value))
        return
    if default is not None:
        packet.cut(default)
    if value is not None:  # the default one comes first
        packet.prepend(holder, _item(packet, holder, value, _DEFAULT))


def _default_words(packet: Packet, name: str) -> str | None:
    element = _element(packet, name)
    if element is None:
        return next((value for value in _simple_values(packet, name) if value.strip()), None)
    if _container(element) is None:
        return element.text.strip() or None
    default = next((one for one in _li(element) if _language(one) == _DEFAULT), None)
    return (default.text.strip() or None) if default is not None else None


def _language(item: Node) -> str:
    return item.attributes.get(xmp.XML_LANG, _DEFAULT)


# ---- where things stand --------------------------------------------------------------------------


def _elements(packet: Packet, name: str) -> list[Node]:
    return [one for each in packet.descriptions for one in each.children if one.name == name]


def _element(packet: Packet, name: str) -> Node | None:
    return next(iter(_elements(packet, name)), None)


def _container(element: Node | None) -> Node | None:
    return element.child(*_LISTS) if element is not None else None


def _li(element: Node) -> list[Node]:
    holder = _container(element)
    return [] if holder is None else [one for one in holder.children if one.name == RDF + "li"]


def _items(packet: Packet, name: str) -> Iterator[str]:
    """The values of a list, however it is written."""
    yield from filter(str.strip, _simple_values(packet, name))
    for element in _elements(packet, name):
        yield from (item.text for item in _li(element) if item.text.strip())


def _simple_values(packet: Packet, name: str) -> Iterator[str]:
    """The values that stand in an attribute or right in an element."""
    for description in packet.descriptions:
        if name in description.attributes:
            yield description.attributes[name]
        for element in description.children:
            if element.name == name and _container(element) is None:
                yield element.text


def _remove(packet: Packet, name: str) -> None:
    for description in packet.descriptions:
        if name in description.attributes:
            packet.set_attribute(description, name, None)
        for element in description.children:
            if element.name == name:
                packet.cut(element)


# ---- what we write -------------------------------------------------------------------------------


def _place(packet: Packet, fresh: Iterable[str]) -> None:
    """Put new properties into the first description, or into one of their own."""
    text = "".join(fresh)
    if not text:
        return
    home = next(iter(packet.descriptions), None)
    if home is not None:
        packet.append(home, text)
        return
    prefix, space = _prefix(packet, RDF)
    about = f'{prefix}:about=""{space}'
    packet.append(
        packet.rdf,
        f"\n  <{prefix}:Description {about}>{text}\n  </{prefix}:Description>",
    )


def _new(packet: Packet, name: str, kind: str, values: Sequence[tuple[str, str]]) -> str:
    """A property as text: simple, or with `kind` a list of values with their languages."""
    namespace, _, local = name.rpartition("}")
    namespace += "}"
    prefix = packet.prefixes.get(namespace[1:-1], _PREFIXES[namespace])
    opening = f'{prefix}:{local} xmlns:{prefix}="{namespace[1:-1]}"'
    if not kind:
        return f"\n   <{opening}>{escaped(values[0][1])}</{prefix}:{local}>"
    rdf, space = _prefix(packet, RDF)
    items = "".join(_li_text(f"{rdf}:li", value, language) for language, value in values)
    return (
        f"\n   <{opening}{space}>\n    <{rdf}:{kind}>{items}"
        f"\n    </{rdf}:{kind}>\n   </{prefix}:{local}>"
    )


def _prefix(packet: Packet, namespace: str) -> tuple[str, str]:
    """The packet's prefix of a namespace, or ours with what declares it."""
    known = packet.prefixes.get(namespace[1:-1])
    ours = _PREFIXES[namespace]
    return (known, "") if known else (ours, f' xmlns:{ours}="{namespace[1:-1]}"')


def _item(packet: Packet, holder: Node, value: str, language: str = "") -> str:
    """An item in the words of the list that it goes into."""
    tag = packet.data[holder.start + 1 : holder.inner].split(maxsplit=1)[0].rstrip(b"/>")
    prefix = tag.decode("utf-8").rpartition(":")[0]
    return _li_text(f"{prefix}:li" if prefix else "li", value, language)


def _li_text(tag: str, value: str, language: str) -> str:
    spoken = f' xml:lang="{language}"' if language else ""
    return f"\n     <{tag}{spoken}>{escaped(value)}</{tag}>"


__all__ = ["NotXmp", "edited", "key_of", "told"]
