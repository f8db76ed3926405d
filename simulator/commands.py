"""The simulator's commands: demo, press, simulate, load."""

import argparse
import math

from hub.commands import port
from simulator import demo, load, press, simulate
from simulator.broken import BROKEN


def main(argv: list[str]) -> int:
    """-> the exit code: 0 done, 1 something is wrong, 2 it could not be asked for like that."""
    parser = argparse.ArgumentParser(prog="qianshao", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    _demo(verbs)
    _press(verbs)
    _simulate(verbs)
    _load(verbs)
    args = parser.parse_args(argv)
    run = args.run
    return int(run(args))


def _demo(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    each = verbs.add_parser(
        "demo",
        help="the whole chain on this machine: twelve boards, broker, hub",
        epilog="example: ./qianshao demo --data ~/qianshao-demo",
    )
    each.add_argument("--port", type=port, default=0, help="of the desk's page (a free one)")
    each.add_argument("--mqtt-port", type=port, default=0, help="of the city's subscribers")
    each.add_argument("--data", metavar="DIR", help="keep ledger and logins there between runs")
    each.add_argument("--no-browser", action="store_true", help="do not open the street's page")
    each.set_defaults(run=demo.run)


def _press(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    each = verbs.add_parser(
        "press",
        help="press a board of the running demo",
        description="Moves the input of the board's own process. Exit code 0: the report is in "
        "the board's outbox; 1: felt, not saved; 2: no such board or key; 3: the process does "
        "not answer, and nothing is pressed later; 4: the board took it for nothing.",
        epilog="example: ./qianshao press donghu-primary-1 --kind duress",
    )
    each.add_argument("board", nargs="?", help="its id, as --list gives it")
    each.add_argument("--list", action="store_true", help="every board and its site")
    each.add_argument("--kind", choices=press.KINDS, default="alarm", help="what is wanted")
    each.add_argument("--hold", type=_seconds, metavar="SECONDS", help="how long the key is held")
    each.add_argument("--times", type=_whole, default=1, metavar="N", help="how often (1)")
    each.add_argument("--data", metavar="DIR", help="the demo's folder (the newest running one)")
    each.set_defaults(run=press.run)


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


def _load(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    each = verbs.add_parser(
        "load",
        help="hundreds of boards in real time, over a real broker",
        description="Exit code 0: nothing is wrong; 1: a press was; 2: it cannot run like that. "
        "Ctrl-C ends the pressing; what was pressed is still judged.",
        epilog="example: ./qianshao load --boards 500 --minutes 1 --presses-per-minute 600",
    )
    each.add_argument("--boards", type=_boards, default=500, help="how many (500)")
    each.add_argument("--minutes", type=_minutes, default=1.0, help="of pressing (1)")
    each.add_argument(
        "--presses-per-minute",
        type=_whole,
        default=600,
        metavar="N",
        help="of all boards together (600)",
    )
    each.add_argument(
        "--hub", metavar="DIR", help="a running hub's folder, where they stay enrolled (its own)"
    )
    each.set_defaults(run=load.run)


def _boards(text: str) -> int:
    value = _whole(text)
    if value > load.MOST_BOARDS:
        raise argparse.ArgumentTypeError(f"{text} should be at most {load.MOST_BOARDS}")
    return value


def _minutes(text: str) -> float:
    value = _number(text)
    if not 0 < value <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} should be a number above 0, at most 10000")
    return value


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 < value <= press.MOST_HOLD_S:
        most = f"at most {press.MOST_HOLD_S:.0f}"
        raise argparse.ArgumentTypeError(f"{text} should be a number of seconds above 0, {most}")
    return value


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} should be a whole number, 1 or more")
    return int(text)


def _number(text: str) -> float:
    """Not a number is what no bounds hold."""
    try:
        return float(text)
    except ValueError:
        return math.nan
