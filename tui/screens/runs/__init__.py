"""The run history, as a full screen."""
