"""Moving, copying, renaming and trashing chosen photos in the window."""
