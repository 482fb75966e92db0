"""Loads the demo's scripts by their path: the demo is a folder of scripts, no package."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"


def load_script(name: str) -> ModuleType:
    """The demo's script `name` as a module."""
    spec = importlib.util.spec_from_file_location(f"demo_{name}", DEMO / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def demo_path() -> Iterator[Path]:
    """The demo's folder, on the import path while its scripts are in use."""
    sys.path.insert(0, str(DEMO))
    yield DEMO
    while str(DEMO) in sys.path:
        sys.path.remove(str(DEMO))


@pytest.fixture(scope="session")
def draw(demo_path: Path) -> ModuleType:
    """The script that draws scenes."""
    return load_script("draw")


@pytest.fixture(scope="session")
def evaluate(demo_path: Path) -> ModuleType:
    """The script that measures the model."""
    return load_script("evaluate")


@pytest.fixture(scope="session")
def evaluate_detector(demo_path: Path) -> ModuleType:
    """The script that measures the detector."""
    return load_script("evaluate_detector")
