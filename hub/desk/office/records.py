"""What the ledger knows of the registry and of accounts: every change, and every id and name that
was ever given."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.registry import FIELDS, Row, Tables


class Entered(NamedTuple):
    """One change: its ledger row, and what stood there before and after, by table and id."""

    number: int
    wall: int
    actor: str
    before: Tables
    after: Tables

    def touched(self) -> Iterator[tuple[str, str, Row | None, Row | None]]:
        """(table, id, row before, row after)."""
        for table in {**self.before, **self.after}:
            was, is_ = self.before.get(table, {}), self.after.get(table, {})
            for id_ in {**was, **is_}:
                yield table, id_, was.get(id_), is_.get(id_)


def _entered(row: sqlite3.Row) -> Entered:
    body: dict[str, Any] = json.loads(row["body"] or "{}")
    before, after = body.get("before", {}), body.get("after", {})
    return Entered(row["number"], row["wall"], row["actor"], before, after)


def changes(reader: sqlite3.Connection, most: int) -> list[Entered]:
    """The last ones, newest first."""
    found = reader.execute(
        "SELECT number, wall, actor, body FROM ledger WHERE kind = 'registry'"
        " ORDER BY number DESC LIMIT ?",
        (most,),
    )
    return [_entered(row) for row in found]


def change(reader: sqlite3.Connection, number: int) -> Entered | None:
    """The one of that ledger row."""
    row = reader.execute(
        "SELECT number, wall, actor, body FROM ledger WHERE kind = 'registry' AND number = ?",
        (number,),
    ).fetchone()
    return _entered(row) if row else None


def way_back(
    entered: Entered, now: Tables, keys: dict[str, int]
) -> tuple[Tables, dict[str, list[str]]] | None:
    """-> (rows to put, ids to take out) that undo it; None when something has changed since, or
    it is about nothing that the registry holds, or about a key alone: with `keys`, the last that
    each board was given, one that was revoked never opens again."""
    put: dict[str, dict[str, Row]] = {}
    gone: dict[str, list[str]] = {}
    for table, id_, was, is_ in entered.touched():
        if table not in FIELDS or now.get(table, {}).get(id_) != is_:
            return None
        if was is None:
            gone.setdefault(table, []).append(id_)
            continue
        if table == "boards" and _key(was) < keys.get(id_, 1):
            was = {**was, "key_number": keys[id_]}
        if was != is_:
            put.setdefault(table, {})[id_] = was
    return (put, gone) if put or gone else None


def stamp(row: Row) -> str:
    """Of a row as a form was drawn from it: another stamp means that it was changed meanwhile."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def ever_given(reader: sqlite3.Connection, table: str) -> set[str]:
    """Every id of that table that was ever on record: an id is never another's again."""
    given: set[str] = set()
    for (body,) in reader.execute("SELECT body FROM ledger WHERE kind = 'registry'"):
        for side in json.loads(body or "{}").values():
            given |= side.get(table, {}).keys()
    return given


def keys_given(reader: sqlite3.Connection) -> dict[str, int]:
    """The last key that each board was ever given."""
    given: dict[str, int] = {}
    for (body,) in reader.execute("SELECT body FROM ledger WHERE kind = 'registry'"):
        for side in json.loads(body or "{}").values():
            for id_, row in side.get("boards", {}).items():
                given[id_] = max(given.get(id_, 1), _key(row))
    return given


def _key(row: Row) -> int:
    """Which key a board has; what a hand has written into the file may be no number."""
    number = row.get("key_number")
    return number if type(number) is int else 1


def names_given(reader: sqlite3.Connection) -> dict[str, str]:
    """Every name that an account ever had -> the user: old rows must not seem another's."""
    given: dict[str, str] = {}
    for (body,) in reader.execute("SELECT body FROM ledger WHERE kind = 'account'"):
        facts = json.loads(body or "{}")
        for each in (facts.get("before"), facts):
            if each and "name" in each:
                given[each["name"]] = each["user"]
    return given
