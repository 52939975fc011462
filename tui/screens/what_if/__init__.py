"""One row changed by hand, as a full screen."""
