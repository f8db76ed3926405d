"""What the pages show, read from the projections: facts only, no words and no markup."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from hub.duty.day import day_of
from hub.events import Now
from hub.presence import CLOCK_STEP_MS

SEVERITY = {"duress": 0, "alarm": 1, "abnormal": 2, "drill": 3, "test": 4}
LISTED = 300  # open incidents on one page; the count says how many there are
CLOSED_LISTED = 6
CLOSED_S = 12 * 3600
ENTRIES = 200
PHONE = re.compile(r"\+?\d[\d -]{1,20}\d")


@contextmanager
def snapshot(reader: sqlite3.Connection) -> Iterator[int]:
    """One consistent state for several queries. -> the last ledger number in it."""
    reader.execute("BEGIN")
    try:
        (number,) = reader.execute("SELECT coalesce(max(number), 0) FROM ledger").fetchone()
        yield number
    finally:
        reader.execute("COMMIT")


class CityState(NamedTuple):
    """`state`: none waiting told overdue received; `wall`: since when; `ever`: it has given a
    receipt."""

    state: str
    wall: int
    ever: bool


class Incident(NamedTuple):
    """One row of a list. Times are ms UTC; hashable, so that its markup can be kept.

    `since`: start of the clocks; `pressed`: row of its last press; `touched`: last row that speaks
    of it, shown-receipts apart.
    """

    id: str
    kind: str
    state: str
    board: str
    site: str
    site_name: str
    place: str  # of the board on its site
    street: str
    contact: str
    phone: str
    restricted: bool  # 限制公开, as it was when it was pressed
    simulated: bool
    exercise: bool
    late: bool
    pressed_from: int
    pressed_to: int
    opened: int
    since: int
    pressed: int
    presses: int
    holds: int
    level: int  # 0 not graded, 1 to 4
    verification: str
    outcome: str | None
    withdraw: int | None
    escalated: bool
    reminded: int  # the reminder's row while it is unanswered, else 0
    due: bool  # the reminder is of a next time, not of silence
    silent_min: int  # since the last progress, while the reminder is unanswered
    taken_by: str | None
    taken_street: bool  # by the street's duty room (街道已派人)
    taken: int | None
    handed_over: int | None  # by relief (接班) to taken_by, who had not taken it
    working: bool  # taken, and something has come of it
    instructed: int  # the row of the leader's last word, or 0
    next: int | None
    today: str  # as it is now: what was on another day is told with its date
    handed_on: tuple[tuple[str, int, str], ...]
    sent: bool  # some of them since it was pressed last
    closed_by: str | None
    closed: int | None
    same_site: int
    city: CityState
    touched: int

    @property
    def rank(self) -> tuple[int, int, str]:
        """Untaken ones: by severity, then longest waiting."""
        return (SEVERITY[self.kind], self.since, self.id)


class Lists(NamedTuple):
    """`queue`: untaken in their order; `taken`: by next time or waiting; `closed`: lately.
    `untaken`: how many there are, tests apart."""

    queue: list[Incident]
    taken: list[Incident]
    closed: list[Incident]
    untaken: int


SELECT = """
SELECT i.*, p.kind AS progress_kind, p.wall AS progress_wall, s.steady AS since_steady,
    i.since_row >= (SELECT CAST(value AS INTEGER) FROM about WHERE key = 'boot_row') AS one_boot,
    (SELECT max(t.row) FROM timeline t WHERE t.incident = i.id) AS touched
FROM incidents i JOIN ledger s ON s.number = i.since_row
    LEFT JOIN ledger p ON p.number = i.progress_row
"""


def lists(
    reader: sqlite3.Connection, now: Now, receipt_ms: int, street: str | None = None
) -> Lists:
    """What the lists of every page show; of one street only, where it is named."""
    where = "(:street IS NULL OR i.street = :street)"
    opened = reader.execute(
        f"{SELECT} WHERE i.state IN ('untaken', 'taken') AND {where} ORDER BY i.state = 'taken',"
        " CASE i.kind WHEN 'duress' THEN 0 WHEN 'alarm' THEN 1"
        " WHEN 'abnormal' THEN 2 WHEN 'drill' THEN 3 ELSE 4 END, i.since_row LIMIT :most",
        {"street": street, "most": LISTED},
    ).fetchall()
    closed = reader.execute(
        f"{SELECT} WHERE i.state = 'closed' AND NOT i.restored AND i.closed_wall > :after"
        f" AND {where} ORDER BY i.closed_wall DESC, i.last_row DESC LIMIT :most",
        {"street": street, "most": CLOSED_LISTED, "after": now.wall - CLOSED_S * 1000},
    ).fetchall()
    at_site = Counter(row["site"] for row in opened)
    found = [_incident(reader, row, at_site, now, receipt_ms) for row in opened]
    (untaken,) = reader.execute(
        f"SELECT count(*) FROM incidents i WHERE state = 'untaken' AND kind <> 'test' AND {where}",
        {"street": street},
    ).fetchone()
    taken = [each for each in found if each.state == "taken"]
    taken.sort(key=lambda each: (each.next or each.since, each.id))
    done = [_incident(reader, row, at_site, now, receipt_ms) for row in closed]
    queue = sorted((each for each in found if each.state == "untaken"), key=lambda e: e.rank)
    return Lists(queue, taken, done, untaken)


def incident(reader: sqlite3.Connection, id_: str, now: Now, receipt_ms: int) -> Incident | None:
    """One incident, open or not."""
    row = reader.execute(f"{SELECT} WHERE i.id = ?", (id_,)).fetchone()
    if row is None:
        return None
    (open_there,) = reader.execute(
        "SELECT count(*) FROM incidents WHERE site = ? AND state IN ('untaken', 'taken')",
        (row["site"],),
    ).fetchone()
    return _incident(reader, row, Counter({row["site"]: open_there}), now, receipt_ms)


def _incident(
    reader: sqlite3.Connection,
    row: sqlite3.Row,
    at_site: Counter[str],
    now: Now,
    receipt_ms: int,
) -> Incident:
    numbers = PHONE.findall(row["contact"])
    silent = row["state"] == "taken" and (row["reminded_row"] or 0) > row["progress_row"]
    return Incident(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        board=row["board"],
        site=row["site"],
        site_name=row["site_name"],
        place=row["place"],
        street=row["street"],
        contact=row["contact"],
        phone=numbers[-1] if numbers else "",
        restricted=bool(row["restricted"]),
        simulated=bool(row["simulated"]),
        exercise=bool(row["exercise"]) and row["kind"] not in ("test", "drill"),
        late=bool(row["late"]),
        pressed_from=row["pressed_from"],
        pressed_to=row["pressed_to"],
        opened=row["opened_wall"],
        since=_since(row, now),
        pressed=row["pressed_row"],
        presses=row["presses"],
        holds=row["holds"],
        level=row["level"],
        verification=row["verification"],
        outcome=row["outcome"],
        withdraw=row["withdraw_wall"],
        escalated=row["escalated_row"] is not None and row["state"] == "untaken",
        reminded=row["reminded_row"] if silent else 0,
        due=row["progress_kind"] == "next_time_set",
        silent_min=max(1, (now.wall - row["progress_wall"]) // 60_000) if silent else 0,
        taken_by=row["taken_by"],
        taken_street=bool(row["taken_street"]),
        taken=row["taken_wall"],
        handed_over=row["handed_over_wall"],
        working=row["state"] == "taken" and row["progress_row"] > row["taken_row"],
        instructed=row["instructed_row"] or 0,
        next=row["next_wall"],
        today=day_of(now.wall),
        handed_on=tuple((s, w, by) for s, w, by in json.loads(row["handed_on"])),
        sent=row["sent_row"] is not None,
        closed_by=row["closed_by"],
        closed=row["closed_wall"],
        same_site=max(0, at_site[row["site"]] - (row["state"] != "closed")),
        city=city_state(reader, row["id"], now.wall, receipt_ms),
        touched=row["touched"] or row["last_row"],
    )


def _since(row: sqlite3.Row, now: Now) -> int:
    """When its clocks began, by today's clock: one that was set meanwhile neither makes a call
    younger, and the desk's sound softer, nor older."""
    if not row["one_boot"]:
        return int(row["since_wall"])
    set_ms = (now.wall - now.steady) - (row["since_wall"] - row["since_steady"])
    set_s = round(set_ms / 1000)  # whole ones: a clock that drifts does not draw all rows anew
    return int(row["since_wall"]) + (set_s * 1000 if abs(set_ms) > CLOCK_STEP_MS else 0)


def city_state(reader: sqlite3.Connection, id_: str, wall: int, receipt_ms: int) -> CityState:
    """What the city is known to have: an event carries the whole state, so the receipt of a
    later one covers those before it."""
    received = reader.execute(
        "SELECT max(rowid) AS place, max(receipt_wall) AS wall FROM feed"
        " WHERE incident = ? AND receipt_wall IS NOT NULL",
        (id_,),
    ).fetchone()
    waiting = reader.execute(
        "SELECT min(wall) AS wall, count(told_wall) AS told, count(*) AS count FROM feed"
        " WHERE incident = ? AND rowid > ?",
        (id_, received["place"] or 0),
    ).fetchone()
    if not waiting["count"]:
        return (
            CityState("received", received["wall"], True)
            if received["wall"]
            else CityState("none", 0, False)
        )
    ever = bool(received["wall"])
    if wall - waiting["wall"] >= receipt_ms:
        return CityState("overdue", waiting["wall"], ever)
    state = "told" if waiting["told"] == waiting["count"] else "waiting"
    return CityState(state, waiting["wall"], ever)


class Fact(NamedTuple):
    """One ledger row of an incident's timeline."""

    number: int
    wall: int
    kind: str
    actor: str
    body: dict[str, Any]


def timeline(reader: sqlite3.Connection, id_: str) -> tuple[int, list[Fact]]:
    """(how many older ones there are, the newest `ENTRIES`, newest last)."""
    rows = reader.execute(
        "SELECT l.number, l.wall, l.kind, l.actor, l.body FROM timeline t"
        " JOIN ledger l ON l.number = t.row WHERE t.incident = ? ORDER BY t.row DESC LIMIT ?",
        (id_, ENTRIES),
    ).fetchall()
    (count,) = reader.execute(
        "SELECT count(*) FROM timeline WHERE incident = ?", (id_,)
    ).fetchone()
    facts = [
        Fact(number, row_wall, kind, actor, json.loads(body or "{}"))
        for number, row_wall, kind, actor, body in reversed(rows)
    ]
    return count - len(facts), facts


def instructions(reader: sqlite3.Connection, incidents: list[Incident]) -> dict[str, Fact]:
    """incident -> the leader's last word (批示) on it."""
    found = {}
    for each in incidents:
        if not each.instructed:
            continue
        number, wall, kind, actor, body = reader.execute(
            "SELECT number, wall, kind, actor, body FROM ledger WHERE number = ?",
            (each.instructed,),
        ).fetchone()
        found[each.id] = Fact(number, wall, kind, actor, json.loads(body or "{}"))
    return found


def clock_behind_s(reader: sqlite3.Connection) -> int:
    """How far the wall clock was behind the last record when the hub started."""
    row = reader.execute("SELECT value FROM about WHERE key = 'clock_behind_ms'").fetchone()
    return int(row["value"]) // 1000 if row else 0
