"""One module per family of checkpoints: its config, its tensors, its words, its quirks."""
