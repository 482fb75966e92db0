"""The page where categories and their sets are made and changed."""
