"""Every text of the pages, once, in both languages: key -> (zh-CN, en); a test wants them all.

The Chinese is a government duty room's, not the police's: 接报, 受理, 办结. Keys that begin with
`js.` also travel to the page's script.
"""

from collections.abc import Callable

LANGUAGES = ("zh", "en")

WORDS: dict[str, tuple[str, str]] = {
    # --- the frame
    "product": ("前哨", "Qianshao"),
    "unclassified": (
        "本系统不得处理涉密信息。本按钮不代替 110 / 119 / 120。",
        "Unclassified information only. The button does not replace 110 / 119 / 120.",
    ),
    "all_simulated": (
        "模拟:本值班室的按钮全部是虚拟的。",
        "Simulated: every button of this duty room is virtual.",
    ),
    "html_lang": ("zh-CN", "en"),
    "needs_script": (
        "本页需要脚本才能响铃和受理:请换用普通浏览器。",
        "This page needs its script to ring and to take: use an ordinary browser.",
    ),
    "mode.live": ("实战", "Live"),
    "mode.simulated": ("模拟", "Simulated"),
    "language.other": ("English", "中文"),
    "logout": ("退出", "Log out"),
    # --- login
    "login.title": ("登录", "Log in"),
    "login.user": ("用户", "User"),
    "login.password": ("口令", "Password"),
    "login.go": ("登录", "Log in"),
    "login.wrong": ("用户或口令不对。", "User or password is wrong."),
    "login.locked": (
        "试错太多:请 {minutes} 分钟后再试。",
        "Too many wrong tries: try again in {minutes} min.",
    ),
    "login.disk": (
        "登录没能保存(磁盘可能已满):请通知技术员。",
        "The login could not be saved (the disk may be full): call the technician.",
    ),
    "login.over": ("登录已失效,请重新登录。", "The session has ended: log in again."),
    # --- refusals, said to programs and people alike
    "refused.login": ("请先登录。", "Log in first."),
    "refused.role": ("您的角色不能这样做。", "Your role may not do this."),
    "refused.origin": (
        "请求不是从本页发出的,已拒绝。",
        "The request did not come from this page and was refused.",
    ),
    "refused.form": (
        "请求的格式不对:{field} 应为 {wanted}。",
        "Malformed request: {field} should be {wanted}.",
    ),
    "refused.none": ("没有这个页面。", "There is no such page."),
    "refused.busy": (
        "主机没有及时答复,请重试。",
        "The hub did not answer in time: try again.",
    ),
    # --- top bar
    "top.officer": ("值班 {name}", "On duty {name}"),
    "top.administrator": ("管理员 {name}(只看)", "Administrator {name} (view only)"),
    "top.self_test": ("自检", "Self-test"),
    "top.self_test.none": ("尚未通过", "not yet passed"),
    "top.city": ("市级", "City"),
    "top.city.none": ("无待签收", "nothing pending"),
    "top.city.pending": ("待签收 {count} 起", "{count} awaiting receipt"),
    "top.city.overdue": ("未签收 {count} 起", "no receipt: {count}"),
    "top.city.received": ("已签收 {time}", "receipt {time}"),
    "weekdays": ("周一 周二 周三 周四 周五 周六 周日", "Mon Tue Wed Thu Fri Sat Sun"),
    # --- lists
    "queue": ("待处理", "To be taken"),
    "others": ("已受理", "Taken"),
    "others.none": ("没有办理中的事件", "Nothing in hand"),
    "equipment": ("设备", "Equipment"),
    "calm": ("没有待处理的报警", "No alarm is waiting"),
    "calm.more": (
        "有人按下按钮,这里会立刻出现并响铃。",
        "When somebody presses a button it appears here at once, and rings.",
    ),
    "timeline": ("经过", "Timeline"),
    "timeline.more": ("更早 {count} 条未列出", "{count} earlier entries not listed"),
    # --- what it is
    "kind.alarm": ("报警", "Alarm"),
    "kind.duress": ("静默求助", "Silent duress"),
    "kind.test": ("测试", "Test"),
    "state.untaken": ("待受理", "Untaken"),
    "state.closed": ("已办结", "Closed"),
    "verification.unverified": ("未核实", "Unverified"),
    "verification.verified": ("已核实", "Verified"),
    "outcome.real": ("属实", "Real"),
    "outcome.false_press": ("误按(已核实)", "False press (verified)"),
    "outcome.no_answer": ("无人接听(按真警处理)", "No answer (treated as real)"),
    "outcome.test": ("测试", "Test"),
    "simulated": ("模拟", "Simulated"),
    "exercise": ("演练", "Exercise"),
    "again": ("再次按下 ×{count}", "Pressed again ×{count}"),
    "hold": ("长按", "Held down"),
    "withdraw": ("请求撤回(须回电核实)", "Withdrawal asked (call back first)"),
    "untaken_too_long": ("超时未受理", "Untaken too long"),
    "silent": ("受理后 {minutes} 分钟无进展", "Taken, no progress for {minutes} min"),
    "due": ("再问时间已到", "Time to ask again"),
    "ask_again": ("{time} 后再问", "Ask again at {time}"),
    "handed_on": ("已转{service} {time}", "Handed on to {service} {time}"),
    "late": ("迟到:按下于 {pressed},{arrived} 收到", "Late: pressed {pressed}, arrived {arrived}"),
    "same_site": ("同一单位另有 {count} 起", "{count} more open at this site"),
    "contact.none": ("没有本时段联系人", "No contact on file for this hour"),
    "taken_by": ("已受理 {by} {time}", "Taken by {by} {time}"),
    "closed_by": ("已办结 {by} {time}", "Closed by {by} {time}"),
    "city.waiting": ("待推市级", "Not yet told to the city"),
    "city.told": ("已推市级({verification})", "City told ({verification})"),
    "city.received": ("市级已签收 {time}", "City's receipt {time}"),
    "city.overdue": ("市级未签收 {minutes} 分钟", "No receipt from the city for {minutes} min"),
    # --- keys
    "key.take": ("受理", "Take"),
    "key.dial": ("拨号", "Dial"),
    "key.note": ("记录", "Note"),
    "key.callback": ("回电:", "Call-back:"),
    "key.real": ("属实", "Real"),
    "key.false_press": ("误按", "False press"),
    "key.no_answer": ("无人接听", "No answer"),
    "key.handed_on": ("已转", "Handed on"),
    "key.next_time": ("再问", "Ask again"),
    "key.close": ("办结", "Close"),
    "key.mute": ("静音", "Mute"),
    "key.language": ("语言", "Language"),
    "key.help": ("帮助", "Help"),
    "key.choose": ("选择", "Choose"),
    "key.top": ("选最上一起", "Choose the first"),
    # --- forms of the chosen incident
    "form.note": ("记录", "Note"),
    "form.next_time": ("何时再问(如 0340 或 +15)", "Ask again when (0340 or +15)"),
    "form.save": ("保存", "Save"),
    "form.cancel": ("取消", "Cancel"),
    "form.note.keys": ("Ctrl+Enter 保存 · Esc 取消", "Ctrl+Enter saves · Esc cancels"),
    "form.dial": ("请拨", "Dial"),
    "confirm.false_press": (
        "确认误按?请先回电核实。",
        "A false press? Only after a call-back.",
    ),
    "confirm.close": ("确认办结?办结后不能再改。", "Close it? Nothing can follow."),
    "confirm.yes": ("确认 Enter", "Confirm Enter"),
    # --- answers to an action
    "answer.again": ("已经记下。", "Already on record."),
    "answer.no_incident": ("主机没有这起事件。", "The hub has no such incident."),
    "answer.already_taken": ("晚了一步:{by} 已受理。", "Too late: {by} has taken it."),
    "answer.not_taken": ("请先受理。", "Take it first."),
    "answer.closed": ("已由 {by} 办结。", "Already closed by {by}."),
    "answer.needs_outcome": (
        "请先回电并记下结果(Y / F / X),再办结。",
        "Call back and record the outcome (Y / F / X) before closing.",
    ),
    "answer.bad_value": (
        "没有记下:{field} 应为 {wanted}。",
        "Not recorded: {field} should be {wanted}.",
    ),
    "answer.bad_time": (
        "时间看不懂:请写 0340、03:40 或 +15(分钟)。",
        "Not a time: write 0340, 03:40 or +15 (minutes).",
    ),
    "answer.disk": (
        "磁盘已满,没有记下:请先用电话和纸笔,并通知技术员。",
        "The disk is full and it was not recorded: use phone and paper, call the technician.",
    ),
    "answer.ok.take": ("已受理。", "Taken."),
    "answer.ok.note": ("已记录。", "Noted."),
    "answer.ok.outcome": ("回电结果已记下。", "Outcome recorded."),
    "answer.ok.handed_on": ("已转出,已记下。", "Handed on, recorded."),
    "answer.ok.next_time": ("到时再问,已记下。", "Will ask again then."),
    "answer.ok.close": ("已办结。", "Closed."),
    # --- timeline
    "line.alarm": ("按下报警", "Alarm pressed"),
    "line.again": ("再次按下", "Pressed again"),
    "line.hold": ("长按 3 秒", "Held for 3 s"),
    "line.duress": ("静默求助", "Silent duress"),
    "line.test": ("测试按下", "Test press"),
    "line.withdraw": ("请求撤回(须回电核实)", "Withdrawal asked (call back first)"),
    "line.heard": ("{board} 答:知道了", "{board} answered: heard"),
    "line.busy": ("{board} 正忙", "{board} is busy"),
    "line.taken_there": ("{board} 答:我接", "{board} answered: taking it"),
    "line.unprocessed": (
        "收到看不懂的报告,按报警处理:{raw}",
        "A report that could not be read, treated as an alarm: {raw}",
    ),
    "line.taken": ("受理", "Taken"),
    "line.called_back": ("回电:{outcome}", "Call-back: {outcome}"),
    "line.handed_on": ("已转{service}", "Handed on to {service}"),
    "line.noted": ("记录:{text}", "Note: {text}"),
    "line.next_time_set": ("{time} 后再问", "Ask again at {time}"),
    "line.closed": ("办结:{outcome}", "Closed: {outcome}"),
    "line.shown": ("已在值班席显示并响铃", "Shown at a desk, with sound"),
    "line.paged": ("无人受理,已呼叫 {count} 台终端", "Untaken: {count} boards rung"),
    "line.paged.none": ("无人受理,没有可呼叫的终端", "Untaken: there is no board to ring"),
    "line.paged.nobody": (
        "无人在席,已呼叫 {count} 台终端",
        "Nobody at a listening desk: {count} boards rung",
    ),
    "line.escalated": ("超时未受理,已告市级", "Untaken too long: the city is told"),
    "line.escalated.nobody": ("无人在席,已告市级", "Nobody listening: the city is told"),
    "line.reminded": ("再次提醒", "Asked again"),
    "line.command_ran": ("外接命令已执行({exit})", "Configured command ran ({exit})"),
    "line.city_received": ("市级已签收:{who}", "The city's receipt: {who}"),
    "line.other": ("{kind}", "{kind}"),
    "by.hub": ("主机", "hub"),
    "by.city": ("市级", "city"),
    # --- equipment
    "board.lost": ("终端断线 {minutes} 分钟", "board lost for {minutes} min"),
    "board.lost.many": (
        "{street} {count} 台断线,最早 {minutes} 分钟",
        "{street}: {count} boards lost, first {minutes} min ago",
    ),
    "board.catalogue": (
        "程序版本与主机不同(报警照收):请升级",
        "speaks another catalogue than the hub (presses still count): update it",
    ),
    "board.elsewhere": ("未分街道", "No street"),
    "streets.here": ("正常", "in contact"),
    "streets.lost": ("断线", "lost"),
    "streets.never": ("从未联系", "never heard"),
    "streets.none": ("还没有登记终端", "No board is enrolled"),
    "trouble.status": ("终端报告:{detail}", "reports: {detail}"),
    "trouble.unprocessed": ("报告看不懂:{detail}", "unreadable report: {detail}"),
    "trouble.bad_message": ("发来错误消息:{detail}", "bad messages: {detail}"),
    "trouble.refused": ("报告被拒收:{detail}", "report refused: {detail}"),
    "trouble.missing": ("有报告没有送到:{detail}", "reports that never came: {detail}"),
    "trouble.board_counts": (
        "终端自报:{detail}(dropped 丢弃的记录,refused 不认的消息)",
        "the board says of itself: {detail}",
    ),
    "trouble.torn_records": ("存储有 {detail} 条坏记录", "{detail} torn records in its flash"),
    "trouble.broker_silent": (
        "消息代理无回声,断线不计",
        "broker silent: losses are not counted",
    ),
    "trouble.broker_back": ("消息代理恢复", "broker is back"),
    "trouble.clock_step": ("主机时钟跳变 {detail} 毫秒", "the hub's clock stepped {detail} ms"),
    # --- banners
    "banner.disk": (
        "磁盘已满:新报警未能保存,按键人已被告知({detail})",
        "Disk full: new alarms are not saved, and the pressers are told so ({detail})",
    ),
    "banner.self_test": (
        "自检失败:报警可能到不了本席",
        "Self-test failed: alarms may not reach this desk",
    ),
    "banner.broker": (
        "消息代理断开:按钮的报警进不来",
        "The broker is gone: presses cannot come in",
    ),
    "banner.clock": (
        "主机时钟不可信:比上次记录慢 {seconds} 秒",
        "The hub's clock is not trusted: {seconds} s behind its last record",
    ),
    # --- the script's own
    "js.ago": ("{n} 秒前", "{n} s ago"),
    "js.host": ("主机", "Hub"),
    "js.passed": ("{n} 秒前通过", "{n} s ago"),
    "js.sound": ("声音", "Sound"),
    "js.sound.on": ("正常", "on"),
    "js.sound.off": ("未开启", "off"),
    "js.sound.muted": ("静音 {n} 秒", "muted {n} s"),
    "js.sound.enable": (
        "声音未开启:按空格键开启声音",
        "Sound is off: press the space bar to turn it on",
    ),
    "js.lost": (
        "与值班主机失去联系 {n} 秒,画面可能已过时",
        "No contact with the hub for {n} s: this picture may be out of date",
    ),
    "js.more": ("还有 {count} 起 ↓ 最久 {waited}", "{count} more ↓ longest {waited}"),
    "js.new": ("新:{what}", "New: {what}"),
    "js.sending": ("正在发送……", "Sending ..."),
    "js.resending": (
        "主机没有答复,正在重发(第 {n} 次)",
        "No answer from the hub, sending again (no. {n})",
    ),
    "js.wait": ("刚选中,请看清再按", "Only just chosen: look, then press again"),
    "js.no_contact": (
        "与主机失去联系,不能确认画面:先打电话",
        "No contact with the hub: use the phone",
    ),
}


def teller(language: str) -> Callable[..., str]:
    """-> say(key, **blanks). KeyError for a key that the table does not have."""
    column = LANGUAGES.index(language)

    def say(key: str, /, **blanks: object) -> str:
        text = WORDS[key][column]
        return text.format(**blanks) if blanks else text

    return say


def for_script(language: str) -> dict[str, str]:
    """The `js.` texts, without the prefix."""
    say = teller(language)
    return {key[3:]: say(key) for key in WORDS if key.startswith("js.")}


def preferred(cookie: str | None, accept: str | None) -> str:
    """The switch decides; else the browser's first wish of the two; else Chinese."""
    if cookie in LANGUAGES:
        return cookie
    wishes = []
    for part in (accept or "").split(","):
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        wishes.append((-weight, tag.strip().lower()[:2]))
    known = [tag for weight, tag in sorted(wishes, key=lambda w: w[0]) if tag in LANGUAGES]
    return known[0] if known else "zh"
