"""Detection: things named in words, with boxes; one photo at once, many as a run that is kept."""

from __future__ import annotations

from engine.detecting.detecting import Detecting

__all__ = ["Detecting"]
