"""The one thread that owns SQLite's writing connection.

What arrived while the last fsync ran is one transaction and one fsync; effects go to the loop in
their order after the commit. A disk that refuses is told to every sender, and tried again until
it takes a write.
"""

import asyncio
import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hub import core
from hub.events import (
    AccountChanged,
    Audited,
    CityTold,
    CommandRan,
    DiskState,
    Effect,
    Event,
    NoticeEnded,
    Now,
    RegistryChanged,
    Shown,
    Started,
    Ticked,
)

log = logging.getLogger("qianshao.writer")

MOST = 500  # events in one transaction
TICK_S = 0.25
HEAD_S = 1.0
PROBE_S = 1.0
PROBE_BYTES = 64 * 1024  # room for a burst of rows: what a probe has taken, the next commit finds
# kept until the disk heals
SAID_ONCE = (
    Started,
    AccountChanged,
    Audited,
    CityTold,
    CommandRan,
    NoticeEnded,
    RegistryChanged,
    Shown,
)


def read_clocks() -> Now:
    """Wall: ms UTC. Steady: ms of the kernel's boot-time clock, which no one can set."""
    return Now(
        time.time_ns() // 1_000_000, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    )


class Writer:
    """`deliver` is called on the loop with the effects of each committed transaction; `failed`
    when the thread has died of an error of ours: a hub that cannot write must end."""

    def __init__(
        self,
        hub: core.Hub,
        head: Path,
        deliver: Callable[[list[Effect]], None],
        clocks: Callable[[], Now] = read_clocks,
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self.hub = hub
        self.head = head
        self.deliver = deliver
        self.clocks = clocks
        self.failed = failed
        self.inbox: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self.loop = asyncio.get_running_loop()
        self.thread = threading.Thread(target=self._run, name="writer")
        self.broken = False  # the disk refused a write and has not taken a probe since
        self.kept: list[Event] = []  # said once, refused by the disk
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
        try:
            self._work()
        except BaseException as error:
            log.critical("the writer ended", exc_info=True)
            self._on_loop(self.failed, error)

    def _work(self) -> None:
        going = True
        while going:
            events, going = self._take()
            if self.broken and self._probe():
                events = self.kept + events
                self.kept = []
            if events:
                self._commit(events)
            # in a batch of its own: while the disk is full, a pass that must write and cannot
            # would take the answers to heartbeats down with it
            if time.monotonic() - self.ticked >= TICK_S:
                self.ticked = time.monotonic()
                self._commit([Ticked()])
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
        self.kept += [event for event in refused if isinstance(event, SAID_ONCE)]
        if refused and self.broken:
            effects = [effect for effect in effects if not isinstance(effect, DiskState)]
        self.broken = self.broken or bool(refused)
        if effects:
            self._on_loop(self.deliver, effects)

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to tell
            self.loop.call_soon_threadsafe(call, *arguments)

    def _probe(self) -> bool:
        """Does the disk take a write again? Room for a burst is asked for, and given back."""
        if time.monotonic() - self.probed < PROBE_S:
            return False
        self.probed = time.monotonic()
        db = self.hub.db
        try:
            # what stands in the log may have room in the database, and then frees the log
            db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            db.execute("BEGIN IMMEDIATE")
            db.execute("CREATE TABLE IF NOT EXISTS probe (room BLOB)")
            db.execute("INSERT INTO probe VALUES (zeroblob(?))", (PROBE_BYTES,))
            db.execute("COMMIT")
            db.execute("DROP TABLE probe")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            return False
        self.broken = False
        self._on_loop(self.deliver, [DiskState(None)])
        return True

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
            with new.open("w") as file:
                file.write(f"{number} {hash_.hex()}\n")
                file.flush()
                os.fsync(file.fileno())  # a power cut must not leave it empty
            new.replace(self.head)
        except OSError:
            return  # the disk is full: the old head is still true
        self.head_number = number
