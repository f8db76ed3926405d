"""The simulator's commands: demo, press, simulate, load."""

import argparse
import sys

from simulator import simulate
from simulator.broken import BROKEN


def main(argv: list[str]) -> int:
    """-> the exit code: 0 done, 1 something is wrong, 2 it could not be asked for like that."""
    parser = argparse.ArgumentParser(prog="qianshao", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    _simulate(verbs)
    args = parser.parse_args(argv)
    run = args.run
    return int(run(args))


def _simulate(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    each = verbs.add_parser(
        "simulate",
        help="the whole chain in virtual time, with faults",
        epilog="example: ./qianshao simulate --seeds 200",
    )
    each.add_argument("--seed", type=_whole, help="one seed, or the first of --seeds")
    each.add_argument("--seeds", type=_whole, help="how many seeds (20; with --broken 50)")
    each.add_argument("--boards", type=_whole, default=8, help="boards in each world (8)")
    each.add_argument("--minutes", type=_whole, help="minutes of faults in each world (1)")
    each.add_argument("--broken", choices=sorted(BROKEN), help="a product broken on purpose")
    each.set_defaults(run=simulate.run)


def _whole(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} should be 1 or more")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
