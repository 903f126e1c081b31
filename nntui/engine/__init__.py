"""The stepping engine: programs, their ops, and the machine that runs them."""
