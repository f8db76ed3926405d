"""Notices (通知): whom an untaken incident is told to, by which way, and what became of it.

Everybody who is on duty at this moment is told at once, each by his ways in their order: the next
one when the one before has failed, or has brought no answer within `escalation.way_s`. After the
last one all begins again in `escalation.again_s`, round after round; where no way reached anybody,
at once when the broker or the board is back that it was for. Being taken or closed ends it all;
pressed again after that, it begins anew.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hub.channels.channel import Facts
from hub.channels.messages import About, message
from hub.channels.pager import may_ring
from hub.core import Hub
from hub.events import DutyChanged, Effect, IncidentChanged, NoticeEnded, Notify, Now, Started
from hub.ledger import Row

LATELY_MS = 600_000  # over so long one person's notices are counted


def tell(hub: Hub, overdue: list[tuple[Any, str]], now: Now) -> Iterator[Effect]:
    """What is due now for incidents that nobody has taken in time, each with why: untaken, or
    nobody_listening. No person for an exercise.

    Whoever has had too many notices is told when the first of them is old enough; so what was
    told least goes first, and duress is never kept back.
    """
    told = lately(hub.db, now.wall)
    found = [(row, why, _last(hub, row)) for row, why in overdue if not row["exercise"]]
    found.sort(key=lambda each: max((last["round"] for last in each[2].values()), default=0))
    for row, why, last in found:
        yield from _tell(hub, row, why, last, told, now)


def _last(hub: Hub, incident: Any) -> dict[str, Any]:
    """The last notice to each person since the start of its clocks."""
    rows = hub.db.execute(
        "SELECT * FROM notices WHERE incident = ? AND row > ? ORDER BY row",
        (incident["id"], incident["since_row"]),
    )
    return {row["person"]: row for row in rows}


def _tell(
    hub: Hub, incident: Any, why: str, last: dict[str, Any], told: Counter[str], now: Now
) -> Iterator[Effect]:
    on_duty = [each for each in hub.registry.people(now.wall) if concerns(each, incident)]
    most = hub.settings.escalation.notices_most
    for person in on_duty:
        if incident["kind"] != "duress" and told[person["id"]] >= most:
            continue
        ways = [
            (place, way)
            for place, way in enumerate(person["ways"])
            if way["channel"] != "pager" or may_ring(hub.registry, incident, way["address"])
        ]
        # what is tried again soon takes no more than half of what a person may have
        soon = told[person["id"]] * 2 < most
        next_ = _next(hub, ways, last.get(person["id"]), now, soon)
        if next_ is None:
            continue
        round_, place, way = next_
        others = waiting(hub.db, person, but=incident["id"])
        about = About(why, round_, others)
        body = {
            "incident": incident["id"],
            "person": person["id"],
            "name": person["name"],
            "post": person["post"],
            "round": round_,
            "place": place,
            "channel": way["channel"],
            "address": way["address"],
            "others": others,
            "words": message(incident, hub.settings, about, person.get("language", "zh")),
        }
        yield from hub.record(now, "notified", "hub", body)
        yield Notify(hub.head[0])
        told[person["id"]] += 1


def concerns(person: dict[str, Any], incident: Any) -> bool:
    """A street's people hear of their street's incidents only."""
    return person.get("street", "") in ("", incident["street"])


def _next(
    hub: Hub, ways: list[tuple[int, dict[str, str]]], before: Any, now: Now, soon: bool
) -> tuple[int, int, dict[str, str]] | None:
    """-> (round, place, way) that is due after the notice `before`, or None.

    The ways follow each other until an answer; then, answered or not, all begins again: whoever
    only heard of it has not taken it. Where no way has reached anybody that is `soon`, for a board
    comes back and a broker is started.
    """
    if not ways:
        return None
    if before is None:
        return (1, *ways[0])
    limits, waited = hub.settings.escalation, hub.elapsed(now, before["row"])
    more = [each for each in ways if each[0] > before["place"]]
    if more and before["state"] != "answered":
        due = before["state"] == "failed" or waited >= limits.way_s * 1000
        return (before["round"], *more[0]) if due else None
    again_s = limits.again_s
    if soon and _all_failed(hub, before):
        again_s = 0 if _back(hub, before) else min(again_s, 2 * limits.way_s)
    if waited >= again_s * 1000:
        return (before["round"] + 1, *ways[0])
    return None


def _all_failed(hub: Hub, last: Any) -> bool:
    """Whether no way of that round has reached anybody."""
    return not hub.db.execute(
        "SELECT 1 FROM notices WHERE incident = ? AND person = ? AND round = ?"
        " AND state <> 'failed' LIMIT 1",
        (last["incident"], last["person"], last["round"]),
    ).fetchone()


def _back(hub: Hub, last: Any) -> bool:
    """Whether what a way of that round lacked, the broker or its board, has come since."""
    return bool(
        hub.db.execute(
            "SELECT 1 FROM notices n WHERE incident = ? AND person = ? AND round = ?"
            " AND (detail = 'missing.broker' AND (n.row <= ? OR EXISTS (SELECT 1 FROM troubles t"
            " WHERE t.kind = 'broker_back' AND t.row > n.row))"
            " OR detail IN ('missing.board_lost', 'missing.board_never') AND EXISTS (SELECT 1"
            " FROM equipment e WHERE e.board = n.address AND e.state = 'here'"
            " AND e.since_row > n.row)) LIMIT 1",
            (last["incident"], last["person"], last["round"], hub.memory.joined),
        ).fetchone()
    )


def lately(db: sqlite3.Connection, wall: int) -> Counter[str]:
    """How many notices each person has had in the last 10 minutes, over all incidents."""
    rows = db.execute(
        "SELECT person, count(*) AS told FROM notices WHERE wall BETWEEN ? AND ?"
        " AND incident <> '' GROUP BY person",
        (wall - LATELY_MS, wall),
    )
    return Counter({row["person"]: row["told"] for row in rows})


def waiting(
    db: sqlite3.Connection, person: dict[str, Any], but: str = "", untold: bool = False
) -> int:
    """How many incidents that nobody has taken in time concern this person, `but` apart; `untold`:
    only those of which he has had no notice yet."""
    (count,) = db.execute(
        "SELECT count(*) FROM incidents i WHERE i.state = 'untaken' AND i.paged_row IS NOT NULL"
        " AND NOT i.exercise AND i.kind IN ('alarm', 'duress') AND i.id <> :but"
        " AND :street IN ('', i.street) AND NOT (:untold AND EXISTS (SELECT 1 FROM notices n"
        " WHERE n.incident = i.id AND n.person = :person AND n.row > i.since_row))",
        {
            "but": but,
            "street": person.get("street", ""),
            "untold": untold,
            "person": person["id"],
        },
    ).fetchone()
    return int(count)


def kept_back(facts: Facts, incident: str, wall: int) -> list[str]:
    """Who would have heard of it by now, had he not had too many notices already (暂缓通知):
    names. He is told when the first of them is old enough."""
    row = facts.db.execute(
        "SELECT street, since_row FROM incidents WHERE id = ? AND state = 'untaken'"
        " AND kind = 'alarm' AND NOT exercise AND paged_row IS NOT NULL",
        (incident,),
    ).fetchone()
    if row is None:
        return []
    told, most = lately(facts.db, wall), facts.settings.escalation.notices_most
    since = facts.db.execute(
        "SELECT person FROM notices WHERE incident = ? AND row > ?", (incident, row["since_row"])
    )
    heard = {each["person"] for each in since}
    return [
        each["name"]
        for each in facts.registry.people(wall)
        if each["ways"] and concerns(each, row) and each["id"] not in heard
        if told[each["id"]] >= most
    ]


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
    """notified (已通知): {incident, person, name, post, round, place, channel, address, others,
    words}: due until its receipt is on record. `place`: which of the person's ways, from 0;
    `others`: how many more wait."""
    body = row.body
    names = ("incident", "person", "name", "post", "place", "channel", "address", "words")
    round_ = body.get("round", 1)  # before there were rounds
    db.execute(
        "INSERT INTO notices VALUES (?,?,?,?,?,?,?,?,?,?,?,'due','',NULL)",
        (row.number, row.wall, *(body[name] for name in names), round_),
    )
    if body["channel"] == "pager":  # it rings until it answers, as a board of the house does
        db.execute(
            "INSERT INTO alerts VALUES (?,?,'ringing',?) ON CONFLICT DO UPDATE SET"
            " state = 'ringing', round = excluded.round"
            " WHERE state <> 'ringing' AND round < excluded.round",
            (body["incident"], body["address"], round_),
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
    if not incident:  # a way was only tried
        yield DutyChanged(row.number)
        return
    db.execute("INSERT OR IGNORE INTO timeline VALUES (?, ?)", (incident, row.number))
    yield IncidentChanged(incident, row.number, rings=False, for_board=False)
