"""Notices (通知): whom an untaken incident is told to, by which way, and what became of it.

Everybody who is on duty at this moment is told at once, each by his ways in their order: the next
one when the one before has failed, or has brought no answer within `escalation.way_s`. Being taken
ends it all; pressed again after that, it begins anew.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hub.channels.pager import may_ring
from hub.city.feed import LOCAL
from hub.core import Hub
from hub.events import Effect, IncidentChanged, NoticeEnded, Notify, Now, Started
from hub.ledger import Row
from hub.settings import Settings

KINDS = {"alarm": "报警", "duress": "静默求助（切勿回拨现场）"}


def tell(hub: Hub, incident: Any, why: str, now: Now) -> Iterator[Effect]:
    """What is due now for an incident that nobody has taken in time. No person for an exercise.

    `why`: untaken, or nobody_listening.
    """
    if incident["exercise"]:
        return
    on_duty = [each for each in hub.registry.people(now.wall) if concerns(each, incident)]
    if not on_duty:
        return
    last: dict[str, Any] = {}
    for row in hub.db.execute(
        "SELECT * FROM notices WHERE incident = ? AND row > ? ORDER BY row",
        (incident["id"], incident["since_row"]),
    ):
        last[row["person"]] = row
    for person in on_duty:
        before = last.get(person["id"])
        if before is not None and not _next_due(hub, before, now):
            continue
        place = 0 if before is None else before["place"] + 1
        for way in person["ways"][place:]:
            place += 1
            if way["channel"] == "pager" and not may_ring(hub.registry, incident, way["address"]):
                continue
            body = {
                "incident": incident["id"],
                "person": person["id"],
                "name": person["name"],
                "post": person["post"],
                "place": place - 1,
                "channel": way["channel"],
                "address": way["address"],
                "words": words(incident, hub.settings, why),
            }
            yield from hub.record(now, "notified", "hub", body)
            yield Notify(hub.head[0])
            break


def concerns(person: dict[str, Any], incident: Any) -> bool:
    """A street's people hear of their street's incidents only."""
    return person.get("street", "") in ("", incident["street"])


def _next_due(hub: Hub, before: Any, now: Now) -> bool:
    if before["state"] == "answered":
        return False
    way_ms = hub.settings.escalation.way_s * 1000
    return before["state"] == "failed" or hub.elapsed(now, before["row"]) >= way_ms


def words(incident: Any, settings: Settings, why: str) -> str:
    """The message: unverified, and what the reader is to do."""
    again = f"，再次按下 ×{incident['presses']}" if incident["presses"] > 1 else ""
    contact = f"现场联系人 {incident['contact']}。" if incident["contact"] else ""
    state = "值班室无人在席" if why == "nobody_listening" else "超时未受理"
    since = datetime.fromtimestamp(incident["since_wall"] // 1000, LOCAL)
    return (
        f"{'【模拟】' if incident['simulated'] else ''}{settings.name}：{incident['site_name']}"
        f"（{incident['street']}）{since:%H:%M} {KINDS[incident['kind']]}{again}，"
        f"未核实，{state}。{contact if incident['kind'] != 'duress' else ''}"
        f"请即与值班室联系{' ' + settings.duty_phone if settings.duty_phone else ''}。"
    )


def resume(hub: Hub, _event: Started, _now: Now) -> Iterator[Effect]:
    """What was due when the hub fell is due when it stands again."""
    for row in hub.db.execute("SELECT row FROM notices WHERE state = 'due'"):
        yield Notify(row["row"])


def ended(hub: Hub, event: NoticeEnded, now: Now) -> Iterator[Effect]:
    """A way said what became of its notice: on record, also when it was taken meanwhile."""
    notice = hub.db.execute(
        "SELECT incident, person, name, channel FROM notices WHERE row = ?"
        " AND state IN ('due', 'moot')",
        (event.notice,),
    ).fetchone()
    if notice is not None:
        known = {key: notice[key] for key in ("incident", "person", "name", "channel")}
        end = {"notice": event.notice, "state": event.state, "detail": event.detail}
        body = {**known, **end}
        yield from hub.record(now, "notice_receipt", "hub", body)


# --- projections ---------------------------------------------------------------------------


def project_notified(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """notified (已通知): {incident, person, name, post, place, channel, address, words}: due until
    its receipt is on record. `place`: which of the person's ways, from 0."""
    body = row.body
    names = ("incident", "person", "name", "post", "place", "channel", "address", "words")
    db.execute(
        "INSERT INTO notices VALUES (?,?,?,?,?,?,?,?,?,?,'due','',NULL)",
        (row.number, row.wall, *(body[name] for name in names)),
    )
    if body["channel"] == "pager":  # it rings until it answers, as a board of the house does
        db.execute(
            "INSERT OR IGNORE INTO alerts VALUES (?,?,'ringing')",
            (body["incident"], body["address"]),
        )
    yield from _on_timeline(db, row)


def project_receipt(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """notice_receipt (回执): {incident, person, name, channel, notice, state: accepted |
    delivered | answered | failed, detail}."""
    body = row.body
    db.execute(
        "UPDATE notices SET state = ?, detail = ?, ended_wall = ? WHERE row = ?",
        (body["state"], body["detail"], row.wall, body["notice"]),
    )
    yield from _on_timeline(db, row)


def answered(db: sqlite3.Connection, row: Row, incident: str, board: str, code: str) -> None:
    """A rung board's grey key: heard and taken are a person's answer, busy is none."""
    state, detail = ("failed", "missing.busy") if code == "busy" else ("answered", "")
    db.execute(
        "UPDATE notices SET state = ?, detail = ?, ended_wall = ? WHERE incident = ?"
        " AND channel = 'pager' AND address = ? AND state IN ('due', 'accepted')"
        " AND row > (SELECT since_row FROM incidents WHERE id = ?)",
        (state, detail, row.wall, incident, board, incident),
    )


def make_moot(db: sqlite3.Connection, incident: str) -> None:
    """Taken or closed: what has not left need not leave any more."""
    db.execute(
        "UPDATE notices SET state = 'moot' WHERE incident = ? AND state = 'due'", (incident,)
    )


def _on_timeline(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    incident = row.body["incident"]
    db.execute("INSERT OR IGNORE INTO timeline VALUES (?, ?)", (incident, row.number))
    yield IncidentChanged(incident, row.number, rings=False, for_board=False)
