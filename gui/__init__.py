"""What the user sees. PySide6 only here; the engine is reached through its door."""
