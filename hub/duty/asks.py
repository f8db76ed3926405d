"""What boards are asked: roll calls (点名) and texts to read (通知), until their window ends.

Each site is asked once, whichever of its boards answers; who cannot answer by a key is telephoned,
and an officer records it (代录). The orders are desired state: sent at once, and again with each
heartbeat until they are answered.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from hub.core import Hub, Registry
from hub.decision import Decision, Verb, bad, record, refuse, remember
from hub.duty import sites
from hub.events import Action, DutyChanged, Effect, Now
from hub.ledger import Row
from protocol.catalogue import is_text

PREFIX = "ask-"  # of every id: no incident begins so
TEXT_MOST = 80  # as `ask.text` on the wire
MINUTES_MOST = 1440
AT_ONCE = 4  # as `state.asks` on the wire
NAME_MOST = 40


# --- what people do -----------------------------------------------------------------------


def _roll_call(hub: Hub, action: Action, _incident: Any, now: Now) -> Decision:
    """data: sites (`"all"` or ids), minutes, text?"""
    return _ask(hub, action, now, "roll_call")


def _send_text(hub: Hub, action: Action, _incident: Any, now: Now) -> Decision:
    """data: sites (`"all"` or ids), minutes, text."""
    return _ask(hub, action, now, "text")


def _ask(hub: Hub, action: Action, now: Now, kind: str) -> Decision:
    text = action.data.get("text", "")
    minutes = sites.minutes(action.data.get("minutes"), MINUTES_MOST)
    where = sites.chosen(hub.registry, action.data.get("sites"))
    if not where:
        return refuse("no_sites")
    if not is_text(text, TEXT_MOST) or (kind == "text" and not text.strip()):
        return refuse("bad_text", most=str(TEXT_MOST))
    if minutes is None:
        return refuse("bad_minutes", most=str(MINUTES_MOST))
    return record("ask_opened", **opening(hub.registry, kind, text.strip(), minutes, where, now))


def opening(
    registry: Registry, kind: str, text: str, minutes: int, where: list[str], now: Now
) -> dict[str, Any]:
    """The body of an `ask_opened`; `where`: known sites."""
    facts = sites.facts(registry)
    return {
        "ask": kind,
        "text": text,
        "minutes": minutes,
        "until": now.wall + minutes * sites.MINUTE_MS,
        "sites": [[site, facts[site]["site_name"]] for site in where],
    }


def _end(hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: ask, its id."""
    ask = _open_ask(hub, action)
    if ask is None:
        return refuse("gone")
    return record("ask_ended", ask=ask, why="person", missing=missing(hub.db, ask))


def _answer_for(hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    """data: ask, site, name: with post, of who answered the telephone (代录)."""
    name, site = action.data.get("name"), action.data.get("site")
    if not is_text(name, NAME_MOST) or not str(name).strip():
        return refuse("no_name", most=str(NAME_MOST))
    ask = action.data.get("ask")
    if not isinstance(ask, str) or not isinstance(site, str):
        return bad("ask, site", "text")
    found = hub.db.execute(
        "SELECT answered_row FROM ask_sites WHERE ask = ? AND site = ?", (ask, site)
    ).fetchone()
    if found is None or found["answered_row"]:
        return refuse("gone")
    return record("ask_answered", ask=ask, site=site, name=str(name).strip())


def _open_ask(hub: Hub, action: Action) -> str | None:
    ask = action.data.get("ask")
    found = (
        isinstance(ask, str)
        and hub.db.execute(
            "SELECT id FROM asks WHERE id = ? AND ended_row IS NULL", (ask,)
        ).fetchone()
    )
    return str(found["id"]) if found else None


VERBS = {
    "open_roll_call": Verb("nothing", _roll_call),
    "send_text": Verb("nothing", _send_text),
    "end_ask": Verb("nothing", _end),
    "answer_for": Verb("nothing", _answer_for),
}


# --- what becomes of it -------------------------------------------------------------------


def opened(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """ask_opened: {ask: roll_call | text, text, minutes, until: wall ms, sites: list of [id,
    name]}, of a desk also {action, desk}."""
    body = row.body
    remember(db, row)
    (prefix,) = db.execute("SELECT value FROM about WHERE key = 'prefix'").fetchone()
    id_ = f"{PREFIX}{prefix.rpartition('-')[2]}-{row.number}"
    db.execute(
        "INSERT INTO asks VALUES (?,?,?,?,?,?,?,?,NULL,NULL,NULL)",
        (
            id_,
            row.number,
            body["ask"],
            body["text"],
            body["minutes"],
            row.actor,
            row.wall,
            body["until"],
        ),
    )
    db.executemany(
        "INSERT INTO ask_sites VALUES (?,?,?,NULL,NULL,NULL,0)",
        [(id_, site, name) for site, name in body["sites"]],
    )
    yield DutyChanged(row.number, tuple(site for site, _name in body["sites"]))


def answered(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """A board's `answer` about an ask. The first one of a site counts; one that was pressed after
    the end is on record as late."""
    report = row.body["report"]
    if report.get("code", "heard") == "heard":
        yield from _answer(db, row, row.body["site"], row.body["pressed_to"], row.body["board"])


def answered_for(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """ask_answered (代录): {action, desk, ask, site, name}: by telephone, put down by one."""
    remember(db, row)
    yield from _answer(db, row, row.body["site"], row.wall, row.body["name"])


def _answer(db: sqlite3.Connection, row: Row, site: str, wall: int, who: str) -> Iterator[Effect]:
    ask = row.body["ask"] if row.kind == "ask_answered" else row.body["report"]["about"]
    changed = db.execute(
        "UPDATE ask_sites SET answered_row = ?, answered_wall = ?, who = ?, late ="
        " (SELECT ended_wall IS NOT NULL AND ? > ended_wall FROM asks WHERE id = ask)"
        " WHERE ask = ? AND site = ? AND answered_row IS NULL RETURNING site",
        (row.number, wall, who, wall, ask, site),
    ).fetchone()
    if changed:
        yield DutyChanged(row.number, (site,))


def ended(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """ask_ended: {ask, why: time | answered | person, missing: sites}, of a desk also {action,
    desk}. A roll call that somebody did not answer stands in the equipment lane."""
    body = row.body
    remember(db, row)
    db.execute(
        "UPDATE asks SET ended_row = ?, ended_wall = ?, ended_by = ? WHERE id = ?",
        (row.number, row.wall, row.actor, body["ask"]),
    )
    (kind,) = db.execute("SELECT kind FROM asks WHERE id = ?", (body["ask"],)).fetchone()
    if kind == "roll_call" and body["missing"] and body["why"] == "time":
        db.execute(
            "INSERT INTO troubles VALUES (?,?,'roll_call_missing','',?)",
            (row.number, row.wall, str(len(body["missing"]))),
        )
    rows = db.execute("SELECT site FROM ask_sites WHERE ask = ? ORDER BY site", (body["ask"],))
    yield DutyChanged(row.number, tuple(each["site"] for each in rows))


def watch(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: an ask ends with its window, a roll call also with its last answer."""
    for ask in hub.db.execute("SELECT * FROM asks WHERE ended_row IS NULL").fetchall():
        over = hub.elapsed(now, ask["row"]) >= ask["minutes"] * sites.MINUTE_MS
        left = missing(hub.db, ask["id"])
        if over or not left:
            why = "time" if left else "answered"
            body = {"ask": ask["id"], "why": why, "missing": left}
            yield from hub.record(now, "ask_ended", "hub", body)


# --- what boards and pages are told -------------------------------------------------------


def for_board(hub: Hub, site: str, now: Now) -> list[dict[str, Any]]:
    """`state.asks`: what a board of that site should answer, the oldest first."""
    told = []
    for ask in hub.db.execute(
        "SELECT a.* FROM ask_sites s JOIN asks a ON a.id = s.ask WHERE s.site = ?"
        " AND s.answered_row IS NULL AND a.ended_row IS NULL ORDER BY a.row LIMIT ?",
        (site, AT_ONCE),
    ).fetchall():
        left_ms = ask["minutes"] * sites.MINUTE_MS - hub.elapsed(now, ask["row"])
        if left_ms > 0:
            keys = ("id", "kind", "text")
            told.append({**{key: ask[key] for key in keys}, "left_ms": left_ms})
    return told


def missing(db: sqlite3.Connection, ask: str) -> list[str]:
    """The sites that have not answered."""
    rows = db.execute(
        "SELECT site FROM ask_sites WHERE ask = ? AND answered_row IS NULL ORDER BY site", (ask,)
    )
    return [row["site"] for row in rows]


class Reply(NamedTuple):
    """One site of an ask. `who`: the board, or whom an officer telephoned; `answered`: ms UTC."""

    site: str
    name: str
    answered: int | None
    who: str
    late: bool


class Ask(NamedTuple):
    """A roll call or a text; times in ms UTC. `replies`: those still to come first."""

    id: str
    kind: str
    text: str
    by: str
    opened: int
    until: int
    ended: int | None
    replies: list[Reply]

    @property
    def missing(self) -> list[Reply]:
        return [each for each in self.replies if each.answered is None]


def latest(reader: sqlite3.Connection, kind: str, limit: int = 5) -> list[Ask]:
    """Open ones first, then the newest ended."""
    found: list[sqlite3.Row] = []
    for state in ("IS NULL", "IS NOT NULL"):
        found += reader.execute(
            f"SELECT * FROM asks WHERE kind = ? AND ended_row {state} ORDER BY row DESC LIMIT ?",
            (kind, limit - len(found)),
        )
    return [
        Ask(
            row["id"],
            row["kind"],
            row["text"],
            row["opened_by"],
            row["opened_wall"],
            row["until_wall"],
            row["ended_wall"],
            _replies(reader, row["id"]),
        )
        for row in found
    ]


def _replies(reader: sqlite3.Connection, ask: str) -> list[Reply]:
    rows = reader.execute(
        "SELECT * FROM ask_sites WHERE ask = ?"
        " ORDER BY answered_row IS NOT NULL, answered_row DESC, site",
        (ask,),
    )
    return [
        Reply(
            row["site"],
            row["site_name"],
            row["answered_wall"],
            row["who"] or "",
            bool(row["late"]),
        )
        for row in rows
    ]
