"""Findings: what a person should be told about this table, this training and this result."""
