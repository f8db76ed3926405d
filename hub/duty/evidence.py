"""What is known of a board beyond whether it is there: its keys, its mains, battery and case, and
when it was last proven (验证): a test, a drill or a real press that was stored."""

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.core import Hub, Registry
from hub.duty import service
from hub.duty.day import DAY_MS
from hub.events import Effect, EquipmentChanged, Now
from hub.ledger import Row
from hub.presence import may_tell

# a status code -> what it speaks of, and whether that is now wrong
CONDITIONS = {
    "mains_lost": ("mains", True),
    "mains_back": ("mains", False),
    "tamper": ("tamper", True),
    "tamper_ended": ("tamper", False),
    "battery_low": ("battery", True),
    "battery_ok": ("battery", False),
}
PROVES = ("alarm", "test")  # no list may tell of a duress


def introduced(hub: Hub, board: str, hello: dict[str, Any], now: Now) -> Iterator[Effect]:
    """A board's own word on which keys it has; a change of it is a fact."""
    row = hub.db.execute("SELECT keys FROM board_keys WHERE board = ?", (board,)).fetchone()
    if row is None or (row["keys"] != hello["keys"] and may_tell(hub, f"keys {board}", now)):
        body = {"board": board, "keys": hello["keys"]}
        yield from hub.record(now, "board_keys", board, body)


def project_keys(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """board_keys: {board, keys: names with a space between}."""
    db.execute(
        "INSERT OR REPLACE INTO board_keys VALUES (?,?)", (row.body["board"], row.body["keys"])
    )
    yield EquipmentChanged(row.number)


def reported(db: sqlite3.Connection, row: Row) -> None:
    """Of every `reported` row: what it says of its board. Offered again, a press proves nothing
    new; a condition is a state, and counts."""
    body, report = row.body, row.body["report"]
    if report["kind"] == "status" and report.get("code") in CONDITIONS:
        _condition(db, row)
    elif report["kind"] in PROVES and "was" not in report and not body["quiet"]:
        how = "test" if report["kind"] == "test" else "drill" if body.get("drill") else "press"
        db.execute("INSERT OR REPLACE INTO proven VALUES (?,?,?)", (body["board"], row.wall, how))


def _condition(db: sqlite3.Connection, row: Row) -> None:
    """Of one start the higher number is the newer, however they came."""
    report, board = row.body["report"], row.body["board"]
    what, wrong = CONDITIONS[report["code"]]
    last = db.execute(
        "SELECT * FROM conditions WHERE board = ? AND what = ?", (board, what)
    ).fetchone()
    if last and last["boot"] == report["boot"] and last["number"] > report["number"]:
        return
    since = last["since_wall"] if last and last["wrong"] == wrong else row.body["pressed_to"]
    db.execute(
        "INSERT OR REPLACE INTO conditions VALUES (?,?,?,?,?,?)",
        (board, what, wrong, since, report["boot"], report["number"]),
    )


# --- what pages read ----------------------------------------------------------------------


class Condition(NamedTuple):
    """Something wrong with a board now. `what`: mains tamper battery; `since`: ms UTC."""

    board: str
    what: str
    since: int


def conditions(reader: sqlite3.Connection) -> list[Condition]:
    """All that is wrong now, the longest first."""
    rows = reader.execute("SELECT * FROM conditions WHERE wrong ORDER BY since_wall, board, what")
    return [Condition(row["board"], row["what"], row["since_wall"]) for row in rows]


def with_key(reader: sqlite3.Connection, key: str) -> set[str]:
    """The boards that said they have it."""
    rows = reader.execute("SELECT board, keys FROM board_keys").fetchall()
    return {row["board"] for row in rows if key in row["keys"].split()}


def before(reader: sqlite3.Connection, incident: str) -> tuple[int, str] | None:
    """When the incident's board was last proven before it, ms UTC, and how: by test, drill or
    press. None: never."""
    found = reader.execute(
        "SELECT l.wall, r.kind, json_extract(l.body, '$.drill') AS drill"
        " FROM incidents i JOIN reports r ON r.board = i.board JOIN ledger l ON l.number = r.row"
        " WHERE i.id = ? AND r.kind IN ('alarm', 'test') AND r.row < i.opened_row"
        " AND NOT json_extract(l.body, '$.quiet')"
        " AND json_extract(l.body, '$.report.was') IS NULL ORDER BY r.row DESC LIMIT 1",
        (incident,),
    ).fetchone()
    if found is None:
        return None
    how = "test" if found["kind"] == "test" else "drill" if found["drill"] else "press"
    return found["wall"], how


class Proof(NamedTuple):
    """When a board was last proven: `last` ms UTC or None, `how`: test drill press, or empty.
    `days`: since then; `period`: days that its site allows; `out`: its repair, while it is on."""

    board: str
    facts: dict[str, Any]
    last: int | None
    how: str
    days: int
    period: int
    out: service.Out | None

    @property
    def overdue(self) -> bool:
        """Never proven, or too long ago; what is out of service is not asked."""
        return self.out is None and (self.last is None or self.days >= self.period)


def proofs(
    reader: sqlite3.Connection, registry: Registry, wall: int, period_days: int
) -> list[Proof]:
    """Every enrolled board: overdue ones first, never proven before the longest ago."""
    last = {row["board"]: row for row in reader.execute("SELECT * FROM proven")}
    away = service.boards_out(reader, registry)
    found = []
    for board in registry.boards():
        facts, row = registry.board(board) or {}, last.get(board)
        found.append(
            Proof(
                board,
                facts,
                row["wall"] if row else None,
                row["how"] if row else "",
                max(0, wall - row["wall"]) // DAY_MS if row else 0,
                facts.get("test_period_days") or period_days,
                away.get(board),
            )
        )
    return sorted(found, key=lambda each: (not each.overdue, each.last or 0, each.board))
