"""Sorting photos into folders: the rule, the preview, what was done."""
