"""Sidecars: what the user says of photos, written beside them for other programs."""

from __future__ import annotations

from engine.sidecars.sidecars import Sidecars

__all__ = ["Sidecars"]
