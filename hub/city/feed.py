"""The numbered log: each change of an incident is one CloudEvents 1.0 event with a place in a
gapless sequence of its topic. It is written in the same transaction as the change itself."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from hub.core import Hub
from hub.events import CityReceipt, CityTold, Effect, FeedGrew, IncidentChanged, Now
from hub.ledger import Row

LOCAL = timezone(timedelta(hours=8))  # the edge's time: +08:00, no summer time
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).astimezone(LOCAL)

_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

SOURCE = "(SELECT value FROM about WHERE key = 'source')"  # of the ledger's present birth
SPAN = f"source = {SOURCE} AND topic = ? AND sequence BETWEEN ? AND ?"
ONE = "incident = ? AND id = ?"  # an event's id begins with its incident's: that index finds it

TIMES = ("opened", "taken", "outcome", "withdraw", "escalated", "next", "closed")


@lru_cache(maxsize=4096)  # each event of an incident tells its first times again
def local_time(wall: int) -> str:
    """ms UTC -> `YYYY-MM-DDThh:mm:ss.mmm+08:00`."""
    return (EPOCH + timedelta(milliseconds=wall)).isoformat(timespec="milliseconds")


def append(
    db: sqlite3.Connection, row: Row, incident: sqlite3.Row, change: str
) -> Iterator[Effect]:
    """Add one event with the incident's full current state. Restored incidents are not news."""
    topic = "exercise" if incident["exercise"] else "alarm"
    source, sequence = db.execute(
        "SELECT value, (SELECT coalesce(max(sequence), 0) + 1 FROM feed"
        " WHERE source = value AND topic = ?) FROM about WHERE key = 'source'",
        (topic,),
    ).fetchone()
    event = {
        "specversion": "1.0",
        "id": f"{incident['id']}-{row.number}",
        "source": source,
        "type": f"qianshao.incident.{change}",
        "subject": incident["id"],
        "time": local_time(row.wall),
        "sequence": str(sequence),
        "datacontenttype": "application/json",
        "data": _state(incident, change),
    }
    db.execute(
        "INSERT INTO feed (source, topic, sequence, id, incident, wall, event)"
        " VALUES (?,?,?,?,?,?,?)",
        (
            source,
            topic,
            sequence,
            event["id"],
            incident["id"],
            row.wall,
            _spell(event),
        ),
    )
    yield FeedGrew(topic)


def begin_again(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """The ledger has another birth: under its source the log begins at 1, with what is open, and
    what the city may not have been told."""
    db.execute("DELETE FROM cursors")
    for incident in db.execute(
        "SELECT * FROM incidents i WHERE EXISTS (SELECT 1 FROM feed f WHERE f.incident = i.id"
        " AND (f.told_wall IS NULL OR i.state <> 'closed')) ORDER BY opened_row"
    ).fetchall():
        yield from append(db, row, incident, "restated")


def knows(db: sqlite3.Connection, incident: str) -> bool:
    """Whether the city has been told of it at all."""
    found = db.execute("SELECT 1 FROM feed WHERE incident = ? LIMIT 1", (incident,)).fetchone()
    return found is not None


def _state(incident: sqlite3.Row, change: str) -> dict[str, Any]:
    times = {name: incident[f"{name}_wall"] for name in TIMES}
    return {
        "incident": incident["id"],
        "change": change,
        "state": incident["state"],
        "kind": incident["kind"],
        "board": incident["board"],
        "site": incident["site"],
        "site_name": incident["site_name"],
        "place": incident["place"],
        "street": incident["street"],
        "restricted": bool(incident["restricted"]),
        "presses": incident["presses"],
        "holds": incident["holds"],
        "verification": incident["verification"],
        "level": incident["level"],
        "simulated": bool(incident["simulated"]),
        "late": bool(incident["late"]),
        "taken_by": incident["taken_by"],
        "outcome": incident["outcome"],
        "handed_on": [
            {"service": service, "time": local_time(wall), "by": by}
            for service, wall, by in json.loads(incident["handed_on"])
        ],
        "pressed_from": local_time(incident["pressed_from"]) if incident["pressed_from"] else None,
        "pressed_to": local_time(incident["pressed_to"]),
        **{
            f"{name}_time": None if wall is None else local_time(wall)
            for name, wall in times.items()
        },
        "city_receipt": None,
    }


def _with_receipt(row: sqlite3.Row) -> str:
    """Its receipt, if any, is read at this moment; without one the event stands as it was kept."""
    if row["receipt_wall"] is None:
        return str(row["event"])
    event: dict[str, Any] = json.loads(row["event"])
    event["data"]["city_receipt"] = {
        "who": row["receipt_who"],
        "time": local_time(row["receipt_wall"]),
    }
    return _spell(event)


def events(
    db: sqlite3.Connection, topic: str, after: int, limit: int
) -> Iterator[tuple[int, str]]:
    """(sequence, event as JSON) of `topic` above `after`, in order, at most `limit`: what is
    published and what is refilled."""
    for row in db.execute(
        "SELECT sequence, event, receipt_who, receipt_wall FROM feed"
        f" WHERE source = {SOURCE} AND topic = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        (topic, after, limit),
    ).fetchall():
        yield row["sequence"], _with_receipt(row)


def head(db: sqlite3.Connection) -> dict[str, Any]:
    """What is retained at `city/head`: the source, the last sequence of each topic in it and the
    ledger's head."""
    (source,) = db.execute(f"SELECT {SOURCE}").fetchone()
    last = {
        topic: db.execute(
            "SELECT max(sequence) FROM feed WHERE source = ? AND topic = ?", (source, topic)
        ).fetchone()[0]
        for topic in ("alarm", "exercise")
    }
    number, hash_ = db.execute(
        "SELECT number, hash FROM ledger ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return {
        "source": source,
        "alarm": last["alarm"] or 0,
        "exercise": last["exercise"] or 0,
        "ledger": number,
        "hash": hash_.hex(),
    }


def _one(id_: str) -> tuple[str, str]:
    return id_.rpartition("-")[0], id_


# --- the city answers ---------------------------------------------------------------------


def receipt(hub: Hub, event: CityReceipt, now: Now) -> Iterator[Effect]:
    """A city system says it has an event. The first receipt counts; the city repeats it."""
    try:
        value = json.loads(event.payload)
        id_, who = value["id"], value["who"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if not isinstance(id_, str) or not isinstance(who, str) or not 0 < len(who) <= 80:
        return
    if not who.isprintable() or not id_.isascii():
        return
    row = hub.db.execute(f"SELECT receipt_wall FROM feed WHERE {ONE}", _one(id_)).fetchone()
    if row and row["receipt_wall"] is None:
        yield from hub.record(now, "city_received", "city", {"id": id_, "who": who})


def told(hub: Hub, event: CityTold, now: Now) -> Iterator[Effect]:
    """The broker has the feed up to here: the cursor moves, and only forward."""
    row = hub.db.execute("SELECT sequence FROM cursors WHERE topic = ?", (event.topic,)).fetchone()
    if row is None or row["sequence"] < event.sequence:
        body = {"topic": event.topic, "sequence": event.sequence}
        yield from hub.record(now, "city_told", "hub", body)


def project_received(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """city_received: 市级已签收."""
    found = db.execute(
        f"UPDATE feed SET receipt_who = ?, receipt_wall = ? WHERE {ONE} RETURNING incident",
        (row.body["who"], row.wall, *_one(row.body["id"])),
    ).fetchone()
    db.execute("INSERT INTO timeline VALUES (?, ?)", (found["incident"], row.number))
    yield IncidentChanged(found["incident"], row.number, rings=False, for_board=False)


def project_told(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """city_told: 已推市级."""
    topic, sequence = row.body["topic"], row.body["sequence"]
    before = db.execute("SELECT sequence FROM cursors WHERE topic = ?", (topic,)).fetchone()
    span = (topic, before["sequence"] + 1 if before else 1, sequence)
    changed = db.execute(f"SELECT DISTINCT incident FROM feed WHERE {SPAN}", span).fetchall()
    db.execute(
        f"UPDATE feed SET told_wall = ? WHERE {SPAN}",
        (row.wall, *span),
    )
    db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (topic, sequence))
    for each in changed:
        yield IncidentChanged(each["incident"], row.number, rings=False, for_board=False)
