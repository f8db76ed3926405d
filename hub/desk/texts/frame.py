"""The frame of every page, login, refusals and what actions are answered."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- the frame
    "product": ("前哨", "Qianshao"),
    "unclassified": (
        "本系统不得处理涉密信息。本按钮不代替 110 / 119 / 120。",
        "Unclassified information only. The button does not replace 110 / 119 / 120.",
    ),
    "unclassified.short": ("本系统不得处理涉密信息", "Unclassified information only"),
    "all_simulated": (
        "模拟：本值班室的按钮全部是虚拟的。",
        "Simulated: every button of this duty room is virtual.",
    ),
    "html_lang": ("zh-CN", "en"),
    "needs_script": (
        "本页需要脚本才能响铃和受理：请换用普通浏览器。",
        "This page needs its script to ring and to take: use an ordinary browser.",
    ),
    "mode.live": ("实战", "Live"),
    "mode.drill": ("演练中", "Drill running"),
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
        "试错太多：请 {minutes} 分钟后再试。",
        "Too many wrong tries: try again in {minutes} min.",
    ),
    "login.forgot": (
        "忘了口令：请管理员换一个；管理员忘了，请技术员停机后运行 ./qianshao password。",
        (
            "Forgotten? An administrator gives another password; to an administrator the"
            " technician does, by ./qianshao password with the hub stopped."
        ),
    ),
    "login.over": ("登录已失效，请重新登录。", "The session has ended: log in again."),
    # --- refusals, said to programs and people alike
    "refused.login": ("请先登录。", "Log in first."),
    "refused.role": ("您的角色不能这样做。", "Your role may not do this."),
    "refused.origin": (
        "请求不是从本页发出的，已拒绝。",
        "The request did not come from this page and was refused.",
    ),
    "refused.token": (
        "没有记下：本页打开以后登录换过（如已接班）。请重新打开本页再做一次。",
        "Not recorded: the login has changed since this page was opened. Open it anew.",
    ),
    "refused.form": (
        "请求的格式不对：{field} 应为 {wanted}。",
        "Malformed request: {field} should be {wanted}.",
    ),
    "refused.too_large": (
        "内容太长，没有收下。",
        "It is too long and was not accepted.",
    ),
    "refused.back": ("返回", "Back"),
    "refused.none": ("没有这个页面。", "There is no such page."),
    "refused.busy": (
        "主机没有及时答复，请重试。",
        "The hub did not answer in time: try again.",
    ),
    # --- answers to an action
    "answer.again": ("已经记下。", "Already on record."),
    "answer.no_person": ("登记册里没有这个人。", "The registry has no such person."),
    "answer.no_incident": ("主机没有这起事件。", "The hub has no such incident."),
    "answer.already_taken": ("晚了一步：{by} 已受理。", "Too late: {by} has taken it."),
    "answer.not_taken": ("请先受理。", "Take it first."),
    "answer.closed": ("已由 {by} 办结。", "Already closed by {by}."),
    "answer.needs_outcome": (
        "请先回电并记下结果（Y / F / X），再办结。",
        "Call back and record the outcome (Y / F / X) before closing.",
    ),
    "answer.needs_hand_on": (
        "无人接听按真警处理：请先转 110/119/120（1 2 3），或再回电记下结果，再办结。",
        (
            "Nobody answered, so it counts as real: hand it on (1 2 3), or call again and put"
            " down the outcome, before closing."
        ),
    ),
    "answer.no_callback": (
        "静默求助，不回拨现场：等 110 或到场的人核实，再记属实（Y）或误按（F）。",
        (
            "Silent duress, no call-back: once the police or whoever went there has verified it,"
            " put down real (Y) or false press (F)."
        ),
    ),
    "answer.bad_value": (
        "没有记下：{field} 应为 {wanted}。",
        "Not recorded: {field} should be {wanted}.",
    ),
    "answer.bad_time": (
        "时间看不懂：请写 0340、03:40 或 +15（分钟，最多 +1440 即一天）。",
        "Not a time: write 0340, 03:40 or +15 (minutes, at most +1440, a day).",
    ),
    "answer.disk": (
        "磁盘已满，没有记下：请先用电话和纸笔，并通知技术员。",
        "The disk is full and it was not recorded: use phone and paper, call the technician.",
    ),
    "answer.ok.take.street": ("街道已派人，已记下。", "The street has sent somebody: on record."),
    "answer.ok.take": ("已受理。", "Taken."),
    "answer.ok.note": ("已记录。", "Noted."),
    "answer.ok.outcome": ("核实结果已记下。", "Outcome recorded."),
    "answer.ok.handed_on": ("已转出，已记下。", "Handed on, recorded."),
    "answer.ok.next_time": ("已记下：{time} 再问。", "Will ask again at {time}."),
    "answer.ok.close": ("已办结。", "Closed."),
}
