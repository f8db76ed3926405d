"""What is said between board, hub and city. Imports nothing of ours; runs on both interpreters."""
