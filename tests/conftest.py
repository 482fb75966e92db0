"""What every test stands on: no display, private folders, warnings that fail."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"  # no test reaches out; those of the downloader say otherwise

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED_DATA = CHECKOUT.parent / "shared" / "data"
DEMO_MODEL = CHECKOUT / "resources" / "demo" / "model"
DEMO_PHOTOS = CHECKOUT / "resources" / "demo" / "photos"


@pytest.fixture(scope="session", autouse=True)
def garbage_on_this_thread() -> Iterator[None]:
    """As the application does (gui/garbage.py): no widget is destroyed on another thread.

    The automatic collection runs on whichever thread allocates, also of a test long after the
    one that made the widget.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def garbage_of_every_test() -> Iterator[None]:
    yield
    gc.collect(1)


@pytest.fixture(autouse=True)
def private_places(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the person who runs the tests is read or written."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture
def shared_data() -> Path:
    """The real photos beside the checkout; tests that need them skip where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared photos are not beside this checkout")
    return SHARED_DATA


@pytest.fixture
def demo_photos() -> Path:
    return DEMO_PHOTOS


@pytest.fixture(autouse=True)
def unexpected_warnings_fail(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A WARNING that a test does not expect fails it: mark `expects_warnings` where it does."""
    yield
    if request.node.get_closest_marker("expects_warnings"):
        return
    ours = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and record.name.split(".")[0] in {"engine", "gui"}
    ]
    assert not ours, f"unexpected warnings were logged: {ours}"
