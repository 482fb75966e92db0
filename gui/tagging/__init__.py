"""Categories, review and tags in the window."""
