"""The ledger's page: what an auditor finds there, and what the check says."""

import json
import sqlite3
import time
from urllib.parse import quote

import pytest

from hub import ledger
from hub.events import Action, Arrived
from hub.rooms import ROOMS
from tests.desk.client import DESK, Client
from tests.desk.fixture import Served
from tests.desk.test_office import send


def checked(auditor: Client) -> str:
    """The page once the check has ended."""
    token = send(auditor, "/ledger")
    assert token.status == 303
    end = time.monotonic() + 10
    while "data-again" in (text := auditor.get("/ledger").text):
        assert time.monotonic() < end
        time.sleep(0.05)
    return text


def anchored(served: Served) -> None:
    number, hash_ = served.call(ledger.head, served.live.db)
    served.live.folder.head.write_text(f"{number} {hash_.hex()}\n")


def taken(served: Served, board: str = "board-01") -> str:
    incident = served.call(served.live.report, board)
    served.call(served.live.act_as, "张伟", "take", incident)
    served.call(served.live.act_as, "张伟", "note", incident, text="门卫说没事")
    return incident


def test_what_was_done_is_found_by_day_kind_person_and_incident(
    served: Served, auditor: Client
) -> None:
    incident = taken(served)
    other = taken(served, "board-02")
    page = auditor.get("/ledger").text
    assert "记录：门卫说没事" in page and "主机启动" in page and incident in page
    noted = auditor.get(f"/ledger?kind=noted&incident={incident}").text
    assert "门卫说没事" in noted and noted.count("<tr><td>") == 1
    by_person = auditor.get(f"/ledger?kind=noted&actor={quote('张伟')}&day={today()}").text
    assert "门卫说没事" in by_person and by_person.count("<tr><td>") == 2
    assert other not in auditor.get(f"/ledger?incident={incident}").text
    assert "没有符合的" in auditor.get("/ledger?day=2020-01-01").text
    of_site = auditor.get(f"/ledger?site={quote('人民医院')}").text
    assert other in of_site and incident not in of_site
    of_board = auditor.get("/ledger?site=board-02").text
    assert other in of_board and "终端在线" in of_board  # what no incident's timeline has, too


def test_a_part_of_a_name_and_the_end_of_an_id_are_enough(served: Served, auditor: Client) -> None:
    incident = taken(served)
    assert incident in auditor.get(f"/ledger?kind=taken&actor={quote('伟')}").text
    by_number = auditor.get(f"/ledger?incident={incident.rpartition('-')[2]}").text
    assert "谁在何时知道" in by_number and "受理" in by_number


def test_what_was_entered_is_told_by_name(served: Served, auditor: Client) -> None:
    site = {"id": "site-9", "name": "第九小学", "street": "南山街道", "contacts": []}
    served.call(served.live.enter, "王工", {"sites": [site]}, {})
    served.call(served.live.enter, "王工", {"sites": [{**site, "name": "九小"}]}, {})
    served.call(served.live.enter, "file", {}, {"sites": ["site-9"]})
    page = auditor.get("/ledger?kind=registry").text
    assert "新增 地点 第九小学" in page and "修改 地点 九小" in page and "删除 地点 九小" in page
    assert "登记册文件被直接修改" in page


def test_the_hubs_own_test_may_be_left_out(served: Served, auditor: Client) -> None:
    served.live.registry.names["self-test"] = ("自检", "")
    report = {"boot": "0" * 16, "number": 1, "kind": "test", "age_ms": 0, "reboots": 0}
    served.call(served.live.do, Arrived("self-test", "report", json.dumps(report).encode()))
    incident = served.call(served.live.report, "board-01")
    assert auditor.get("/ledger?kind=reported").text.count("<tr><td>") == 2
    without = auditor.get("/ledger?kind=reported&without=tests").text
    assert without.count("<tr><td>") == 1 and incident in without
    assert 'name="without" value="tests" checked' in without


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))


def test_older_rows_are_a_page_further(served: Served, auditor: Client) -> None:
    incident = taken(served)
    for n in range(110):
        served.call(served.live.act_as, "张伟", "note", incident, text=f"{n}")
    first = auditor.get("/ledger").text
    assert first.count("<tr><td>") == 100
    before = first.split("before=")[1].split('"')[0]
    second = auditor.get(f"/ledger?before={before}").text
    assert f"<tr><td>{int(before) - 1}</td>" in second and f"<tr><td>{before}</td>" not in second


def test_who_knew_and_when(served: Served, officer: Client, auditor: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    officer.here(shown=[incident])
    page = auditor.get(f"/ledger?incident={incident}").text
    assert "谁在何时知道" in page and "值班席已显示并响铃" in page and "张伟" in page
    word = Action("cd" * 8, DESK, "刘局", "leader", "instruct", incident, {"text": "立即核实"})
    served.call(served.live.do, word)
    page = auditor.get(f"/ledger?incident={incident}").text
    assert "<b>刘局</b> 作出批示" in page and "刘局</b> 在值班席处理" not in page
    assert "还没有人看到它" in auditor.get("/ledger?incident=nothing-1").text


def test_a_whole_chain_is_said_to_be_whole_and_the_check_is_on_record(
    served: Served, auditor: Client
) -> None:
    taken(served)
    anchored(served)
    number, hash_ = served.call(ledger.head, served.live.db)
    page = checked(auditor)
    assert f"完整：{number} 行" in page and hash_.hex() in page and "head 文件" not in page
    (row,) = served.call(rows_of, served, "audited")
    assert json.loads(row["body"]) == {
        "what": "verified",
        "number": number,
        "hash": hash_.hex(),
        "findings": 0,
    }


def rows_of(served: Served, kind: str) -> list[sqlite3.Row]:
    return served.live.db.execute("SELECT * FROM ledger WHERE kind = ?", (kind,)).fetchall()


def test_a_changed_row_is_named(served: Served, auditor: Client) -> None:
    taken(served)
    anchored(served)

    def change() -> int:
        db = served.live.db
        db.execute("DROP TRIGGER ledger_no_update")
        (number,) = db.execute("SELECT number FROM ledger WHERE kind = 'noted'").fetchone()
        db.execute("UPDATE ledger SET body = replace(body, '没事', '有事') WHERE kind = 'noted'")
        return int(number)

    number = served.call(change)
    page = checked(auditor)
    assert "台账被改动过" in page and f"台账第 {number} 行" in page
    assert json.loads(served.call(rows_of, served, "audited")[0]["body"])["findings"] == 1


def test_the_export_is_the_whole_ledger_and_is_on_record(served: Served, auditor: Client) -> None:
    taken(served)
    expected = list(served.call(lambda: list(ledger.export(served.live.db))))
    reply = auditor.get("/ledger/export")
    assert reply.text.splitlines() == expected
    last = json.loads(expected[-1])
    page = auditor.get("/ledger").text
    assert f"上次导出（沈洁）到第 {last['number']} 行" in page and last["hash"] in page
    assert "attachment" in reply.headers["Content-Disposition"]
    (row,) = served.call(rows_of, served, "audited")
    assert json.loads(row["body"])["what"] == "exported" and row["actor"] == "沈洁"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("day=yesterday", "日期应写作"), ("kind=nothing", "没有“nothing”这一种"), ("before=x", "")],
)
def test_a_question_that_makes_no_sense(auditor: Client, query: str, sentence: str) -> None:
    reply = auditor.get("/ledger?" + query)
    assert sentence in reply.text
    assert reply.status == (422 if sentence else 200)


def test_each_kind_of_row_has_a_name_in_both_languages(auditor: Client) -> None:
    page = auditor.get("/ledger").text
    for kind in ROOMS.projections:
        assert f'<option value="{kind}">' in page
