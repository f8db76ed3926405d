"""One folder per board: its pins, its shell. Imports protocol and firmware."""
