"""What boards say, and what they are answered: receipts and states, never before the commit.

The receiving half of the one guarantee: a report is stored once under its name (board, boot,
number); a repeat gets its receipt again and no second row.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from hub import incidents, presence
from hub.channels import tries
from hub.channels.pager import alert, named
from hub.core import Hub
from hub.duty import asks, drills, evidence, sites
from hub.events import Arrived, DutyChanged, Effect, IncidentChanged, Now, ToBoard
from hub.settings import Board
from protocol import catalogue

CALLS = ("alarm", "duress", "abnormal")
SELF_TEST = "self-test"  # the reserved board whose presses prove the way and ring nowhere
SEEN = "SELECT kind, incident FROM reports WHERE board = ? AND boot = ? AND number = ?"
STATE = "SELECT state, kind FROM incidents WHERE id = ?"
NOT_ENROLLED = "missing.no_board"  # in our own words, as a notice's receipt has it
NOT_ENROLLED_MS = 5000  # a report of a board that the registry lacks is offered again
BAD_TOLD_MS = 60_000  # bad messages of one board are one row a minute, with their count


def arrived(hub: Hub, event: Arrived, now: Now) -> Iterator[Effect]:
    """One message of a board, by its topic's last word."""
    board = hub.registry.board(event.board)
    value, sentence = catalogue.decode(event.message, event.payload)
    if catalogue.direction(event.message) != "up":
        sentence = f"no board says {catalogue.shown(event.message)}"
    if sentence:
        yield from _refused(hub, event, now, value, sentence)
        return
    if board is None:
        yield from _not_enrolled(hub, event, now, value)
        return
    if event.message == "report":
        # before the board counts as heard: how long it was silent bounds when it was pressed
        yield from _report(hub, event.board, board, value, now)
    if event.board == SELF_TEST:
        return  # it hangs on no wall: nobody waits for it, and it is never lost
    yield from presence.heard(hub, event, value, now)
    if event.message == "hello":
        yield from evidence.introduced(hub, event.board, value, now)
        presence.settle_hello(hub, event.board, value)
    if event.message == "heartbeat":
        yield from _losses(hub, event.board, value, now)
        yield from presence.board_counts(hub, event.board, value, now)
        named = value.get("open", [])
        yield state(hub, event.board, named, now, _forgotten(hub, event.board, named))
        version, settings = board_settings(hub, board)
        if value["settings"] != version:
            yield ToBoard(
                event.board,
                "order",
                {
                    "kind": "settings",
                    "version": version,
                    "settings": settings,
                },
            )


def _report(
    hub: Hub, name: str, board: dict[str, Any], report: dict[str, Any], now: Now
) -> Iterator[Effect]:
    boot, number = report["boot"], report["number"]
    seen = hub.db.execute(SEEN, (name, boot, number)).fetchone()
    if seen is None:
        wait_ms = _take_token(hub, name, now)
        if wait_ms:
            yield _receipt(hub, name, report, "later", after_ms=wait_ms, reason="too fast")
            return
        incident = None
        body = _as_of_now(hub, name, board, report, now)
        test = report["kind"] == "test" and not body["quiet"]
        drill = drills.overtaken(hub, name, body, now) if test else None
        for effect in hub.record(now, "reported", name, body):
            if isinstance(effect, IncidentChanged):
                incident = effect.incident  # the last one named is the report's own
            yield effect
        if drill:
            yield from drills.real(hub, drill, now)
    elif seen["kind"] == "refused":
        yield _receipt(hub, name, report, "refused", reason="refused before")
        return
    else:
        incident = seen["incident"]
    more = {}
    if incident:
        found = hub.db.execute(STATE, (incident,)).fetchone()
        more = {"incident": incident, "state": _told(found["state"]), **_drill(found)}
    yield _receipt(hub, name, report, "stored", **more)


def _as_of_now(
    hub: Hub, name: str, board: dict[str, Any], report: dict[str, Any], now: Now
) -> dict[str, Any]:
    """The fact as it stands at this moment: site, contact for this hour, policy.

    When it was pressed is an interval: the age counts from the press, or after a reboot is "at
    least"; then it can be as old as the last time the board was heard in an earlier start, and
    after an emergency start of any age: `pressed_from` 0. What may have lain here while the hub
    stood still can be older by that.
    """
    pressed_to = now.wall - report["age_ms"]
    pressed_from = pressed_to - presence.waited_ms(hub, now)
    if report["reboots"]:
        pressed_from = min(pressed_from, presence.heard_before(hub, name, report["boot"]))
    simulated = bool(board["simulated"])
    body = {
        "board": name,
        "site": board["site"],
        "site_name": board["site_name"],
        "street": board["street"],
        "contact": hub.registry.contact(board["site"], now.wall),
        "simulated": simulated,
        "exercise": simulated and hub.registry.holds_real_board(),
        "late": report["age_ms"] >= hub.settings.presence.late_s * 1000 or report["reboots"] > 0,
        "pressed_from": pressed_from,
        "pressed_to": pressed_to,
        "restored": report.get("was") == "closed",
        # offered again after the hub lost it: presses ring anew, the rest is history
        "quiet": name == SELF_TEST or ("was" in report and report["kind"] not in CALLS),
        "report": report,
        **({"restricted": True} if board.get("restricted") else {}),
        **({"place": board["place"]} if board.get("place") else {}),
    }
    window = drills.covering(hub, name, body, now)
    return body if window is None else {**body, "drill": window}


def _take_token(hub: Hub, board: str, now: Now) -> int:
    """0 when the board may have one more report stored now, else ms to wait (threat B7)."""
    limits = hub.settings.intake
    left, at = hub.memory.bucket.get(board, (float(limits.burst), now.steady))
    left = min(limits.burst, left + (now.steady - at) * limits.per_second / 1000)
    if left < 1:
        hub.memory.bucket[board] = (left, now.steady)
        return 1000
    hub.memory.bucket[board] = (left - 1, now.steady)
    return 0


def _receipt(hub: Hub, board: str, report: dict[str, Any], answer: str, **more: Any) -> ToBoard:
    enrolled = hub.registry.board(board) or {}
    return ToBoard(
        board,
        "receipt",
        {
            "boot": report["boot"],
            "number": report["number"],
            "answer": answer,
            "ledger": hub.birth,
            "row": hub.head[0],
            "listening": bool(presence.heard_by_desk(hub, report.get("kind", ""), enrolled)),
            **more,
        },
    )


def _has_name(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and catalogue.is_hex(value.get("boot"), 16)
        and catalogue.is_int(value.get("number"), 1, 4294967295)
    )


def later(hub: Hub, event: Arrived, after_ms: int, reason: str) -> Effect | None:
    """The answer when the disk does not take it: keep it and repeat. None: it has no name."""
    value, _ = catalogue.decode("report", event.payload)
    if event.message != "report" or not _has_name(value):
        return None
    return _receipt(hub, event.board, value, "later", after_ms=after_ms, reason=reason)


def _refused(hub: Hub, event: Arrived, now: Now, value: Any, sentence: str) -> Iterator[Effect]:
    """Bad input: refused by name when it has one, counted, one row a minute for each board."""
    if event.message == "report" and _has_name(value):
        seen = hub.db.execute(SEEN, (event.board, value["boot"], value["number"])).fetchone()
        if seen and seen["kind"] != "refused":  # stored long ago: the promise stands
            yield _receipt(hub, event.board, value, "stored")
            return
        if seen is None:
            wait_ms = _take_token(hub, event.board, now)
            if wait_ms:
                yield _receipt(
                    hub, event.board, value, "later", after_ms=wait_ms, reason="too fast"
                )
                return
            name = {"boot": value["boot"], "number": value["number"]}
            body = {"board": event.board, "why": sentence[:200], **name}
            yield from hub.record(now, "refused", event.board, body)
        yield _receipt(hub, event.board, value, "refused", reason=sentence[:200])
        return
    if event.message == "hello":  # it would only say the same again
        hub.memory.introduced[event.board] = hub.memory.boots.get(event.board, "")
    yield from _count_bad(hub, event.board, now, sentence)


def _not_enrolled(hub: Hub, event: Arrived, now: Now, value: dict[str, Any]) -> Iterator[Effect]:
    """The broker has let it in, so it has a key of ours: the registry lacks it for a moment. Its
    reports wait, and their lamps say that they are not through; a receipt once given stands."""
    if event.message == "report":
        name = (event.board, value["boot"], value["number"])
        seen = hub.db.execute(SEEN, name).fetchone()
        if seen and seen["kind"] != "refused":
            yield _receipt(hub, event.board, value, "stored")
            return
        more = {"after_ms": NOT_ENROLLED_MS, "reason": "not enrolled"}
        yield _receipt(hub, event.board, value, "later", **more)
    yield from _count_bad(hub, event.board, now, NOT_ENROLLED)


def _count_bad(hub: Hub, board: str, now: Now, sentence: str) -> Iterator[Effect]:
    """Told once a minute, with how many there were."""
    count, told = hub.memory.bad.get(board, (0, now.steady - BAD_TOLD_MS))
    count += 1
    if now.steady - told >= BAD_TOLD_MS:
        body = {"board": board, "count": count, "why": sentence[:200]}
        yield from hub.record(now, "bad_message", "hub", body)
        count, told = 0, now.steady
    hub.memory.bad[board] = (count, told)


def unprocessed(hub: Hub, event: Arrived, now: Now, why: str) -> Iterator[Effect]:
    """A report that the hub itself stumbles over is kept raw, rings, and gets its receipt."""
    report, _ = catalogue.decode("report", event.payload)
    named = report if _has_name(report) else {"boot": "", "number": 0}
    press = {"boot": named["boot"], "number": named["number"], "kind": "alarm"}
    enrolled = hub.registry.board(event.board) or {}
    simulated = bool(enrolled.get("simulated"))
    body: dict[str, Any] = {
        "board": event.board,
        "raw": event.payload.decode("utf-8", "replace"),
        "why": why[:400],
        "report": {**press, "age_ms": 0, "reboots": 1},
        "site": event.board,
        "site_name": event.board,
        "street": "",
        "contact": "",
        "simulated": simulated,
        "exercise": simulated and hub.registry.holds_real_board(),
        "late": False,
        "pressed_from": now.wall,
        "pressed_to": now.wall,
        "restored": False,
        **({"restricted": True} if enrolled.get("restricted") else {}),
    }
    yield from hub.record(now, "unprocessed", event.board, body)
    if _has_name(report):
        yield _receipt(hub, event.board, body["report"], "stored")


# --- the hub asks what is missing ---------------------------------------------------------


def _losses(hub: Hub, board: str, heartbeat: dict[str, Any], now: Now) -> Iterator[Effect]:
    """A number below `waiting_from` that never came is a loss: said by name, once."""
    boot, waiting_from = heartbeat["boot"], heartbeat["waiting_from"]
    if hub.memory.checked.get(board) == (boot, waiting_from):
        return
    hub.memory.checked[board] = (boot, waiting_from)
    (count,) = hub.db.execute(
        "SELECT count(*) FROM reports WHERE board = ? AND boot = ? AND number < ?",
        (board, boot, waiting_from),
    ).fetchone()
    if count == waiting_from - 1:
        return
    there = {
        row["number"]
        for row in hub.db.execute(
            "SELECT number FROM reports WHERE board = ? AND boot = ? AND number < ?",
            (board, boot, waiting_from),
        )
    }
    told = hub.db.execute(
        "SELECT body FROM ledger WHERE number IN (SELECT row FROM troubles WHERE board = ?"
        " AND kind = 'missing')",
        (board,),
    ).fetchall()
    for row in told:
        body = json.loads(row["body"])
        if body["boot"] == boot:
            there.update(body["numbers"])
    # no board numbers a thousand reports between two heartbeats: bounded, the rest next time
    numbers = [n for n in range(1, waiting_from) if n not in there][:1000]
    if numbers:
        body = {"board": board, "boot": boot, "numbers": numbers}
        yield from hub.record(now, "missing", "hub", body)


# --- what a board is told -----------------------------------------------------------------


def state(
    hub: Hub, board: str, presses: Iterable[str], now: Now, forgotten: str | None = None
) -> ToBoard:
    """The answer to a heartbeat, and what a change sends unasked: desired state, all of it."""
    fates = [_fate(hub, board, press) for press in presses]
    if forgotten and len(fates) < 8:
        fates.append({**_fate(hub, board, forgotten), "forgotten": True})
    rung = hub.db.execute(
        "SELECT a.incident, a.round, i.site_name, i.place, i.street, i.restricted FROM alerts a"
        " JOIN incidents i ON i.id = a.incident"
        " WHERE a.board = ? AND a.state IN ('ringing', 'heard') ORDER BY i.since_row LIMIT 4",
        (board,),
    )
    enrolled = hub.registry.board(board) or {}
    site = enrolled.get("site", "")
    drill_ms, asked = drills.left_ms(hub, site, now), asks.for_board(hub, site, now)
    asked = [*asked, *tries.for_board(hub, board, now)][: asks.AT_ONCE]
    return ToBoard(
        board,
        "state",
        {
            **({"drill_ms": drill_ms} if drill_ms else {}),
            **({} if presence.introduced(hub, board) else {"hello": True}),
            **({"asks": asked} if asked else {}),
            "ledger": hub.birth,
            "row": hub.head[0],
            "wall_ms": now.wall,
            "listening": bool(presence.heard_by_desk(hub, "alarm", enrolled)),
            "settings": board_settings(hub, enrolled)[0],
            "presses": fates,
            "alerts": [alert(each["incident"], named(each), each["round"]) for each in rung],
        },
    )


def _fate(hub: Hub, board: str, press: str) -> dict[str, Any]:
    boot, number = press.split(":")
    row = hub.db.execute(
        "SELECT r.incident, i.state, i.kind, i.taken_by FROM reports r"
        " LEFT JOIN incidents i ON i.id = r.incident"
        " WHERE r.board = ? AND r.boot = ? AND r.number = ? AND r.kind <> 'refused'",
        (board, boot, int(number)),
    ).fetchone()
    if row is None:
        return {"press": press, "state": "unknown"}
    fate = {"press": press, "state": _told(row["state"]), **_drill(row)}
    if row["incident"]:
        fate["incident"] = row["incident"]
    if row["taken_by"] and hub.settings.board.show_name:
        fate["by"] = row["taken_by"][:40]
    return fate


def _drill(incident: sqlite3.Row) -> dict[str, bool]:
    return {"drill": True} if incident["kind"] == "drill" else {}


def _told(state: str | None) -> str:
    """An incident's state as a board is told it; what made no incident has nothing to wait for."""
    return "stored" if state == "untaken" else state or "closed"


def _forgotten(hub: Hub, board: str, named: Sequence[str]) -> str | None:
    """The newest press of this board's open alarm, when the board does not name it: its flash
    failed and the power went; its lamps should speak of the incident all the same."""
    row = hub.db.execute(
        "SELECT r.boot, r.number FROM incidents i JOIN reports r ON r.incident = i.id"
        " WHERE i.board = ? AND i.kind IN ('alarm', 'drill') AND i.state <> 'closed'"
        " AND r.kind = 'alarm' AND r.board = i.board ORDER BY r.row DESC LIMIT 1",
        (board,),
    ).fetchone()
    name = f"{row['boot']}:{row['number']}" if row else ""
    return name if name and name not in named else None


def changed_states(hub: Hub, effects: list[Effect], now: Now) -> Iterator[Effect]:
    """One unasked state for each board whose incident changed by more than its own press (to
    that press the receipt is the answer), or whose site's duty orders changed."""
    for each in effects:
        if isinstance(each, DutyChanged) and each.sites:
            for board in sites.boards_of(hub.registry, each.sites):
                yield state(hub, board, (), now)
    for incident in {
        each.incident: None
        for each in effects
        if isinstance(each, IncidentChanged) and each.for_board and not each.rings
    }:
        row = incidents.find(hub.db, incident)
        if row is None:
            continue
        presses = hub.db.execute(
            "SELECT boot, number FROM reports WHERE incident = ? AND board = ?"
            " AND kind IN ('alarm', 'duress', 'unprocessed') ORDER BY row DESC LIMIT 8",
            (incident, row["board"]),
        )
        names = [f"{press['boot']}:{press['number']}" for press in presses]
        yield state(hub, row["board"], names, now)


def board_settings(hub: Hub, board: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """(version, settings) that should be in force on a board: the house's figures, the site's
    facts. The version is their own hash, so it needs no counter; 0 is the board's defaults."""
    return _settings(hub.settings.board, hub.settings.duty_phone, bool(board.get("covert")))


@cache
def _settings(figures: Board, duty_phone: str, covert: bool) -> tuple[int, dict[str, Any]]:
    settings = {"covert": covert, "duty_phone": duty_phone, **asdict(figures)}
    return zlib.crc32(json.dumps(settings, sort_keys=True).encode()) or 1, settings
