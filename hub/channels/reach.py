"""Nobody reachable (无人可通知): an alarm of its own, before anybody presses.

It stays in the house: banner, equipment lane and ledger. The city's alarm feed is for presses.
"""

import json
import sqlite3
from collections.abc import Iterator

from hub.channels.channel import Facts
from hub.channels.plan import unreachable
from hub.core import Hub
from hub.events import Effect, EquipmentChanged, Now
from hub.ledger import Row


def watch_reach(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: the streets whose alarms would reach nobody, told when they change. After a start
    desks and boards have a moment to speak first."""
    if now.steady - hub.memory.started < hub.settings.presence.desk_s * 1000:
        return
    facts = Facts(hub.db, hub.registry, hub.settings, not hub.memory.broker_silent)
    streets = unreachable(facts, now.wall)
    if streets != known(hub.db):
        kind = "nobody_reachable" if streets else "somebody_reachable"
        yield from hub.record(now, kind, "hub", {"streets": streets})


def known(db: sqlite3.Connection) -> list[str]:
    """The streets that nobody answers for, as last recorded."""
    row = db.execute("SELECT value FROM about WHERE key = 'unreachable'").fetchone()
    return list(json.loads(row["value"])) if row else []


def project_reach(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """nobody_reachable (无人可通知): {streets}, "" for boards of none; somebody_reachable:
    {streets}, empty: it is over."""
    streets = row.body["streets"]
    db.execute(
        "INSERT OR REPLACE INTO about VALUES ('unreachable', ?)",
        (json.dumps(streets, ensure_ascii=False),),
    )
    db.execute(
        "INSERT INTO troubles VALUES (?,?,?,'',?)",
        (row.number, row.wall, row.kind, "、".join(filter(None, streets))),
    )
    yield EquipmentChanged(row.number)
