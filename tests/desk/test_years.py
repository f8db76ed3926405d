"""A hub of many years answers as on its first day: no page and no pass reads the past for it."""

import json
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.desk.access import ROUTES
from hub.events import Arrived, DeskHere, Ticked
from tests.conftest import Tell
from tests.desk.client import Client
from tests.desk.fixture import Live, Served
from tests.desk.years import BOARDS, Past

FIRST_DAY, YEARS = 24, 100_000 // BOARDS + 1  # hours; each board presses once in each
ROUNDS = 15
SLOWER_MOST = 2.0
ON_DISK = "/var/tmp"  # not in memory, unlike /tmp

# their pages, the incident's id where it belongs
PAGES = {
    "zhangwei": (
        "/",
        "/login?over",
        "/wall",
        "/leader",
        "/duty",
        "/duty?live",
        "/who",
        "/pane?incident={}",
    ),
    "shekou": ("/", "/wall", "/duty", "/who"),
    "admin": (
        "/admin",
        "/setup",
        "/setup/sample.csv",
        "/admin/sites",
        "/admin/boards",
        "/admin/settings",
        "/admin/users",
        "/admin/people",
        "/admin/changes",
    ),
    "shenjie": ("/ledger",),
}
# no pages: a stream, files, what is whole by its nature, the city's own (it reads by sequence)
OTHERS = {"/events", "/static/{name}", "/ledger/export", "/api/city/events"}
# what grows with the registry, or with what is open, and never with the years
BOUNDED = {
    "about",
    "alerts",
    "away",
    "board_keys",
    "commands",
    "conditions",
    "cursors",
    "equipment",
    "out_of_service",
    "proven",
    "warnings",
}
# read from their newest end, until enough is found
NEWEST_FIRST = ("troubles", "windows")


@contextmanager
def lived(path: Path, hours: int) -> Iterator[Served]:
    """A house with so many hours behind it and seven calls now."""
    path.mkdir()
    served = Served(path)
    try:
        served.live.db.execute("PRAGMA synchronous = OFF")
        Past(served.live, hours, served.live.now().wall)
        for board in served.live.registry.boards()[:7]:
            served.call(served.live.report, board)
        yield served
    finally:
        served.close()


def clients(served: Served) -> dict[str, Client]:
    found = {user: Client(served) for user in PAGES}
    for user, client in found.items():
        assert client.login(user).status == 303
    return found


def closed_one(live: Live) -> str:
    (id_,) = live.db.execute(
        "SELECT id FROM incidents WHERE state = 'closed' ORDER BY opened_row DESC"
    ).fetchone()
    return str(id_)


def scanned(db: sqlite3.Connection, statement: str) -> Iterator[str]:
    """The growing tables of which this statement reads every row."""
    partial = {
        row["name"]
        for row in db.execute(
            "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE INDEX% WHERE %'"
        )
    }
    named = re.findall(r"(?:FROM|JOIN) (\w+) (\w+)", statement)
    tables = {alias: table for table, alias in named}
    for row in db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall():
        found = re.match(r"SCAN (\w+)(?: .*INDEX (\w+))?", row["detail"])
        if found and found[2] not in partial:
            yield str(tables.get(found[1], found[1]))


def test_every_page_is_looked_at() -> None:
    seen = {path.partition("?")[0] for paths in PAGES.values() for path in paths}
    assert seen | OTHERS == {path for method, path in ROUTES if method == "GET"}


def test_no_page_and_no_pass_reads_the_past(tmp_path: Path) -> None:
    statements: set[str] = set()
    with lived(tmp_path / "house", FIRST_DAY) as served:
        live, incident = served.live, closed_one(served.live)
        people = clients(served)
        live.house.reader.set_trace_callback(statements.add)
        live.db.set_trace_callback(statements.add)
        for user, paths in PAGES.items():
            for path in paths:
                assert people[user].get(path.format(incident)).status == 200
        served.call(live.do, Ticked())
        press = {"boot": "e" * 16, "number": 1, "kind": "alarm", "age_ms": 0, "reboots": 0}
        served.call(live.do, Arrived("board-08", "report", json.dumps(press).encode()))
        live.house.reader.set_trace_callback(None)
        live.db.set_trace_callback(None)
        read = {
            (table, " ".join(each.split()))
            for each in statements
            if each.lstrip().startswith(("SELECT", "UPDATE", "DELETE"))
            for table in scanned(live.db, each)
            if table not in BOUNDED
        }
    newest = re.compile(r"ORDER BY (row|id) DESC LIMIT \d+$")
    wrong = {(t, each) for t, each in read if t not in NEWEST_FIRST or not newest.search(each)}
    assert wrong == set()
    assert len(statements) > 100


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_hundred_thousand_incidents_slow_no_page(tell: Tell) -> None:
    with tempfile.TemporaryDirectory(dir=ON_DISK) as folder:
        begun = time.monotonic()
        young, old = (Path(folder) / name for name in ("young", "old"))
        with lived(young, FIRST_DAY) as first, lived(old, YEARS) as later:
            (count,) = later.live.db.execute("SELECT count(*) FROM incidents").fetchone()
            assert count >= 100_000
            tell(f"{count} incidents were made in {time.monotonic() - begun:.0f} s")
            slower = slowness(first, later, tell)
        opened(Path(folder), tell)
    assert {path: ratio for path, ratio in slower.items() if ratio > SLOWER_MOST} == {}


def slowness(young: Served, old: Served, tell: Tell) -> dict[str, float]:
    """-> page -> how many times as long the old house takes for it."""
    houses = [(served, clients(served), closed_one(served.live)) for served in (young, old)]
    slower = {}
    for user, paths in PAGES.items():
        for path in paths:
            took: list[list[float]] = [[], []]
            for _ in range(ROUNDS):  # in turn: what else the machine does slows both
                for place, (served, people, incident) in enumerate(houses):
                    change(served)
                    begun = time.perf_counter()
                    assert people[user].get(path.format(incident)).status == 200
                    took[place].append(time.perf_counter() - begun)
            first, later = (statistics.median(each) * 1000 for each in took)
            slower[f"{user} {path}"] = later / first
            tell(f"{path} of {user}: {first:.1f} ms, then {later:.1f} ms: {later / first:.2f}")
    return slower


def change(served: Served) -> None:
    """Something that every page draws anew for."""
    desk = f"{time.monotonic_ns():016x}"
    served.call(served.live.do, DeskHere(desk, "张伟", "officer", False))


def opened(folder: Path, tell: Tell) -> None:
    """How long a hub takes to open either ledger, and its memory then: told, not asserted."""
    program = """
import resource, sys, time
from pathlib import Path
from hub.folder import Folder
from hub.registry import Registry
from hub.store import open_ledger
from hub.writer import read_clocks
folder = Folder(Path(sys.argv[1]))
begun = time.monotonic()
open_ledger(folder, Registry(folder.registry), folder.settings(), read_clocks())
took = time.monotonic() - begun
print(f"{took * 1000:.0f} ms, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
"""
    for house in ("young", "old"):
        command = [sys.executable, "-c", program, str(folder / house)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        tell(f"the {house} ledger is opened in {done.stdout.strip()}")
