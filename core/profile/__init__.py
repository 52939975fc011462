"""Exploratory data analysis: what can be known of a table before anything is trained on it."""
