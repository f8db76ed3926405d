"""The hub's own batch on a real file, fsync and all: what sharing a commit is worth."""

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from hub.core import Hub, run_batch
from hub.events import Arrived, Effect, Event, Started
from hub.registry import Registry
from hub.store import connect, open_hub
from hub.store import prepare as prepare_ledger
from hub.writer import read_clocks
from tests.bench.contenders import BOARDS, folder_on_disk, prepare

BIRTH = "feedfacecafe0001"
SLICE_S = 0.1
SYNCS = 300


def _report(place: int) -> Arrived:
    """The `place`th new report, the boards in turn."""
    turn, board = divmod(place, len(BOARDS))
    name = {"boot": f"{board:016x}", "number": turn + 1}
    report = {**name, "kind": "status", "age_ms": 0, "reboots": 0}
    return Arrived(BOARDS[board], "report", json.dumps(report).encode())


def commits(sizes: Sequence[int], seconds: float) -> list[float]:
    """Reports stored a second when so many share a commit, for each of `sizes`: each has
    `seconds`, in slices that alternate."""
    with ExitStack() as stack:
        stores = [stack.enter_context(_store(size)) for size in sizes]
        while any(store.took < seconds for store in stores):
            for store in stores:
                until = store.took + SLICE_S
                while store.took < until:
                    store.commit()
        return [store.done / store.took for store in stores]


def sync_s() -> float:
    """What one small write that must be on disk takes there (fdatasync): the median in seconds."""
    with folder_on_disk() as path, (path / "sync").open("wb", buffering=0) as file:
        taken = []
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


class Store:
    """A hub's core on a file of its own. `done`: reports stored; `took`: seconds for them."""

    def __init__(self, hub: Hub, size: int) -> None:
        self.hub = hub
        self.size = size
        self.done = 0
        self.took = 0.0

    def commit(self) -> None:
        batch: list[Event] = [_report(self.done + place) for place in range(self.size)]
        effects: list[Effect] = []
        begun = time.perf_counter()
        run_batch(self.hub, batch, read_clocks(), effects.append)
        self.took += time.perf_counter() - begun
        self.done += self.size


@contextmanager
def _store(size: int) -> Iterator[Store]:
    with folder_on_disk() as path:
        folder, _ = prepare(path)
        settings = folder.settings()
        with closing(connect(folder.ledger)) as db:
            prepare_ledger(db, settings.district, BIRTH, read_clocks())
            hub = open_hub(db, Registry(folder.registry), settings)
            run_batch(hub, [Started("bench", "bench")], read_clocks(), lambda effect: None)
            yield Store(hub, size)
