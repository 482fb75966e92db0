"""The starter vocabulary: a text file of concepts, and the user's own in its place."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from engine.tag_types import Concept

log = logging.getLogger(__name__)

STARTER = Path(__file__).resolve().parents[2] / "resources" / "vocabulary" / "everyday.txt"
OWN_NAME = "vocabulary.txt"
_GROUP = re.compile(r"\[([^\]]*)\]\s*$")
_LARGEST = 1 << 20  # bytes; somebody's novel is no vocabulary


def read_vocabulary(folder: Path) -> list[Concept]:
    """The concepts of the user's own vocabulary.txt in the library's folder, else ours.

    One that cannot be read, or holds nothing, is passed over with a line in the log.
    """
    own = folder / OWN_NAME
    if own.is_file():
        try:
            if own.stat().st_size <= _LARGEST:
                found = parse(own.read_text(encoding="utf-8-sig", errors="replace"))
                if found:
                    return found
            log.warning("%s holds no concept; our own vocabulary is used", own)
        except OSError as error:
            log.warning("%s cannot be read: %s", own, error)
    return parse(STARTER.read_text(encoding="utf-8"))


def parse(text: str) -> list[Concept]:
    """Understand a vocabulary; its form is told at the head of our own file.

    A concept named twice counts once. No line is refused.
    """
    group = chinese_group = ""
    found: dict[str, Concept] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        heading = _GROUP.match(line)
        if heading is not None:
            group, chinese_group = [*_parts(heading[1], 2), "", ""][:2]
            continue
        name, chinese, prompts = [*_parts(line, 3), "", "", ""][:3]
        if name:
            asked = tuple(prompt for part in prompts.split(";") if (prompt := part.strip()))
            found.setdefault(name.casefold(), Concept(name, chinese, asked, group, chinese_group))
    return list(found.values())


def _parts(line: str, most: int) -> list[str]:
    return [part.strip() for part in line.split("|", most - 1)]
