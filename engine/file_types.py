"""The nouns of sorting and filing: rules, plans, runs."""

from __future__ import annotations
