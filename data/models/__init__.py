"""Model files: a trained network saved, loaded, and applied to new tables."""
