"""The hub's own batch on a real file, fsync and all: what sharing a commit is worth."""

import json
import time

from hub import store
from hub.core import run_batch
from hub.events import Arrived, Effect, Event, Started
from hub.registry import Registry
from hub.writer import read_clocks
from tests.bench.contenders import BOARDS, folder_on_disk, prepare

BIRTH = "feedfacecafe0001"


def _report(place: int) -> Arrived:
    """The `place`th new report, the boards in turn."""
    turn, board = divmod(place, len(BOARDS))
    name = {"boot": f"{board:016x}", "number": turn + 1}
    report = {**name, "kind": "status", "age_ms": 0, "reboots": 0}
    return Arrived(BOARDS[board], "report", json.dumps(report).encode())


def commits(size: int, seconds: float) -> float:
    """Reports stored a second when `size` of them share a commit."""
    with folder_on_disk() as path:
        folder, _ = prepare(path)
        settings = folder.settings()
        db = store.connect(folder.ledger)
        store.prepare(db, settings.district, BIRTH, read_clocks())
        hub = store.open_hub(db, Registry(folder.registry), settings)
        effects: list[Effect] = []
        run_batch(hub, [Started("bench", "bench")], read_clocks(), effects.append)
        done, took = 0, 0.0
        while took < seconds:
            batch: list[Event] = [_report(place) for place in range(done, done + size)]
            begun = time.perf_counter()
            run_batch(hub, batch, read_clocks(), effects.append)
            took += time.perf_counter() - begun
            effects.clear()
            done += size
        db.close()
    return done / took
