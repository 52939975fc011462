"""Reporting: a run as JSON, as a page, as the command that repeats it."""
