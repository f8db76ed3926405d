"""What the page's own script says: these travel to the browser without their `js.`."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- the script's own
    "js.ago": ("{n} 秒前", "{n} s ago"),
    "js.host": ("主机", "Hub"),
    "js.passed": ("{n} 秒前通过", "{n} s ago"),
    "js.sound": ("声音", "Sound"),
    "js.sound.on": ("正常", "on"),
    "js.sound.off": ("未开启", "off"),
    "js.sound.muted": ("静音 {n} 秒", "muted {n} s"),
    "js.sound.enable": (
        "声音未开启：按空格键开启声音",
        "Sound is off: press the space bar to turn it on",
    ),
    "js.lost": (
        "与值班主机失去联系 {n} 秒，画面可能已过时",
        "No contact with the hub for {n} s: this picture may be out of date",
    ),
    "js.more": ("还有 {count} 起 ↓ 最久 {waited}", "{count} more ↓ longest {waited}"),
    "js.tests": ("另有测试 {count}", "and {count} on test"),
    "js.new": ("新：{what}", "New: {what}"),
    "js.sending": ("正在发送……", "Sending ..."),
    "js.resending": (
        "主机没有答复，正在重发（第 {n} 次）",
        "No answer from the hub, sending again (no. {n})",
    ),
    "js.wait": ("刚选中，请看清再按", "Only just chosen: look, then press again"),
    "js.fetching": ("详情还没有取到，正在重取", "The details have not come yet: asking again"),
    "js.take_first": ("请先受理。", "Take it first."),
    "js.all_done": ("已办结，不能再记。", "Closed: nothing more can be put down."),
    "js.away_again": (
        "还有 {count} 起待受理：离席会立即转呼叫终端、告市级。确要离席，请再按一次 A。",
        "{count} wait to be taken: leaving goes on to pagers and city at once. Press A again.",
    ),
    "js.not_confirmed": ("没有记下：确认只用回车。", "Nothing was put down: only Enter confirms."),
    "js.draft_kept": ("草稿已留着：按 N 接着写。", "The draft is kept: N goes on with it."),
    "js.no_time": ("请填时间，如 0340 或 +15。", "Say when: 0340 or +15."),
    "js.draft_first": (
        "有一条记录还没保存：按 N 写完保存（或清空），再办结。",
        "A note is not saved yet: N goes on with it (or empty it), then close.",
    ),
    "js.taken.mine": (
        "这一起您已受理；另有 {count} 起待处理，按 Home 到第一起。",
        "You have taken this one; {count} waiting: Home goes to the first.",
    ),
    "js.taken": ("已由 {by} 受理。", "{by} has taken it."),
    "js.others.none": ("没有办理中的事件", "Nothing in hand"),
    "js.others.above": (
        "刚受理的还在上面，停手 10 秒后移到这里",
        "What was just taken still stands above; it comes here once the page is left alone",
    ),
    "js.logout_again": (
        "还有 {count} 起待受理。确要退出，请再点一次。",
        "{count} wait to be taken. To log out all the same, click once more.",
    ),
    "js.nothing_written": ("还没有写内容。", "Nothing is written yet."),
    "js.drill_stays": (
        "这是演练，不转出；若确有其事，请转为真警（Y）。",
        "This is a drill: it is not handed on. If it is real, make it real (Y).",
    ),
    "js.contact_again": (
        "与主机的联系恢复了。断开时按的没有算，请看清再按一次。",
        "Contact again. What was pressed without it did not count: look, and press once more.",
    ),
    "js.taken.street": (
        "已由 {by} 受理。街道派了人，请按 N 记下。",
        "{by} has taken it. If the street has sent somebody, N puts it down.",
    ),
    "js.relieve_again": (
        "{name} 有 {count} 条记录还没保存，接班后就看不到了。先存好；仍要接班，请再按一次。",
        "{count} notes of {name} are not saved and go with the session. Save, or press again.",
    ),
    "js.no_contact": (
        "与主机失去联系，不能确认画面：先打电话",
        "No contact with the hub: use the phone",
    ),
}
