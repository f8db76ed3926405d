"""One folder per room, plus `chain` (real processes), `browser`, `house` and `bench`."""
