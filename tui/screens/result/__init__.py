"""The evaluation in full, as a full screen."""
