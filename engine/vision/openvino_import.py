"""OpenVINO without what Photosift must never run: its converter, which reports its use."""

from __future__ import annotations

import importlib
import sys
import threading

_NEVER = ("openvino.tools.ovc", "openvino_telemetry")
_lock = threading.Lock()


def import_openvino() -> None:
    """Make `import openvino` ready: without its converter, and with it the telemetry.

    `openvino/__init__.py` imports the converter where it finds one; that imports ssl, http and
    openvino_telemetry, which sends what is converted to the maker's server. None in sys.modules
    makes those two "not found", which OpenVINO allows for. It is also .2 s quicker.

    Raises:
        ImportError: OpenVINO is not installed or does not fit this system.
    """
    with _lock:
        if "openvino" not in sys.modules:
            for name in _NEVER:
                sys.modules.setdefault(name, None)  # pyright: ignore[reportArgumentType]
        importlib.import_module("openvino")
