"""The command `duplicates`."""

from __future__ import annotations
