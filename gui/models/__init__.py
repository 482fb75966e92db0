"""The models: how each stands, what can be done with it, comparing two of them."""
