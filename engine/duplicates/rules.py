"""The user's rules of the best-pick as text, and back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from engine.duplicate_types import Criterion, PickRules


def rules_as_text(rules: PickRules) -> str:
    """JSON; folders as the system's bytes: a name need not be UTF-8."""
    return json.dumps(
        {
            "order": [one.name for one in rules.order],
            "preferred": [os.fsencode(path).hex() for path in rules.preferred],
            "protected": [os.fsencode(path).hex() for path in rules.protected],
        }
    )


def rules_from(text: str | None) -> PickRules:
    """The inverse. What cannot be understood is as if it had never been changed."""
    if text is None:
        return PickRules()
    try:
        held: dict[str, Any] = json.loads(text)
        known = {one.name: one for one in Criterion}
        return PickRules(
            order=tuple(known[name] for name in held["order"] if name in known),
            preferred=_paths(held["preferred"]),
            protected=_paths(held["protected"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return PickRules()


def _paths(names: list[str]) -> tuple[Path, ...]:
    return tuple(Path(os.fsdecode(bytes.fromhex(name))) for name in names)
