"""Fixtures of the catalog's tests: a real catalog in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_makers import fill

from engine.catalog import Catalog
from engine.types import CatalogChange, Root


@pytest.fixture
def catalog_path(tmp_path: Path) -> Path:
    return tmp_path / "library" / "catalog.db"


@pytest.fixture
def catalog(catalog_path: Path) -> Iterator[Catalog]:
    opened = Catalog.open(catalog_path)
    yield opened
    opened.close()


@pytest.fixture
def root(catalog: Catalog, tmp_path: Path) -> Root:
    return catalog.roots.add(tmp_path / "photos", (1, 2))


@pytest.fixture
def changes(catalog: Catalog, root: Root) -> list[CatalogChange]:
    """What was announced since the root was added."""
    heard: list[CatalogChange] = []
    catalog.subscribe(heard.append)
    return heard


@pytest.fixture
def filled(catalog_path: Path) -> Path:
    fill(catalog_path)
    return catalog_path
