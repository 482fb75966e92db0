"""Tagging: what categories find, what they learn from answers, what they put on photos."""

from __future__ import annotations

from engine.tagging.tagging import Tagging

__all__ = ["Tagging"]
