"""Incidents (警情/事件): what presses become. Projections only: each takes one ledger row.

Rules: a press joins its board's open incident, counted in sight; after it was taken a further
press makes it untaken again and restarts the clocks; after closing it opens a new one. Duress
and 异常 join only their own kind. A withdrawal is a wish. Only people close, with an outcome; a
test closes with its window. A drill (演练) is an incident of its own kind until a person confirms
it; a real press of its board ends it.
"""

import json
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from hub.channels import notices, tries
from hub.channels.pager import alert_of
from hub.city import feed
from hub.decision import remember
from hub.duty import allwell, asks, evidence
from hub.events import Effect, EquipmentChanged, IncidentChanged
from hub.ledger import Row

# effects on the way, and at the end the incident that the report belongs to
_Joined = Generator[Effect, None, str | None]

UPWARD = ("handed_on", "graded")  # what first tells the city of an 异常
SURE_MS = 200  # beside a thousandth of its age: how surely a press is dated

PRESSES = ("alarm", "hold", "duress", "abnormal", "test")
WEAKER = ("test", "drill")  # a real press of their board ends them
SITE = ("board", "site", "site_name", "street", "contact", "simulated", "late")
# what a further press takes back
NOT_TAKEN: dict[str, str | None] = {
    "state": "untaken",
    "verification": "unverified",  # what was found out was found out of the press before
    **dict.fromkeys(("taken_by", "taken_street", "taken_row", "taken_wall", "handed_over_wall")),
    **dict.fromkeys(("outcome", "outcome_wall")),
    **dict.fromkeys(("paged_row", "escalated_row", "reminded_row", "progress_row", "next_wall")),
    "sent_row": None,
}


def reported(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """reported: {board, site, site_name, street, contact, simulated, exercise, late, pressed_from,
    pressed_to, restored, report, drill?: its window}; everything as of the moment it came."""
    report = row.body["report"]
    incident: str | None = None
    evidence.reported(db, row)
    yield from allwell.reported(db, row)
    if row.body["quiet"]:
        pass
    elif report["kind"] in PRESSES:
        incident = yield from _pressed(db, row, report["kind"])
    elif report["kind"] == "withdraw":
        incident = yield from _withdraw_asked(db, row)
    elif report["kind"] == "answer":
        if report.get("about", "").startswith(asks.PREFIX):
            yield from asks.answered(db, row)
        elif report.get("about", "").startswith(tries.PREFIX):
            yield from tries.answered(db, row)
        else:
            incident = yield from _alert_answered(db, row, report)
    elif report["kind"] == "status":
        db.execute(
            "INSERT INTO troubles VALUES (?,?,?,?,?)",
            (
                row.number,
                row.wall,
                "status",
                row.body["board"],
                " ".join(filter(None, (report.get("code"), report.get("text")))),
            ),
        )
        yield EquipmentChanged(row.number)
    db.execute(
        "INSERT INTO reports VALUES (?,?,?,?,?,?)",
        (
            row.body["board"],
            report["boot"],
            report["number"],
            report["kind"],
            row.number,
            incident,
        ),
    )
    if incident:
        yield IncidentChanged(incident, row.number, rings=report["kind"] in PRESSES)


def unprocessed(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """unprocessed: {raw, why} and the fields of reported: what the hub could not understand
    rings as an alarm of its own; a person reads the raw text."""
    report = row.body["report"]
    incident = (yield from _pressed(db, row, "alarm")) or ""
    db.execute(
        "INSERT OR IGNORE INTO reports VALUES (?,?,?,'unprocessed',?,?)",
        (row.body["board"], report["boot"], report["number"], row.number, incident),
    )
    db.execute(
        "INSERT INTO troubles VALUES (?,?,?,?,?)",
        (row.number, row.wall, "unprocessed", row.body["board"], row.body["why"]),
    )
    yield IncidentChanged(incident, row.number, rings=True)


def find(db: sqlite3.Connection, incident: str) -> Any:
    """The incident's row, or None."""
    return db.execute("SELECT * FROM incidents WHERE id = ?", (incident,)).fetchone()


def open_ones(db: sqlite3.Connection, board: str) -> dict[str, Any]:
    """The board's open incidents by kind: at most one of each."""
    rows = db.execute("SELECT * FROM incidents WHERE board = ? AND state <> 'closed'", (board,))
    return {row["kind"]: row for row in rows}


def _pressed(db: sqlite3.Connection, row: Row, report_kind: str) -> _Joined:
    body = row.body
    kind = "alarm" if report_kind == "hold" else report_kind
    open_ = {} if body["restored"] else open_ones(db, body["board"])
    if body.get("drill") and not body["restored"] and not ("alarm" in open_ or "duress" in open_):
        kind = "drill"
    incident = open_.get(kind)
    own = _incident_of(db, row) if report_kind == "hold" else None
    drilled = own is not None and find(db, own)["kind"] == "drill"  # in a drill a hold is real
    if own and not drilled and (incident is None or incident["id"] != own):
        # the press it belongs to has been dealt with: on its timeline, no new call
        db.execute("INSERT INTO timeline VALUES (?, ?)", (own, row.number))
        return own
    if kind == "alarm":  # real need ends test and drill
        for weaker in (open_[each] for each in WEAKER if each in open_):
            yield from _close(db, row, weaker["id"], weaker["kind"], "hub")
    if incident is None:
        held = report_kind == "hold"
        id_ = yield from _opened(db, row, kind, body, int(drilled or not held), int(held))
        if own and drilled:
            yield from _moved(db, own, id_)
        return id_
    id_ = str(incident["id"])
    columns: dict[str, Any] = {"withdraw_wall": None, "pressed_row": row.number}
    if report_kind == "hold":
        columns["holds"] = incident["holds"] + 1
        yield from changed(db, row, id_, "hold", **columns)
        return id_
    columns["presses"] = incident["presses"] + 1
    if incident["state"] == "taken" and not _before(db, row, incident["taken_row"]):
        columns |= {"since_row": row.number, "since_wall": row.wall, **NOT_TAKEN}
        db.execute("DELETE FROM alerts WHERE incident = ?", (id_,))
    yield from changed(db, row, id_, "again", **columns)
    return id_


def _incident_of(db: sqlite3.Connection, row: Row) -> str | None:
    """The incident of the press that this report is about, if that press has come."""
    boot, _, number = row.body["report"].get("about", "").partition(":")
    found = db.execute(
        "SELECT incident FROM reports WHERE board = ? AND boot = ? AND number = ?",
        (row.body["board"], boot, int(number) if number.isdecimal() else 0),
    ).fetchone()
    return found["incident"] if found else None


def _before(db: sqlite3.Connection, row: Row, other_row: int) -> bool:
    """Whether what is reported was surely done before ledger row `other_row`: under way then."""
    report = row.body["report"]
    (boot_row,) = db.execute("SELECT value FROM about WHERE key = 'boot_row'").fetchone()
    if report["reboots"] or other_row < int(boot_row):
        return False
    (steady,) = db.execute("SELECT steady FROM ledger WHERE number = ?", (other_row,)).fetchone()
    age_ms = int(report["age_ms"])
    latest = row.steady - age_ms + age_ms // 1000 + SURE_MS  # a board's clock may run fast
    return latest < int(steady)


def _opened(
    db: sqlite3.Connection,
    row: Row,
    kind: str,
    facts: Mapping[str, Any],
    presses: int,
    holds: int,
) -> Generator[Effect, None, str]:
    """`facts`: of the board, as in reported."""
    restored = bool(facts.get("restored"))
    (prefix,) = db.execute("SELECT value FROM about WHERE key = 'prefix'").fetchone()
    id_ = f"{prefix}-{row.number}"
    closed = row.wall if restored else None
    values = {
        "id": id_,
        **{key: facts[key] for key in SITE},
        "place": facts.get("place", ""),
        "restricted": bool(facts.get("restricted")),
        "kind": kind,
        "drill": facts["drill"] if kind == "drill" else None,
        "exercise": facts["exercise"] or kind in WEAKER,
        "restored": restored,
        "state": "closed" if restored else "untaken",
        "presses": presses,
        "holds": holds,
        "verification": "unverified",
        "pressed_from": facts["pressed_from"],
        "pressed_to": facts["pressed_to"],
        "opened_row": row.number,
        "opened_wall": row.wall,
        "since_row": row.number,
        "since_wall": row.wall,
        "pressed_row": row.number,
        "handed_on": "[]",
        "level": 0,
        "closed_wall": closed,
        "closed_by": "hub" if restored else None,
        "last_row": row.number,
    }
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO incidents ({names}) VALUES ({marks})", tuple(values.values()))
    if restored:  # 恢复补登: the city had it long ago; it rings nowhere
        db.execute("INSERT INTO timeline VALUES (?, ?)", (id_, row.number))
    else:
        yield from changed(db, row, id_, "new")
    return id_


def _moved(db: sqlite3.Connection, drill: str, real: str) -> Iterator[Effect]:
    """What was pressed in the drill belongs to the real incident now: its board's lamps and its
    timeline go on there."""
    db.execute("UPDATE reports SET incident = ? WHERE incident = ?", (real, drill))
    db.execute(
        "INSERT OR IGNORE INTO timeline SELECT ?, row FROM timeline WHERE incident = ?",
        (real, drill),
    )
    row = find(db, real)
    yield IncidentChanged(real, row["last_row"], rings=False)  # its board is told


def changed(
    db: sqlite3.Connection, row: Row, incident: str, change: str, **columns: Any
) -> Iterator[Effect]:
    """Every change of an incident ends here: its columns, timeline, the city's event.

    异常 is local work: it goes up only from the moment a person hands it on or grades it.
    """
    db.execute("INSERT OR IGNORE INTO timeline VALUES (?, ?)", (incident, row.number))
    columns["last_row"] = row.number
    names = ", ".join(f"{name} = ?" for name in columns)
    now = db.execute(
        f"UPDATE incidents SET {names} WHERE id = ? RETURNING *", (*columns.values(), incident)
    ).fetchone()
    if now["kind"] == "abnormal" and change not in UPWARD and not feed.knows(db, incident):
        return
    yield from feed.append(db, row, now, change)


def _withdraw_asked(db: sqlite3.Connection, row: Row) -> _Joined:
    """A wish about one press: a later red press has voided it, also one that came first."""
    own = _incident_of(db, row)
    open_ = open_ones(db, row.body["board"])
    if own is None:
        return None
    asked = [open_[each]["id"] for each in ("alarm", "drill") if each in open_]
    if own not in asked or _pressed_since(db, row, own):
        db.execute("INSERT INTO timeline VALUES (?, ?)", (own, row.number))
        return own
    yield from changed(db, row, own, "withdraw_asked", withdraw_wall=row.wall)
    return own


def _pressed_since(db: sqlite3.Connection, row: Row, incident: str) -> bool:
    """Whether the incident has a red press after the one that this report is about."""
    boot, _, number = row.body["report"]["about"].partition(":")
    later = db.execute(
        "SELECT 1 FROM reports WHERE incident = ? AND kind = 'alarm' AND CASE boot WHEN ?"
        " THEN number > ? ELSE row > (SELECT row FROM reports"
        " WHERE board = ? AND boot = ? AND number = ?) END",
        (incident, boot, int(number), row.body["board"], boot, int(number)),
    ).fetchone()
    return later is not None


def _alert_answered(db: sqlite3.Connection, row: Row, report: dict[str, Any]) -> _Joined:
    """Only a board that was rung answers, and only for the round that rings now: an answer
    that was long under way must not take what has been pressed again since."""
    about, round_ = alert_of(report.get("about") or "")
    incident = find(db, about)
    if incident is None:
        return None
    id_, board = str(incident["id"]), row.body["board"]
    code = report.get("code", "heard")
    db.execute("INSERT OR IGNORE INTO timeline VALUES (?, ?)", (id_, row.number))
    rung = db.execute(
        "SELECT round FROM alerts WHERE incident = ? AND board = ?", (id_, board)
    ).fetchone()
    if rung is None or report["reboots"] or _before(db, row, incident["since_row"]):
        return id_
    if code != "taken" and round_ != rung["round"]:
        return id_  # it rings anew since
    stands = "duress" not in open_ones(db, board)  # what is said under duress counts for nobody
    if stands:
        notices.answered(db, row, id_, board, code)
    if code != "taken" or not stands:
        state = "heard" if code == "heard" else "busy"  # either way it rings there no more
        db.execute(
            "UPDATE alerts SET state = ? WHERE incident = ? AND board = ?", (state, id_, board)
        )
    elif incident["state"] == "untaken":
        yield from _take(db, row, id_, row.body["site_name"])
    return id_


def _take(db: sqlite3.Connection, row: Row, incident: str, by: str) -> Iterator[Effect]:
    _silence_alerts(db, incident)
    street = bool(row.body.get("street")) and row.kind == "taken"
    columns = {
        "state": "taken",
        "taken_by": by,
        "taken_street": street,
        "taken_wall": row.wall,
    }
    rows = {"taken_row": row.number, "progress_row": row.number}
    yield from changed(db, row, incident, "taken", **columns, **rows)


def _silence_alerts(db: sqlite3.Connection, incident: str) -> None:
    db.execute("DELETE FROM alerts WHERE incident = ?", (incident,))
    db.execute("DELETE FROM commands WHERE incident = ?", (incident,))
    notices.make_moot(db, incident)


def _close(
    db: sqlite3.Connection, row: Row, incident: str, outcome: str, by: str
) -> Iterator[Effect]:
    db.execute(
        "UPDATE incidents SET state = 'closed', outcome = ?, outcome_wall ="
        " coalesce(outcome_wall, ?), closed_wall = ?, closed_by = ? WHERE id = ?",
        (outcome, row.wall, row.wall, by, incident),
    )
    _silence_alerts(db, incident)
    yield from changed(db, row, incident, "closed")
    yield IncidentChanged(incident, row.number, rings=False)


# --- what people do: one projection a verb; `hub/actions.py` has checked that it may be done ----


def taken(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """taken (受理): {incident, action, street?: by the street's own duty room}."""
    yield from _acted(db, row, _take(db, row, row.body["incident"], row.actor))


def handed_over(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """Of relieved (接班): {incidents}: the actor has in hand what those before had taken."""
    for incident in row.body.get("incidents", ()):  # rows of before had none
        columns = {"taken_by": row.actor, "handed_over_wall": row.wall}
        yield from changed(db, row, incident, "handed_over", **columns)
        yield IncidentChanged(incident, row.number, rings=False)


def called_back(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """called_back (回电): {incident, action, outcome: real | false_press | no_answer, called?:
    false: of silent duress, verified by others than the site}.

    Nobody answers the call-back: treated as real, still unverified; what was found real before
    stays so.
    """
    incident, outcome = row.body["incident"], row.body["outcome"]
    stands = outcome == "no_answer" and find(db, incident)["outcome"] == "real"
    db.execute(
        "UPDATE incidents SET outcome = ?, outcome_wall = ?, progress_row = ?, verification ="
        " CASE ? WHEN 'no_answer' THEN verification ELSE 'verified' END WHERE id = ?",
        ("real" if stands else outcome, row.wall, row.number, outcome, incident),
    )
    change = {"real": "verified", "false_press": "false_press", "no_answer": "note"}[outcome]
    yield from _acted(db, row, changed(db, row, incident, change))


def handed_on(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """handed_on (已转110/119/120): {incident, action, service}."""
    incident = row.body["incident"]
    list_ = json.loads(find(db, incident)["handed_on"])
    list_.append([row.body["service"], row.wall, row.actor])
    handed = json.dumps(list_, ensure_ascii=False)
    columns = {"handed_on": handed, "sent_row": row.number, "progress_row": row.number}
    yield from _acted(db, row, changed(db, row, incident, "handed_on", **columns))


def noted(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """noted (记录): {incident, action, text}. A note alone is no progress."""
    yield from _acted(db, row, changed(db, row, row.body["incident"], "note"))


def next_time_set(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """next_time_set (再问): {incident, action, wall}."""
    columns = {"next_wall": row.body["wall"], "progress_row": row.number, "reminded_row": None}
    yield from _acted(db, row, changed(db, row, row.body["incident"], "note", **columns))


def closed(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """closed (办结): {incident, outcome} and, from a desk, {action}."""
    incident = row.body["incident"]
    yield from _acted(db, row, _close(db, row, incident, row.body["outcome"], row.actor))


def made_real(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """made_real (转为真警): {incident, exercise}, of a desk also {action, desk}: the drill closes,
    a real incident opens with its presses and rings as any other."""
    remember(db, row)
    drill = find(db, row.body["incident"])
    kept = (*SITE, "place", "restricted", "pressed_from", "pressed_to")
    facts = {key: drill[key] for key in kept}
    facts["exercise"] = row.body["exercise"]
    yield from _close(db, row, drill["id"], "drill", row.actor)
    id_ = yield from _opened(db, row, "alarm", facts, drill["presses"], drill["holds"])
    yield from _moved(db, drill["id"], id_)
    yield IncidentChanged(id_, row.number, rings=True)


def _acted(db: sqlite3.Connection, row: Row, effects: Iterator[Effect]) -> Iterator[Effect]:
    remember(db, row)
    yield from effects
    if row.kind != "closed":
        yield IncidentChanged(row.body["incident"], row.number, rings=False)


def shown(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """shown: {desk, incidents}: rendered in a browser, visible, with sound on."""
    for incident in row.body["incidents"]:
        db.execute(
            "INSERT OR IGNORE INTO shown VALUES (?,?,?,?)",
            (incident, row.body["desk"], row.actor, row.wall),
        )
        db.execute("INSERT OR IGNORE INTO timeline VALUES (?, ?)", (incident, row.number))
        yield IncidentChanged(incident, row.number, rings=False)


# --- what time does ------------------------------------------------------------------------


def paged(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """paged: {incident, boards, command, why: untaken | nobody_listening}."""
    incident = row.body["incident"]
    db.execute("UPDATE incidents SET paged_row = ? WHERE id = ?", (row.number, incident))
    for board in row.body["boards"]:
        db.execute("INSERT OR REPLACE INTO alerts VALUES (?,?,'ringing',1)", (incident, board))
    if row.body["command"]:
        db.execute("INSERT OR REPLACE INTO commands VALUES (?)", (incident,))
    yield from _passed(db, row)


def escalated(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """escalated (超时未受理): {incident, why}."""
    columns = {"escalated_row": row.number, "escalated_wall": row.wall}
    yield from changed(db, row, row.body["incident"], "escalated", **columns)
    yield from _passed(db, row)


def reminded(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """reminded (受理后无进展): {incident}: the desk asks again."""
    db.execute(
        "UPDATE incidents SET reminded_row = ?, next_wall = NULL WHERE id = ?",
        (row.number, row.body["incident"]),
    )
    yield from _passed(db, row, rings=True)


def command_ran(db: sqlite3.Connection, row: Row) -> Iterator[Effect]:
    """command_ran: {incident, exit, said}."""
    db.execute("DELETE FROM commands WHERE incident = ?", (row.body["incident"],))
    yield from _passed(db, row)


def _passed(db: sqlite3.Connection, row: Row, rings: bool = False) -> Iterator[Effect]:
    incident = row.body["incident"]
    db.execute("INSERT OR IGNORE INTO timeline VALUES (?, ?)", (incident, row.number))
    yield IncidentChanged(incident, row.number, rings)
