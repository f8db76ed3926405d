"""Sound tests (试音): a person has heard each of the desk's sounds, or has not."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.core import Hub
from hub.decision import Decision, Verb, bad, record, remember
from hub.events import Action, DesksChanged, Effect, Now
from hub.ledger import Row

KEY = "sound_tested"  # of the last one, in `about`


def _tested(_hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: heard: true or false."""
    heard = action.data.get("heard")
    if not isinstance(heard, bool):
        return bad("heard", "true false")
    return record("sound_tested", heard=heard)


VERBS = {"sound_test": Verb("nothing", _tested)}


def project(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """sound_tested (试音): {action, desk, heard}."""
    remember(db, row)
    last = json.dumps([row.wall, row.body["heard"], row.actor])
    db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (KEY, last))
    yield DesksChanged(row.number)


class Tested(NamedTuple):
    """The last sound test of any desk. `wall`: ms UTC."""

    wall: int
    heard: bool
    by: str


def last(reader: sqlite3.Connection) -> Tested | None:
    """None: there was none yet."""
    row = reader.execute("SELECT value FROM about WHERE key = ?", (KEY,)).fetchone()
    return Tested(*json.loads(row["value"])) if row else None
