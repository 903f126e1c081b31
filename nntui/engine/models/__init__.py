"""What can be trained: each model builds the program of its training step."""
