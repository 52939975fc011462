"""The network: layers, activations, losses, initial weights, and what kind of output it has."""
