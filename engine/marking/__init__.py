"""What the user says of photos: stars, flags, favourites, captions; albums to put them into."""

from __future__ import annotations

from engine.marking.albums import Albums
from engine.marking.marking import Marking

__all__ = ["Albums", "Marking"]
