"""Drill windows (演练): registered beforehand, for named sites, ended by themselves.

A press is a drill only when its whole possible interval lies inside a window of its site; a
hold, a third press within ten seconds, duress, and whatever is in doubt is real. A window opened
before the machine was started anew ends: no clock can vouch for it.
"""

import json
import sqlite3
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from hub.core import Hub
from hub.decision import Decision, Verb, record, refuse, remember
from hub.duty import sites
from hub.events import Action, DutyChanged, Effect, Now
from hub.ledger import Row
from protocol.catalogue import is_text

MINUTES_MOST = 60
PURPOSE_MOST = 80
DOUBT_MS = 1000  # of an age: a board's clock is sure to a thousandth

OPEN = """
SELECT w.* FROM windows w JOIN window_sites s ON s.window = w.id
WHERE s.site = ? AND w.id >= ? AND (w.ended_row IS NULL OR ?) ORDER BY w.id DESC LIMIT 20
"""

PRESSED = """
SELECT l.number, l.wall, l.body, r.incident FROM reports r JOIN ledger l ON l.number = r.row
WHERE r.board = ? AND r.kind IN ('alarm', 'test') ORDER BY r.row DESC LIMIT ?
"""


# --- what the hub decides of a press ------------------------------------------------------


def covering(hub: Hub, board: str, body: dict[str, Any], now: Now) -> int | None:
    """The window that a press was surely made in, or None: it is real.

    `body`: of the `reported` row to be; its `report` an alarm, at no time offered before.
    """
    report = body["report"]
    if report["kind"] != "alarm" or "was" in report or "about" in report:
        return None  # it speaks of a test that was held: real
    if report["reboots"]:
        return None  # only the wall clock knows of an earlier start, and it can be set
    oldest, newest = now.wall - body["pressed_from"], now.wall - body["pressed_to"]
    doubt = newest // DOUBT_MS
    for window in hub.db.execute(OPEN, (body["site"], hub.memory.boot_row, True)).fetchall():
        opened_ago = hub.elapsed(now, window["id"])
        ended_ago = max(0, opened_ago - window["minutes"] * sites.MINUTE_MS)
        if window["ended_row"]:
            ended_ago = max(ended_ago, hub.elapsed(now, window["ended_row"]))
        if oldest + doubt <= opened_ago and newest - doubt >= ended_ago:
            return None if _hammered(hub, board, oldest, newest, now) else int(window["id"])
    return None


def overtaken(hub: Hub, board: str, body: dict[str, Any], now: Now) -> str | None:
    """The open drill that is none: its presses came before a test that was made with them, and
    together they are three within the time that makes them real. `body`: as of `covering`, of a
    test."""
    drill = hub.db.execute(
        "SELECT id FROM incidents WHERE board = ? AND state <> 'closed' AND kind = 'drill'",
        (board,),
    ).fetchone()
    oldest, newest = now.wall - body["pressed_from"], now.wall - body["pressed_to"]
    found = drill and _hammered(hub, board, oldest, newest, now, drill["id"])
    return str(drill["id"]) if found else None


def real(hub: Hub, drill: str, now: Now) -> Iterator[Effect]:
    """What a person does with `make_real`, by the hub."""
    (simulated,) = hub.db.execute(
        "SELECT simulated FROM incidents WHERE id = ?", (drill,)
    ).fetchone()
    exercise = bool(simulated) and hub.registry.holds_real_board()
    yield from hub.record(now, "made_real", "hub", {"incident": drill, "exercise": exercise})


def _hammered(
    hub: Hub, board: str, oldest: int, newest: int, now: Now, drill: str | None = None
) -> bool:
    """Whether this may be the third press within the time that makes it real (board.md rule 1),
    a test's among them; they need not arrive in the order in which they were made. `drill`: one
    of the three is that drill's.

    Ages in ms, as intervals: three fit into the time when they do at their closest.
    """
    before = []
    for row in hub.db.execute(PRESSED, (board, hub.settings.intake.burst)).fetchall():
        body, since = json.loads(row["body"]), hub.elapsed(now, row["number"])
        wall = since + row["wall"]
        before.append((wall - body["pressed_to"], wall - body["pressed_from"], row["incident"]))
    within = hub.settings.board.third_press_ms + newest // DOUBT_MS
    return any(
        max(newest, one[0], other[0]) - min(oldest, one[1], other[1]) <= within
        and drill in (None, one[2], other[2])
        for one, other in combinations(before, 2)
    )


def left_ms(hub: Hub, site: str, now: Now) -> int:
    """What is left of the longest window open for a site."""
    windows = hub.db.execute(OPEN, (site, hub.memory.boot_row, False)).fetchall()
    left = (w["minutes"] * sites.MINUTE_MS - hub.elapsed(now, w["id"]) for w in windows)
    return max(0, max(left, default=0))


# --- what people do -----------------------------------------------------------------------


def _open(hub: Hub, action: Action, _incident: Any, now: Now) -> Decision:
    """data: sites (`"all"` or ids), purpose, minutes 1..60."""
    purpose = action.data.get("purpose")
    minutes = sites.minutes(action.data.get("minutes"), MINUTES_MOST)
    where = sites.chosen(hub.registry, action.data.get("sites"))
    if not where:
        return refuse("no_sites")
    if not is_text(purpose, PURPOSE_MOST) or not str(purpose).strip():
        return refuse("no_purpose", most=str(PURPOSE_MOST))
    if minutes is None:
        return refuse("bad_minutes", most=str(MINUTES_MOST))
    return record(
        "window_opened",
        sites=where,
        purpose=str(purpose).strip(),
        minutes=minutes,
        until=now.wall + minutes * sites.MINUTE_MS,
    )


def _end(hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: window, as `window_opened` is numbered."""
    window = action.data.get("window")
    found = (
        type(window) is int
        and hub.db.execute(
            "SELECT 1 FROM windows WHERE id = ? AND ended_row IS NULL", (window,)
        ).fetchone()
    )
    return record("window_ended", window=window, why="person") if found else refuse("gone")


def _confirm(_hub: Hub, _action: Action, incident: Any, _now: Now) -> Decision:
    """One by one: a drill's press is answered by a person like any other."""
    if incident["kind"] != "drill":
        return refuse("not_drill")
    return record("closed", outcome="drill")


def _make_real(hub: Hub, _action: Action, incident: Any, _now: Now) -> Decision:
    """A person says that it is none: it rings anew, and the city hears of it as new."""
    if incident["kind"] != "drill":
        return refuse("not_drill")
    simulated = bool(incident["simulated"])
    return record("made_real", exercise=simulated and hub.registry.holds_real_board())


VERBS = {
    "open_drill": Verb("nothing", _open),
    "end_drill": Verb("nothing", _end),
    "confirm_drill": Verb("open", _confirm),
    "make_real": Verb("open", _make_real),
}


# --- what becomes of it -------------------------------------------------------------------


def opened(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """window_opened (登记演练): {action, desk, sites, purpose, minutes, until: wall ms}."""
    body = row.body
    remember(db, row)
    db.execute(
        "INSERT INTO windows VALUES (?,?,?,?,?,?,NULL,NULL,NULL)",
        (row.number, body["purpose"], body["minutes"], row.actor, row.wall, body["until"]),
    )
    db.executemany(
        "INSERT INTO window_sites VALUES (?,?)", [(site, row.number) for site in body["sites"]]
    )
    yield DutyChanged(row.number, tuple(body["sites"]))


def ended(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """window_ended: {window, why: time | restarted}, or by a person {action, desk, ...}."""
    remember(db, row)
    window = row.body["window"]
    db.execute(
        "UPDATE windows SET ended_row = ?, ended_wall = ?, ended_by = ? WHERE id = ?",
        (row.number, row.wall, row.actor, window),
    )
    yield DutyChanged(row.number, tuple(sites_of(db, window)))


def watch(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: a window ends with its time, or when the machine was started anew."""
    for window in hub.db.execute("SELECT * FROM windows WHERE ended_row IS NULL").fetchall():
        restarted = window["id"] < hub.memory.boot_row
        if restarted or hub.elapsed(now, window["id"]) >= window["minutes"] * sites.MINUTE_MS:
            body = {"window": window["id"], "why": "restarted" if restarted else "time"}
            yield from hub.record(now, "window_ended", "hub", body)


# --- what pages read ----------------------------------------------------------------------


class Window(NamedTuple):
    """One drill window; times in ms UTC. `open_presses`: drill presses not yet confirmed."""

    id: int
    purpose: str
    by: str
    opened: int
    until: int
    ended: int | None
    sites: list[str]
    presses: int
    open_presses: int


def sites_of(db: sqlite3.Connection, window: int) -> list[str]:
    """The sites it was registered for."""
    rows = db.execute("SELECT site FROM window_sites WHERE window = ? ORDER BY site", (window,))
    return [row["site"] for row in rows]


def windows(reader: sqlite3.Connection, limit: int = 10) -> list[Window]:
    """Open ones first, then the newest ended."""
    found: list[sqlite3.Row] = []
    for state in ("IS NULL", "IS NOT NULL"):
        found += reader.execute(
            f"SELECT * FROM windows WHERE ended_row {state} ORDER BY id DESC LIMIT ?",
            (limit - len(found),),
        )
    return [_window(reader, row) for row in found]


def open_windows(reader: sqlite3.Connection) -> list[Window]:
    """What makes the desk say 演练中."""
    rows = reader.execute("SELECT * FROM windows WHERE ended_row IS NULL ORDER BY id").fetchall()
    return [_window(reader, row) for row in rows]


def _window(reader: sqlite3.Connection, row: sqlite3.Row) -> Window:
    presses, still = reader.execute(
        "SELECT count(*), total(state <> 'closed') FROM incidents WHERE drill = ?", (row["id"],)
    ).fetchone()
    return Window(
        row["id"],
        row["purpose"],
        row["opened_by"],
        row["opened_wall"],
        row["until_wall"],
        row["ended_wall"],
        sites_of(reader, row["id"]),
        presses,
        int(still),
    )
