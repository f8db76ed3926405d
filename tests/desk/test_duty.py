"""The duty page: everything on it is done through its forms, and read back from it."""

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from hub.city.feed import LOCAL
from hub.duty.day import day_of
from hub.events import Action, Answer, Arrived
from hub.settings import Duty
from tests.desk.client import Client, Reply
from tests.desk.fixture import BOOT, Served

FORM = re.compile(r"<form.*?</form>", re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def hidden(page: str, verb: str, about: str = "") -> dict[str, Any]:
    """The hidden fields of the first form for `verb` that has `about` in it."""
    for form in FORM.findall(page):
        fields = dict(FIELD.findall(form))
        if fields.get("verb") == verb and about in form:
            return fields
    raise AssertionError(f"no form for {verb} {about}")


def do(client: Client, verb: str, about: str = "", **fields: str) -> Reply:
    """Fill in and send the form, as a browser without script does."""
    own = hidden(client.get("/duty").text, verb, about)
    return client.form("/duty", {"X-Qianshao-Token": ""}, **{**own, **fields})


def section(client: Client, name: str) -> str:
    page = client.get("/duty?live").text
    return re.sub(
        r"\s+",
        " ",
        re.sub(r"<[^>]+>", " ", page.partition(f'id="live-{name}"')[2].partition("</section>")[0]),
    )


def hello(served: Served, board: str, keys: str = "alarm confirm abnormal allwell") -> None:
    value = f'{{"boot":"{BOOT}","catalogue":"{"0" * 16}","firmware":"x","lamps":3,"torn":0'
    served.call(served.live.do, Arrived(board, "hello", f'{value},"keys":"{keys}"}}'.encode()))


def test_empty_sections_say_what_to_do(officer: Client) -> None:
    page = officer.get("/duty").text
    for text in ("没有登记的演练", "还没有点过名", "还没有发过通知", "没有带平安键的终端"):
        assert text in page
    assert "从未验证" in page and "没有检修中的终端" in page
    assert "本页不响铃" in page


def test_a_drill_from_registration_to_its_end(served: Served, officer: Client) -> None:
    reply = do(officer, "open_drill", purpose="季度演练", minutes="20", where="site-board-01")
    assert (reply.status, reply.headers["Location"]) == (
        303,
        "/duty?section=drill&done=open_drill#drill",
    )
    assert "演练已登记" in officer.get(reply.headers["Location"]).text
    incident = served.call(served.live.report, "board-01")
    assert served.call(served.live.one, incident)["kind"] == "drill"
    assert "季度演练" in section(officer, "drill") and "1 起待确认" in section(officer, "drill")
    assert "待处理 1 起" in officer.get("/duty").text
    assert do(officer, "end_drill").status == 303
    assert "已结束" in section(officer, "drill") and "演练中" not in section(officer, "drill")


def test_what_was_wrong_is_said_and_what_was_typed_stays(officer: Client) -> None:
    reply = do(officer, "open_drill", purpose="季度演练", minutes="99", where="all")
    assert reply.status == 422
    assert "时长应为 1 至 60 分钟" in reply.text
    assert 'value="季度演练"' in reply.text and 'value="99"' in reply.text
    reply = do(officer, "open_drill", purpose="季度演练", minutes="20")
    assert reply.status == 422 and "请先选单位" in reply.text
    reply = do(officer, "open_drill", purpose="季度演练", minutes="twenty", where="all")
    assert reply.status == 422 and "时长应为" in reply.text


def test_a_street_sees_its_own_and_is_told_who_does_the_rest(
    served: Served, officer: Client, stranger: Client
) -> None:
    stranger.login("shekou")
    page = stranger.get("/duty").text
    assert "演练由区值班室登记" in page and "点名由区值班室发起" in page and "在下面" not in page
    do(officer, "open_roll_call", minutes="5", where="all")
    do(officer, "open_drill", purpose="南山的", minutes="5", where="street:南山街道")
    do(officer, "send_text", text="只给粤海", minutes="5", where="street:粤海街道")
    served.call(served.live.report, "board-02")  # 粤海街道
    own = stranger.get("/duty").text
    assert "蛇口实验学校" in own and "0/5" in section(stranger, "roll_call")
    for foreign in ("南山自来水厂", "粤海", "南山的", "待处理", "8600-02"):
        assert foreign not in own, foreign
    served.call(served.live.report, "board-01")
    assert "待处理 1 起" in stranger.get("/duty").text


def test_all_and_one_beside_it_is_neither(served: Served, officer: Client) -> None:
    own = hidden(officer.get("/duty").text, "send_text")
    both = {**own, "text": "只给一家", "minutes": "5", "where": ["all", "site-board-01"]}
    reply = officer.form("/duty", **both)
    assert reply.status == 422 and "不能同时勾" in reply.text
    assert "ask_opened" not in served.call(served.live.kinds)


def test_duress_of_its_own_duty_room_leaves_no_trace_on_a_streets_page(
    served: Served, officer: Client, stranger: Client
) -> None:
    served.live.registry.offices = {"board-01"}
    stranger.login("shekou")
    before = stranger.get("/duty?live").text
    served.call(served.live.report, "board-01", "duress")
    assert stranger.get("/duty?live").text == before
    assert "待处理 1 起" in officer.get("/duty").text


def test_who_calls_cannot_answer_a_roll_call_and_the_page_says_so(
    served: Served, officer: Client
) -> None:
    served.call(served.live.report, "board-01", "duress")  # grey answers beside it
    incident = served.call(served.live.report, "board-02")
    do(officer, "open_roll_call", minutes="5", where="all")
    assert section(officer, "roll_call").count("灰键答不了") == 1
    served.call(served.live.act_as, "张伟", "take", incident)
    served.call(served.live.act_as, "张伟", "outcome", incident, outcome="real")
    served.call(served.live.act_as, "张伟", "close", incident)
    assert "灰键答不了" not in section(officer, "roll_call")


def test_a_form_sent_twice_is_recorded_once(served: Served, officer: Client) -> None:
    own = hidden(officer.get("/duty").text, "open_drill")
    form = {**own, "purpose": "演练", "minutes": "5", "where": "all"}
    assert [officer.form("/duty", **form).status for _ in range(2)] == [303, 303]
    assert served.call(served.live.kinds).count("window_opened") == 1


def test_a_street_is_chosen_as_a_whole(served: Served, officer: Client) -> None:
    do(officer, "open_drill", purpose="演练", minutes="5", where="street:蛇口街道")
    assert "等 5 家" in section(officer, "drill")
    assert served.call(served.live.report, "board-01")
    kinds = [
        served.call(served.live.one, served.call(served.live.report, board))["kind"]
        for board in ("board-04", "board-05")
    ]
    assert kinds == ["drill", "alarm"]


def test_a_roll_call_and_who_has_not_answered(served: Served, officer: Client) -> None:
    assert do(officer, "open_roll_call", text="", minutes="10", where="all").status == 303
    ask = hidden(officer.get("/duty").text, "end_ask")["ask"]
    assert "已应 0/15" in section(officer, "roll_call")
    served.call(served.live.report, "board-02", "answer", about=ask, code="heard")
    text = section(officer, "roll_call")
    assert "已应 1/15" in text and "0755-8600-03" in text
    reply = do(officer, "answer_for", "site-board-03", name="门卫 老周")
    assert reply.status == 303
    text = section(officer, "roll_call")
    assert "已应 2/15" in text and "门卫 老周" in text.partition("已应 2 家")[2]
    assert do(officer, "answer_for", "site-board-04", name=" ").status == 422
    assert do(officer, "end_ask", ask).status == 303
    assert "已结束" in section(officer, "roll_call")


def test_the_hub_calls_the_roll_at_its_time(served: Served, officer: Client) -> None:
    live = served.live
    assert "下次点名" not in officer.get("/").text
    at = f"{datetime.fromtimestamp(live.now().wall // 1000 + 120, LOCAL):%H:%M}"
    settings = replace(live.settings, duty=Duty(roll_calls=at))
    live.hub.settings = live.house.settings = settings
    served.call(live.forward, 1)
    assert f"下次点名 {at}" in officer.get("/").text
    assert f"下次点名 {at}" in section(officer, "roll_call")
    served.call(live.forward, 120)
    page = officer.get("/").text
    assert "点名 0/15" in page and "下次点名" not in page
    assert "主机" in section(officer, "roll_call")  # 发起


def test_a_text_is_sent_and_read(served: Served, officer: Client) -> None:
    reply = do(officer, "send_text", text="今晚<b>暴雨", minutes="60", where="site-board-01")
    assert reply.status == 303
    assert "今晚&lt;b&gt;暴雨" in section(officer, "text")
    ask = hidden(officer.get("/duty").text, "end_ask")["ask"]
    served.call(served.live.report, "board-01", "answer", about=ask, code="heard")
    assert "已阅 1/1" in section(officer, "text")


def test_who_owes_a_daily_report(served: Served, officer: Client) -> None:
    for board in ("board-01", "board-02", "board-03"):
        hello(served, board)
    served.call(served.live.report, "board-02", "allwell")
    text = section(officer, "allwell")
    assert "1/3" in text and "未报 2 家" in text and "0755-8600-01" in text
    served.call(served.live.report, "board-01", "duress")
    assert "2/3" in section(officer, "allwell") and "求助" not in section(officer, "allwell")


def test_out_of_service_and_back(served: Served, officer: Client) -> None:
    day = day_of(served.live.now().wall + 86_400_000)
    reply = do(officer, "out_of_service", item="board:board-01", until=day, reason="换电池")
    assert reply.status == 303
    assert f"检修至 {day}" in section(officer, "repair")
    reply = do(officer, "out_of_service", item="board:board-01", until="2001-01-01", reason="x")
    assert reply.status == 422 and "请选今天或以后" in reply.text
    assert do(officer, "in_service").status == 303
    assert "没有检修中的终端" in section(officer, "repair")


def test_the_page_of_a_large_district_holds_nobody_up(served: Served, officer: Client) -> None:
    """Its time grows with the boards, not with their square: the hub hears nobody meanwhile."""

    def seconds(count: int) -> float:
        served.live.registry.names = {
            f"many-{n:04d}": (f"第 {n} 小学", "南山街道") for n in range(count)
        }
        took = []
        for _ in range(2):
            began = time.monotonic()
            assert officer.get("/duty").status == 200
            took.append(time.monotonic() - began)
        return min(took)

    few = seconds(500)
    assert seconds(4000) < 24 * few  # eight times as many; their square would be 64


def test_proofs_and_conditions(served: Served, officer: Client) -> None:
    served.call(served.live.report, "board-01", "test")
    served.call(served.live.report, "board-02", "status", code="mains_lost")
    text = section(officer, "proof")
    assert "逾期未验证 14 台" in text and "今天验证 测试" in text and "市电断" in text


@pytest.mark.parametrize(
    ("verb", "fields", "allowed"),
    [
        ("open_drill", {"section": "drill", "purpose": "x", "minutes": "5"}, False),
        ("send_text", {"section": "text", "text": "x", "minutes": "5"}, False),
        ("out_of_service", {"section": "repair", "item": "board:board-01"}, True),
    ],
)
def test_an_administrator_may_only_repair(
    served: Served, verb: str, fields: dict[str, str], allowed: bool
) -> None:
    client = Client(served)
    client.login("admin")
    page = client.get("/duty").text
    assert ('value="open_drill"' in page, 'value="out_of_service"' in page) == (False, True)
    form: dict[str, Any] = {"verb": verb, "id": "ab" * 16, "where": "all", **fields}
    status = client.form("/duty", **form).status
    assert (status == 422) if allowed else (status == 403)
    assert served.call(served.live.kinds) == ["born", "started"]


def test_a_verb_belongs_to_its_section(officer: Client) -> None:
    form: dict[str, Any] = {"verb": "take", "section": "drill", "id": "ab" * 16}
    assert officer.form("/duty", **form).status == 400
    assert officer.form("/duty", **{**form, "section": "nowhere"}).status == 400


def test_it_is_whole_in_english(served: Served) -> None:
    client = Client(served, "en")
    client.login("zhangwei")
    page = client.get("/duty").text
    assert "Register a drill" in page and "Roll call" in page
    chinese = re.sub(r"<[^>]+>|学校|小学|第一|实验|人民医院|自来水厂|变电站", "", page)
    for text in ("点名", "演练", "平安报", "检修", "验证"):
        assert text not in chinese


def test_a_session_that_ended_meanwhile_still_gets_its_answer(
    served: Served, officer: Client
) -> None:
    house, ask = served.live.house, served.live.house.act

    async def relieved_meanwhile(action: Action) -> Answer:
        with closing(sqlite3.connect(served.live.folder.working)) as db, db:
            db.execute("DELETE FROM sessions")
        return await ask(action)

    house.act = relieved_meanwhile
    reply = do(officer, "open_roll_call", minutes="x", where="all")
    assert reply.status == 422 and "点名" in reply.text
