"""Lamps, display and repeated sounds, computed from the board's state and the time, never set.

A column that fills like a glass: calling, stored, taken; apart: fault.
Patterns: off, on, slow (0.5 Hz), fast (2 Hz), blip (short, each 10 s), blink3 (one blink each
3 s), double3 (double blip each 3 s), once (one blink), double (the grey key's slow double blink).
When calling and fault are both fast they alternate.
A board with one LED shows four things: blip, fast, on and trouble (three quick, pause).
"""

from firmware.reports import TAKEN, WAITING

# moment, calling, stored, fault, repeated sound and its period in s, text. The lamp taken shines
# in any moment of a call while a person has it; %s is the duty room's phone number. A line of
# text each, found by scanning: as a table of objects it would cost a board three times the heap
MOMENTS = """
starting - - blink3 - 0 启动中
unenrolled - - blink3 - 0 未登记
updating - - blink3 - 0 升级中
idle blip - - - 0 正常
no_hub - - slow low 600 断线!有事请打 %s
no_login - - on low 600 主机不认此终端,请打电话 %s
felt fast - - - 0 呼叫中
stored on on - - 0 已送达值班室
unattended on on slow lowlow 10 已存,无人在席,请打 %s
taken on on - - 0 值班员已接
undelivered fast - fast lowlow 5 未送达,请打 %s(仍在重试)
refused fast - on lowlow 5 主机不认此终端,请打电话 %s
again fast on - - 0 呼叫中
again_unattended fast on slow lowlow 10 已存,无人在席,请打 %s
again_undelivered fast on slow - 0 已送达,再次按下未送达
again_refused on on slow - 0 已送达,再次按下未送达
lost on on slow - 0 断线(已送达)
full - - on lowlow 5 存满,请打 %s
ringing - - - ring 2 求助 · 灰键:知道了 / 长按:我接
note_sent once - - - 0 发送中
note_waiting blip - - - 0 发送中
note_stored blip once - - 0 已送达
ask - - - - 0 点名:按灰键
test double3 - - - 0 测试
drill double3 - - - 0 演练
"""

ALARM = "alarm"
CLOSED_TEXT_MS = 10000
NOTE_MS = 1000
NOTED_MS = 10000


def moment(name):
    """(calling, stored, fault, sound or None, period in ms, text) of a line of MOMENTS."""
    at = MOMENTS.find("\n" + name + " ") + 1
    words = MOMENTS[at : MOMENTS.find("\n", at)].split(None, 6)
    lamps = ["off" if word == "-" else word for word in words[1:4]]
    sound = None if words[4] == "-" else words[4]
    return lamps[0], lamps[1], lamps[2], sound, int(words[5]) * 1000, words[6]


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
    lost = board.no_hub() or board.links.login_refused()
    unattended = newest.kind == ALARM and not board.listening
    if not waiting:
        taken = newest.state == TAKEN
        if refused:
            return "again_refused", taken, False
        if lost:
            return "lost", taken, False
        if taken:
            return "taken", True, False
        return ("unattended" if unattended else "stored"), False, False
    # a press that waits for its own receipt puts out taken, whoever took another one
    overdue = any(late(report, board) for report in waiting)
    if len(waiting) < len(reports):
        if overdue or lost or refused:
            return "again_undelivered", False, unsaved
        return ("again_unattended" if unattended else "again"), False, unsaved
    if refused or board.links.login_refused():
        return "refused", False, unsaved
    return ("undelivered" if overdue else "felt"), False, unsaved


def note_row(board):
    """The row of 异常 or 平安: shown beside nothing graver; None when there is nothing to say."""
    waiting = board.notes()
    if any(late(report, board) for report in waiting):
        return "undelivered"
    if board.refused_note:
        return "refused"
    if waiting:
        sent_ms = max([report.at_ms for report in waiting])
        return "note_sent" if board.now_ms - sent_ms < NOTE_MS else "note_waiting"
    if board.noted_ms is not None and board.now_ms - board.noted_ms < NOTED_MS:
        return "note_stored"
    return None


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
    if board.asks.first():
        return "ask"
    if board.testing():
        return "test"
    return "drill" if board.drilling() and not board.settings["covert"] else "idle"


def phone(board, row):
    number = board.settings["duty_phone"]
    if row in ("undelivered", "full"):
        return "110 / " + number if number else "110"
    return number or "110"


def display(board, row, words, taken, unsaved):
    if "%s" in words:
        words = words % phone(board, row)
    if row == "idle":
        if board.closed_ms is not None and board.now_ms - board.closed_ms < CLOSED_TEXT_MS:
            return "已办结"
        days = board.days_since_test()
        return words if days is None else "%s · 上次验证 %d 天前" % (words, days)
    if row == "ringing":
        return board.ringing().site + " " + words
    if row == "ask" and board.asks.first().kind == "text":
        return board.asks.first().text + " · 灰键:已读"
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
    prefix = "演练 " if call and board.exercise() else ""
    tested = False
    if not call and not covert and board.testing():
        call = call_row(board, board.tests(), board.refused_test)
        tested = call is not None
        prefix = "测试 " if tested else ""
    if not call and not covert and not board.phase:
        note = note_row(board)
        call = (note, False, False) if note else None
    row, taken, unsaved = call or (idle_row(board), False, False)
    calling, stored, fault, sound, period_ms, words = moment(row)
    text = prefix + display(board, row, words, taken, unsaved)
    if not covert and board.full():
        _, _, fault, sound, period_ms, words = moment("full")
        text = words % phone(board, "full")
    elif unsaved and fault != "fast":
        fault = "on"
    if row == "idle" and board.dark_until_ms > board.now_ms:
        calling = "off"
    if board.ringing():  # a test shows on the lamps alone: the display and the sound are another's
        _, _, _, sound, period_ms, words = moment("ringing")
        text = display(board, "ringing", words, False, False) if tested else text
    elif sound == "low" and not board.by_day():
        sound = None
    lamps = {
        "calling": calling,
        "stored": stored,
        "taken": "on" if taken else "off",
        "fault": fault,
    }
    grey = "double" if row == "ask" and not covert else "off"
    if board.ringing():
        grey = "fast"
    panel = {
        "lamps": lamps,
        "grey": grey,
        "display": text,
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
