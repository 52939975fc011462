"""Background work: the training run, its gate, and the cursor over its epochs."""
