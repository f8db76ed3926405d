"""The simulator's process: what it is before a command has its own word on signals."""

import signal
import sys

INTERRUPTED = 130  # as a shell counts it

if __name__ == "__main__":
    # no trace, whatever is being loaded; also where a shell made us inherit SIGINT as ignored
    signal.signal(signal.SIGINT, lambda *_: sys.exit(INTERRUPTED))
    from simulator.commands import main

    sys.exit(main(sys.argv[1:]))
