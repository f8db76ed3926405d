"""The administrator's page of boards: enrolment, and what is asked before one is cut off."""

TEXTS: dict[str, tuple[str, str]] = {
    "boards.enrol": ("登记终端", "Enrol a board"),
    "boards.each": (
        "给 {count} 个还没有终端的地点各登记一台",
        "One for each of {count} sites without",
    ),
    "boards.count": ("终端", "Boards"),
    "boards.state": ("联系", "Contact"),
    "boards.keys": ("密钥", "Key"),
    "boards.edit": ("改…", "Change…"),
    "boards.key": ("换密钥…", "New key…"),
    "boards.remove": ("注销…", "Revoke…"),
    "boards.secrets": ("密钥只显示这一次", "The secret is shown this once"),
    "boards.secrets.more": (
        "现在就抄入终端或打印；离开本页后不再显示，只能换新的。",
        "Put it into the board or print it now; once you leave it can only be replaced.",
    ),
    "boards.password": ("密钥", "Secret"),
    "boards.no_site": ("先要有地点，才能登记终端。", "A board needs a site first."),
    "boards.empty": (
        "还没有终端：选一个地点，登记第一台。",
        "No board yet: choose a site and enrol one.",
    ),
    # --- before a board is cut off
    "boards.ask.key": ("给 {id} 换密钥？", "Another key for {id}?"),
    "boards.ask.key.1": (
        "旧密钥立刻作废：终端马上断线，装上新密钥之前一直连不上。",
        "The old key is dead at once: the board is cut off until it gets the new one.",
    ),
    "boards.ask.key.2": (
        "其间按下的报警传不到这里，现场见 ✕；装上新密钥后才补传。",
        "Meanwhile a press does not get here, and shows ✕ on site; it comes after the new key.",
    ),
    "boards.ask.key.3": (
        "新密钥只显示一次：请先确认有人在现场、能马上装上。",
        "The new key is shown once: have somebody there who can put it in straight away.",
    ),
    "boards.ask.key.do": ("换密钥，立刻断开", "New key: cut it off now"),
    "boards.ask.remove": ("注销 {id}？", "Revoke {id}?"),
    "boards.ask.remove.1": (
        "立刻断开，不再接收它的任何报警；还没传到的也收不到了。",
        "It is cut off at once. None of its presses is taken in, not even those on their way.",
    ),
    "boards.ask.remove.2": (
        "它不再列入断线和点名；编号不再给别的终端。",
        "It is not told as lost any more, nor called; its id is never another's.",
    ),
    "boards.ask.remove.3": (
        "注销错了，可在“变更”中恢复，密钥不变。",
        "Revoked by mistake, it can be put back under Changes, with its key.",
    ),
    "boards.ask.remove.do": ("注销，立刻断开", "Revoke: cut it off now"),
    "boards.ask.only": (
        "这是该地点唯一的终端：请先告知现场人员改打值班电话。",
        "It is the only board of this site: tell the people there to phone the duty room.",
    ),
    "boards.ask.open": (
        "它有未办结的事件：断线后现场看不到受理和办结。请先办结。",
        "An incident of it is open: cut off, it cannot show who has taken it. Close that first.",
    ),
    "boards.enrolled_since": (
        "没有登记：打开以后又登记或注销过终端。请看清下面的列表，再登记。",
        "Not enrolled: boards were enrolled or revoked since this was opened. Look at the list.",
    ),
    "boards.ask.since": (
        "没有换：密钥刚刚已经换过。请看清下面，再决定要不要再换。",
        "Not done: the key was changed just now. Read this again before you change it once more.",
    ),
    "boards.ask.back": ("不动，返回", "Leave it, go back"),
}
