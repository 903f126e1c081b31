"""What is on the screen; each shows one part of a `Scene`."""
