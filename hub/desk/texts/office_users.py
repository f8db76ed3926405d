"""Who may log in: the administrator's page of users."""

TEXTS: dict[str, tuple[str, str]] = {
    "tab.users": ("用户", "Users"),
    "users.new": ("新增用户", "New user"),
    "users.state": ("状态", "State"),
    "users.enabled": ("可登录", "may log in"),
    "users.disabled": ("✕ 已停用", "✕ disabled"),
    "users.access": ("登录", "Logging in"),
    "users.enable": ("恢复登录", "Enable"),
    "users.disable": ("停用", "Disable"),
    "users.password": ("换口令", "New password"),
    "users.pin": ("清除 PIN", "Clear the PIN"),
    "users.told": ("口令只显示这一次", "The password is shown this once"),
    "users.told.more": (
        "现在就交给本人；离开本页后不再显示，只能再换一个。台账只记换过，不记口令。",
        (
            "Hand it to the person now; once you leave this page it can only be replaced. The"
            " ledger has that it was set, not what it is."
        ),
    ),
    "users.no_street": ("不属于街道", "no street"),
    "users.street_gone": ("该街道已没有地点", "no site in that street any more"),
    "users.ends": (
        "有改动，该用户的登录即结束，须重新登录。",
        "A change ends that user's sessions: log in again.",
    ),
    "users.more": (
        (
            "停用立刻生效；用户不删除，姓名不再给别人，台账里才分得清是谁。"
            "换口令、清 PIN 后须重新登录；新 PIN 由本人在值班席设定。"
        ),
        (
            "Disabling holds at once. Users are never deleted and a name is never another's, so"
            " that the ledger can tell people apart. A new password or a cleared PIN ends"
            " sessions; people set their PIN at the desk."
        ),
    ),
    "field.user": ("用户名", "User"),
    "field.user_role": ("身份", "Role"),
    "field.password": ("口令", "Password"),
    "hint.user": ("登录时输入；3 到 32 个 a-z、0-9、-", "To log in with; 3 to 32 of a-z, 0-9, -"),
    "hint.name": ("台账和同事看到的姓名", "What the ledger and colleagues read"),
    "hint.user_street": (
        "只有街道值班员要选：只看本街道",
        "Of a street officer only: sees that street alone",
    ),
    "hint.password": (
        "至少 8 个字符；空着就由本机生成",
        "At least 8 characters; left empty the hub draws one",
    ),
    "fault.machines_name": (
        "“{value}”是主机、终端等的叫法，台账上分不清：请换一个姓名。",
        "“{value}” is what the record calls a machine: choose another name.",
    ),
    "fault.no_street_role": (
        "只有街道值班员选街道：请改身份，或不选街道。",
        "only a street's officer has a street: change the role, or choose none.",
    ),
    "fault.name_used": (
        "“{value}”已是或曾是别人的姓名，请加以区别，如“{value}（二科）”。",
        "“{value}” is or was another's: tell them apart, as “{value} (2)”.",
    ),
    "fault.choose_role": ("请选择身份。", "choose one."),
    "fault.choose_street": (
        "街道值班员要选一个有地点的街道；没有就先在“地点”里新增。",
        "a street officer needs a street that has sites; enter one under Sites first.",
    ),
    "fault.yourself": (
        "不能停用自己，也不能改自己的身份：请另一位管理员来做。",
        "nobody disables themselves or changes their own role: ask another administrator.",
    ),
    "fault.last": (
        "这是最后一位能登录的管理员：请先新增或恢复另一位。",
        "this is the last administrator who may log in: add or enable another one first.",
    ),
    "fault.weak": (
        "太容易猜：不要全是数字、几个字反复或连着的键。空着就自动生成一个。",
        "is easily guessed: not digits alone, few letters or keys in a row. Empty: one is drawn.",
    ),
    "fault.weak_user": (
        "里面有用户名“{value}”，太容易猜。空着就自动生成一个。",
        "has the user name “{value}” in it: easily guessed. Empty: one is drawn.",
    ),
    "fault.user_used": (
        "“{value}”已经用过：用户名不再给别人，请换一个。",
        "“{value}” was given before; a user name is never another's: choose another.",
    ),
    "fault.password": ("应为 8 到 1024 个字符。", "should have 8 to 1024 characters."),
    "help.users": (
        (
            "每人一个用户，不合用：台账按姓名记。点姓名：改身份、换口令、停用。\n"
            "值班员、带班领导受理事件；街道值班员只看本街道；管理员只管登记；审计员只看不动。\n"
            "人走了就停用，不要把口令交给下一位。"
        ),
        (
            "One user for each person, never shared: the ledger goes by names. Choose a name to"
            " change its role or password, or to disable it.\n"
            "Officers and leaders take incidents; a street officer sees one street;"
            " administrators enter things; auditors only look.\n"
            "Disable whoever leaves; never hand on a password."
        ),
    ),
}
