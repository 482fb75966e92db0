"""Find fonts for any script among those that the system has. Pillow comes with Latin only."""

from __future__ import annotations

import functools
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

UNKNOWN = "?"  # stands for a character that no font has
_PROBE_SIZE = 24
_NOBODY_HAS = "\U0010fffe"  # no character: what a font draws for it, it draws for what it lacks
_MOST_FONTS = 3000
# Those that have most, and the plain ones, are tried first; by the file's name in lower case.
_FIRST = (
    *("dejavusans.ttf", "notosans-regular.ttf", "liberationsans-regular.ttf"),  # Linux
    *("notosanscjk-regular.ttc", "notosanscjksc-regular.otf", "droidsansfallbackfull.ttf"),
    *("wqy-microhei.ttc", "wqy-zenhei.ttc", "notosansarabic-regular.ttf"),
    *("helvetica.ttc", "arial unicode.ttf", "pingfang.ttc", "geezapro.ttc"),  # macOS
    *("segoeui.ttf", "arial.ttf", "msyh.ttc", "yugothm.ttc", "malgun.ttf", "nirmala.ttf"),
)
_HAN = " SC"  # of a collection for Chinese, Japanese and Korean, unless the text says which


class Run(NamedTuple):
    """A piece of text and the font that has all of it."""

    text: str
    font: FreeTypeFont


class _Face(NamedTuple):
    """One font of a file; None is Pillow's own."""

    path: Path | None
    number: int = 0


def runs(text: str, size: float) -> list[Run]:
    """A text cut into pieces that one font can draw, in reading order from the left.

    Args:
        text: one line. Characters that no font of this computer has become `UNKNOWN`.
        size: in pixels.

    Returns:
        One piece wherever one font has everything, as is usual; none for an empty text.

    Cost: the first text in a script opens fonts until one has it, at most a second or two;
    later ones take no time.
    """
    shown = "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cs", "Cn"))
    letters = frozenset(shown)
    face = _face_for(letters)
    if face is not None:
        return [Run(shown, _font(face, size))] if shown else []
    pieces: list[tuple[str, _Face]] = []
    for letter in shown:
        own = _face_for(frozenset(letter))
        if own is None:
            letter, own = UNKNOWN, _Face(None)
        if pieces and (pieces[-1][1] == own or _has(pieces[-1][1], frozenset(letter))):
            pieces[-1] = (pieces[-1][0] + letter, pieces[-1][1])
        else:
            pieces.append((letter, own))
    return [Run(piece, _font(own, size)) for piece, own in pieces]


@functools.lru_cache(maxsize=1024)
def _face_for(letters: frozenset[str]) -> _Face | None:
    """The first font that has all of these characters."""
    faces = _faces()
    fitting = (face for face in faces if _has(face, letters))
    found = next(fitting, None)
    if found is None or found.path is None or not _is_han(letters):
        return found
    siblings = [face for face in faces if face.path == found.path]
    return next((face for face in siblings if _family(face).endswith(_HAN)), found)


def _is_han(letters: Iterable[str]) -> bool:
    """Chinese characters, and nothing that makes them Japanese or Korean."""
    names = [unicodedata.name(one, "") for one in letters]
    return any(name.startswith("CJK UNIFIED") for name in names) and not any(
        name.startswith(("HIRAGANA", "KATAKANA", "HANGUL")) for name in names
    )


@functools.lru_cache(maxsize=4096)
def _has(face: _Face, letters: frozenset[str]) -> bool:
    font = _probe(face)
    if font is None:
        return False
    lacking = _drawn(font, _NOBODY_HAS)
    for letter in letters:
        if letter.isspace() or unicodedata.category(letter) == "Cf":
            continue  # nothing to see; joiners are the shaper's business
        if _drawn(font, letter) == lacking:
            return False
    return True


def _drawn(font: FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask: Any = font.getmask(letter)  # a sequence, which Pillow's stubs do not say
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=64)
def _probe(face: _Face) -> FreeTypeFont | None:
    """The font in a size to look at it; None where the file is no font that we can use."""
    try:
        return _font(face, _PROBE_SIZE)
    except (OSError, ValueError):
        return None


@functools.lru_cache(maxsize=32)
def _font(face: _Face, size: float) -> FreeTypeFont:
    from PIL import ImageFont

    if face.path is not None:
        return ImageFont.truetype(face.path, size, index=face.number)
    own = ImageFont.load_default(size)
    assert isinstance(own, ImageFont.FreeTypeFont)  # Pillow's wheels have FreeType
    return own


def _family(face: _Face) -> str:
    font = _probe(face)
    return (font.getname()[0] or "") if font is not None else ""


@functools.cache
def _faces() -> tuple[_Face, ...]:
    """All fonts of the system, the likely ones first; then Pillow's own."""
    order = {name: number for number, name in enumerate(_FIRST)}

    def rank(path: Path) -> tuple[int, bool, bool, str]:
        name = path.name.lower()
        plain = "regular" in name or "-" not in name
        return order.get(name, len(order)), not plain, "sans" not in name, name

    files = sorted(_files(), key=rank)[:_MOST_FONTS]
    faces = [_Face(path, number) for path in files for number in range(_held(path))]
    return (*faces, _Face(None))


def _files() -> Iterator[Path]:
    for folder in _folders():
        for place, _, names in os.walk(folder):
            for name in names:
                if name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")):
                    yield Path(place, name)


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
        windows = Path(os.environ.get("WINDIR", "C:\\Windows"))
        return [windows / "Fonts", local / "Microsoft" / "Windows" / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    data = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    folders = [Path(each) / "fonts" for each in (data, *shared.split(":")) if each]
    return [home / ".fonts", *folders]


def _held(path: Path) -> int:
    """How many fonts a file holds."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return 0
    return min(int.from_bytes(head[8:12]), 16) if head[:4] == b"ttcf" else 1
