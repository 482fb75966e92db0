"""Duplicates: found by hashes and vectors, proved in pixels, cleared without losing any."""

from __future__ import annotations

from engine.duplicates.duplicates import Duplicates

__all__ = ["Duplicates"]
