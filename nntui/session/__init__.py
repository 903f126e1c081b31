"""Time: where the cursor stands, and the picture of what is there."""
