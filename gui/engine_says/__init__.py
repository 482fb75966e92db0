"""Whole sentences of the engine, which the window can also say in other languages."""
