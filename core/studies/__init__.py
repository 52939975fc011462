"""Studies of many runs: cross-validation, hyperparameter search, seeds."""
