"""Rows: examples, train/held-out splits, scaling, imputation and one-hot encoding."""
