"""Training: the iterator of epochs, the fast step, stacks of networks, history and state."""
