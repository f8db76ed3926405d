"""Escalation: idempotent passes over open incidents. No timer lives anywhere but in the rows.

Untaken: the desk sounds at once and louder by itself; pager boards, the configured command and
the people on duty (see `hub/channels/`) after `page_s`, the city after `city_s`; all of that at
once when no desk listens.
"""

from collections.abc import Iterator
from typing import Any

from hub import presence
from hub.channels import notices
from hub.channels.pager import alert, may_ring, named, rings_for
from hub.core import Hub
from hub.events import CommandRan, Effect, Now, RunCommand, Started, ToBoard


def watch_untaken(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: what nobody has taken goes further, each step once for each start of its clocks."""
    limits = hub.settings.escalation
    found = []
    for row in _open(hub, "untaken"):
        if row["kind"] == "abnormal":
            continue  # not urgent: nobody beyond the desk is told
        board = hub.registry.board(row["board"]) or {}
        heard = presence.heard_by_desk(hub, row["kind"], {**board, "street": row["street"]})
        unheard = heard is False
        waited = hub.elapsed(now, row["since_row"])
        why = "nobody_listening" if unheard else "untaken"
        overdue = unheard or waited >= limits.page_s * 1000
        if row["paged_row"] is None and overdue:
            boards = [
                each
                for each in hub.registry.pagers()
                if rings_for(hub.registry, each) in ("", row["street"])
                and may_ring(hub.registry, row, each)
            ]
            command = bool(limits.command) and not row["exercise"]
            body = {"incident": row["id"], "boards": boards, "command": command, "why": why}
            yield from hub.record(now, "paged", "hub", body)
            if command:
                yield RunCommand(row["id"])
        if overdue:
            found.append((row, why))
        if row["escalated_row"] is None and (unheard or waited >= limits.city_s * 1000):
            yield from hub.record(now, "escalated", "hub", {"incident": row["id"], "why": why})
    yield from notices.tell(hub, found, now)


def watch_taken(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: taken and then silent is asked again; so is a next time that has come."""
    silent_ms = hub.settings.escalation.silent_s * 1000
    for row in _open(hub, "taken"):
        if row["next_wall"] is not None:
            due = now.wall >= row["next_wall"]
        elif row["outcome"]:
            due = False
        else:
            since = max(row["progress_row"], row["reminded_row"] or 0)
            due = hub.elapsed(now, since) >= silent_ms
        if due:
            yield from hub.record(now, "reminded", "hub", {"incident": row["id"]})


def watch_tests(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: a test closes itself with its window; no person need end it."""
    window_ms = hub.settings.board.test_window_ms
    for row in hub.db.execute(
        "SELECT id, since_row FROM incidents WHERE kind = 'test' AND state <> 'closed'"
    ).fetchall():
        if hub.elapsed(now, row["since_row"]) >= window_ms:
            body = {"incident": row["id"], "outcome": "test"}
            yield from hub.record(now, "closed", "hub", body)


def watch_abnormal(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: 异常 (call me back) goes to nobody else; untaken for long, the desk rings again."""
    again_ms = hub.settings.escalation.abnormal_s * 1000
    for row in _open(hub, "untaken"):
        since = max(row["since_row"], row["reminded_row"] or 0)
        if row["kind"] == "abnormal" and hub.elapsed(now, since) >= again_ms:
            yield from hub.record(now, "reminded", "hub", {"incident": row["id"]})


def repeat_alerts(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: a pager's order goes out again until it is answered or moot."""
    if now.steady - hub.memory.alerted < hub.settings.escalation.alert_repeat_s * 1000:
        return
    hub.memory.alerted = now.steady
    for row in hub.db.execute(
        "SELECT a.board, a.incident, a.round, i.site_name, i.place, i.street, i.restricted"
        " FROM alerts a"
        " JOIN incidents i ON i.id = a.incident WHERE a.state = 'ringing'"
    ):
        ring = alert(row["incident"], named(row), row["round"])
        yield ToBoard(row["board"], "order", {"kind": "alert", "alert": ring})


def command_ran(hub: Hub, event: CommandRan, now: Now) -> Iterator[Effect]:
    """The configured command ended: its result is on record, and it is no longer due."""
    body = {"incident": event.incident, "exit": event.exit, "said": event.said[:400]}
    yield from hub.record(now, "command_ran", "hub", body)


def resume_commands(hub: Hub, _event: Started, _now: Now) -> Iterator[Effect]:
    """What was due when the hub fell is due when it stands again."""
    for row in hub.db.execute("SELECT incident FROM commands"):
        yield RunCommand(row["incident"])


def _open(hub: Hub, state: str) -> list[Any]:
    return hub.db.execute(
        "SELECT * FROM incidents WHERE state = ? AND kind <> 'test' ORDER BY since_row", (state,)
    ).fetchall()
