"""What a verb decides about one action of a person: the fact to record, or why there is none."""

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from hub.core import Hub
from hub.events import Action, Now
from hub.ledger import Row


class Decision(NamedTuple):
    """`code` as in `hub.events.Answer`; `kind`, `body`: of the ledger's row where it is ok."""

    code: str
    detail: dict[str, str]
    kind: str = ""
    body: dict[str, Any] | None = None


class Verb(NamedTuple):
    """`about`: `open` any open incident, `taken` one in somebody's hand, `nothing` none.

    `decide` gets the incident's row, or None for a verb about nothing.
    """

    about: str
    decide: Callable[[Hub, Action, Any, Now], Decision]


def record(kind: str, **body: Any) -> Decision:
    """It may be done: this is the fact."""
    return Decision("ok", {}, kind, body)


def refuse(code: str, **detail: str) -> Decision:
    """It may not, and this is why."""
    return Decision(code, detail)


def bad(field: str, wanted: str) -> Decision:
    """A value that no page of ours sends."""
    return refuse("bad_value", field=field, wanted=wanted)


def remember(db: sqlite3.Connection, row: Row) -> None:
    """For projections of what people did: the page's own id is not taken twice."""
    if "action" in row.body:
        db.execute("INSERT INTO actions VALUES (?, ?)", (row.body["action"], row.number))
