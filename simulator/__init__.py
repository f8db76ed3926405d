"""The simulator: the virtual world, the demo's street, the load. Nothing imports it."""
