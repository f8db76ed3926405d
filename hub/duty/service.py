"""Out of service (检修至…): a board or a whole site, until a date, never without an end.

Its losses and its overdue tests are not shown as such; a press from it rings as ever.
"""

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from hub.city.feed import LOCAL
from hub.core import Hub, Registry
from hub.decision import Decision, Verb, record, refuse, remember
from hub.duty import sites
from hub.events import Action, DutyChanged, Effect, Now
from hub.ledger import Row
from protocol.catalogue import is_text

DAYS_MOST = 92
REASON_MOST = 80


# --- what people do -----------------------------------------------------------------------


def _out(hub: Hub, action: Action, _incident: Any, now: Now) -> Decision:
    """data: board or site, until: the last day as `YYYY-MM-DD` (+08:00), reason."""
    scope, id_ = _what(hub, action)
    until = _end_of(action.data.get("until"))
    reason = action.data.get("reason")
    if not scope:
        return refuse("no_sites")
    if until is None or not now.wall < until <= now.wall + DAYS_MOST * 86_400_000:
        return refuse("bad_until", most=str(DAYS_MOST))
    if not is_text(reason, REASON_MOST) or not str(reason).strip():
        return refuse("no_reason", most=str(REASON_MOST))
    return record("out_of_service", scope=scope, id=id_, until=until, reason=str(reason).strip())


def _in(hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: board or site, as it was put out of service."""
    for scope in ("board", "site"):
        found = hub.db.execute(
            "SELECT 1 FROM out_of_service WHERE scope = ? AND id = ?",
            (scope, str(action.data.get(scope))),
        ).fetchone()
        if found:
            return record("in_service", scope=scope, id=action.data[scope], why="person")
    return refuse("gone")


VERBS = {
    "out_of_service": Verb("nothing", _out),
    "in_service": Verb("nothing", _in),
}


def _what(hub: Hub, action: Action) -> tuple[str, str]:
    board, site = action.data.get("board"), action.data.get("site")
    if isinstance(board, str) and board in hub.registry.boards():
        return "board", board
    if isinstance(site, str) and site in sites.facts(hub.registry):
        return "site", site
    return "", ""


def _end_of(day: Any) -> int | None:
    """The end of a day +08:00 in ms UTC, or None."""
    try:
        last = date.fromisoformat(day)
    except (TypeError, ValueError):
        return None
    if last.year > 9000:
        return None
    midnight = datetime.combine(last + timedelta(days=1), time(), LOCAL)
    return int(midnight.timestamp()) * 1000


# --- what becomes of it -------------------------------------------------------------------


def project(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """out_of_service (检修): {action, desk, scope: board | site, id, until: wall ms, reason};
    in_service: {scope, id, why: time}, or by a person {action, desk, ...}."""
    body = row.body
    remember(db, row)
    if row.kind == "out_of_service":
        db.execute(
            "INSERT OR REPLACE INTO out_of_service VALUES (?,?,?,?,?,?)",
            (body["scope"], body["id"], body["until"], body["reason"], row.actor, row.wall),
        )
    else:
        db.execute(
            "DELETE FROM out_of_service WHERE scope = ? AND id = ?", (body["scope"], body["id"])
        )
    yield DutyChanged(row.number)


def watch(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: it ends by itself, with its last day."""
    for row in hub.db.execute(
        "SELECT scope, id FROM out_of_service WHERE until_wall <= ?", (now.wall,)
    ).fetchall():
        body = {"scope": row["scope"], "id": row["id"], "why": "time"}
        yield from hub.record(now, "in_service", "hub", body)


# --- what pages read ----------------------------------------------------------------------


class Out(NamedTuple):
    """One board or site out of service; times in ms UTC, `until` is the end of its last day."""

    scope: str
    id: str
    until: int
    reason: str
    by: str
    since: int


def out(reader: sqlite3.Connection) -> list[Out]:
    """All that is out of service, the soonest to end first."""
    rows = reader.execute("SELECT * FROM out_of_service ORDER BY until_wall, scope, id")
    return [
        Out(
            row["scope"], row["id"], row["until_wall"], row["reason"], row["by"], row["since_wall"]
        )
        for row in rows
    ]


def boards_out(reader: sqlite3.Connection, registry: Registry) -> dict[str, Out]:
    """Every board that is out of service, by itself or with its site."""
    every = {(each.scope, each.id): each for each in out(reader)}
    if not every:
        return {}
    found = {}
    for board in registry.boards():
        site = str((registry.board(board) or {}).get("site"))
        each = every.get(("board", board)) or every.get(("site", site))
        if each:
            found[board] = each
    return found
