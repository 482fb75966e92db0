"""The sidebar: where to look. One module per section that is more than a few lines."""
