"""The demo's district as one literal: streets, sites with their contacts by hour, boards, people.

Every name is invented; telephone numbers are the extensions of an invented exchange.
"""

from typing import Any, NamedTuple

DISTRICT = "demo"
NAME = "演示区值班室"
DUTY_PHONE = "8000"


# red and grey with the hidden input; and the kit with yellow 异常 and white 平安
SMALLEST = ("alarm", "confirm", "duress")
FOUR_KEYS = ("alarm", "abnormal", "allwell", "confirm")


class Contact(NamedTuple):
    """Who answers there from hour `from_` to hour `until` (+08:00); 0 to 24 is always."""

    from_: int
    until: int
    name: str
    phone: str


class Site(NamedTuple):
    """A place that can call. `covert`: nothing lights or sounds there when it does."""

    id: str
    name: str
    street: str
    contacts: tuple[Contact, ...]
    covert: bool = False
    office: bool = False  # a street's own duty room
    hazards: str = ""  # 危险源
    access: str = ""  # 钥匙和进门
    plan: str = ""  # 预案


class StreetBoard(NamedTuple):
    """One board. `lamps`: 3 (the column, and the fault lamp apart) or 1. `pager`: it rings for
    others' incidents. `keys`: its inputs by name."""

    id: str
    site: str
    place: str
    lamps: int = 3
    pager: bool = False
    keys: tuple[str, ...] = SMALLEST


class Person(NamedTuple):
    """Somebody who may log in; `street`: of a street's duty room."""

    id: str
    name: str
    role: str
    street: str = ""


class OnDuty(NamedTuple):
    """Whom the hub tells of an alarm that nobody takes, from hour `from_` to hour `until`; `ways`:
    channel and address, in their order. `street`: of that one alone; `leader`: 带班领导, at the
    head of the desk with `phone`."""

    id: str
    name: str
    post: str
    street: str
    from_: int
    until: int
    ways: tuple[tuple[str, str], ...]
    phone: str = ""
    leader: bool = False


SITES = (
    Site(
        "donghu-office",
        "东湖街道办事处",
        "东湖街道",
        (Contact(8, 18, "值班员 赵敏", "8101"), Contact(18, 8, "带班领导 孙建国", "8102")),
        office=True,
    ),
    Site(
        "xiling-office",
        "西岭街道办事处",
        "西岭街道",
        (Contact(8, 18, "值班员 何静", "8201"), Contact(18, 8, "夜班 罗勇", "8202")),
        office=True,
    ),
    Site(
        "donghu-primary",
        "东湖第一小学",
        "东湖街道",
        (Contact(7, 18, "副校长 林芳", "8111"), Contact(18, 7, "夜班门卫 周大海", "8112")),
        access="夜间从东门进，钥匙在门卫室",
    ),
    Site(
        "xiling-middle",
        "西岭中学",
        "西岭街道",
        (Contact(7, 22, "政教主任 吴涛", "8211"), Contact(22, 7, "夜班门卫 郑福", "8212")),
    ),
    Site(
        "donghu-hospital",
        "东湖人民医院",
        "东湖街道",
        (Contact(0, 24, "急诊护士台", "8121"),),
    ),
    Site(
        "nangang-waterworks",
        "南港水厂",
        "南港街道",
        (Contact(0, 24, "中控室 冯工", "8311"),),
        hazards="加氯间液氯，在厂区东北角",
        access="正门门卫 24 小时有人",
        plan="先停止加氯，人往上风向撤",
    ),
    Site(
        "xiling-substation",
        "西岭变电站",
        "西岭街道",
        (Contact(8, 17, "站长 曹亮", "8221"), Contact(17, 8, "调度 彭工", "8222")),
    ),
    Site(
        "nangang-petrol",
        "南港加油站",
        "南港街道",
        (Contact(6, 22, "站长 邓红", "8321"), Contact(22, 6, "夜班 许强", "8322")),
        covert=True,
        hazards="地下汽油罐，站内不用手机",
    ),
    Site(
        "nangang-gas",
        "南港燃气门站",
        "南港街道",
        (Contact(0, 24, "值守 田工", "8331"),),
    ),
    Site(
        "donghu-metro",
        "地铁东湖站",
        "东湖街道",
        (Contact(5, 24, "值班站长 蔡琳", "8131"), Contact(0, 5, "夜间巡检 余刚", "8132")),
    ),
    Site(
        "xiling-telecom",
        "西岭通信枢纽",
        "西岭街道",
        (Contact(0, 24, "机房值守 潘磊", "8231"),),
    ),
)

BOARDS = (
    StreetBoard("donghu-office-1", "donghu-office", "带班领导休息室", pager=True),
    StreetBoard("xiling-office-1", "xiling-office", "值班室", keys=FOUR_KEYS),
    StreetBoard("donghu-primary-1", "donghu-primary", "校门岗亭", keys=FOUR_KEYS),
    StreetBoard("xiling-middle-1", "xiling-middle", "校门岗亭"),
    StreetBoard("donghu-hospital-1", "donghu-hospital", "急诊分诊台", keys=FOUR_KEYS),
    StreetBoard("nangang-waterworks-1", "nangang-waterworks", "中控室", keys=FOUR_KEYS),
    StreetBoard("xiling-substation-1", "xiling-substation", "主控室"),
    StreetBoard("nangang-petrol-1", "nangang-petrol", "收银台下"),
    StreetBoard("nangang-gas-1", "nangang-gas", "值守室"),
    StreetBoard("donghu-metro-1", "donghu-metro", "车站控制室"),
    StreetBoard("donghu-metro-2", "donghu-metro", "站台端头", lamps=1),
    StreetBoard("xiling-telecom-1", "xiling-telecom", "机房门口"),
)

PEOPLE = (
    Person("zhangwei", "张伟", "officer"),
    Person("limin", "李敏", "officer"),
    Person("admin", "管理员", "administrator"),
    Person("donghu", "东湖街道值班室", "street", "东湖街道"),
    Person("leader", "带班领导 陈刚", "leader"),
    Person("auditor", "审计员 沈洁", "auditor"),
)


PAGER = (("pager", "donghu-office-1"),)
# nobody of 南港街道 by night: /who says so, and only the district's people are left
ON_DUTY = (
    OnDuty("chen-gang", "陈刚", "带班领导", "", 0, 24, PAGER, "8001", leader=True),
    OnDuty("zhao-min", "赵敏", "值班员", "东湖街道", 8, 18, (("desk", "东湖街道值班室"),)),
    OnDuty("sun-jianguo", "孙建国", "带班领导", "东湖街道", 18, 8, PAGER, "8102", leader=True),
    OnDuty("he-jing", "何静", "值班员", "西岭街道", 0, 24, PAGER),
)


def site_of(board: StreetBoard) -> Site:
    """Raises KeyError when the plan names no such site."""
    return {site.id: site for site in SITES}[board.site]


def in_plan_order(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A registry's boards as the plan names them; those that somebody added come last."""
    places = {board.id: place for place, board in enumerate(BOARDS)}
    return sorted(facts, key=lambda board: places.get(board["id"], len(places)))
