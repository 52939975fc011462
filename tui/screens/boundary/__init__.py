"""The decision boundary, as a full screen."""
