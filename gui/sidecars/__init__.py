"""The window's part of sidecars: written while nobody waits for it."""
