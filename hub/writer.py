"""The one thread that owns SQLite's writing connection.

What arrived while the last fsync ran is one transaction and one fsync; effects go to the loop in
their order after the commit. A disk that refuses is told to every sender, and tried again until
it takes a write.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hub import core, schema
from hub.events import (
    CityReceipt,
    CommandRan,
    DiskState,
    Effect,
    Event,
    Now,
    RegistryChanged,
    Ticked,
)

MOST = 500  # events in one transaction
TICK_S = 0.25
HEAD_S = 1.0
PROBE_S = 1.0
REPEATED = (CommandRan, RegistryChanged, CityReceipt)  # nobody would say these again


def read_clocks() -> Now:
    """Wall: ms UTC. Steady: ms of the kernel's boot-time clock, which no one can set."""
    return Now(
        time.time_ns() // 1_000_000, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    )


class Writer:
    """`deliver` is called on the loop with the effects of each committed transaction."""

    def __init__(
        self,
        hub: core.Hub,
        head: Path,
        deliver: Callable[[list[Effect]], None],
        clocks: Callable[[], Now] = read_clocks,
    ) -> None:
        self.hub = hub
        self.head = head
        self.deliver = deliver
        self.clocks = clocks
        self.inbox: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self.loop = asyncio.get_running_loop()
        self.thread = threading.Thread(target=self._run, name="writer")
        self.broken = False  # the disk refused the last write
        self.ticked = self.wrote_head = self.probed = 0.0
        self.head_number = 0

    def start(self) -> None:
        self.thread.start()

    def put(self, event: Event) -> None:
        """From any thread; never waits."""
        self.inbox.put(event)

    async def stop(self) -> None:
        """All that was put before is committed first."""
        self.inbox.put(None)
        await asyncio.to_thread(self.thread.join)

    def _run(self) -> None:
        going = True
        while going:
            events, going = self._take()
            if time.monotonic() - self.ticked >= TICK_S:
                self.ticked = time.monotonic()
                events.append(Ticked())
            if events:
                self._commit(events)
            if self.broken:
                self._probe()
            self._write_head()
        self._write_head(last=True)

    def _take(self) -> tuple[list[Event], bool]:
        """(what has arrived, whether to go on); waits for the first at most until the tick."""
        events: list[Event] = []
        wait_s = max(0.0, self.ticked + TICK_S - time.monotonic())
        try:
            first = self.inbox.get(timeout=wait_s)
            while first is not None:
                events.append(first)
                if len(events) >= MOST:
                    return events, True
                first = self.inbox.get_nowait()
        except queue.Empty:
            return events, True
        return events, False

    def _commit(self, events: list[Event]) -> None:
        effects: list[Effect] = []
        refused = core.run_batch(self.hub, events, self.clocks(), effects.append)
        if refused:
            self.broken = True
            for event in refused:
                if isinstance(event, REPEATED):
                    self.inbox.put(event)
        if effects:
            self.loop.call_soon_threadsafe(self.deliver, effects)

    def _probe(self) -> None:
        """A write that changes nothing, fsync and all: does the disk take it again?"""
        if time.monotonic() - self.probed < PROBE_S:
            return
        self.probed = time.monotonic()
        try:
            self.hub.db.execute("BEGIN IMMEDIATE")
            self.hub.db.execute(f"PRAGMA user_version = {schema.VERSION}")
            self.hub.db.execute("COMMIT")
        except sqlite3.Error:
            if self.hub.db.in_transaction:
                self.hub.db.execute("ROLLBACK")
            return
        self.broken = False
        healed: list[Effect] = [DiskState(None)]
        self.loop.call_soon_threadsafe(self.deliver, healed)

    def _write_head(self, last: bool = False) -> None:
        """`<number> <hash>` of the last row: what verify reads first. Behind is allowed, ahead
        is not: it is replaced only after a commit."""
        number, hash_ = self.hub.head
        recent = time.monotonic() - self.wrote_head < HEAD_S
        if number == self.head_number or (recent and not last):
            return
        self.wrote_head = time.monotonic()
        new = self.head.with_suffix(".new")
        try:
            new.write_text(f"{number} {hash_.hex()}\n")
            new.replace(self.head)
        except OSError:
            return  # the disk is full: the old head is still true
        self.head_number = number
