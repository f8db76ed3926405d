"""Who is at the post (在岗): away for some minutes (离席), back, and relieved at it (接班).

A desk whose person is away does not listen: a press goes on to the pagers at once, as from any
empty room. It stays away until a person touches it; that its minutes are over brings nobody back.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from hub import incidents
from hub.core import Hub
from hub.decision import Decision, Verb, record, remember
from hub.events import Action, DeskHere, DesksChanged, Effect, Now
from hub.ledger import Row


def signed(hub: Hub, event: DeskHere, now: Now) -> Iterator[Effect]:
    """A page's sign of life says whether its person has left; only the change is a fact."""
    known = hub.db.execute("SELECT 1 FROM away WHERE desk = ?", (event.desk,)).fetchone()
    if event.away and not known:
        until = now.wall + hub.settings.presence.away_s * 1000
        yield from hub.record(now, "away", event.actor, {"desk": event.desk, "until": until})
    elif known and not event.away:
        yield from hub.record(now, "back", event.actor, {"desk": event.desk})


def project(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """away (离席): {desk, until}; back (回岗): {desk}."""
    db.execute("DELETE FROM away WHERE desk = ?", (row.body["desk"],))
    if row.kind == "away":
        db.execute("INSERT INTO away VALUES (?, ?)", (row.body["desk"], row.body["until"]))
    yield DesksChanged(row.number)


def _relieve(hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: before: the names of those who leave; desks: the pages that end with their session.
    The gate knows both sides, no page says it. What they have in hand goes over to whoever
    relieves them, for nobody is at home with a call; but who listens at another desk as well
    still has it."""
    taken = hub.db.execute(
        "SELECT id, taken_by FROM incidents WHERE state = 'taken' AND NOT EXISTS (SELECT 1"
        " FROM desks WHERE actor = taken_by AND listening"
        " AND desk NOT IN (SELECT value FROM json_each(?))) ORDER BY id",
        (json.dumps(action.data["desks"]),),
    )
    before = action.data["before"]
    handed = [row["id"] for row in taken if row["taken_by"] in before]
    return record("relieved", before=before, incidents=handed)


def _join(_hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: first: who sat there alone."""
    return record("joined", first=action.data["first"])


def _part(_hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: second: who gets up."""
    return record("parted", second=action.data["second"])


VERBS = {
    "relieve": Verb("nothing", _relieve),
    "join": Verb("nothing", _join),
    "part": Verb("nothing", _part),
}


def project_people(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """relieved (接班): {action, desk, before, incidents}: its actor has the post from here, and
    those incidents in hand; joined (加入): {action, desk, first}: its actor shares that desk;
    parted: {action, desk, second}."""
    remember(db, row)
    if row.kind == "relieved":
        yield from incidents.handed_over(db, row)
    yield DesksChanged(row.number)
