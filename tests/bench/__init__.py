"""Benchmarks: the product and a bare reference, in turn, in one run; ratios are what counts."""
