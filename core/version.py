"""The version of Epochal, which files and the history name."""

__version__ = "0.1.0"
