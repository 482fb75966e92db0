"""The grid of photos: ids for all rows, facts only for the rows looked at."""
