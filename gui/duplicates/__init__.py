"""The page where photos that are there more than once are looked at and cleared."""
