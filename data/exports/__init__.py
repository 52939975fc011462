"""Exports: a trained model or a run in formats that other programs read."""
