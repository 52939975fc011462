"""The mathematics of small feed-forward networks: NumPy in, NumPy out, no files, no prints, no screen."""
