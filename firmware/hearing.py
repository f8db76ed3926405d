"""What the hub's messages do to a board: receipt, state, order. Each was checked before."""

from firmware.reports import CLOSED, NOTES, REFUSED, STORED, TAKEN, WAITING, parse_name
from protocol.compat import const

_LATER_LEAST_MS = const(250)
_SET_BACK_MS = const(60000)  # no message is under way for so long while newer ones arrive


def _newest(board, value):
    """Whether the hub said this no earlier than all that was heard of the same ledger.

    One that has stood below that for long was set back (an old copy in its place): what it lost
    is offered again, as to another ledger."""
    other = value["ledger"] != board.heard_ledger
    if not other and value["row"] < board.heard_row:
        if board.now_ms - board.heard_ms < _SET_BACK_MS:
            return False
        board.recall.kept = board.recall.heard = ""
        other = True
    if other:
        for report in board.reports.all.values():
            report.told_row = 0
    board.heard_ledger = value["ledger"]
    board.heard_row = value["row"]
    board.heard_ms = board.now_ms
    return True


def receipt(board, value):
    newest = _newest(board, value)
    if newest:
        board.listening = value["listening"]
    report = board.reports.all.get((value["boot"], value["number"]))
    if not report:
        return
    if value["answer"] == "stored":
        if newest:
            report.drill = value.get("drill", False)
        _stored(board, report, value.get("incident"))
        told = value.get("state")
        if report.kind == "hold" and told in (STORED, TAKEN):
            _held_on(board, report, value.get("incident"))
        # an overtaken word takes nothing as taken or closed, but still as open
        if "incident" in value and (told == STORED or (newest and told)):
            _incident(board, value)
    elif report.state != WAITING:
        return  # a late copy of an answer that a later one has overtaken
    elif value["answer"] == "later":
        wait_ms = max(value.get("after_ms", board.settings["retry_first_ms"]), _LATER_LEAST_MS)
        report.late = True
        board.reports.sender.later(report.name, board.now_ms, wait_ms)
    else:
        board.reports.end(report, REFUSED)
        if report.kind == "alarm":
            board.refused_press = True
        elif report.kind == "test":
            board.refused_test = True
        elif report.kind in NOTES:
            board.refused_note = True


def _held_on(board, hold, incident):
    """A drill that was confirmed while its key was still down: the hold is real, and opened an
    incident with the press that had ended. The lamps speak of it again."""
    name = parse_name(hold.about)
    if name in board.reports.all or [r for r in board.alarms() if r.incident == incident]:
        return
    report = board.reports.restore((name, "alarm", STORED, {}, hold.reboots), board.now_ms)
    report.order = hold.order  # older than what was pressed since
    report.kept = CLOSED  # flash goes on without it: after a start the hub names what it forgot
    report.incident = incident
    board.tone("rising2")


def _incident(board, value):
    """What the newest receipt says of its incident holds for every stored press of it: a press
    after the taking has made it untaken again, whichever of them the hub heard last. Newest of
    that incident: what was said since of another one says nothing of this."""
    told = [
        report
        for report in board.reports.all.values()
        if report.followed() and report.incident == value["incident"] and report.state != WAITING
    ]
    if any(report.told_row > value["row"] for report in told):
        return
    for report in told:
        report.told_row = value["row"]
        _fate(board, report, value)


def _stored(board, report, incident):
    again = report.was
    if not board.reports.stored(report, incident) or again:
        return
    covert = board.settings["covert"]
    hidden = report.kind == "duress" and not report.code  # 平安 held: exactly as a 平安
    if hidden or (covert and report.kind in ("alarm", "test")):
        board.dark_until_ms = board.now_ms + board.DARK_MS
    if report.kind in ("alarm", "test"):
        board.refused_press = board.refused_test = False
    if report.kind == "alarm":
        board.tone("rising2")
    elif report.kind == "test":
        board.tone("chime")
        board.verified()
    elif report.kind in NOTES:
        board.noted_ms = board.now_ms
    elif report.kind == "withdraw" and _speaks_of_newest(board, report):
        board.withdraw_asked = True
        board.tone("soft")


def _speaks_of_newest(board, withdraw):
    """A red press after it voids a withdrawal."""
    alarms = board.alarms()
    return bool(alarms) and max([r.order for r in alarms]) < withdraw.order


def state(board, value):
    if not _newest(board, value):
        return  # said before what was heard already
    board.heard_state = True
    board.listening = value["listening"]
    board.wall_offset_ms = value["wall_ms"] - board.now_ms
    left_ms = value.get("drill_ms", 0)
    board.drill_until_ms = board.now_ms + left_ms if left_ms else None
    if board.recall.birth(value["ledger"]):
        board.recall_began()
    for fate in value["presses"]:
        name = parse_name(fate["press"])
        report = board.reports.all.get(name) or _forgotten(board, name, fate)
        if report:
            report.told_row = value["row"]
            _fate(board, report, fate)
    board.asks.keep(value.get("asks") or (), board.answered(), board.now_ms)
    board.pager.keep([alert["incident"] for alert in value["alerts"]], board.now_ms)
    for alert in value["alerts"]:
        board.pager.name(alert["incident"], alert["site"], board.now_ms)


def _forgotten(board, name, fate):
    """A press of an earlier start that flash could not keep: the lamps speak of it all the same.

    One of this start is not forgotten but ended."""
    open_state = fate["state"] in (STORED, TAKEN)
    if not fate.get("forgotten") or name[0] == board.boot or not open_state:
        return None
    report = board.reports.restore((name, "alarm", STORED, {}, 1), board.now_ms)
    report.order = -report.order  # older than all that is in the table
    return report


def _fate(board, report, fate):
    told = fate["state"]
    if told == "unknown":
        board.reports.offer_again(report, board.now_ms)
        return
    report.drill = fate.get("drill", False)
    if told != CLOSED or not report.followed():
        _stored(board, report, fate.get("incident"))  # an incident in it counts as a receipt
    if not report.followed():
        return
    if told == TAKEN and report.state != TAKEN:
        report.state = TAKEN
        if report.kind == "alarm":
            board.tone("rising3")
    elif told == STORED and report.state == TAKEN:
        report.state = STORED
    elif told == CLOSED:
        board.reports.end(report, CLOSED)
        if report.kind == "alarm" and not board.alarms():
            board.closed()
    report.by = fate.get("by") if told == TAKEN else None


def order(board, value):
    """False when it says nothing that can be followed."""
    if value["kind"] == "alert":
        if "alert" not in value:
            return False
        alert = value["alert"]
        board.pager.name(alert["incident"], alert["site"], board.now_ms)
        return True
    if "version" not in value or "settings" not in value:
        return False
    if value["version"] != board.settings_version:
        board.apply(value["version"], value["settings"])
    return True
