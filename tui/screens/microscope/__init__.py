"""One training step, number by number, as a full screen."""
