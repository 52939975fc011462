"""The tutorial replayed, as a full screen."""
