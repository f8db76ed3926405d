"""At the post (在岗): away, back, relief, and two at one desk."""

TEXTS: dict[str, tuple[str, str]] = {
    "key.away": ("离席 {n} 分钟", "Away for {n} min"),
    "key.people": ("接班", "Relief"),
    "people.title": ("接班、第二值班员", "Relief, second officer"),
    "people.relieve": (
        (
            "接班：接班人登录，{name} 在本席的登录随即结束；"
            "其已受理未办结的转给接班人（仍在别席的不转）；两人姓名记入台账"
        ),
        (
            "Relief: the next person logs in, the session of {name} here ends, what {name} had"
            " taken goes over unless {name} is at another desk too; both names on record"
        ),
    ),
    "people.join": (
        (
            "第二值班员：与 {name} 共用本席，此后每次操作按 PIN 记到本人名下。"
            "{name} 先设自己的 PIN；第二位首次填的 PIN 即设为其 PIN"
        ),
        (
            "Second officer: shares this desk with {name}; each act is then put down by PIN."
            " {name} sets a PIN first; the second's first PIN is kept"
        ),
    ),
    "people.part": ("第二值班员 {name} 离开", "The second officer {name} leaves"),
    "people.pin": ("{name} 设自己的 PIN（4 至 8 位数字）", "PIN of {name} (4 to 8 digits)"),
    "people.go.relieve": ("接班", "Take over"),
    "people.go.join": ("加入", "Join"),
    "people.go.part": ("离开", "Leave"),
    "people.go.pin": ("设定", "Set"),
    "people.digits": ("数字 PIN", "PIN"),
    "people.own_digits": ("本人 PIN", "Own PIN"),
    "pin.ask": ("谁在操作？PIN", "Who acts? PIN"),
    "pin.go": ("确定", "OK"),
    "refused.no_pin": ("本席由两人共用：请输入 PIN。", "Two share this desk: give your PIN."),
    "refused.pin": ("PIN 不对，没有记下。", "Wrong PIN, nothing was recorded."),
    "refused.pins": (
        "PIN 试错太多，{minutes} 分钟内不能再试：请退出，用口令重新登录。",
        "Too many wrong PINs, wait {minutes} min: or log out and log in by password.",
    ),
    "post.ok.relieve": ("已接班。", "Taken over."),
    "post.ok.relieve.hand": (
        "已接班。您名下有已受理未办结 {count} 起，请逐起看清。",
        "Taken over. You have {count} in hand that are not closed: look at each.",
    ),
    "post.ok.join": ("已加入，此后按 PIN 操作。", "Joined: acts now ask for a PIN."),
    "post.ok.part": ("已离开。", "Left."),
    "post.ok.pin": ("PIN 已设定。", "The PIN is set."),
    "post.wrong": ("用户、口令或 PIN 不对。", "User, password or PIN is wrong."),
    "post.wrong_pin": ("PIN 不对。", "Wrong PIN."),
    "post.locked": (
        "试错太多：请 {minutes} 分钟后再试。",
        "Too many wrong tries: wait {minutes} min.",
    ),
    "post.same": ("就是本席的人，请另一位登录。", "That person already sits here."),
    "post.role": ("岗位不同，不能接本席。", "Another kind of post: not at this desk."),
    "post.shared": (
        "本席已有第二值班员 {by}：请先离开。",
        "The second officer {by} sits here: leave first.",
    ),
    "post.leader": ("带班领导的登录不共用。", "A leader's session is not shared."),
    "post.alone": ("本席没有第二值班员。", "There is no second officer here."),
    "post.first_pin": ("请 {by} 先在上面设定自己的 PIN。", "{by} sets a PIN above first."),
    "post.pin_form": ("PIN 是 4 至 8 位数字。", "A PIN has 4 to 8 digits."),
    "post.same_pin": ("两人的 PIN 不能相同。", "The two PINs must differ."),
    "post.disk": (
        "没能记下（磁盘可能已满）：一切照旧，请通知技术员。",
        "Not recorded (the disk may be full): nothing has changed, call the technician.",
    ),
    "sound.post": ("在岗询问：三声上行", "Still there? Three rising notes"),
    "js.post.away": (
        "离席中，还有 {n} 分钟：本席不值守，别席也无人时报警立即外呼并报市级。回来按任意键",
        "Away, {n} min left: not listening; with no desk listening calls go on at once. Any key",
    ),
    "js.post.over": (
        "离席时间已到，本席仍不值守：回来请按任意键",
        "The time away is over and this desk still does not listen: press any key",
    ),
    "js.post.ask": (
        "还在岗？请按任意键；{n} 分钟后本席不再值守",
        "Still there? Press any key; in {n} min this desk no longer listens",
    ),
    "js.post.gone": (
        "久无人操作，本席已不值守，别席也无人时报警立即外呼并报市级：请按任意键",
        "Untouched for long: not listening; with no desk listening calls go on at once. Any key",
    ),
}
