"""The quiet pages: sites, changes; what fields are called, and what is wrong with them."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- the frame
    "office": ("管理", "Office"),
    "tab.desk": ("值班席", "Desk"),
    "tab.overview": ("概况", "Overview"),
    "tab.sites": ("地点", "Sites"),
    "tab.boards": ("终端", "Boards"),
    "tab.changes": ("变更", "Changes"),
    "role.officer": ("值班员", "Officer"),
    "role.street": ("街道值班员", "Street officer"),
    "role.leader": ("带班领导", "Leader"),
    "role.administrator": ("管理员", "Administrator"),
    "role.auditor": ("审计员", "Auditor"),
    "done.saved": ("已保存，已记入台账。", "Saved, and on record."),
    "done.removed": ("已删除；可在“变更”中恢复。", "Removed; it can be put back under Changes."),
    "done.back": ("已恢复原样，已记入台账。", "Put back, and on record."),
    "search": ("查找", "Search"),
    "search.all": ("全部列出", "List all"),
    "search.none": ("没有符合的。", "None matches."),
    "search.more": (
        "还有 {count} 个没有列出：请用查找缩小范围。",
        "{count} more are not listed: search to narrow it down.",
    ),
    "choose": ("请选择", "Choose"),
    "remove": ("删除", "Remove"),
    "undo.hint": ("删错了可在“变更”中恢复。", "A mistake can be put back under Changes."),
    # --- overview
    "steps": ("从空机到可以值守", "From an empty hub to one on duty"),
    "step.ready": ("已做好", "done"),
    "step.room": ("值班电话", "Duty phone"),
    "step.room.left": ("还没有填值班电话", "no duty phone yet"),
    "step.sites": ("街道和地点", "Streets and sites"),
    "step.sites.left": ("还没有地点：请导入表格", "no site yet: import a sheet"),
    "step.contacts": ("各时段联系人", "Contacts by hour"),
    "step.contacts.left": (
        "{count} 个地点有时段没有联系人",
        "{count} sites have hours without a contact",
    ),
    "step.boards": ("登记终端", "Enrol boards"),
    "step.boards.left": ("{count} 个地点还没有终端", "{count} sites have no board"),
    "step.people": ("通知谁", "Whom to tell"),
    "step.people.left": (
        "{count} 个街道有时段没有人可通知",
        "{count} streets have hours in which nobody is told",
    ),
    "step.waits": ("先做前面的", "the steps before come first"),
    "step.heard": ("上电并试按", "Power up and test"),
    "step.heard.left": ("{count} 台终端从未联系", "{count} boards were never heard"),
    "overview.counts": (
        "现有 {sites} 个地点，{boards} 台终端。",
        "{sites} sites and {boards} boards at present.",
    ),
    # --- sites
    "sites.new": ("新增地点", "New site"),
    "sites.import": ("从表格导入", "Import a sheet"),
    "sites.contacts": ("联系人", "Contacts"),
    "sites.no_contact": ("没有联系人", "no contact"),
    "sites.uncovered": ("每周 {hours} 小时无人", "nobody for {hours} h a week"),
    "sites.lacking": (
        "只列出有时段没有联系人的地点。",
        "Only sites with hours that have no contact.",
    ),
    "sites.empty": (
        "还没有地点。有现成表格就“从表格导入”，只有几处就“新增地点”。",
        "No site yet. Import a sheet if there is one, or enter a few by hand.",
    ),
    # --- changes
    "changes.row": ("台账第 {number} 行", "ledger row {number}"),
    "changes.new": ("新增", "new"),
    "changes.gone": ("删除", "removed"),
    "changes.changed": ("修改", "changed"),
    "changes.more": ("还有 {count} 处", "{count} more"),
    "changes.back": ("恢复原样", "Put it back"),
    "changes.empty": (
        "还没有变更。以后地点、终端、人员和设置的改动都列在这里；设置之外的可以恢复。",
        "No change yet. Each one will stand here; all but settings can be put back.",
    ),
    "table.sites": ("地点", "site"),
    "table.boards": ("终端", "board"),
    "table.people": ("人员", "person"),
    "table.settings": ("设置", "setting"),
    # --- fields
    "field.site": ("地点名称", "Site"),
    "field.street": ("街道", "Street"),
    "field.id": ("编号", "Id"),
    "field.covert": ("隐蔽（不亮灯不出声）", "Covert (no lamp, no sound)"),
    "field.restricted": ("限制公开", "Restricted"),
    "field.hazards": ("危险源", "Hazards"),
    "field.access": ("钥匙和进门", "Keys and way in"),
    "field.plan": ("预案", "Plan"),
    "field.role": ("职务", "Post"),
    "field.contact": ("姓名", "Name"),
    "field.phone": ("电话", "Phone"),
    "field.from": ("从几点", "From"),
    "field.until": ("到几点", "Until"),
    "field.days": ("星期几", "Days"),
    "field.lamps": ("灯数", "Lamps"),
    "part.boards.keys": ("按键", "Keys"),
    "field.place": ("位置", "Place"),
    "hint.place": (
        "在这个地点的哪里，如 门卫室、急诊分诊台：报警时跟着地点一起显示",
        "Where on the site, as in gatehouse: shown with the site when it calls",
    ),
    "field.pager": ("可呼叫（会响铃叫人）", "Pager (rings for others)"),
    "field.simulated": ("模拟", "Simulated"),
    "hint.id": (
        "可不填，自动编号；3 到 32 个 a-z、0-9、-",
        "May be left empty; 3 to 32 of a-z, 0-9, -",
    ),
    "hint.office": (
        "里面的呼叫终端只为本街道响",
        "A pager board in it rings for its own street alone",
    ),
    "hint.covert": (
        "安装时决定；按下后现场看不出",
        "Decided at installation: nothing shows on site",
    ),
    "hint.restricted": ("不上大屏，不给其他单位看", "Not on the wall, not on unit pages"),
    "hint.hazards": (
        "去的人要当心什么，放在哪里",
        "What who goes there must beware of, and where",
    ),
    "hint.access": ("谁有钥匙，从哪个门进", "Who has the key, by which gate"),
    "hint.plan": ("第一步做什么，或预案名称", "The first thing to do, or the plan's name"),
    "hint.contacts": (
        (
            "几点到几点找谁；半夜也要有人。时间和星期不填就是全天、每天；22 到 7 表示过夜。"
            "星期写 1-5 或 6,7。"
        ),
        (
            "Whom to call from which hour to which; at night too. Left empty: all day, every day;"
            " 22 to 7 runs over midnight. Days are written 1-5 or 6,7."
        ),
    ),
    "hint.pager": (
        "装在带班室、街道值班室；街道值班室的只为本街道响",
        "In the leader's room, for every street; in a street's duty room, for that one",
    ),
    "hint.simulated": (
        "演示或培训用，不当真警上报",
        "For demonstration: never told as an actual event",
    ),
    "hint.all_simulated": (
        "本机现在全部是模拟终端；登记一台真终端后，模拟终端只进演练",
        "All boards here are simulated; beside a real one they go to the exercise feed only",
    ),
    # --- what is wrong with a field
    "fault": ("没有保存。{field}：{why}", "Not saved. {field}: {why}"),
    "fault.empty": ("不能空着。", "should not be empty."),
    "fault.long": ("最多 40 个字：{value}……", "has at most 40 characters: {value}..."),
    "fault.long_place": ("最多 20 个字：{value}……", "has at most 20 characters: {value}..."),
    "fault.long_fact": ("最多 120 个字：{value}……", "has at most 120 characters: {value}..."),
    "fault.odd": (
        "有看不见的字符，请重新输入：{value}",
        "holds invisible characters, type it anew: {value}",
    ),
    "fault.same_name": (
        "本街道已有同名地点（{value}）：请改用它，或写得再细些。",
        "this street has a site of that name ({value}): use it, or be more precise.",
    ),
    "fault.id": (
        "应为 3 到 32 个 a-z、0-9 或 -，不是“{value}”。",
        "should be 3 to 32 of a-z, 0-9 and -, not “{value}”.",
    ),
    "fault.used": (
        "“{value}”已经用过，编号不能再给别人。",
        "“{value}” was given before; an id is never reused.",
    ),
    "fault.phone": (
        "应是电话号码，如 0755-86001234，不是“{value}”。",
        "should be a phone number like 0755-86001234, not “{value}”.",
    ),
    "fault.lost_zero": (
        "像是丢了区号开头的 0：{value}。请补上，或加 +86。",
        "seems to have lost the 0 of its area code: {value}. Put it back, or write +86.",
    ),
    "fault.short_mobile": (
        "手机号应是 11 位，现在只有 10 位：{value}",
        "a mobile number has 11 digits, this has 10: {value}",
    ),
    "fault.by_excel": (
        "Excel 把号码变成了“{value}”：请把该列设为文本，重新输入号码。",
        "the spreadsheet made it “{value}”: set the column to text and type it anew.",
    ),
    "fault.below": ("应小于“{other}”，那里现为 {value}。", "should be below {other}: {value}."),
    "fault.at_most": (
        "应不大于“{other}”，那里现为 {value}。",
        "should be at most {other}: {value}.",
    ),
    "fault.above": ("应大于“{other}”，那里现为 {value}。", "should be above {other}: {value}."),
    "fault.at_least": (
        "应不小于“{other}”，那里现为 {value}。",
        "should be at least {other}: {value}.",
    ),
    "fault.wanted": ("应为{wanted}。", "should be {wanted}."),
    "fault.number": (
        "应是整数，不是“{value}”。",
        "should be a whole number, not “{value}”.",
    ),
    "fault.late": (
        "一天到 24 点为止，开始要早于 24 点，不是“{value}”。",
        "a day ends at 24 h, and nothing begins then: not “{value}”.",
    ),
    "fault.hour": (
        "应是整点、半点或一刻，如 7 或 8:30，不是“{value}”。",
        "should be an hour in quarters, like 7 or 8:30, not “{value}”.",
    ),
    "fault.days": (
        "应写 1-5、6,7（1 是周一）、工作日或周一至周五，不是“{value}”。",
        "should be like 1-5 or 6,7 (1 is Monday), not “{value}”.",
    ),
    "fault.yes": ("应写 是 或 否，不是“{value}”。", "should be yes or no, not “{value}”."),
    "fault.choose": ("请选择一个地点。", "choose a site."),
    "fault.none_without": (
        "每个地点都已有终端。",
        "every site has a board already.",
    ),
    "fault.disk": (
        "没有保存：登记册写不进磁盘（{why}）。请通知技术员。",
        "Not saved: the registry cannot be written ({why}). Call the technician.",
    ),
    "fault.gone": ("没有改：它已经不在了。", "Nothing was changed: it is not there any more."),
    "fault.no_site": (
        "没有保存：终端 {id} 会失去它的地点。请先注销该终端。",
        "Not saved: board {id} would lose its site. Revoke that board first.",
    ),
    "fault.open_incident": (
        "没有保存：终端 {id} 有未办结的事件。请先办结。",
        "Not saved: board {id} has an incident that is not closed. Close it first.",
    ),
    "fault.changed_meanwhile": (
        "没有保存：您打开以后，别人改过它。请在“变更”里看清；再按一次“保存”就以您的为准。",
        (
            "Not saved: somebody has changed it since you opened it. Look at Changes; saving once"
            " more lets yours stand."
        ),
    ),
    "fault.changed_since": (
        "没有恢复：其中有的后来又改过。请先恢复较新的那次变更。",
        "Not put back: some of it has been changed since. Put the later change back first.",
    ),
}
