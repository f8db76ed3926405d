"""Whom the hub tells: the administrator's page of people."""

TEXTS: dict[str, tuple[str, str]] = {
    "tab.people": ("人员", "People"),
    "people.new": ("新增人员", "New person"),
    "people.district": ("全区", "whole district"),
    "people.hours": ("在班时段", "Hours on duty"),
    "people.ways": ("通知方式，按先后", "Ways, in order"),
    "people.now": ("此刻", "Now"),
    "people.on": ("在班", "on duty"),
    "people.off": ("不在班", "off duty"),
    "people.always": ("全天、每天", "at all hours"),
    "people.daily": ("每天", "daily"),
    "people.to": ("至", " to "),
    "people.and": ("和", " and "),
    "people.whole_day": ("{begin} 起 24 小时", "24 h from {begin}"),
    "people.span": ("{begin} 至 {end}", "{begin} to {end}"),
    "done.saved_deaf": (
        "已保存，已记入台账。但此人没有能用的通知方式，报警时通知不到；请在“方式”里填一种。",
        (
            "Saved, and on record. But no way to this person can work, so no alarm reaches them:"
            " enter one under Ways."
        ),
    ),
    "people.silences": ("有时段无人可通知", "Hours with nobody to tell"),
    "people.silences.more": (
        "这些时段里，报警只到值班席和呼叫终端。请补上人，或延长在班时段。",
        (
            "In these hours an alarm comes to desks and pager boards alone. Enter somebody, or"
            " longer hours."
        ),
    ),
    "people.whole": (
        "每个街道每个时段都登记了人。此刻的方式是否可用，看下表和“现在会通知谁”。",
        (
            "Somebody is entered for each street at each hour. Whether the ways work now, see"
            " below and under Who would be told now."
        ),
    ),
    "people.empty": (
        "还没有登记要通知的人：无人受理时，只有呼叫终端会响。请新增带班领导和街道值班人员。",
        (
            "Nobody is entered yet: an untaken alarm rings pager boards alone. Enter the leader"
            " on duty and the streets' people."
        ),
    ),
    "language.zh": ("中文", "Chinese"),
    "language.en": ("英文", "English"),
    "field.language": ("通知用语", "Told in"),
    "field.leader": ("带班领导", "Leader on duty"),
    "hint.leader": (
        "在班时，姓名和电话显示在值班席顶栏",
        "While on duty: name and phone stand at the head of the desk",
    ),
    "field.way": ("方式", "Way"),
    "field.address": ("号码、终端或用户", "Number, board or user"),
    "hint.person_phone": (
        "给人看的；本机不自动拨打",
        "For people to read; the hub does not dial it",
    ),
    "hint.person_street": (
        "选街道：只通知本街道的报警",
        "With a street: told of that street's alarms alone",
    ),
    "hint.hours": (
        "时间不填就是全天，星期不填就是每天；22 到 7:30 表示过夜。一行都不填：随时。",
        "Left empty: all day, every day; 22 to 7:30 runs over midnight. No line at all: always.",
    ),
    "fault.secret_url": (
        "网址里不能写用户名和口令：它会记入台账。",
        "should have no user and no password: it goes on record.",
    ),
    "hint.ways": (
        (
            "先用第一种，没有答复换下一种。呼叫终端：终端编号；值班席：登录用户的姓名；"
            "外接命令：它认得的号码；网络接口：http 网址（会记入台账，不要写口令）。"
            "清空一行即删去。"
        ),
        (
            "The first is used first, the next when nobody answers. A pager board: its id; a"
            " desk: the name of the user; the command: a number it understands; a webhook: its"
            " http address (it goes on record: no password in it). Emptying a line takes it out."
        ),
    ),
    "fault.choose_language": ("请选择中文或英文。", "choose Chinese or English."),
    "fault.no_street": (
        "没有“{value}”这个街道的地点；先在“地点”里新增。",
        "there is no site in “{value}”; enter one under Sites first.",
    ),
    "fault.choose_way": ("请为这个号码选一种方式。", "choose a way for this address."),
    "fault.address": ("太长或有看不见的字符：{value}", "is too long or has odd signs: {value}"),
    "fault.no_user": (
        "没有叫“{value}”的登录用户；先在“用户”里新增。",
        "no user is called “{value}”; add one under Users first.",
    ),
    "fault.same_person": (
        "已有同街道、同职务、同名的人（{value}）：请改那一份登记；确是另一人的，请把姓名写得有所区别。",
        "this street has a person of that name and post ({value}): change that entry.",
    ),
    "fault.way": ("不能用：{value}。", "cannot be used: {value}."),
    "help.people": (
        (
            "这里登记无人受理时要通知的人，和地点的联系人不同：联系人是值班员打电话找的。\n"
            "方式旁的 ● 现在可用，✕ 现在不可用并写明原因；想实际试一下，到“现在会通知谁”。\n"
            "有时段无人可通知的街道列在表上方，先补这些。"
        ),
        (
            "These are told when nobody takes an alarm; a site's contacts are whom the officer"
            " telephones.\n"
            "● beside a way: it works now; ✕: it does not, and why. To try one go to Who would be"
            " told now.\n"
            "Streets with hours in which nobody is told stand above the list: mend these first."
        ),
    ),
}
