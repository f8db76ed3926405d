"""The writer: what waits is one transaction, in order; a full disk loses and confirms nothing."""

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from hub import core, ledger, store
from hub.events import (
    Arrived,
    CommandRan,
    DiskState,
    Echo,
    Effect,
    Event,
    Now,
    RegistryChanged,
    Started,
)
from hub.settings import Intake, Settings
from hub.writer import Writer, read_clocks
from tests.hub.room import BOOT, Registry, to_boards

SETTINGS = Settings(district="nanshan", name="南山区值班室", intake=Intake(burst=5000))


def message(kind: str, value: dict[str, Any]) -> Arrived:
    return Arrived("board-a1", kind, json.dumps(value).encode())


class Bench:
    """A writer on a real file; everything delivered, with the ledger's length at that moment."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.db"
        self.db = store.connect(self.path)
        store.prepare(self.db, "nanshan", "feedfacecafe0001", read_clocks())
        self.reader = store.connect_reader(self.path)
        self.hub = store.open_hub(self.db, Registry(), SETTINGS)
        self.effects: list[Effect] = []
        self.deliveries = 0
        self.lies = 0  # deliveries that told of more than was on disk
        self.committed_at: list[int] = []
        self.failed: list[BaseException] = []
        self.writer = Writer(
            self.hub, folder / "head", self._deliver, read_clocks, self.failed.append
        )
        self.writer.put(Started("kernel-1", "test"))

    def _deliver(self, effects: list[Effect]) -> None:
        (rows,) = self.reader.execute("SELECT count(*) FROM reports").fetchone()
        self.deliveries += 1
        self.committed_at.append(rows)
        self.effects += effects
        stored = {r["number"] for r in self.receipts() if r["answer"] == "stored"}
        if len(stored) > rows:
            self.lies += 1

    def press(self, number: int) -> None:
        report = {"boot": BOOT, "number": number, "kind": "alarm", "age_ms": 0, "reboots": 0}
        self.writer.put(message("report", report))

    def receipts(self) -> list[dict[str, Any]]:
        return to_boards(self.effects, "receipt")

    async def until(self, true: Callable[[], Any], within_s: float = 10.0) -> None:
        async with asyncio.timeout(within_s):
            while not true():
                await asyncio.sleep(0.01)

    def fill(self) -> None:
        """Takes the last free pages."""
        self.db.execute("CREATE TABLE filler (x BLOB)")
        with suppress(sqlite3.OperationalError):
            while True:
                self.db.execute("INSERT INTO filler VALUES (zeroblob(500))")

    def limit(self, more_pages: int) -> None:
        (pages,) = self.reader.execute("PRAGMA page_count").fetchone()
        self.db.execute(f"PRAGMA max_page_count = {pages + more_pages}").fetchall()


@pytest.fixture
def on_bench(tmp_path: Path) -> Callable[[Callable[[Bench], Awaitable[None]]], Bench]:
    """Runs a test with a bench, and ends its thread whatever happens."""

    def run(test: Callable[[Bench], Awaitable[None]]) -> Bench:
        async def live() -> Bench:
            bench = Bench(tmp_path)
            try:
                await test(bench)
            finally:
                if bench.writer.thread.is_alive():
                    await bench.writer.stop()
                await asyncio.sleep(0)
                bench.reader.close()
                bench.db.close()
            assert bench.lies == 0
            return bench

        return asyncio.run(live())

    return run


OnBench = Callable[[Callable[[Bench], Awaitable[None]]], Bench]


def test_what_waited_is_one_transaction_in_its_order(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        for number in range(1, 301):
            bench.press(number)
        bench.writer.start()
        await bench.until(lambda: len(bench.receipts()) == 300)

    bench = on_bench(test)
    assert [receipt["number"] for receipt in bench.receipts()] == list(range(1, 301))
    assert bench.committed_at[0] == 300  # all of them were on disk when the first receipt left


def test_more_than_one_transaction_holds_go_into_several(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        for number in range(1, 1201):
            bench.press(number)
        bench.writer.start()
        await bench.until(lambda: len(bench.receipts()) == 1200)

    bench = on_bench(test)
    assert bench.deliveries >= 3
    assert [receipt["number"] for receipt in bench.receipts()] == list(range(1, 1201))


def test_no_receipt_leaves_before_its_row_is_on_disk(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        bench.writer.start()
        for number in range(1, 101):
            bench.press(number)
            if number % 7 == 0:
                await asyncio.sleep(0.002)
        await bench.until(lambda: len(bench.receipts()) == 100)

    bench = on_bench(test)
    assert bench.deliveries > 1
    assert {receipt["number"] for receipt in bench.receipts()} == set(range(1, 101))


def test_stopping_commits_all_that_was_put(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        bench.writer.start()
        for number in range(1, 2001):
            bench.press(number)
        await bench.writer.stop()

    bench = on_bench(test)
    assert len(bench.receipts()) == 2000


def test_presses_from_many_threads_are_all_there(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        bench.writer.start()

        def press(first: int) -> None:
            for number in range(first, first + 200):
                bench.press(number)

        threads = [threading.Thread(target=press, args=(1 + 200 * n,)) for n in range(5)]
        for each in threads:
            each.start()
        for each in threads:
            await asyncio.to_thread(each.join)
        await bench.until(lambda: len(bench.receipts()) == 1000)

    bench = on_bench(test)
    assert {receipt["number"] for receipt in bench.receipts()} == set(range(1, 1001))


def test_the_head_file_is_never_ahead_and_at_the_end_is_the_head(
    on_bench: OnBench, tmp_path: Path
) -> None:
    async def test(bench: Bench) -> None:
        bench.writer.start()
        for number in range(1, 200):
            bench.press(number)
            await asyncio.sleep(0.01)
            if (tmp_path / "head").exists():
                said = int((tmp_path / "head").read_text().split()[0])
                assert said <= ledger.head(bench.reader)[0]

    on_bench(test)
    number, hash_ = (tmp_path / "head").read_text().split()
    with closing(store.connect_reader(tmp_path / "ledger.db")) as db:
        assert ledger.head(db) == (int(number), bytes.fromhex(hash_))


def test_a_full_disk_is_later_then_heals_and_loses_nothing(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        bench.writer.start()
        bench.press(1)
        await bench.until(lambda: len(bench.receipts()) == 1)
        bench.limit(0)
        number = 1
        while bench.receipts()[-1]["answer"] == "stored":  # what free pages still hold
            number += 1
            bench.press(number)
            await bench.until(lambda n=number: len(bench.receipts()) >= n)  # type: ignore[misc]
        assert bench.receipts()[-1]["answer"] == "later"
        assert bench.receipts()[-1]["number"] == number
        bench.writer.put(CommandRan("none", 0, ""))
        bench.writer.put(
            RegistryChanged("hub", {}, {"boards": {"board-a1": {"note": "x" * 9000}}})
        )
        await asyncio.sleep(1.5)  # a probe has failed meanwhile
        states = [each.error for each in bench.effects if isinstance(each, DiskState)]
        assert states and None not in states
        before = time.process_time()
        await asyncio.sleep(0.5)
        assert time.process_time() - before < 0.3  # it waits, it does not spin
        bench.limit(10_000)
        await bench.until(lambda: DiskState(None) in bench.effects)
        bench.press(number)
        await bench.until(lambda: bench.receipts()[-1]["answer"] == "stored")
        kinds = [r["kind"] for r in bench.reader.execute("SELECT kind FROM ledger")]
        assert kinds.count("registry") == 1  # said once, kept until now
        assert kinds.count("reported") == number

    bench = on_bench(test)
    assert [each.error for each in bench.effects if isinstance(each, DiskState)][-1] is None
    with closing(store.connect_reader(bench.path)) as db:
        assert list(ledger.verify(db)) == []


def test_a_full_disk_at_the_start_does_not_cost_the_start(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        bench.limit(4)
        bench.fill()
        bench.writer.start()
        await bench.until(lambda: bench.hub.memory.started or bench.writer.broken)
        bench.limit(10_000)
        await bench.until(lambda: bench.hub.memory.started)

    bench = on_bench(test)
    assert bench.hub.memory.boot_row > 0


def test_heartbeats_are_answered_while_the_disk_is_full(on_bench: OnBench) -> None:
    """A pass that must write and cannot takes no answer down with it."""

    async def test(bench: Bench) -> None:
        bench.writer.start()
        beat = {"boot": BOOT, "waiting_from": 1, "settings": 0, "refused": 0, "dropped": 0}
        bench.writer.put(message("heartbeat", beat))
        await bench.until(lambda: to_boards(bench.effects, "state"))
        bench.writer.broken = True
        bench.writer.probed = time.monotonic() + 3600
        bench.hub.rooms = bench.hub.rooms._replace(passes=(_full,))
        bench.effects.clear()
        bench.writer.put(message("heartbeat", beat))
        await bench.until(lambda: to_boards(bench.effects, "state"))

    on_bench(test)


def _full(_hub: core.Hub, _now: Now) -> Any:
    raise sqlite3.OperationalError("database or disk is full")


def test_a_writer_that_dies_says_so(on_bench: OnBench) -> None:
    async def test(bench: Bench) -> None:
        def broken(*_: object) -> list[Event]:
            raise MemoryError("none left")

        bench.writer._commit = broken  # type: ignore[method-assign,assignment]
        bench.writer.start()
        await bench.until(lambda: bench.failed)

    bench = on_bench(test)
    assert isinstance(bench.failed[0], MemoryError)


def test_it_ticks_by_itself(on_bench: OnBench) -> None:
    ticks: list[Now] = []

    async def test(bench: Bench) -> None:
        def count(_hub: core.Hub, now: Now) -> Any:
            ticks.append(now)
            return iter(())

        bench.hub.rooms = bench.hub.rooms._replace(passes=(count,))
        bench.writer.put(Echo())
        bench.writer.start()
        await asyncio.sleep(1.2)

    on_bench(test)
    assert 3 <= len(ticks) <= 6
