"""What is wrong, and the versions a report needs. Reads only."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engine.errors import ModelError
from engine.types import SpaceStatus

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.power import Power
    from engine.switching import Models

_PACKAGES = (
    "torch", "transformers", "openvino", "faiss-cpu", "numpy", "pillow", "pillow-heif", "watchdog",
    "psutil", "PySide6-Essentials",
)  # fmt: skip
_LOW_SPACE = 500_000_000


def examine(catalog: Catalog, models: Models, power: Power, folder: Path) -> dict[str, object]:
    """Look at everything a library stands on.

    Returns:
        "wrong" lists sentences, empty when all is well; the rest are facts.

    Cost: a quick check of the catalog file, seconds for a million photos.
    """
    wrong = list(catalog.check())
    int8 = True
    with suppress(ModelError):  # what was measured is known once the model was opened
        int8 = models.in_use().clip.allow_int8
    status = models.status()
    chosen = [
        way.name for way in status.measured if way.accepted and (int8 or "int8" not in way.name)
    ]
    vectors = models.vectors()
    if not status.ready:
        wrong.append(status.reason)
    roots = catalog.roots.all()
    wrong += [f"{root.path} is offline: {root.note}" for root in roots if not root.online]
    counts = catalog.photos.counts(vectors.space_id if vectors else None)
    if counts.problems:
        wrong.append(f"{counts.problems} files could not be read; see Problems.")
    upcoming = models.upcoming()
    if upcoming is not None and upcoming.reason:
        wrong.append(f"{upcoming.title} is not being prepared: {upcoming.reason}")
    free = shutil.disk_usage(folder).free
    if free < _LOW_SPACE:
        wrong.append(f"Only {free // 1_000_000} MB are free where the library lies.")
    stored = catalog.embeddings.count(vectors.space_id) if vectors else 0
    held = len(vectors.ready()) if vectors else 0
    if stored != held:
        wrong.append(f"The vector index holds {held} photos, the catalog {stored}.")
    return {
        "wrong": wrong,
        "library": str(folder),
        "roots": [{"path": str(r.path), "online": r.online, "note": r.note} for r in roots],
        "photos": counts.photos,
        "not_searchable": counts.not_searchable,
        "problems": counts.problems,
        "missing": counts.missing,
        "model": {
            "id": status.info.id if status.info else None,
            "ready": status.ready,
            "device": status.device,
            "precision": status.precision,
            "engine": status.engine or next(iter(chosen), ""),
            "measured": [asdict(way) for way in status.measured],
            "note": status.note,
        },
        "next_model": _facts(upcoming) if upcoming else None,
        "spaces": [_facts(space) for space in models.spaces()],
        "on_battery": power.on_battery(),
        "vector_index": {"photos": held, "catalog": stored},
        "free_bytes": free,
        "versions": versions(),
        "cores": os.cpu_count(),
    }


def told(facts: Mapping[str, Any]) -> list[str]:
    """The same in lines for people: what is wrong comes last."""
    lines: list[str] = []
    for name, value in facts.items():
        if name == "model":
            shown = {key: fact for key, fact in value.items() if key != "measured"}
            lines.append(f"model: {_pairs(shown)}")
            lines += [f"  {_way(way)}" for way in value["measured"]]
        elif name == "spaces":
            lines += [f"vectors: {_vectors(space)}" for space in value]
        elif name == "next_model":
            lines.append(f"next model: {_vectors(value) if value else 'none'}")
        elif name == "roots":
            lines += [f"folder: {_pairs(root)}" for root in value]
        elif isinstance(value, dict):
            lines.append(f"{name.replace('_', ' ')}: {_pairs(cast('dict[str, Any]', value))}")
        elif name not in ("wrong", "notes"):
            lines.append(f"{name.replace('_', ' ')}: {value}")
    lines += [f"note: {note}" for note in facts.get("notes", ())]
    return [*lines, *(f"wrong: {sentence}" for sentence in facts["wrong"] or ())]


def _pairs(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact not in ("", None))


def _way(way: Mapping[str, Any]) -> str:
    if not way["accepted"]:
        return f"{way['name']}: refused: {way['reason']}"
    return (
        f"{way['name']}: {way['photos_per_second']:.1f} photos/s, agreement with fp32 "
        f"{way['agreement']:.4f}, of the ten nearest photos {way['overlap']:.0%} the same"
    )


def _vectors(space: Mapping[str, Any]) -> str:
    use = "in use" if space["active"] else "being prepared" if space["upcoming"] else "kept"
    return (
        f"{space['title']} ({space['model_id']}), {use}: {space['embedded']:,} of "
        f"{space['total']:,} photos, {space['bytes'] / 1e6:,.1f} MB"
        + (f"; {space['reason']}" if space["reason"] else "")
    )


def _facts(space: SpaceStatus) -> dict[str, object]:
    return {**asdict(space), "complete": space.complete}


def versions() -> dict[str, str]:
    """Python, system and the packages that matter, without importing them."""
    found = {"python": sys.version.split()[0], "system": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
