"""The network drawn, as a full screen."""
