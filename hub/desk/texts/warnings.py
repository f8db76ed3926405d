"""What is wrong with the ledger (台账), until an administrator has read it."""

TEXTS: dict[str, tuple[str, str]] = {
    "warning": ("台账告警", "The ledger"),
    "warning.damaged": (
        "台账损坏，{day} {clock} 起用新台账。此前未办结的报警不在本页，请核对纸质记录。",
        "Ledger damaged; a new one since {day} {clock}. Calls of before are not here: see notes.",
    ),
    "warning.damaged.next": (
        "终端会重新上报。旧台账原样在数据目录的 {aside}：请先复制整个目录备查，再检查磁盘。",
        "Boards report again. The old one is in {aside}: copy the folder, then check the disk.",
    ),
    "warning.missing": (
        "台账不见了，{day} {clock} 起用新台账。此前未办结的报警不在本页，请核对纸质记录。",
        "Ledger gone; a new one began {day} {clock}. Calls of before are not here: see notes.",
    ),
    "warning.missing.next": (
        "终端会重新上报。请查明是谁移走了数据目录里的 ledger.db。",
        "Boards report again. Find out who took ledger.db out of the data folder.",
    ),
    "warning.set_back": (
        "台账退回到较早的一份（{day} {clock} 发现）。本页的报警可能早已办结，请逐件核对。",
        "The ledger is an older copy (found {day} {clock}). Calls here may be long closed: check.",
    ),
    "warning.set_back.next": (
        "终端会重新上报，市级改用新的来源。若不是从备份恢复，请查明是谁换了 ledger.db。",
        "Boards report again, under a new source. If it was no restore: who replaced ledger.db?",
    ),
    "warning.chain": (
        "台账第 {row} 行与原记录不符（{day} {clock} 发现）。值班照常，该行不可作凭据。",
        "Ledger row {row} is not as written (found {day} {clock}). Duty goes on; no proof.",
    ),
    "warning.chain.next": (
        "请复制整个数据目录备查，运行 ./qianshao ledger verify，查明原因。",
        "Copy the whole data folder for later, run ./qianshao ledger verify, find the cause.",
    ),
    "warning.title.accounts": ("用户告警", "The users"),
    "warning.accounts": (
        "用户和口令的文件损坏或不见了，{day} {clock} 起用新的：各人的旧口令都已失效。",
        "Users' file damaged or gone, a new one since {day} {clock}: passwords are void.",
    ),
    "warning.accounts.next": (
        "登记过的用户还在：请在“用户”里逐个换口令，再检查磁盘。旧文件若在，原样存于 {aside}。",
        "Users on record are kept: give each a password under Users, check the disk. Old: {aside}",
    ),
    "warning.read": ("已知悉", "I have read it"),
    "warning.ask": ("请通知管理员。", "Tell the administrator."),
    "answer.no_warning": ("这一条已有人确认。", "Somebody has read it already."),
    "answer.ok.read_warning": ("已记下。", "On record."),
    "top.self_test.ledger": ("台账告警", "ledger"),
}
