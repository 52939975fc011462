"""Explanation: activations, ablation, importance, counterfactuals, decision boundary, one training step."""
