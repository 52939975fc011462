"""Automatic choice of settings: a search space, a budget, successive halving, and the rule that chooses."""
