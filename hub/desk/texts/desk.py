"""The alarm desk (值班席): top bar, lists, keys, forms, equipment lane, banners."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- top bar
    "top.officer": ("值班 {name}", "On duty {name}"),
    "top.administrator": ("管理员 {name}（只看）", "Administrator {name} (view only)"),
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
        "有人按下按钮，这里会立刻出现并响铃。",
        "When somebody presses a button it appears here at once, and rings.",
    ),
    "timeline": ("经过", "Timeline"),
    "timeline.more": ("更早 {count} 条未列出", "{count} earlier entries not listed"),
    # --- keys
    "key.take": ("受理", "Take"),
    "key.dial": ("拨号", "Dial"),
    "key.note": ("记录", "Note"),
    "key.callback": ("回电：", "Call-back:"),
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
    "form.next_time": ("何时再问（如 0340 或 +15）", "Ask again when (0340 or +15)"),
    "form.save": ("保存", "Save"),
    "form.cancel": ("取消", "Cancel"),
    "form.note.keys": ("Ctrl+Enter 保存 · Esc 取消", "Ctrl+Enter saves · Esc cancels"),
    "form.dial": ("请拨", "Dial"),
    "confirm.false_press": (
        "确认误按？请先回电核实。",
        "A false press? Only after a call-back.",
    ),
    "confirm.close": ("确认办结？办结后不能再改。", "Close it? Nothing can follow."),
    "confirm.yes": ("确认 Enter", "Confirm Enter"),
    # --- equipment
    "board.lost": ("终端断线 {minutes} 分钟", "board lost for {minutes} min"),
    "board.lost.many": (
        "{street} {count} 台断线，最早 {minutes} 分钟",
        "{street}: {count} boards lost, first {minutes} min ago",
    ),
    "board.catalogue": (
        "程序版本与主机不同（报警照收）：请升级",
        "speaks another catalogue than the hub (presses still count): update it",
    ),
    "board.elsewhere": ("未分街道", "No street"),
    "streets.here": ("正常", "in contact"),
    "streets.lost": ("断线", "lost"),
    "streets.never": ("从未联系", "never heard"),
    "streets.none": ("还没有登记终端", "No board is enrolled"),
    "trouble.status": ("终端报告：{detail}", "reports: {detail}"),
    "trouble.unprocessed": ("报告看不懂：{detail}", "unreadable report: {detail}"),
    "trouble.bad_message": ("发来错误消息：{detail}", "bad messages: {detail}"),
    "trouble.refused": ("报告被拒收：{detail}", "report refused: {detail}"),
    "trouble.missing": ("有报告没有送到：{detail}", "reports that never came: {detail}"),
    "trouble.board_counts": (
        "终端自报：{detail}（dropped 丢弃的记录，refused 不认的消息）",
        "the board says of itself: {detail}",
    ),
    "trouble.torn_records": ("存储有 {detail} 条坏记录", "{detail} torn records in its flash"),
    "trouble.broker_silent": (
        "消息代理无回声，断线不计",
        "broker silent: losses are not counted",
    ),
    "trouble.broker_back": ("消息代理恢复", "broker is back"),
    "trouble.clock_step": ("主机时钟跳变 {detail} 毫秒", "the hub's clock stepped {detail} ms"),
    # --- banners
    "banner.disk": (
        "磁盘已满：新报警未能保存，按键人已被告知（{detail}）",
        "Disk full: new alarms are not saved, and the pressers are told so ({detail})",
    ),
    "banner.self_test": (
        "自检失败：报警可能到不了本席",
        "Self-test failed: alarms may not reach this desk",
    ),
    "banner.broker": (
        "消息代理断开：按钮的报警进不来",
        "The broker is gone: presses cannot come in",
    ),
    "banner.clock": (
        "主机时钟不可信：比上次记录慢 {seconds} 秒",
        "The hub's clock is not trusted: {seconds} s behind its last record",
    ),
}
