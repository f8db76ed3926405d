"""`/admin/changes`: what a field is called there that no form calls by the same name."""

TEXTS: dict[str, tuple[str, str]] = {
    "changes.settings": (
        "设置请在“设置”页改回，值班电话和名称在“建站”页。",
        "Settings are put back under Settings, name and phone under Set-up.",
    ),
    "changes.ask": ("恢复 {by} {day} {time} 的变更？", "Put back what {by} entered {day} {time}?"),
    "changes.ask.would": ("恢复后：", "Then:"),
    "changes.ask.gone": ("{table}：删除 {count} 条", "{table}: {count} removed"),
    "changes.ask.cut": (
        "这些终端立刻断线，以后的报警收不到。",
        "These boards are cut off at once, and nothing they report is received.",
    ),
    "part.sites.name": ("地点名称", "Site"),
    "part.sites.contacts": ("联系人", "Contacts"),
    "part.sites.office": ("街道值班室", "Street's duty room"),
    "part.sites.test_period_days": ("试按周期（天）", "Test period (days)"),
    "part.boards.key_number": ("密钥", "Key"),
    "part.key": ("第 {number} 把", "no. {number}"),
    "part.people.name": ("姓名", "Name"),
    "part.people.post": ("职务", "Post"),
    "part.people.hours": ("在班时段", "Hours on duty"),
    "part.people.ways": ("通知方式", "Ways"),
    "part.settings.value": ("值", "Value"),
}
