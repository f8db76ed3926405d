"""Emergency starts (应急启动): the ledger is damaged, gone, set back, or not as it was written,
and the duty room works on.

What cannot be read is set aside and a ledger of another birth begins; one that was set back goes
on under another birth. Boards then offer again what they keep, and the city sees another source.
A chain that does not verify goes on as it is: what is open stays in sight, and the wrong row is
named. Who may log in is no fact of the ledger's: that file is begun anew (hub/desk/logins.py).
Each is a warning on every desk until an administrator has read it.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.city import feed
from hub.core import Hub
from hub.decision import Decision, Verb, bad, record, refuse, remember
from hub.events import AccountsLost, Action, ChainBroken, Effect, EquipmentChanged, Now
from hub.ledger import Row


class Warned(NamedTuple):
    """Something about the ledger itself, or of the accounts. `why`: damaged, missing, set_back,
    chain, accounts; `aside`: where the old one is, within the data folder; `wrong_row`: of a
    chain; `wall`: ms UTC."""

    row: int
    wall: int
    why: str
    said: str
    aside: str
    wrong_row: int | None


def born(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """born: {district, birth}: the first row, and one after a ledger was set back; after an
    emergency start also {why, said, aside}."""
    district, birth = row.body["district"], row.body["birth"]
    known = db.execute("SELECT 1 FROM about WHERE key = 'birth'").fetchone()
    db.executemany(
        "INSERT OR REPLACE INTO about VALUES (?, ?)",
        [
            ("district", district),
            ("birth", birth),
            ("source", f"qianshao/{district}/{birth}"),
            ("prefix", f"{district}-{birth[:8]}"),
        ],
    )
    if "why" in row.body:
        facts = (row.body["why"], row.body["said"], row.body["aside"])
        db.execute("INSERT INTO warnings VALUES (?,?,?,?,?,NULL,NULL)", (*row[:2], *facts))
    if known:
        yield from feed.begin_again(db, row)
    yield EquipmentChanged(row.number)


def chain_broken(hub: Hub, event: ChainBroken, now: Now) -> Iterator[Effect]:
    """Said once of each row: the same is found again at every start."""
    known = hub.db.execute(
        "SELECT 1 FROM warnings WHERE wrong_row = ?", (event.number,)
    ).fetchone()
    if known is None:
        body = {"row": event.number, "places": event.places, "said": event.said}
        yield from hub.record(now, "chain_broken", "hub", body)


def project_chain(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """chain_broken: {row, places, said}."""
    body = row.body
    db.execute(
        "INSERT INTO warnings VALUES (?,?,'chain',?,'',?,NULL)",
        (row.number, row.wall, body["said"], body["row"]),
    )
    yield EquipmentChanged(row.number)


def accounts_lost(hub: Hub, event: AccountsLost, now: Now) -> Iterator[Effect]:
    """Said once of each: the note of it stays in the file."""
    known = hub.db.execute("SELECT value FROM about WHERE key = 'accounts_since'").fetchone()
    if known is None or known[0] != str(event.since):
        yield from hub.record(now, "accounts_lost", "hub", event._asdict())


def project_accounts(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """accounts_lost: {since, said, aside}."""
    body = row.body
    db.execute("INSERT OR REPLACE INTO about VALUES ('accounts_since', ?)", (str(body["since"]),))
    db.execute(
        "INSERT INTO warnings VALUES (?,?,'accounts',?,?,NULL,NULL)",
        (row.number, row.wall, body["said"], body["aside"]),
    )
    yield EquipmentChanged(row.number)


def read_warning(hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """The administrator has read it (已知悉): {row} of the warning."""
    number = action.data.get("row")
    if type(number) is not int:
        return bad("row", "1..")
    if all(each.row != number for each in unread(hub.db)):
        return refuse("no_warning")
    return record("warning_read", row=number)


def project_read(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """warning_read: {action, desk, row}."""
    remember(db, row)
    db.execute("UPDATE warnings SET read_row = ? WHERE row = ?", (row.number, row.body["row"]))
    yield EquipmentChanged(row.number)


def unread(reader: sqlite3.Connection) -> list[Warned]:
    """What no administrator has read, oldest first."""
    rows = reader.execute(
        "SELECT row, wall, why, said, aside, wrong_row FROM warnings"
        " WHERE read_row IS NULL ORDER BY row"
    )
    return [Warned(*row) for row in rows]


VERBS = {"read_warning": Verb("nothing", read_warning)}
