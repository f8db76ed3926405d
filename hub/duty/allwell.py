"""The daily all-well report (平安报): who has sent it today, and who is missing at the deadline.

Due from each site with a board that has the key, out of service apart. Duress counts as one:
whoever was forced to send it must not be found missing (board.md).
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.core import Hub, Registry
from hub.duty import evidence, service
from hub.duty.day import day_of, time_of_day
from hub.events import DutyChanged, Effect, Now
from hub.ledger import Row

KEY = "allwell"
COUNTS = ("allwell", "duress")


def reported(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """Of every `reported` row: a report of the day it was pressed on."""
    body = row.body
    if body["report"]["kind"] not in COUNTS:
        return
    db.execute(
        "INSERT OR IGNORE INTO allwell VALUES (?,?,?,?)",
        (day_of(body["pressed_to"]), body["board"], body["site"], body["pressed_to"]),
    )
    yield DutyChanged(row.number)


def watch(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: at the deadline, once a day, who is missing is put on record."""
    at = hub.settings.duty.allwell_at
    if not at or now.wall < time_of_day(now.wall, at):
        return
    day = day_of(now.wall)
    if hub.db.execute("SELECT 1 FROM allwell_days WHERE day = ?", (day,)).fetchone():
        return
    (born,) = hub.db.execute("SELECT wall FROM ledger WHERE number = 1").fetchone()
    if born > time_of_day(now.wall, at):
        return  # nobody could have reported here in time
    daily = today(hub.db, hub.registry, now.wall, at)
    if daily.due:
        missing = [each.site for each in daily.missing]
        body = {"day": day, "due": len(daily.due), "missing": missing}
        yield from hub.record(now, "allwell_due", "hub", body)


def project_due(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """allwell_due: {day, due: how many sites, missing: sites}: one entry of the lane."""
    body = row.body
    db.execute(
        "INSERT OR IGNORE INTO allwell_days VALUES (?,?,?)",
        (body["day"], row.wall, json.dumps(body["missing"])),
    )
    if body["missing"]:
        db.execute(
            "INSERT INTO troubles VALUES (?,?,'allwell_missing','',?)",
            (row.number, row.wall, str(len(body["missing"]))),
        )
    yield DutyChanged(row.number)


# --- what pages read ----------------------------------------------------------------------


class Entry(NamedTuple):
    """One site's report of today: `at` ms UTC, or None; `late`: after the deadline."""

    site: str
    facts: dict[str, Any]
    at: int | None
    late: bool


class Daily(NamedTuple):
    """Today's reports. `deadline`: ms UTC, or None; `due`: those still to come first."""

    day: str
    deadline: int | None
    due: list[Entry]

    @property
    def missing(self) -> list[Entry]:
        return [each for each in self.due if each.at is None]


def today(reader: sqlite3.Connection, registry: Registry, wall: int, at: str) -> Daily:
    """Of the day of `wall`; `at`: the deadline `HH:MM`, or empty: there is none."""
    day, until = day_of(wall), time_of_day(wall, at) if at else None
    able = evidence.with_key(reader, KEY) - service.boards_out(reader, registry).keys()
    sent = {
        row["site"]: row["wall"]
        for row in reader.execute(
            "SELECT site, min(wall) AS wall FROM allwell WHERE day = ? GROUP BY site", (day,)
        )
    }
    due: dict[str, Entry] = {}
    for board in registry.boards() if able else ():
        if board in able:
            facts = registry.board(board) or {}
            site = str(facts.get("site", board))
            came = sent.get(site)
            late = came is not None and until is not None and came > until
            due.setdefault(site, Entry(site, facts, came, late))
    return Daily(day, until, sorted(due.values(), key=lambda each: (each.at or 0, each.site)))
