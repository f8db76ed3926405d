"""Sheets as people keep them: every way of saving one, and every fault with its cell."""

from typing import Any

import pytest

from hub.desk.office.entries import Wrong
from hub.desk.office.first_run import sheet
from hub.desk.office.first_run.sheet import Sheet, decode

HEAD = "街道,地点名称,编号,隐蔽,职务,姓名,电话,从几点,到几点,星期几\n"
LINE = "南山街道,第一小学,school-1,否,门卫,老周,0755-86001234,7,22,1-5\n"
SCHOOL = {
    "id": "school-1",
    "street": "南山街道",
    "name": "第一小学",
    "covert": False,
    "contacts": [
        {
            "role": "门卫",
            "name": "老周",
            "phone": "0755-86001234",
            "from": 7,
            "until": 22,
            "days": [1, 2, 3, 4, 5],
        }
    ],
}


def read(text: str, known: dict[str, Any] | None = None, used: set[str] | None = None) -> Sheet:
    return sheet.read(text, known or {}, (used or set()).__contains__)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_however_it_was_saved(name: str, mark: str, end: str) -> None:
    text = (HEAD + LINE).replace(",", mark).replace("\n", end)
    found = read(decode(text.encode(name)))
    assert (found.sites, found.faults, found.unread) == ([SCHOOL], [], [])


def test_the_sample_is_whole_in_both_languages() -> None:
    for language in ("zh", "en"):
        found = read(decode(sheet.sample(language)))
        assert found.faults == [] and found.unread == []
        assert [len(site["contacts"]) for site in found.sites] == [2, 1]
        assert [site["covert"] for site in found.sites] == [False, True]
        assert found.sites[0]["contacts"][1]["phone"] == "138 0013 8000"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04...", "workbook"),
        (b"\xd0\xcf\x11\xe0.", "workbook"),
        (b"\xff\x81\xff", "encoding"),
        (b"a\0b", "encoding"),
    ],
)
def test_what_is_no_text(data: bytes, why: str) -> None:
    with pytest.raises(Wrong) as wrong:
        decode(data)
    assert wrong.value.why == why


def test_merged_cells_other_orders_and_columns_of_their_own() -> None:
    text = (
        "序号,电话,*单位名称,镇街,备注,联系人\n"
        "1,110,甲校,南山街道,,张三\n,119,,,,李四\n2,120,乙校,,好,王五\n\n,,丙校,蛇口街道,,\n"
    )
    found = read(text)
    assert found.unread == ["序号", "备注"] and found.faults == []
    got = [(s["street"], s["name"], [c["name"] for c in s["contacts"]]) for s in found.sites]
    assert got == [
        ("南山街道", "甲校", ["张三", "李四"]),
        ("南山街道", "乙校", ["王五"]),
        ("蛇口街道", "丙校", []),
    ]
    assert [site["id"] for site in found.sites] == ["site-1", "site-2", "site-3"]


def test_a_line_tells_all_that_is_wrong_in_it() -> None:
    line = "南山街道,第一小学,第一,也许,,,老周,25,7:20,周八\n"
    found = read(HEAD + line)
    assert [(f.line, f.column, f.wrong.why) for f in found.faults] == [
        (2, "C", "id"),
        (2, "D", "yes"),
        (2, "F", "empty"),
        (2, "G", "phone"),
        (2, "H", "late"),
        (2, "I", "hour"),
        (2, "J", "days"),
    ]


def test_a_cell_beyond_the_headings_is_told() -> None:
    """A comma in a text without quotes moves all that follows by one."""
    (fault,) = read("街道,地点,预案,姓名\nA,a,先停机,再报告,老周\n").faults
    assert (fault.line, fault.column, fault.wrong.why, fault.wrong.value) == (
        2,
        "E",
        "over",
        "老周",
    )
    assert read("街道,地点,,\nA,a,,\n").faults == []


def test_new_ids_were_never_given_before() -> None:
    found = read("street,site\nA,a\nA,b\n", used={"site-1", "site-3"})
    assert [site["id"] for site in found.sites] == ["site-2", "site-4"]


def test_a_known_site_keeps_its_id_and_what_the_sheet_does_not_hold() -> None:
    known = {"s-77": {**SCHOOL, "id": "s-77", "plan": "x", "contacts": []}}
    found = read("街道,地点\n南山街道,第一小学\n", known, {"s-77"})
    assert found.sites == [{**SCHOOL, "id": "s-77", "plan": "x", "contacts": []}]
    renamed = read("街道,地点,编号\n南山街道,实验小学,S-77\n", known, {"s-77"})
    assert (renamed.sites[0]["id"], renamed.sites[0]["name"]) == ("s-77", "实验小学")


def test_what_whoever_goes_there_must_know() -> None:
    text = "街道,地点,姓名,电话,危险源,钥匙,预案\nA,a,甲,110,液氯,门卫室,\n,,乙,119,,,停止加氯\n"
    known = {"s-1": {**SCHOOL, "id": "s-1", "street": "A", "name": "a", "hazards": "x"}}
    (site,) = read(text, known, {"s-1"}).sites
    facts = (site["hazards"], site["access"], site["plan"])
    assert facts == ("液氯", "门卫室", "停止加氯")
    (fault,) = read("街道,地点,预案\nA,a," + "长" * 121 + "\n").faults
    assert (fault.column, fault.wrong.field, fault.wrong.why) == ("C", "plan", "long_fact")


@pytest.mark.parametrize(
    ("changes", "column", "field", "why"),
    [
        ({0: ""}, "A", "street", "empty"),
        ({1: "长" * 41}, "B", "site", "long"),
        ({2: "第一"}, "C", "id", "id"),
        ({2: "gone-1"}, "C", "id", "used"),
        ({3: "也许"}, "D", "covert", "yes"),
        ({5: ""}, "F", "contact", "empty"),
        ({6: "7.55E+10"}, "G", "phone", "by_excel"),
        ({6: "老周"}, "G", "phone", "phone"),
        ({7: "25"}, "H", "from", "late"),
        ({8: "7:20"}, "I", "until", "hour"),
        ({9: "周八"}, "J", "days", "days"),
    ],
)
def test_each_fault_has_its_cell(
    changes: dict[int, str], column: str, field: str, why: str
) -> None:
    cells = LINE.strip().split(",")
    for place, value in changes.items():
        cells[place] = value
    found = read("\n" + HEAD + ",".join(cells) + "\n", used={"gone-1"})
    assert [(f.line, f.column, f.wrong.field, f.wrong.why) for f in found.faults] == [
        (3, column, field, why)
    ]


def test_all_faults_are_told_at_once() -> None:
    found = read(HEAD + LINE + ",乙校,,x,,,,,,\n,丙校,,,,张三,1,,,\n", used={"school-1"})
    faults = [(f.line, f.wrong.field) for f in found.faults]
    assert faults == [(2, "id"), (3, "covert"), (4, "phone")]


def test_ids_that_contradict() -> None:
    twice = read(HEAD + LINE + LINE.replace("第一", "第二"))
    assert [f.wrong.why for f in twice.faults] == ["twice"]
    two = read(HEAD + LINE + LINE.replace("school-1", "school-2"))
    assert [f.wrong.why for f in two.faults] == ["two_ids"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no_lines"),
        (HEAD, "no_lines"),
        ("街道,电话\nA,1\n", "heading"),
    ],
)
def test_sheets_without_sites(text: str, why: str) -> None:
    found = read(text)
    assert found.sites == [] or why == "no_lines"
    if not found.sites:
        assert {f.wrong.why for f in found.faults} <= {why, "empty"}


def test_a_quote_that_is_not_closed_swallows_nothing() -> None:
    """What stands before it is read, and the line where it begins is named."""
    wrong = LINE.replace("0755-86001234", "x")
    head, quoted = HEAD, LINE.replace("老周", '"老周')
    found = read(head + wrong + quoted + LINE + LINE)
    assert found.sites == []
    assert [(f.line, f.wrong.why) for f in found.faults][-1] == (3, "csv")
    assert found.faults[0].line == 2
    between = read(head + quoted + LINE.replace("老周", '"老李"'))  # closed by another one's
    assert [(f.line, f.wrong.why) for f in between.faults] == [(2, "csv")]


def test_whole_lines_in_a_cell_are_no_text() -> None:
    head = HEAD.strip() + ",危险源\n"
    first, second, third = (
        LINE.strip().replace("第一小学,school-1", f"第{n}小学,") + "," for n in "一二三"
    )
    found = read(f'{head}{first}"液氯\n{second}\n{third}氨"\n')
    assert [(f.line, f.column, f.wrong.why) for f in found.faults] == [(2, "K", "swallowed")]
    assert read(f'{head}{first}"液氯, 5 吨\n氨, 2 吨"\n').faults == []


def test_a_cell_over_several_lines_is_named_by_its_first() -> None:
    text = '街道,地点,危险源,电话\n甲,乙,"液氯\n二楼",x\n,,,y\n'
    assert [fault.line for fault in read(text).faults if fault.wrong.why == "phone"] == [2, 4]


def test_the_same_line_twice_is_told() -> None:
    found = read(HEAD + LINE + LINE)
    assert [(f.line, f.column, f.wrong.why) for f in found.faults] == [(3, "F", "same_line")]
    other = LINE.replace("7,22,1-5", "22,7,1-5")
    assert read(HEAD + LINE + other).faults == []


def test_columns_are_named_as_in_a_spreadsheet() -> None:
    assert [sheet.column(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_ten_thousand_lines_take_no_time() -> None:
    text = HEAD + "".join(
        f"街道{n % 9},学校{n},,,,张三,0755-8600{n:05d},,,\n" for n in range(10_000)
    )
    found = read(text, used={f"site-{n}" for n in range(5000)})
    assert len({site["id"] for site in found.sites}) == 10_000
