"""A process as a board: real firmware, files for flash, a FIFO for its inputs."""
