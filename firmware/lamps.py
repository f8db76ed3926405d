"""Lamps, display and repeated sounds, computed from the board's state and the time, never set.

ROWS is the lamp table. A column that fills like a glass: calling, stored, taken; apart: fault.
Patterns: off, on, slow (0.5 Hz), fast (2 Hz), blip (short, each 10 s), blink3 (one blink each
3 s), double3 (double blip each 3 s). When calling and fault are both fast they alternate.
A board with one LED shows four things: blip, fast, on and trouble (three quick, pause).
`%s` in a text is the duty room's phone number.
"""

from firmware.reports import TAKEN, WAITING

OVERT_LOW_MS = 600000  # the sound of a lost hub, by day
ALARM = "alarm"
CLOSED_TEXT_MS = 10000
RING_MS = 2000

# row: calling, stored, fault, text, repeated sound, its period in ms; the lamp taken shines in
# any row of a call while a person has it
ROWS = {
    "starting": ("off", "off", "blink3", "启动中", None, 0),
    "unenrolled": ("off", "off", "blink3", "未登记", None, 0),
    "updating": ("off", "off", "blink3", "升级中", None, 0),
    "idle": ("blip", "off", "off", "正常", None, 0),
    "no_hub": ("off", "off", "slow", "断线!有事请打 %s", "low", OVERT_LOW_MS),
    "no_login": ("off", "off", "on", "主机不认此终端,请打电话 %s", "low", OVERT_LOW_MS),
    "felt": ("fast", "off", "off", "呼叫中", None, 0),
    "stored": ("on", "on", "off", "已送达值班室", None, 0),
    "unattended": ("on", "on", "slow", "已存,无人在席,请打 %s", "lowlow", 10000),
    "taken": ("on", "on", "off", "值班员已接", None, 0),
    "undelivered": ("fast", "off", "fast", "未送达,请打 %s(仍在重试)", "lowlow", 5000),
    "refused": ("fast", "off", "on", "主机不认此终端,请打电话 %s", "lowlow", 5000),
    "again": ("fast", "on", "off", "呼叫中", None, 0),
    "again_unattended": ("fast", "on", "slow", "已存,无人在席,请打 %s", "lowlow", 10000),
    "again_undelivered": ("fast", "on", "slow", "已送达,再次按下未送达", None, 0),
    "again_refused": ("on", "on", "slow", "已送达,再次按下未送达", None, 0),
    "lost": ("on", "on", "slow", "断线(已送达)", None, 0),
    "full": ("off", "off", "on", "存满,请打 %s", "lowlow", 5000),
    "ringing": ("off", "off", "off", "求助 · 灰键:知道了 / 长按:我接", "ring", RING_MS),
    "test": ("double3", "off", "off", "测试", None, 0),
    "drill": ("double3", "off", "off", "演练", None, 0),
}


def late(report, board):
    """No receipt for too long, or the hub asked for time."""
    waited_ms = board.now_ms - report.offered_ms
    return report.late or waited_ms >= board.settings["no_receipt_ms"]


def call_row(board, reports, refused):
    """(row, taken, unsaved) of an incident that these presses make; None without any.

    `refused`: the hub would not have one of them."""
    if not reports:
        return ("refused", False, False) if refused else None
    newest = max(reports, key=lambda report: report.order)
    waiting = [report for report in reports if report.state == WAITING]
    unsaved = any(report.saved is False for report in waiting)
    # a person took it after the newest press was made, even if that press still waits
    taken = newest.state == TAKEN or (
        newest.state == WAITING
        and any(r.state == TAKEN and r.taken_ms >= newest.at_ms for r in reports)
    )
    lost = board.no_hub() or board.links.login_refused()
    unattended = newest.kind == ALARM and not board.listening and not taken
    if not waiting:
        if refused:
            return "again_refused", taken, False
        if lost:
            return "lost", taken, False
        if unattended:
            return "unattended", False, False
        return ("taken" if taken else "stored"), taken, False
    overdue = any(late(report, board) for report in waiting)
    if len(waiting) < len(reports):
        if overdue or lost or refused:
            return "again_undelivered", taken, unsaved
        return ("again_unattended" if unattended else "again"), taken, unsaved
    if refused or board.links.login_refused():
        return "refused", False, unsaved
    return ("undelivered" if overdue else "felt"), False, unsaved


def idle_row(board):
    """The row when this board calls nobody, in the table's order of precedence."""
    if board.phase:
        return board.phase
    if board.links.login_refused():
        return "no_login"
    if board.no_hub():
        return "no_hub"
    if not board.heard_state:
        return "starting"
    if board.ringing():
        return "ringing"
    if board.testing():
        return "test"
    return "drill" if board.drilling() else "idle"


def phone(board, row):
    number = board.settings["duty_phone"]
    if row == "undelivered":
        return "110 / " + number if number else "110"
    return number or "110"


def text(board, row, taken, unsaved):
    words = ROWS[row][3]
    if "%s" in words:
        words = words % phone(board, row)
    if row == "idle":
        if board.closed_ms is not None and board.now_ms - board.closed_ms < CLOSED_TEXT_MS:
            return "已办结"
        days = board.days_since_test()
        return words if days is None else "%s · 上次验证 %d 天前" % (words, days)
    if row == "ringing":
        return board.ringing().site + " " + words
    if row in ("stored", "unattended", "taken") and board.withdraw_asked:
        return "已请求撤回,请等回电"
    if row == "taken" and board.settings["show_name"] and board.taken_by():
        words = "值班员 %s 已接" % board.taken_by()
    if unsaved:
        words = "未存,勿断电" if row in ("felt", "again") else words + " · 未存,勿断电"
    return words


def view(board):
    """(panel, repeated sound or None, its period in ms) as of the board's now."""
    covert = board.settings["covert"]
    call = None if covert else call_row(board, board.alarms(), board.refused_press)
    prefix = "演练 " if call and board.drilling() else ""
    if not call and not covert and board.testing() and not board.ringing():
        call = call_row(board, board.tests(), board.refused_test)
        prefix = "测试 " if call else ""
    row, taken, unsaved = call or (idle_row(board), False, False)
    calling, stored, fault, _, sound, period_ms = ROWS[row]
    display = prefix + text(board, row, taken, unsaved)
    if not covert and board.full():
        fault = "on"
        sound, period_ms = ROWS["full"][4:]
        display = ROWS["full"][3] % phone(board, row)
    elif unsaved and fault != "fast":
        fault = "on"
    if row == "idle" and board.dark_until_ms > board.now_ms:
        calling = "off"
    if sound == "low" and not board.by_day():
        sound = None
    lamps = {
        "calling": calling,
        "stored": stored,
        "taken": "on" if taken else "off",
        "fault": fault,
    }
    panel = {
        "lamps": lamps,
        "grey": "fast" if board.ringing() else "off",
        "display": display,
        "led": led(lamps),
    }
    return panel, None if covert else sound, period_ms


def led(lamps):
    """The same on a board with one LED."""
    if lamps["fault"] != "off":
        return "trouble"
    if lamps["calling"] == "fast":
        return "fast"
    if lamps["stored"] == "on":
        return "on"
    return "off" if lamps["calling"] == "off" else "blip"
