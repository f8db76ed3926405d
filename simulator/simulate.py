"""`simulate`: seeds of the virtual world, their verdict, and how to see a wrong press again."""

import argparse
import multiprocessing
import os
import sys
from collections import Counter, deque
from dataclasses import dataclass, field

from simulator.broken import BROKEN
from simulator.world.checkers import VERDICTS
from simulator.world.faults import Coverage
from simulator.world.world import Result, Size, Variant, World

COVERED_FROM = 20  # seeds; over fewer a fault may well never meet a press
ROUND_MS = (15_000, 2_000)  # what is shown before and after the first wrong press


@dataclass
class Total:
    """The sum over seeds. `first`: the lowest seed with a wrong press."""

    seeds: int = 0
    pressed: int = 0
    stored: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    coverage: Coverage = field(default_factory=Coverage)
    first: Result | None = None

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.pressed += result.pressed
        self.stored += result.stored
        self.wrong.update(result.judge.count)
        self.coverage.add(result.coverage)
        if result.judge.first and (self.first is None or result.seed < self.first.seed):
            self.first = result

    def last_line(self) -> str:
        verdicts = " ".join(f"{verdict}={self.wrong[verdict]}" for verdict in VERDICTS)
        return f"seeds={self.seeds} pressed={self.pressed} stored={self.stored} {verdicts}"


def run_seed(job: tuple[int, Size, str]) -> Result:
    """One seed in a process of its own; of it only what is summed comes back."""
    seed, size, broken = job
    result = World(seed, size, BROKEN.get(broken, Variant())).run()
    result.judge.presses = []
    result.judge.by_name = {}
    result.trace = []
    return result


def run(args: argparse.Namespace) -> int:
    """The command. -> 0 when nothing is wrong, 1 otherwise."""
    seeds = args.seeds or (50 if args.broken else 1 if args.seed is not None else 20)
    first = args.seed if args.seed is not None else 1
    minutes = args.minutes or 1
    size = Size(args.boards, max(60, 60 * minutes * args.boards // 8), minutes * 60_000)
    jobs = [(seed, size, args.broken or "") for seed in range(first, first + seeds)]
    total = Total()
    processes = min(len(jobs), len(os.sched_getaffinity(0)))
    if processes == 1:
        for job in jobs:
            total.add(run_seed(job))
    else:
        with multiprocessing.Pool(processes) as pool:
            for done, result in enumerate(pool.imap_unordered(run_seed, jobs, chunksize=2), 1):
                total.add(result)
                _progress(done, len(jobs))
    print("how often each fault met a press in flight, by the press's state:")
    print(total.coverage.table())
    never = total.coverage.never() if seeds >= COVERED_FROM else []
    if never:
        print(f"a fault that met no press in flight: {', '.join(never)}")
    if total.first:
        _show(total.first, size, args.broken or "")
    print(total.last_line())
    return 1 if never or total.first else 0


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        bar = "#" * (30 * done // of)
        print(f"\r[{bar:<30}] {done}/{of} seeds", end="\n" if done == of else "", file=sys.stderr)


def _show(result: Result, size: Size, broken: str) -> None:
    """What happened round the first wrong press, then it and how to see it again: the seed is run
    once more, because some wrongs come to light long after their instant."""
    assert result.judge.first
    at_ms, sentence = result.judge.first
    world = World(result.seed, size, BROKEN.get(broken, Variant()))
    world.trace = deque()
    world.run()
    for line in world.trace:
        if at_ms - ROUND_MS[0] <= int(line[:8]) <= at_ms + ROUND_MS[1]:
            print(f"  {line}")
    print(f"first wrong press: seed {result.seed}, {at_ms / 1000:.3f} s: {sentence}")
    print(
        f"replay: ./qianshao simulate --seed {result.seed} --seeds 1 --boards {size.boards}"
        f" --minutes {size.fault_ms // 60_000}" + (f" --broken {broken}" if broken else "")
    )
