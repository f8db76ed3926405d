"""`/admin/changes` in words: each field by its name, what stood there, what stands there now."""

import re
from contextlib import closing

import pytest

from hub import store
from hub.desk.office import records
from hub.desk.office.registry import spelt
from hub.desk.words import teller
from hub.registry import FIELDS, KNOWN, Row
from tests.desk.client import Client
from tests.desk.fixture import Served
from tests.desk.test_office import GUARD, changes, rows, send, site

RAW = re.compile(r"[a-z_.]+")  # how a program would call a field


def told(client: Client) -> list[tuple[str, str, str]]:
    """(field, before, after) of the newest change, by field."""
    newest = client.get("/admin/changes").text.split("<li><h2>")[1]
    return sorted(
        (part.rstrip("：:"), re.sub(r"<[^>]+>", "", was), re.sub(r"<[^>]+>", "", is_))
        for part, was, is_ in re.findall(
            r'<span class="part">(.*?)</span> (.*?) → (.*?)(?=<br>|</li>)', newest
        )
    )


def test_a_change_is_told_in_words(administrator: Client) -> None:
    id_ = site(administrator, **GUARD, name1="老李", phone1="13800138000")
    site(administrator, was=id_, name="第二小学", covert="1", **GUARD, days0="1-5")
    assert told(administrator) == [
        ("地点名称", "第一小学", "第二小学"),
        (
            "联系人",
            "门卫 老周 0755-86001234 每天 07:00 至 22:00；老李 13800138000 全天、每天",
            "门卫 老周 0755-86001234 周一至周五 07:00 至 22:00",
        ),
        ("隐蔽（不亮灯不出声）", "否", "是"),
    ]
    administrator.language = "en"
    assert told(administrator)[1] == ("Covert (no lamp, no sound)", "no", "yes")


def test_what_stands_in_a_list_and_did_not_change_is_not_repeated(administrator: Client) -> None:
    more = {"name1": "老李", "phone1": "13800138000"}
    site(administrator, **GUARD, **more)
    site(administrator, was="site-1", **GUARD, **{**more, "phone1": "13900139000"})
    assert told(administrator) == [
        ("联系人", "老李 13800138000 全天、每天", "老李 13900139000 全天、每天")
    ]


def test_whom_and_by_which_way_in_words(served: Served, administrator: Client) -> None:
    site(administrator)
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    ways = {"channel0": "desk", "address0": "张伟", "channel1": "desk", "address1": "李敏"}
    person = {"name": "赵敏", "post": "值班员", "language": "zh", **ways}
    send(administrator, "/admin/people", **person)
    hours = {"from_0": "8", "until0": "18", "days0": "6,7"}
    turned = {"address0": "李敏", "address1": "张伟", "street": "南山街道", "language": "en"}
    send(administrator, "/admin/people", **{**person, **turned, **hours}, was="person-1")
    assert told(administrator) == [
        ("在班时段", "全天、每天", "周六和周日 08:00 至 18:00"),
        ("街道", "全区", "南山街道"),
        ("通知方式", "值班席 张伟；值班席 李敏", "值班席 李敏；值班席 张伟"),
        ("通知用语", "中文", "英文"),
    ]
    send(administrator, "/admin/boards", do="key", id="board-01", key_number="1")
    page = administrator.get("/admin/changes").text
    assert told(administrator) == [("密钥", "第 1 把", "第 2 把")]
    assert "修改 终端 <b>第一小学</b> board-01" in page


def test_a_setting_is_told_by_what_it_does(administrator: Client) -> None:
    send(administrator, "/admin/settings", name="presence.lost_s", value="90")
    assert told(administrator) == [("值", "80", "90")]
    page = administrator.get("/admin/changes").text
    assert "修改 设置 <b>" in page and "</b> presence.lost_s" in page


def test_what_putting_back_would_take_out_is_said_before_it_is_done(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    listed = administrator.get("/admin/changes").text
    assert 'name="number"' not in listed  # nothing there does it at once
    newest, _ = changes(administrator)
    asked = administrator.get(f"/admin/changes?ask={newest}").text
    assert "终端：删除 1 条" in asked and "立刻断线" in asked and "board-01" in asked
    assert f'name="number" value="{newest}"' in asked
    assert list(rows(served, "boards")) == ["board-01"]
    assert send(administrator, "/admin/changes", number=newest).status == 303
    assert rows(served, "boards") == {}
    for gone in (newest, "1", "x", "9" * 30):  # changed since, none, no number: the list again
        assert "变更？" not in administrator.get(f"/admin/changes?ask={gone}").text


def test_what_cannot_be_put_back_is_said_before_it_is_asked(administrator: Client) -> None:
    site(administrator)
    (first,) = changes(administrator)
    send(administrator, "/admin/boards", do="enrol", site="site-1", id="board-01")
    asked = administrator.get(f"/admin/changes?ask={first}").text
    assert "board-01 会失去它的地点" in asked and 'name="number"' not in asked
    send(administrator, "/admin/settings", name="presence.lost_s", value="90")
    assert "设置请在“设置”页改回" in administrator.get("/admin/changes").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_of_the_registry_has_its_words(language: str) -> None:
    fields = {table: KNOWN[table] for table in FIELDS} | {"settings": ["value"]}
    say = teller(language)
    names = {
        (table, field): spelt.field_name(table, field, say)
        for table, known in fields.items()
        for field in known
        if field != "id"
    }
    assert [each for each, name in names.items() if RAW.fullmatch(name)] == []


def test_what_no_page_knows_is_told_as_it_stands() -> None:
    was: Row = {"id": "a", "old": "x", "list": ["甲", {"b": 1}]}
    (old, list_) = spelt.differing("sites", was, {"id": "a", "list": []}, {}, teller("zh"))
    assert old == ("old", ["x"], [])
    assert list_ == ("list", ["甲", "1"], [])


def test_what_was_entered_is_found_without_reading_the_whole_ledger(
    served: Served, administrator: Client
) -> None:
    site(administrator)
    asked: list[str] = []
    with closing(store.connect_reader(served.live.folder.ledger)) as reader:
        reader.set_trace_callback(asked.append)
        assert records.changes(reader, 50) and records.ever_given(reader, "sites")
        assert records.names_given(reader) == {} and store.registry(reader)["sites"]
        reader.set_trace_callback(None)
        plans = [reader.execute(f"EXPLAIN QUERY PLAN {sql}").fetchone()["detail"] for sql in asked]
    assert len(plans) == 4
    assert [plan for plan in plans if "INDEX ledger_" not in plan] == []
