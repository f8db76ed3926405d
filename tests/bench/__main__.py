"""`./qianshao bench`: our hub beside the barest hub there can be, in one run, as ratios.

Speeds are the machine's; only the ratios are asserted. Each is taken within one repeat, where both
sides had the same machine, and the median of the repeats' ratios counts.
The receipts are compared on reports that make no incident, for that is all the reference does: one
row, one receipt. What a press costs beyond it (incident, the city's event) is shown beside them,
and asserted by how long a press waits. How soon it is on every open page is measured against how
soon it is stored, in one run.
"""

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any, NamedTuple

from hub import debian
from hub.words import Sentence
from hub.writer import MOST
from tests.bench import pages
from tests.bench.commits import commits, sync_s
from tests.bench.contenders import running

WINDOW = 20  # reports that each board keeps outstanding at saturation
RATE = 50  # presses a second of all boards together at the steady rate


class Measure(NamedTuple):
    """One line: `first` to `second` is the ratio; `least`, `most`: what it must keep."""

    name: str
    unit: str
    first: str
    second: str
    least: float | None = None
    most: float | None = None


MEASURES = (
    Measure("reports", "receipts/s", "ours", "reference", least=0.5),
    Measure("presses", "receipts/s", "ours", "reference"),
    Measure("press -> stored", "ms, p50", "ours", "reference", most=2.0),
    Measure("press -> stored, tail", "ms, p99", "ours", "reference"),
    Measure("press -> all pages", "ms, p99", f"{pages.PAGES} pages", "stored", most=3.0),
    Measure("our commits", "reports/s", f"{MOST} a commit", "1 a commit", least=4.0),
)
NEARLY = 0.9  # of what sharing a sync can be worth on this disk
Samples = dict[tuple[str, str], list[float]]  # (measure, side) -> one value a repeat


def main(argv: list[str]) -> int:
    """-> 0: all asserted ratios hold; 1: one does not; 2: it could not be measured."""
    parser = argparse.ArgumentParser(
        prog="./qianshao bench",
        description=__doc__,
        epilog="example: ./qianshao bench --json",
    )
    parser.add_argument("--json", action="store_true", help="the same as one JSON object")
    parser.add_argument("--repeats", type=_whole, default=5, help="of each measurement (5)")
    parser.add_argument("--seconds", type=_whole, default=4, help="of each measurement (4)")
    args = parser.parse_args(argv)
    samples: Samples = {}
    try:
        for repeat in range(args.repeats):
            _repeat(samples, repeat, args.seconds)
            if sys.stderr.isatty():
                print(f"repeat {repeat + 1} of {args.repeats} done", file=sys.stderr)
    except (Sentence, debian.Missing, OSError, subprocess.CalledProcessError) as error:
        print(f"The bench could not be run: {error}", file=sys.stderr)
        return 2
    rows = [_row(measure, samples) for measure in MEASURES]
    print(json.dumps({"measures": rows}, indent=1) if args.json else table(rows))
    return 0 if all(row["holds"] for row in rows) else 1


def _whole(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text} should be a whole number 1 to 1000")
    return int(text)


def _repeat(samples: Samples, repeat: int, seconds: int) -> None:
    """One value of each. Who comes first alternates: what wears off must favour nobody."""
    sides = ("ours", "reference")
    for side in sides if repeat % 2 == 0 else reversed(sides):
        values: dict[str, float] = {}
        with running(side) as hub:
            # the steady rate first: what follows leaves a long ledger behind
            steady = hub.load("alarm", seconds, rate=RATE)
            values["press -> stored"] = steady["p50_ms"]
            values["press -> stored, tail"] = steady["p99_ms"]
            values["reports"] = hub.load("status", seconds, window=WINDOW)["per_second"]
            values["presses"] = hub.load("alarm", seconds, window=WINDOW)["per_second"]
        for name, value in values.items():
            samples.setdefault((name, side), []).append(value)
    with running("ours") as hub:
        shown, stored = pages.waits(hub, 2 * seconds)
    samples.setdefault(("press -> all pages", f"{pages.PAGES} pages"), []).append(shown)
    samples.setdefault(("press -> all pages", "stored"), []).append(stored)
    grouped, single = commits((MOST, 1), seconds)
    samples.setdefault(("our commits", f"{MOST} a commit"), []).append(grouped)
    samples.setdefault(("our commits", "1 a commit"), []).append(single)
    samples.setdefault(("our commits", "a sync"), []).append(sync_s())


def _worth(samples: Samples) -> float:
    """How many times faster a commit of many can be at most: no more than a sync costs is shared,
    and a quick disk's sync costs less than a few reports."""
    many = statistics.median(samples["our commits", f"{MOST} a commit"])
    return 1 + statistics.median(samples["our commits", "a sync"]) * many


def _row(measure: Measure, samples: Samples) -> dict[str, Any]:
    if measure.name == "our commits" and measure.least is not None:
        measure = measure._replace(least=min(measure.least, NEARLY * _worth(samples)))
    first, second = samples[measure.name, measure.first], samples[measure.name, measure.second]
    ratios = [ours / theirs for ours, theirs in zip(first, second, strict=True)]
    ratio = statistics.median(ratios)
    return {
        **measure._asdict(),
        "first_values": first,
        "second_values": second,
        "ratios": ratios,
        "ratio": ratio,
        "holds": (measure.least is None or ratio >= measure.least)
        and (measure.most is None or ratio <= measure.most),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Medians with least and most, the median ratio with its own, and what it must be."""
    lines = [f"{'':<36}{'median (least - most)':^34}{'ratio':<24}must be"]
    for row in rows:
        must = ""
        if row["least"] is not None or row["most"] is not None:
            least, most = row["least"], row["most"]
            limit = f">= {least:.3g}" if least is not None else f"<= {most}"
            must = f"{limit}: {'holds' if row['holds'] else 'MISSED'}"
        title = f"{row['name']} ({row['unit']})"
        lines.append(f"{title:<36}{row['first']:<14}{_spread(row['first_values']):>20}")
        lines.append(
            f"{'':<36}{row['second']:<14}{_spread(row['second_values']):>20}"
            f"  {_ratio(row['ratios']):<22}{must}".rstrip()
        )
    return "\n".join(lines)


def _ratio(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})"


def _spread(values: list[float]) -> str:
    digits = 0 if max(values) >= 100 else 1
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:.{digits}f} ({least:.{digits}f} - {most:.{digits}f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
