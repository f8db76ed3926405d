"""How grave an incident is (定级) and what the leader says of it (批示).

Levels are the law's four, I the gravest; 0 = 未定级, not graded yet. Whoever grades may grade
again: the last word stands, all of them are on record.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

from hub import incidents
from hub.core import Hub
from hub.decision import Decision, bad, record, remember
from hub.events import Action, Effect, IncidentChanged, Now
from hub.ledger import Row
from protocol.catalogue import is_text

LEVELS = (0, 1, 2, 3, 4)
TEXT_MOST = 500


def grade(_hub: Hub, action: Action, incident: Any, _now: Now) -> Decision:
    """{level}. A test has no level."""
    level = action.data.get("level")
    if type(level) is not int or level not in LEVELS or incident["kind"] == "test":
        return bad("level", "0..4")
    return record("graded", level=level)


def instruct(_hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """{text}: the leader's words."""
    text = action.data.get("text", "")
    if not is_text(text, TEXT_MOST) or not text.strip():
        return bad("text", f"1..{TEXT_MOST}")
    return record("instructed", text=text.strip())


def graded(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """graded (定级): {incident, action, desk, level}."""
    yield from _changed(db, row, "graded", level=row.body["level"])


def instructed(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """instructed (领导批示): {incident, action, desk, text}. No progress: it asks for some."""
    yield from _changed(db, row, "note", instructed_row=row.number)


def _changed(db: sqlite3.Connection, row: Row, change: str, **columns: Any) -> Iterator[Effect]:
    remember(db, row)
    incident = row.body["incident"]
    yield from incidents.changed(db, row, incident, change, **columns)
    yield IncidentChanged(incident, row.number, rings=False)
