"""What we know: the SQLite catalog, the only truth. sqlite3 is imported only in this room."""
