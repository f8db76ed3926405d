"""Who is there: boards, desks, the broker. Changes are facts, signs of life are not.

A board's silence counts only while the hub's own echo passes through the broker: an outage of
hub or broker never makes twelve lost boards. At the hub's start every board counts as heard.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from hub import posts
from hub.core import Hub, Words
from hub.events import (
    AccountChanged,
    Arrived,
    Audited,
    DeskGone,
    DeskHere,
    DesksChanged,
    Echo,
    Effect,
    EquipmentChanged,
    IncidentChanged,
    LinkChanged,
    Now,
    RegistryChanged,
    Started,
)
from hub.ledger import Row
from protocol import catalogue

CLOCK_STEP_MS = 2000
CALLED_MS = 60_000  # a hub may die after a row and before the pass that calls the roll
TOLD_MS = 60_000
STALLED_MS = 4_000  # between two ticks, which come each second
WORKED_OFF_MS = 5_000  # after it, what came meanwhile may still come out of a socket
OVERTAKEN_MS = 120_000  # starts on record so close together may be there in another order


def started(hub: Hub, event: Started, now: Now) -> Iterator[Effect]:
    """A row of its own for each start; it says whether the steady clock still counts on."""
    last = hub.db.execute(
        "SELECT number, wall FROM ledger ORDER BY number DESC LIMIT 1"
    ).fetchone()
    yield from hub.record(
        now,
        "started",
        "hub",
        {
            "kernel_boot": event.kernel_boot,
            "version": event.version,
            "clock_behind_ms": max(0, last["wall"] - now.wall),
        },
    )
    row = hub.db.execute("SELECT value FROM about WHERE key = 'boot_row'").fetchone()
    hub.memory.boot_row = int(row["value"])
    hub.memory.started = now.steady
    (born,) = hub.db.execute("SELECT wall FROM ledger WHERE number = 1").fetchone()
    hub.memory.roll_calls = max(born, last["wall"] - CALLED_MS)
    hub.memory.echo = now.steady
    for desk in hub.db.execute("SELECT desk FROM desks WHERE listening"):
        hub.memory.desks[desk["desk"]] = now.steady
    yield from watch_desks(hub, now)  # or the first receipts would say that nobody listens


def project_started(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """started: {kernel_boot, version, clock_behind_ms}."""
    about = dict(db.execute("SELECT key, value FROM about"))
    if about.get("kernel_boot") != row.body["kernel_boot"]:
        about["boot_row"] = str(row.number)
    about["kernel_boot"] = row.body["kernel_boot"]
    about["clock_behind_ms"] = str(row.body["clock_behind_ms"])
    db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", about.items())
    yield EquipmentChanged(row.number)


# --- boards -------------------------------------------------------------------------------


def heard(hub: Hub, event: Arrived, value: dict[str, Any], now: Now) -> Iterator[Effect]:
    """Any good message is a sign of life, but the last will: that one is the broker's word."""
    board = event.board
    if event.message == "gone":
        boot = hub.memory.boots.get(board)
        if _broker_silent(hub, now) or (boot is not None and boot != value["boot"]):
            return  # an old start's will, or one that the broker's own outage caused
        limits = hub.settings.presence
        hub.memory.heard[board] = now.steady - (limits.lost_s - limits.gone_s) * 1000
        return
    spoke = hub.memory.spoke.get(board)
    hub.memory.heard[board] = now.steady
    if event.message == "report" and value["reboots"]:
        boot = hub.memory.boots.get(board, "")  # it names an earlier start, and not the one it is
    else:
        boot = value["boot"]
        hub.memory.spoke[board] = _words(spoke, boot, now)
    if hub.memory.boots.get(board) == boot and event.message != "hello":
        return  # known to be here
    row = hub.db.execute("SELECT * FROM equipment WHERE board = ?", (board,)).fetchone()
    begun = bool(boot) and not _start(hub, board, boot)
    if row is None or row["state"] != "here" or (begun and may_tell(hub, f"start {board}", now)):
        heard_steady = spoke.last if spoke else None
        if begun:  # what this start itself has said, while the disk refused it, dates nothing
            heard_steady = hub.memory.spoke[board].before
        last = None if heard_steady is None else now.wall - (now.steady - heard_steady)
        if last is None and _has_started(hub, board):  # not since the hub's start: as known then
            last = row["heard_wall"] or row["since_wall"]
        yield from hub.record(
            now, "board_here", "hub", {"board": board, "boot": boot, "heard_wall": last}
        )
    hub.memory.boots[board] = boot
    if event.message == "hello":
        yield from _introduced(hub, board, value, row["catalogue"] if row else "", now)
        yield from _torn(hub, board, value, now)


def introduced(hub: Hub, board: str) -> bool:
    """Whether all is on record that the start of it that is here says in its hello. It says that
    once a connection: a hub that was not there, or may not yet tell, asks for it again."""
    boot = hub.memory.boots.get(board)
    return boot is None or hub.memory.introduced.get(board) == boot


def settle_hello(hub: Hub, board: str, hello: dict[str, Any]) -> None:
    """After its facts were recorded, as far as may be told: is there anything left to ask for?"""
    start = _start(hub, board, hello["boot"])
    told = hub.db.execute(
        "SELECT 1 FROM equipment JOIN board_keys USING (board)"
        " WHERE board = ? AND catalogue = ? AND keys = ?",
        (board, _foreign(hello), hello["keys"]),
    ).fetchone()
    if told and start and (start["torn"] or not hello["torn"]):
        hub.memory.introduced[board] = hello["boot"]


def _foreign(hello: dict[str, Any]) -> str:
    """The hash it speaks, or empty when that is ours."""
    spoken: str = hello["catalogue"]
    return "" if spoken == catalogue.catalogue_hash() else spoken


def _words(spoke: Words | None, boot: str, now: Now) -> Words:
    """What is remembered once that start of the board has said another word."""
    if spoke is None:
        return Words(boot, now.steady, None)
    return Words(boot, now.steady, spoke.before if spoke.boot == boot else spoke.last)


def _start(hub: Hub, board: str, boot: str) -> Any:
    return hub.db.execute(
        "SELECT s.row, s.torn, l.wall FROM starts s JOIN ledger l ON l.number = s.row"
        " WHERE s.board = ? AND s.boot = ?",
        (board, boot),
    ).fetchone()


def _has_started(hub: Hub, board: str) -> bool:
    """Whether a start of it is on record; before the first one nothing dates its words."""
    return bool(hub.db.execute("SELECT 1 FROM starts WHERE board = ?", (board,)).fetchone())


def _introduced(
    hub: Hub, board: str, hello: dict[str, Any], told: str, now: Now
) -> Iterator[Effect]:
    """A catalogue that is not ours is told when it is new, and when it is mended.

    `told`: the foreign hash on record, or empty."""
    ours, spoken = catalogue.catalogue_hash(), hello["catalogue"]
    mended = spoken == ours and told
    foreign = spoken not in (ours, told) and may_tell(hub, f"catalogue {board}", now)
    if mended or foreign:
        body = {"board": board, "catalogue": spoken, "ours": ours}
        yield from hub.record(now, "catalogue", board, body)


def _torn(hub: Hub, board: str, hello: dict[str, Any], now: Now) -> Iterator[Effect]:
    """Records that this start's flash could not read: told once, however often it says hello."""
    start = _start(hub, board, hello["boot"])
    told = start is not None and start["torn"]
    if hello["torn"] and not told and may_tell(hub, f"torn {board}", now):
        body = {"board": board, "boot": hello["boot"], "count": hello["torn"]}
        yield from hub.record(now, "torn_records", board, body)


def may_tell(hub: Hub, what: str, now: Now) -> bool:
    """What one board can say often is on record at most once a minute."""
    told = hub.memory.told.get(what)
    if told is not None and now.steady - told < TOLD_MS:
        return False
    hub.memory.told[what] = now.steady
    return True


def board_counts(hub: Hub, board: str, heartbeat: dict[str, Any], now: Now) -> Iterator[Effect]:
    """A board says that it gave up records, or could not accept what we said: told, not hidden."""
    dropped, refused = heartbeat["dropped"], heartbeat["refused"]
    if not dropped and not refused:
        return
    counts = f"{heartbeat['boot']} {dropped} {refused}"
    row = hub.db.execute("SELECT counts FROM equipment WHERE board = ?", (board,)).fetchone()
    if row is not None and row["counts"] != counts and may_tell(hub, f"counts {board}", now):
        body = {"board": board, "dropped": dropped, "refused": refused, "counts": counts}
        yield from hub.record(now, "board_counts", board, body)


def heard_before(hub: Hub, board: str, boot: str) -> int:
    """Wall ms of the last word before that start of the board began: it can have pressed nothing
    earlier. A late word of an older start comes after a younger one's, and a full disk keeps some
    off the record: of starts close together the earliest counts. A start that never spoke lies
    somewhere between the last few; of a board that never spoke before it is only known that this
    ledger had begun, and not even that of one that began in place of another: 0."""
    known = _start(hub, board, boot)
    last, since = (known["row"], known["wall"] - OVERTAKEN_MS) if known else (hub.head[0], 0)
    walls = hub.db.execute(
        "SELECT s.heard_wall FROM starts s JOIN ledger l ON l.number = s.row"
        " WHERE s.board = ? AND s.row <= ? AND l.wall >= ? ORDER BY s.row DESC LIMIT 4",
        (board, last, since),
    ).fetchall()
    return min((int(row["heard_wall"]) for row in walls), default=_beginning(hub.db))


def project_board(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """board_here: {board, boot, heard_wall}, also for each new start of a board, with its last
    word before; board_lost (终端断线): {board, heard_wall}."""
    state = "here" if row.kind == "board_here" else "lost"
    board, heard_wall = row.body["board"], row.body["heard_wall"]
    db.execute(
        "INSERT INTO equipment (board, state, since_row, since_wall, heard_wall)"
        " VALUES (?,?,?,?,?) ON CONFLICT (board) DO UPDATE SET"
        " since_row = CASE state WHEN excluded.state THEN since_row ELSE excluded.since_row END,"
        " since_wall ="
        " CASE state WHEN excluded.state THEN since_wall ELSE excluded.since_wall END,"
        " state = excluded.state, heard_wall = coalesce(excluded.heard_wall, heard_wall)",
        (board, state, row.number, row.wall, heard_wall),
    )
    if row.body.get("boot"):
        db.execute(
            "INSERT OR IGNORE INTO starts (board, boot, row, heard_wall) VALUES (?,?,?,?)",
            (board, row.body["boot"], row.number, heard_wall or _beginning(db)),
        )
    yield EquipmentChanged(row.number)


def _beginning(db: sqlite3.Connection) -> int:
    """Wall ms of the ledger's first row; 0 after an emergency start: boards pressed before it."""
    first = db.execute("SELECT wall, body FROM ledger ORDER BY number LIMIT 1").fetchone()
    return 0 if "why" in json.loads(first["body"]) else int(first["wall"])


def project_catalogue(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """catalogue: {board, catalogue, ours}: a mismatch is shown and refuses no press."""
    same = row.body["catalogue"] == row.body["ours"]
    db.execute(
        "UPDATE equipment SET catalogue = ? WHERE board = ?",
        ("" if same else row.body["catalogue"], row.body["board"]),
    )
    yield EquipmentChanged(row.number)


def project_counts(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """board_counts: {board, dropped, refused, counts}: what a board says of its own failures."""
    body = row.body
    db.execute("UPDATE equipment SET counts = ? WHERE board = ?", (body["counts"], body["board"]))
    detail = f"dropped {body['dropped']}, refused {body['refused']}"
    db.execute(
        "INSERT INTO troubles VALUES (?,?,?,?,?)",
        (row.number, row.wall, row.kind, body["board"], detail),
    )
    yield EquipmentChanged(row.number)


def project_trouble(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """bad_message, refused, missing, torn_records, broker_silent, broker_back,
    clock_step, stalled: what the equipment lane or a banner says, newest last."""
    body = row.body
    if row.kind == "refused":
        db.execute(
            "INSERT OR IGNORE INTO reports VALUES (?,?,?,'refused',?,NULL)",
            (body["board"], body["boot"], body["number"], row.number),
        )
    if row.kind == "torn_records":
        db.execute(
            "UPDATE starts SET torn = 1 WHERE board = ? AND boot = ?",
            (body["board"], body.get("boot", "")),
        )
    detail = body.get("why") or body.get("count") or round(body.get("by_ms", 0) / 1000) or ""
    if row.kind == "missing":
        detail = ", ".join(f"{body['boot']}:{n}" for n in body["numbers"][:20])
    db.execute(
        "INSERT INTO troubles VALUES (?,?,?,?,?)",
        (row.number, row.wall, row.kind, body.get("board", ""), str(detail)),
    )
    yield EquipmentChanged(row.number)


def watch_boards(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: boards silent for too long are lost, provided the broker itself is heard."""
    if _broker_silent(hub, now):
        for board in hub.registry.boards():  # nobody's silence counts until it is back
            hub.memory.heard[board] = now.steady
        return
    limit = hub.settings.presence.lost_s * 1000
    for row in hub.db.execute("SELECT board FROM equipment WHERE state = 'here'").fetchall():
        since = hub.memory.heard.setdefault(row["board"], now.steady)
        if now.steady - since >= limit:
            hub.memory.boots.pop(row["board"], None)
            heard_wall = now.wall - (now.steady - since)
            body = {"board": row["board"], "heard_wall": heard_wall}
            yield from hub.record(now, "board_lost", "hub", body)


# --- the broker ---------------------------------------------------------------------------


def echoed(hub: Hub, _event: Echo, now: Now) -> Iterator[Effect]:
    """The hub hears itself through the broker."""
    hub.memory.echo = now.steady
    if hub.memory.broker_silent:
        hub.memory.broker_silent = False
        yield from hub.record(now, "broker_back", "hub", {})


def link_changed(hub: Hub, event: LinkChanged, now: Now) -> Iterator[Effect]:
    """The hub's own connection: when it falls, the echo is known to be gone."""
    if event.up:
        hub.memory.joined = hub.head[0]
    else:
        hub.memory.echo = min(hub.memory.echo, now.steady - hub.settings.presence.echo_s * 2000)
    yield from ()


def watch_broker(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: no echo for too long is told once."""
    limit = hub.settings.presence.echo_lost_s * 1000
    if not hub.memory.broker_silent and now.steady - hub.memory.echo >= limit:
        hub.memory.broker_silent = True
        yield from hub.record(now, "broker_silent", "hub", {})


def _broker_silent(hub: Hub, now: Now) -> bool:
    return now.steady - hub.memory.echo >= hub.settings.presence.echo_s * 2000


# --- desks (值班席) ------------------------------------------------------------------------


def desk_here(hub: Hub, event: DeskHere, now: Now) -> Iterator[Effect]:
    """A page's sign of life; only a change of listening is a fact."""
    hub.memory.desks[event.desk] = now.steady
    yield from posts.signed(hub, event, now)
    row = hub.db.execute(
        "SELECT listening, actor, street FROM desks WHERE desk = ?", (event.desk,)
    ).fetchone()
    if row is None or tuple(row) != (event.listening, event.actor, event.street):
        yield from hub.record(
            now,
            "desk",
            event.actor,
            {
                "desk": event.desk,
                "role": event.role,
                "listening": event.listening,
                "street": event.street,
            },
        )


def desk_gone(hub: Hub, event: DeskGone, now: Now) -> Iterator[Effect]:
    """Its stream ended: it has a moment to come back before it counts as deaf."""
    if event.desk in hub.memory.desks:
        hub.memory.desks[event.desk] = now.steady - hub.settings.presence.desk_s * 1000 + 3000
    yield from ()


def project_desk(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """desk: {desk, role, listening, street?}."""
    body = row.body
    db.execute(
        "INSERT OR REPLACE INTO desks VALUES (?,?,?,?,?,?)",
        (
            body["desk"],
            row.actor,
            body["role"],
            body["listening"],
            row.wall,
            body.get("street", ""),
        ),
    )
    yield DesksChanged(row.number)


def watch_desks(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: desks without a sign of life stop listening; boards hear of a change at once."""
    limit = hub.settings.presence.desk_s * 1000
    for row in hub.db.execute("SELECT * FROM desks WHERE listening").fetchall():
        if now.steady - hub.memory.desks.get(row["desk"], hub.memory.started) >= limit:
            yield from hub.record(
                now,
                "desk",
                row["actor"],
                {
                    "desk": row["desk"],
                    "role": row["role"],
                    "listening": False,
                    "street": row["street"],
                },
            )
    streets = {row["street"] for row in hub.db.execute("SELECT street FROM desks WHERE listening")}
    before, hub.memory.listening = hub.memory.listening, frozenset(streets)
    if before is not None and before != hub.memory.listening:
        for row in hub.db.execute("SELECT id FROM incidents WHERE state = 'untaken'").fetchall():
            yield IncidentChanged(row["id"], hub.head[0], rings=False)


def heard_by_desk(hub: Hub, kind: str, board: dict[str, Any]) -> bool | None:
    """Whether a call of that kind from that board (facts of the registry) would be heard at a
    desk; None: not known yet. Duress from a street's own duty room (街道值班室) shows on no page
    of that street: whoever it is about may stand before it."""
    hidden = kind == "duress" and board.get("office")
    return hub.memory.hears("" if hidden else str(board.get("street", "")))


# --- clocks and the registry --------------------------------------------------------------


def watch_itself(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass, before all others: while the program stood still (stopped, a slow disk) it heard
    nobody, and that is nobody's silence. It is a fact of its own (主机停顿)."""
    memory = hub.memory
    before, memory.ticked = memory.ticked, now.steady
    if before is None or now.steady - before < STALLED_MS:
        return
    still_ms = now.steady - before
    memory.stalled = (now.steady, now.steady - _unread_since(hub, before))
    memory.echo = min(now.steady, memory.echo + still_ms)
    for signs in (memory.desks, memory.heard):
        for who, at in signs.items():
            signs[who] = min(now.steady, at + still_ms)
    yield from hub.record(now, "stalled", "hub", {"by_ms": still_ms})


def waited_ms(hub: Hub, now: Now) -> int:
    """How long what comes now may have lain here while the program stood still: 0, or all that
    time, also while it works off what came in it."""
    ticked = hub.memory.ticked
    if ticked is not None and now.steady - ticked >= STALLED_MS:
        return now.steady - _unread_since(hub, ticked)
    return now.steady - _unread_since(hub, now.steady)


def _unread_since(hub: Hub, steady: int) -> int:
    """From when on there may be unread words at that moment: it stood still not long before, and
    has not worked off yet what came in that time; else from that moment."""
    until, still_ms = hub.memory.stalled
    return until - still_ms if still_ms and steady - until < WORKED_OFF_MS else steady


def watch_clock(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: a step of the wall clock is a fact of its own."""
    offset = now.wall - now.steady
    before = hub.memory.wall_offset
    hub.memory.wall_offset = offset
    if before is not None and abs(offset - before) > CLOCK_STEP_MS:
        yield from hub.record(now, "clock_step", "hub", {"by_ms": offset - before})


def registry_changed(hub: Hub, event: RegistryChanged, now: Now) -> Iterator[Effect]:
    """Every change of the registry: before and after, and by whom."""
    body = {"before": event.before, "after": event.after}
    yield from hub.record(now, "registry", event.actor, body)


def audited(hub: Hub, event: Audited, now: Now) -> Iterator[Effect]:
    """Who has looked through the record, or has a copy of it, is itself on record."""
    body = event._asdict()
    yield from hub.record(now, "audited", body.pop("actor"), body)


def account_changed(hub: Hub, event: AccountChanged, now: Now) -> Iterator[Effect]:
    """Who may log in (用户) is a fact; what they log in with is not written here."""
    body = {"what": event.what, **event.account, "before": event.before}
    yield from hub.record(now, "account", event.actor, body)


def project_nothing(_db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """registry, account, audited: for the auditor alone; no table has them."""
    yield EquipmentChanged(row.number)
