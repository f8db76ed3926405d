"""The duty desk: pages for people. Reads the projections, asks the core to act."""
