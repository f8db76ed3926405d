"""Whom the hub tells, as an administrator enters them: on record, told by field where it is wrong,
and hours with nobody are seen before anybody presses."""

import re
from typing import Any

import pytest

from hub import week
from hub.desk.office import entries
from hub.desk.office.registry.people import silences
from tests.desk.client import Client, Reply
from tests.desk.fixture import Served
from tests.desk.test_office import changes, rows, send, site

PERSON = {"name": "老周", "post": "夜班", "language": "zh"}
HOURS = {"from_0": "22", "until0": "7", "days0": "1-5"}
WAYS = {"channel0": "desk", "address0": "张伟", "channel1": "command", "address1": "13800138000"}


def save(administrator: Client, **more: str) -> Reply:
    return send(administrator, "/admin/people", do="save", **{**PERSON, **more})


def person(administrator: Client, **more: str) -> str:
    reply = save(administrator, **more)
    assert reply.status == 303, reply.text
    found = re.search(r"id=([\w-]+)&done=saved", reply.headers["Location"])
    assert found
    return found[1]


def test_a_person_is_entered_and_on_record(served: Served, administrator: Client) -> None:
    site(administrator)
    id_ = person(
        administrator,
        **HOURS,
        **WAYS,
        street="南山街道",
        phone="１３８００１３８０００",
        leader="1",
    )
    assert rows(served, "people")[id_] == {
        "id": "person-1",
        "name": "老周",
        "post": "夜班",
        "street": "南山街道",
        "phone": "13800138000",
        "leader": True,
        "language": "zh",
        "hours": [{"from": 22, "until": 7, "days": [1, 2, 3, 4, 5]}],
        "ways": [
            {"channel": "desk", "address": "张伟"},
            {"channel": "command", "address": "13800138000"},
        ],
    }
    page = administrator.get(f"/admin/people?id={id_}&done=saved").text
    assert 'value="1-5"' in page and "周一至周五 22:00 至 07:00" in page
    assert "1 ✕ 值班席 张伟 <b>不在席</b>" in page and "没有配置外接命令" in page
    assert "老周" in administrator.get("/admin/changes").text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(("8:30:00", 8.5), ("8.5", 8.5), ("18点", 18), ("8点半", 8.5), ("８点30分", 8.5)),
        *(("７", 7), ("24", 24), ("0830", 8.5), ("00:15", 0.25)),
    ],
)
def test_an_hour_as_people_and_spreadsheets_write_it(typed: str, kept: float) -> None:
    assert entries.hour("until", typed, 24, 24) == kept


@pytest.mark.parametrize("typed", ["100", "8:20", "8点20", "8.3", "08:30:30", "二"])
def test_what_is_no_hour_is_not_guessed(typed: str) -> None:
    with pytest.raises(entries.Wrong):
        entries.hour("until", typed, 24, 24)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("周一至周五", [1, 2, 3, 4, 5]),
        ("周六和周日", [6, 7]),
        ("星期天", [7]),
        ("周一、周三", [1, 3]),
        ("周一 至 周五", [1, 2, 3, 4, 5]),
        ("周一、三、五", [1, 3, 5]),
    ],
)
def test_weekdays_as_people_write_them(typed: str, kept: list[int]) -> None:
    assert entries.days(typed) == kept


def test_what_follows_the_question_mark_of_an_address_is_the_administrators(
    served: Served, officer: Client
) -> None:
    way = {"channel": "webhook", "address": "http://10.0.0.9/x?token=geheim"}
    someone = {"id": "p-1", "name": "老周", "post": "夜班", "hours": [], "ways": [way]}
    served.live.registry.told = [someone]
    page = officer.get("/who").text
    assert "http://10.0.0.9/x?…" in page and "geheim" not in page


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        (("8:30", "17:30"), (8.5, 17.5), "每天 08:30 至 17:30"),
        (("0830", "1215"), (8.5, 12.25), "每天 08:30 至 12:15"),
        (("８：３０", "24:00"), (8.5, 24), "每天 08:30 至 24:00"),
        (("0:45", "9"), (0.75, 9), "每天 00:45 至 09:00"),
    ],
)
def test_hours_may_begin_at_a_quarter(
    served: Served,
    administrator: Client,
    typed: tuple[str, str],
    kept: tuple[float, float],
    shown: str,
) -> None:
    id_ = person(administrator, **WAYS, from_0=typed[0], until0=typed[1])
    (span,) = rows(served, "people")[id_]["hours"]
    assert (span["from"], span["until"]) == kept
    page = administrator.get(f"/admin/people?id={id_}").text
    assert shown in page
    fields = dict(re.findall(r'name="(from_0|until0)" value="([^"]*)"', page))
    again = person(
        administrator, was=id_, **WAYS, from_0=fields["from_0"], until0=fields["until0"]
    )
    assert rows(served, "people")[again]["hours"] == [span]  # what is shown is what was typed


def test_a_changed_person_keeps_what_the_form_does_not_show(
    served: Served, administrator: Client
) -> None:
    id_ = person(administrator, **WAYS, phone="110")
    row = {**rows(served, "people")[id_], "room": "x"}
    served.call(served.live.enter, "hub", {"people": [row]}, {})
    assert person(administrator, was=id_, name="老李", language="en") == id_
    assert rows(served, "people")[id_] == {
        "id": id_, "name": "老李", "post": "夜班", "language": "en", "hours": [], "ways": [],
        "room": "x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "姓名：不能空着"),
        ({"post": ""}, "职务：不能空着"),
        ({"phone": "无"}, "电话：应是电话号码"),
        ({"street": "无此街道"}, "街道：没有“无此街道”这个街道的地点"),
        ({"language": "fr"}, "通知用语：请选择"),
        ({"from_0": "25"}, "从几点：一天到 24 点为止"),
        ({"days0": "8"}, "星期几：应写"),
        ({"channel0": "", "address0": "1"}, "方式：请为这个号码选一种方式"),
        ({"channel0": "pigeon"}, "方式：请为这个号码选一种方式"),
        ({"channel0": "command", "address0": " "}, "号码、终端或用户：不能空着"),
        ({"channel0": "command", "address0": "a\u200bb"}, "号码、终端或用户：太长或有看不见"),
        ({"channel0": "desk", "address0": "无此人"}, "没有叫“无此人”的登录用户"),
        ({"channel0": "pager", "address0": "none"}, "none: 终端没有登记"),
        ({"channel0": "webhook", "address0": "ftp://x"}, "网址不对"),
        ({"channel0": "webhook", "address0": "http://a:b@10.0.0.9/x"}, "不能写用户名和口令"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_what_was_typed_stays(
    served: Served, administrator: Client, wrong: dict[str, str], sentence: str
) -> None:
    reply = save(administrator, **{**HOURS, **WAYS, **wrong})
    assert reply.status == 422 and sentence in reply.text
    assert 'value="13800138000"' in reply.text
    assert rows(served, "people") == {}


def test_a_pager_is_a_board_that_was_enrolled_as_one(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="bell", pager="1")
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="button")
    reply = save(administrator, channel0="pager", address0="button")
    assert reply.status == 422 and "没有登记为呼叫终端" in reply.text
    person(administrator, channel0="pager", address0="bell")
    assert "呼叫终端 bell <b>终端从未联系</b>" in administrator.get("/admin/people").text


def test_a_person_is_removed_and_put_back(served: Served, administrator: Client) -> None:
    id_ = person(administrator, **WAYS)
    before = rows(served, "people")[id_]
    reply = send(administrator, "/admin/people", do="remove", was=id_)
    assert reply.status == 303 and rows(served, "people") == {}
    assert "还没有登记要通知的人" in administrator.get("/admin/people").text
    send(administrator, "/admin/changes", number=changes(administrator)[0])
    assert rows(served, "people")[id_] == before
    send(administrator, "/admin/people", do="remove", was=id_)
    assert person(administrator) == "person-2"
    for do in ("save", "remove"):
        reply = send(administrator, "/admin/people", do=do, was="nobody")
        assert reply.status == 422 and "已经不在了" in reply.text


def test_hours_with_nobody_are_named(administrator: Client) -> None:
    site(administrator)
    site(administrator, name="蛇口水厂", street="蛇口街道")
    person(administrator, **WAYS, **HOURS)
    page = administrator.get("/admin/people").text
    assert "<b>南山街道</b> 每周 123 小时无人" in page and "周二至周五 07:00 至 22:00" in page
    person(administrator, **WAYS, name="老李", street="南山街道")
    page = administrator.get("/admin/people").text
    assert "<b>南山街道</b>" not in page and "<b>蛇口街道</b> 每周 123 小时无人" in page
    person(administrator, **WAYS, name="值班领导")
    assert "每个街道每个时段都登记了人" in administrator.get("/admin/people").text


SPAN = {"from": 22, "until": 7, "days": [5]}


@pytest.mark.parametrize(
    ("spans", "gaps"),
    [
        ([], [("", 0, 24)]),
        ([{"from": 0, "until": 0}], []),
        ([{"from": 7, "until": 22}], [("", 0, 7), ("", 22, 24)]),
        ([{"from": 0, "until": 24, "days": [1, 2, 3, 4, 5]}], [("6,7", 0, 24)]),
        ([{"from": 0, "until": 8.25}, {"from": 17.5, "until": 24}], [("", 8.25, 17.5)]),
        ([{"from": 0, "until": 24, "days": [1, 2, 3, 4, 7]}, SPAN],
         [("5", 0, 22), ("6", 7, 24)]),
    ],
)  # fmt: skip
def test_gaps_are_what_no_span_covers(
    spans: list[dict[str, Any]], gaps: list[tuple[str, float, float]]
) -> None:
    found = entries.gaps(entries.covered(spans))
    assert found == gaps
    monday = 1_767_542_400_000  # 2026-01-05 00:00 +08:00, a Monday
    free = {
        (day, part)
        for day in range(7)
        for part in range(96)
        if not any(week.covers(each, monday + (day * 96 + part) * 900_000) for each in spans)
    }
    named = {
        (day - 1, part)
        for days, start, end in found
        for day in (entries.days(days) or week.DAYS)
        for part in range(int(start * 4), int(end * 4))
    }
    assert named == free


def test_a_person_to_whom_no_way_works_is_told_to_be_one(administrator: Client) -> None:
    site(administrator)
    no_command = {"channel0": "command", "address0": "8102"}
    for name, ways in (("甲", {}), ("乙", no_command)):
        saved = save(administrator, name=name, **ways).headers["Location"]
        shown = administrator.get(saved).text
        assert "没有能用的通知方式" in shown
        assert "<b>南山街道</b> 每周 168 小时无人" in shown and "✓ 每个街道" not in shown
    shown = administrator.get(save(administrator, **WAYS).headers["Location"]).text
    assert "没有能用的通知方式" not in shown and "✓ 每个街道" in shown


def test_the_same_person_twice_is_refused(served: Served, administrator: Client) -> None:
    site(administrator)
    person(administrator)
    reply = save(administrator)
    assert reply.status == 422 and "已有同街道、同职务、同名的人（person-1）" in reply.text
    person(administrator, street="南山街道")
    person(administrator, post="白班")
    assert list(rows(served, "people")) == ["person-1", "person-2", "person-3"]


def test_a_person_without_a_way_covers_nothing() -> None:
    nobody: dict[str, Any] = {"hours": [], "ways": []}
    assert [each.hours for each in silences([nobody], ["南山街道"])] == [168]
    somebody: dict[str, Any] = {"hours": [], "ways": [{"channel": "desk", "address": "张伟"}]}
    assert silences([nobody, somebody], ["南山街道"]) == []
    elsewhere = {**somebody, "street": "蛇口街道"}
    assert [each.street for each in silences([elsewhere], ["南山街道"])] == ["南山街道"]
