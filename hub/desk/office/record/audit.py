"""What an auditor asks of the ledger: which rows, who has seen an incident, is the chain whole.

Reads `ledger.db` by connections of its own, in threads: the desk waits for none of it.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hub import auditing, ledger, store
from hub.city.feed import LOCAL
from hub.desk.views import Fact
from hub.folder import Folder
from hub.intake import SELF_TEST
from hub.words import Sentence

SHOWN = 100  # rows of one page
SEEN_MOST = 400  # rows of an incident that are looked through
FINDINGS_SHOWN = 20
BREATH_ROWS = 500  # after so many rows a check lets the desk's thread run
BREATH_S = 0.001


class Asked(NamedTuple):
    """What the form asks for; empty: everything. `site`: part of its name, or a board's id, of
    incidents there; `without`: "tests", the hub's own self-test left out; `before`: only rows
    older than this number."""

    day: str = ""
    kind: str = ""
    actor: str = ""
    site: str = ""
    incident: str = ""
    without: str = ""
    before: int = 0

    def day_ms(self) -> tuple[int, int] | None:
        """That day +08:00 in ms UTC, begin and end; None: no day is asked for, or it is none."""
        try:
            begin = datetime.strptime(self.day, "%Y-%m-%d").replace(tzinfo=LOCAL)
            return int(begin.timestamp() * 1000), int((begin + timedelta(1)).timestamp() * 1000)
        except (ValueError, OverflowError):
            return None


class Entry(NamedTuple):
    """One row of the ledger. `fact`: None where its body was lawfully erased; `incident`: the one
    it speaks of, if any."""

    number: int
    wall: int
    kind: str
    actor: str
    fact: Fact | None
    hash: str
    incident: str


class Sight(NamedTuple):
    """When a person first had to do with an incident; `how`: `seen.<how>` of the texts."""

    wall: int
    row: int
    who: str
    how: str


class Found(NamedTuple):
    """A page of rows, newest first; `older`: there are more. `head`: the last row's number and
    hash; `exported`: those of the last export, and by whom, where there was one."""

    entries: list[Entry]
    older: bool
    seen: list[Sight]
    head: tuple[int, str]
    exported: tuple[int, str, str] | None


def find(folder: Folder, asked: Asked) -> Found:
    """Raises sqlite3.Error."""
    with closing(store.connect_reader(folder.ledger)) as db:
        db.execute("BEGIN")
        if asked.incident.isdecimal():  # the number at the end of its id
            row = db.execute(
                "SELECT id FROM incidents WHERE opened_row = ?", (int(asked.incident[:15]),)
            ).fetchone()
            asked = asked._replace(incident=row["id"] if row else asked.incident)
        entries = [_entry(db, row) for row in db.execute(*_question(asked)).fetchall()]
        number, hash_ = ledger.head(db)
        seen = list(_sights(db, asked.incident)) if asked.incident else []
        last = (number, hash_.hex())
        return Found(entries[:SHOWN], len(entries) > SHOWN, seen, last, _exported(db))


def _exported(db: sqlite3.Connection) -> tuple[int, str, str] | None:
    row = db.execute(
        "SELECT actor, body FROM ledger WHERE kind = 'audited' AND body IS NOT NULL"
        " AND json_extract(body, '$.what') = 'exported' ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    body = json.loads(row["body"])
    return int(body["number"]), str(body["hash"]), str(row["actor"])


def _question(asked: Asked) -> tuple[str, list[Any]]:
    wanted: list[tuple[str, list[Any]]] = []
    if asked.incident:
        wanted.append(
            ("number IN (SELECT row FROM timeline WHERE incident = ?)", [asked.incident])
        )
    if asked.site:
        of_site = (
            "(number IN (SELECT t.row FROM timeline t JOIN incidents i ON i.id = t.incident"
            " WHERE instr(i.site_name, ?) OR i.board = ?)"
            " OR json_extract(body, '$.board') = ? OR instr(json_extract(body, '$.site_name'), ?))"
        )
        wanted.append((of_site, [asked.site] * 4))
    if asked.without:
        wanted.append(("actor <> ?", [SELF_TEST]))
    if asked.before:
        wanted.append(("number < ?", [asked.before]))
    if day := asked.day_ms():
        wanted.append(("wall >= ? AND wall < ?", list(day)))
    if asked.kind:
        wanted.append(("kind = ?", [asked.kind]))
    if asked.actor:
        # people say a part of the name: a street, or the name without its post
        wanted.append(("instr(actor, ?)", [asked.actor]))
    where = " AND ".join(sql for sql, _ in wanted) or "1"
    values = [value for _, each in wanted for value in each]
    return f"SELECT * FROM ledger WHERE {where} ORDER BY number DESC LIMIT {SHOWN + 1}", values


def _entry(db: sqlite3.Connection, row: sqlite3.Row) -> Entry:
    number, wall, kind, actor = row["number"], row["wall"], row["kind"], row["actor"]
    fact, incident = None, ""
    if row["body"] is not None:
        fact = Fact(number, wall, kind, actor, json.loads(row["body"]))
        incident = _incident(db, fact)
    return Entry(number, wall, kind, actor, fact, row["hash"].hex(), incident)


def _incident(db: sqlite3.Connection, fact: Fact) -> str:
    """A report's body was written before it was known which one it would open or join."""
    if fact.kind != "reported":
        return str(fact.body.get("incident", ""))
    report = fact.body["report"]
    found = db.execute(
        "SELECT incident FROM reports WHERE board = ? AND boot = ? AND number = ?",
        (fact.body["board"], report["boot"], report["number"]),
    ).fetchone()
    return found["incident"] or "" if found else ""


def _sights(db: sqlite3.Connection, incident: str) -> Iterator[Sight]:
    """Who had it before the eyes, in the order of time; of each person and way only the first."""
    known = set()
    for row in db.execute(
        "SELECT l.* FROM timeline t JOIN ledger l ON l.number = t.row"
        " WHERE t.incident = ? AND l.body IS NOT NULL ORDER BY t.row LIMIT ?",
        (incident, SEEN_MOST),
    ):
        sight = _sight(row, json.loads(row["body"]))
        if sight and sight[:2] not in known:
            known.add(sight[:2])
            yield Sight(row["wall"], row["number"], *sight)


def _sight(row: sqlite3.Row, body: dict[str, Any]) -> tuple[str, str] | None:
    """-> (who, how), where the row says that a person has seen or heard of it."""
    if row["kind"] == "notice_receipt":
        return (body["name"], "told") if body["state"] in ("delivered", "answered") else None
    if row["kind"] == "city_received":
        return body["who"], "city"
    if row["kind"] == "reported":
        answered = body["report"]["kind"] == "answer"
        return (body["site_name"], "answered") if answered else None
    if row["kind"] == "shown":
        return row["actor"], "shown"
    if row["kind"] == "instructed":
        return row["actor"], "instructed"
    return (row["actor"], "acted") if "action" in body else None


class Check:
    """One look through the whole chain. `rows`: how far it is; `found`: what is wrong, the first
    of it; `problem`: why it could not be read; `seconds`: how long it took, None while it runs."""

    def __init__(self, folder: Folder, by: str, wall: int) -> None:
        self.folder = folder
        self.by = by
        self.wall = wall
        self.rows = 0
        self.of = 0
        self.hash = ""
        self.found: list[ledger.Finding] = []
        self.anchored = False
        self.problem = ""
        self.seconds: float | None = None

    def run(self) -> None:
        """In a thread of its own."""
        begun = time.monotonic()
        try:
            anchor = auditing.anchor(self.folder)
            self.anchored = anchor is not None
            with closing(store.connect_reader(self.folder.ledger)) as db:
                db.execute("BEGIN")
                self.of, hash_ = ledger.head(db)
                self.hash = hash_.hex()
                for finding in ledger.verify(db, anchor, passed=self._passed):
                    if len(self.found) < FINDINGS_SHOWN:
                        self.found.append(finding)
            self.rows = self.of
        except (sqlite3.Error, Sentence) as error:
            self.problem = str(error)
        self.seconds = time.monotonic() - begun

    def _passed(self, number: int) -> None:
        self.rows = number
        if number % BREATH_ROWS == 0:
            time.sleep(BREATH_S)


def export(folder: Folder, lines: int, upto: int) -> Iterator[bytes]:
    """The ledger to and with row `upto`, as `ledger export` prints it, so many lines at a time.
    Raises sqlite3.Error, ValueError."""
    with closing(store.connect_reader(folder.ledger)) as db:
        db.execute("BEGIN")
        part: list[str] = []
        for line in ledger.export(db, upto):
            part.append(line + "\n")
            if len(part) == lines:
                yield "".join(part).encode()
                part = []
        yield "".join(part).encode()
