"""Trying a way (试一下): a marked test to one person by one way, to see what comes back.

It is no incident: no page rings, the city hears nothing. Its notice stands among the others with
an empty incident, so its receipt is recorded as theirs are, and a way that fails here is not
counted on. A pager board is asked for its grey key, as for a text to read (通知): no ringing.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from hub.city.feed import LOCAL
from hub.core import Hub
from hub.decision import Decision, Verb, bad, record, refuse, remember
from hub.events import Action, DutyChanged, Effect, Notify, Now
from hub.ledger import Row

PREFIX = "try-"  # of what a pager board is asked: no incident and no ask begins so
PAGER_MS = 120_000  # it is asked so long
SAME_MS = 60_000  # one way is tried once within it
MANY_MS = 600_000
MANY = 20  # and all ways together so often within that

# what a program is told in place of an incident
FACTS: dict[str, Any] = {
    **dict.fromkeys(("id", "board", "site", "site_name", "place", "street", "contact"), ""),
    "kind": "test",
    "presses": 0,
}


class Tried(NamedTuple):
    """The last try of a way: ms UTC, by whom, and what has come back: due, or as a receipt."""

    wall: int
    by: str
    state: str
    detail: str


def _try(hub: Hub, action: Action, _incident: Any, now: Now) -> Decision:
    """data: person (an id), place (which of the ways, from 0)."""
    person = next(
        (each for each in hub.registry.people(None) if each["id"] == action.data.get("person")),
        None,
    )
    place = action.data.get("place")
    if person is None:
        return refuse("no_person")
    if type(place) is not int or not 0 <= place < len(person["ways"]):
        return bad("place", f"0..{len(person['ways']) - 1}")
    way = person["ways"][place]
    found = hub.db.execute(
        "SELECT row, channel, address FROM notices WHERE incident = '' ORDER BY row DESC LIMIT ?",
        (MANY,),
    ).fetchall()
    ages = {row["row"]: hub.elapsed(now, row["row"]) for row in found}
    for row in found:
        same = (row["channel"], row["address"]) == (way["channel"], way["address"])
        if same and ages[row["row"]] < SAME_MS:
            return refuse("tried_lately", seconds=str(-(-(SAME_MS - ages[row["row"]]) // 1000)))
    if len(found) == MANY and max(ages.values()) < MANY_MS:
        return refuse("tried_often", most=str(MANY), minutes=str(MANY_MS // 60_000))
    return record(
        "way_tried",
        person=person["id"],
        name=person["name"],
        post=person["post"],
        place=place,
        channel=way["channel"],
        address=way["address"],
        site=(hub.registry.board(way["address"]) or {}).get("site", ""),
        words=words(hub.settings.name, way["channel"], action.actor, person, now.wall),
    )


VERBS = {"try_way": Verb("nothing", _try)}


def words(house: str, channel: str, by: str, person: dict[str, Any], wall: int) -> str:
    """What is said, in the person's language; a board shows at most 80 letters."""
    english = person.get("language") == "en"
    if channel == "pager":
        if english:
            return "[TEST] Not an alarm. Please press the grey key."
        return "【测试】呼叫测试，不是报警。请按灰键确认。"
    at = datetime.fromtimestamp(wall // 1000, LOCAL)
    if english:
        return f"[TEST] {house}: a test sent by {by} at {at:%H:%M}. Not an alarm, nothing to do."
    return f"【测试】{house}：{by} {at:%H:%M} 试发的通知，不是报警，无须处置。"


def project(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """way_tried (试一下): {action, desk, person, name, post, place, channel, address, site: of a
    pager board, words}: due until its notice_receipt."""
    remember(db, row)
    body = row.body
    names = ("person", "name", "post", "place", "channel", "address", "words")
    db.execute(
        "INSERT INTO notices VALUES (?,?,'',?,?,?,?,?,?,?,1,'due','',NULL)",
        (row.number, row.wall, *(body[name] for name in names)),
    )
    yield Notify(row.number)
    pager = body["channel"] == "pager" and body["site"]
    yield DutyChanged(row.number, (body["site"],) if pager else ())


def for_board(hub: Hub, board: str, now: Now) -> list[dict[str, Any]]:
    """`state.asks`: the tries that this board has not answered."""
    asked = []
    for row in hub.db.execute(
        "SELECT row, words FROM notices WHERE incident = '' AND channel = 'pager'"
        " AND address = ? AND state IN ('due', 'accepted') ORDER BY row DESC LIMIT 1",
        (board,),
    ).fetchall():
        left_ms = PAGER_MS - hub.elapsed(now, row["row"])
        if left_ms > 0:
            ask = {"id": f"{PREFIX}{row['row']}", "kind": "text", "text": row["words"]}
            asked.append({**ask, "left_ms": left_ms})
    return asked


def answered(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """The grey key of the board that was asked."""
    number = row.body["report"]["about"].removeprefix(PREFIX)
    db.execute(
        "UPDATE notices SET state = 'answered', detail = '', ended_wall = ? WHERE row = ?"
        " AND incident = '' AND address = ? AND state IN ('due', 'accepted')",
        (row.wall, int(number) if number.isdecimal() else 0, row.body["board"]),
    )
    yield DutyChanged(row.number, (row.body["site"],))


def last(db: sqlite3.Connection, person: str, channel: str, address: str) -> Tried | None:
    """How the last try of a way went."""
    found = db.execute(
        "SELECT n.wall, l.actor, n.state, n.detail FROM notices n JOIN ledger l"
        " ON l.number = n.row WHERE n.channel = ? AND n.address = ? AND n.person = ?"
        " AND n.incident = '' ORDER BY n.row DESC LIMIT 1",
        (channel, address, person),
    ).fetchone()
    return Tried(*found) if found else None


def waits(db: sqlite3.Connection, action: str) -> bool:
    """Whether nothing has come back yet of the try with that action's id."""
    found = db.execute(
        "SELECT 1 FROM actions a JOIN notices n ON n.row = a.row"
        " WHERE a.id = ? AND n.state = 'due'",
        (action,),
    ).fetchone()
    return found is not None
