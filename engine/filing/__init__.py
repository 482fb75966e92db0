"""Put photos where a plan says, and back: the only code that moves, copies or links them."""

from __future__ import annotations

from engine.filing.runs import Filing, FilingBusy

__all__ = ["Filing", "FilingBusy"]
