"""Roll calls at fixed times of the day (定时点名): the hub opens each as a person would, and says
which it could not open in time."""

import sqlite3
from collections.abc import Iterator

from hub.core import Hub
from hub.duty import asks, service, sites
from hub.duty.day import DAY_MS, clock, time_of_day
from hub.events import DutyChanged, Effect, Now
from hub.ledger import Row

MINUTES = 10  # for answers, as the form of a person's roll call proposes
LATE_MS = 10 * sites.MINUTE_MS  # later than this it is not opened any more: people decide


def watch(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: each time once, of every site that is not out of service as a whole."""
    at = hub.settings.duty.roll_calls
    passed = [
        each
        for each in _times(now.wall - DAY_MS, at) + _times(now.wall, at)
        if hub.memory.roll_calls < each <= now.wall
    ]
    if not passed:
        return
    settled = _settled(hub.db)
    owed = [each for each in passed if each > settled]
    where = _in_service(hub)
    if not owed or not where:
        hub.memory.roll_calls = passed[-1]
        return
    late = [each for each in owed if each <= now.wall - LATE_MS]
    if late:
        yield from hub.record(now, "roll_call_missed", "hub", {"times": late})
    if owed[-1] not in late:
        body = asks.opening(hub.registry, "roll_call", "", MINUTES, where, now)
        yield from hub.record(now, "ask_opened", "hub", body)


def _in_service(hub: Hub) -> list[str]:
    """The sites with a board that is not out of service."""
    out = service.boards_out(hub.db, hub.registry)
    facts = (hub.registry.board(each) or {} for each in hub.registry.boards() if each not in out)
    return sites.chosen(hub.registry, list(dict.fromkeys(each["site"] for each in facts)))


def _settled(db: sqlite3.Connection) -> int:
    """Wall ms up to which each time was called, or its miss said."""
    called = db.execute(
        "SELECT max(opened_wall) FROM asks WHERE kind = 'roll_call' AND opened_by = 'hub'"
    ).fetchone()
    missed = db.execute(
        "SELECT max(wall) FROM troubles WHERE kind = 'roll_call_missed'"
    ).fetchone()
    return max(called[0] or 0, missed[0] or 0)


def missed(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """roll_call_missed: {times: wall ms}. The hub was not running then, or its disk was full."""
    at = " ".join(clock(each) for each in row.body["times"])
    db.execute(
        "INSERT INTO troubles VALUES (?,?,'roll_call_missed','',?)", (row.number, row.wall, at)
    )
    yield DutyChanged(row.number, ())


def coming(wall: int, at: str) -> int | None:
    """The next time after `wall`, today or tomorrow, in ms UTC; None where there is none. `at`:
    times `HH:MM` with a space between."""
    today = _times(wall, at)
    return next((each for each in today if each > wall), today[0] + DAY_MS) if today else None


def _times(wall: int, at: str) -> list[int]:
    """Of the day of `wall`, the earliest first."""
    return sorted(time_of_day(wall, each) for each in at.split())
