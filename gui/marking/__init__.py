"""Stars, flags, favourites and captions in the window."""
