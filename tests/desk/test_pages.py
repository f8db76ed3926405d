"""What the pages say of each state, and that nothing anyone writes becomes markup."""

import re
from typing import Any

import pytest

from hub import presence
from hub.desk.sentences import day, hour
from hub.duty.day import DAY_MS
from hub.events import RegistryChanged
from hub.settings import Escalation
from tests.desk.client import DESK, Client
from tests.desk.fixture import PEOPLE, Served

HOSTILE = "</li><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


def row(client: Client, incident: str) -> str:
    found = re.search(rf'<li id="row-{incident}".*?</li>', client.get("/").text, re.S)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).strip()


def head(client: Client, incident: str) -> str:
    pane = client.get(f"/pane?incident={incident}").json
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pane["head"])).strip()


def timeline(client: Client, incident: str) -> list[str]:
    pane = client.get(f"/pane?incident={incident}").json["timeline"]
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip()[9:]
        for line in re.findall(r"<li.*?</li>", pane, re.S)
    ]


def test_what_whoever_goes_there_must_know(
    served: Served, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, board_of = served.live, served.live.registry.board
    tested = served.call(live.report, "board-01", "test")
    monkeypatch.setattr(
        live.registry, "board", lambda name: {**(board_of(name) or {}), "hazards": "<b>液氯"}
    )
    incident = served.call(live.report, "board-01")
    served.call(live.forward, 86_400)
    assert "危险源 &lt;b&gt;液氯 上次验证 1 天前（测试）" in head(officer, incident)
    assert "✓ 已办结 主机" in head(officer, tested)
    never = served.call(live.report, "board-02")
    assert "从未验证" in head(officer, never)
    served.call(live.report, "board-03", "test")
    assert "不到 1 天前（测试）" in head(officer, served.call(live.report, "board-03"))


def test_one_incident_from_press_to_close(served: Served, officer: Client) -> None:
    live = served.live
    officer.here()
    incident = served.call(live.report, "board-01")
    assert row(officer, incident).startswith("■ 待受理 蛇口实验学校 报警 ")
    assert "门卫 老周 0755-8600-01" in row(officer, incident)
    assert officer.act("close", incident).json["say"] == "请先受理。"
    officer.act("take", incident)
    assert row(officer, incident).startswith("▶ 张伟 蛇口实验学校 报警")
    assert "已受理 张伟" in head(officer, incident) and "未核实" in head(officer, incident)
    assert officer.act("close", incident).json["code"] == "needs_outcome"
    officer.act("note", incident, text="已致电门卫")
    officer.act("handed_on", incident, service="110")
    officer.act("next_time", incident, at="+15")
    assert "后再问" in row(officer, incident)
    officer.act("outcome", incident, outcome="real")
    assert "已核实" in head(officer, incident) and "属实" in head(officer, incident)
    assert "已转110" in head(officer, incident)
    assert officer.act("close", incident).json["say"] == "已办结。"
    assert row(officer, incident).startswith("✓ 已办结 蛇口实验学校")
    lines = timeline(officer, incident)
    for part in (
        "按下报警",
        "受理 张伟",
        "记录：已致电门卫 张伟",
        "已转110 张伟",
        "办结：属实 张伟",
    ):
        assert part in lines
    assert officer.act("note", incident, text="x").json["say"] == "已由 张伟 办结。"


def test_a_press_of_any_age_is_said_in_words(
    served: Served, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "_beginning", lambda db: 0)  # after an emergency start
    served.call(served.live.report, "board-01", reboots=1)
    assert re.search(r"迟到：按下于 \d\d:\d\d 或更早，", officer.get("/").text)
    english = Client(served, "en")
    english.login("limin")
    assert re.search(r"Late: pressed \d\d:\d\d or earlier, ", english.get("/").text)


def test_the_loser_is_told_who_has_it(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    second = Client(served)
    second.login("limin")
    assert second.act("take", incident).json["code"] == "ok"
    answer = officer.act("take", incident).json
    assert answer["code"] == "already_taken" and answer["say"] == "晚了一步：李敏 已受理。"
    english = Client(served, "en")
    english.login("zhangwei")
    assert english.act("take", incident).json["say"] == "Too late: 李敏 has taken it."


def test_a_repeated_action_is_recorded_once(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    for _ in range(3):
        officer.act("note", incident, id_="ab" * 16, text="once")
    assert served.call(served.live.kinds).count("noted") == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ({"kind": "duress"}, ["静默求助"]),
        ({"kind": "test"}, ["测试"]),
        ({"kind": "alarm", "age_ms": 3_600_000}, ["迟到：按下于", "收到"]),
    ],
)
def test_kinds(served: Served, officer: Client, make: dict[str, Any], words: list[str]) -> None:
    incident = served.call(served.live.report, "board-02", **make)
    for word in words:
        assert word in row(officer, incident)


def test_presses_holds_withdrawals_and_time(served: Served, officer: Client) -> None:
    live = served.live
    incident = served.call(live.report, "board-01")
    for kind in ("alarm", "alarm", "hold", "withdraw"):
        served.call(live.report, "board-01", kind)
    served.call(live.report, "board-01", "duress")
    text = row(officer, incident)
    assert "再次按下 ×2" in text and "长按" in text and "请求撤回（须回电核实）" in text
    assert "同一单位另有 1 起" in head(officer, incident)
    officer.here()
    served.call(live.forward, 61)
    assert "超时未受理" in row(officer, incident)
    officer.act("take", incident)
    assert "超时未受理" not in row(officer, incident)
    served.call(live.forward, 901)
    assert "受理后 15 分钟无进展" in row(officer, incident)
    officer.act("next_time", incident, at="+1")
    assert "无进展" not in row(officer, incident)
    served.call(live.forward, 61)
    assert "再问时间已到" in row(officer, incident)


def test_what_is_of_another_day_is_told_with_its_date(served: Served, officer: Client) -> None:
    live = served.live
    incident = served.call(live.report, "board-01")
    officer.here()
    officer.act("take", incident)
    now = live.now().wall
    taken, again = hour(now), f"{day(now + DAY_MS)[5:]} {hour(now - 60_000)}"
    assert f"已受理 张伟 {taken}" in head(officer, incident)
    said = officer.act("next_time", incident, at=hour(now - 60_000))  # it has passed: tomorrow
    assert again in said.json["say"]  # and whoever meant today sees it at once
    assert f"{again} 后再问" in row(officer, incident)
    assert any(f"{again} 后再问" in line for line in timeline(officer, incident))
    served.call(live.forward, DAY_MS // 1000)
    assert f"已受理 张伟 {day(now)[5:]} {taken}" in head(officer, incident)


def test_what_the_city_knows(served: Served, officer: Client) -> None:
    live = served.live
    incident = served.call(live.report, "board-01")
    assert "待推市级" in head(officer, incident)
    served.call(live.city, receipt=False)
    assert "已推市级（未核实）" in head(officer, incident)
    assert "市级 待签收 1 起" in re.sub(r"<[^>]+>", "", officer.get("/").text)
    served.call(live.forward, 121)
    assert "市级未签收 2 分钟" in head(officer, incident)
    served.call(live.city)
    assert "市级已签收" in head(officer, incident)
    assert "市级已签收：市应急局 市级" in timeline(officer, incident)


def test_order_untaken_by_severity_then_longest_waiting(served: Served, officer: Client) -> None:
    live = served.live
    first = served.call(live.report, "board-01")
    second = served.call(live.report, "board-02")
    test = served.call(live.report, "board-03", "test")
    duress = served.call(live.report, "board-04", "duress")
    taken = served.call(live.report, "board-05")
    officer.act("take", taken)
    shown = re.findall(r'<li id="row-([^"]+)"', officer.get("/").text)
    assert shown == [duress, first, second, test, taken]
    assert '<b id="untaken">3</b>' in officer.get("/").text


def test_nothing_anyone_writes_becomes_markup(served: Served, officer: Client) -> None:
    live = served.live

    def poison() -> str:
        live.registry.names["board-01"] = (HOSTILE, HOSTILE)
        live.heartbeat("board-01")
        incident = live.report("board-01", text=HOSTILE[:60])
        live.report("board-01", "status", code="x", text=HOSTILE)
        live.act_as(HOSTILE, "take", incident)
        live.act_as(HOSTILE, "note", incident, text=HOSTILE)
        live.do(RegistryChanged(HOSTILE, {"a": HOSTILE}, {}))
        live.house.health.disk_error = HOSTILE
        live.house.health.notices = ((HOSTILE, HOSTILE),)
        return incident

    incident = served.call(poison)
    pane = officer.get(f"/pane?incident={incident}").json
    page = officer.get(f"/?incident={incident}").text
    assert "&lt;script&gt;" in page
    for text in (page, *pane.values(), officer.login(HOSTILE, HOSTILE).text):
        assert "<script>" not in text and "<img" not in text
    assert pane["timeline"].count("&lt;script&gt;") == 3  # a note, and who did what


@pytest.mark.parametrize(
    ("age_ms", "said"),
    [(1_000, "按下报警$"), (7_000, r"按下报警（按下时间 \d\d:\d\d:\d\d）")],
)
def test_a_line_says_when_it_was_pressed_where_that_was_before(
    served: Served, officer: Client, age_ms: int, said: str
) -> None:
    incident = served.call(served.live.report, "board-02", age_ms=age_ms)
    pane = officer.get(f"/pane?incident={incident}").json
    line = re.sub(r"<[^>]+>", "\n", pane["timeline"])
    assert re.search(said, line, re.MULTILINE), line


def test_banners_and_lane(served: Served, officer: Client) -> None:
    live = served.live

    def trouble() -> None:
        for board in live.registry.boards()[:12]:
            live.heartbeat(board)
        live.house.health.broker_up = False
        live.house.health.disk_error = "database or disk is full"
        live.house.health.self_test_wall = live.now().wall - 3_600_000
        live.house.health.notices = (("登记册已损坏", "The registry is damaged"),)

    served.call(trouble)
    text = officer.get("/").text
    for word in ("磁盘已满：新报警未能保存", "消息通道中断", "自检失败", "登记册已损坏"):
        assert word in text
    assert "● 12 正常" in text and "○ 3 从未联系" in text
    served.call(live.forward, 81)
    for board in ("board-01", "board-02"):
        served.call(live.heartbeat, board)
    folded = re.sub(r"<[^>]+>", "", officer.get("/").text)
    assert "南山街道 4 台断线" in folded and "◇ 10 断线" in folded
    for board in live.registry.boards()[:10]:
        served.call(live.heartbeat, board)
    lane = re.sub(r"<[^>]+>", "", officer.get("/").text)
    assert "board-11 终端断线 0 分钟" in lane and "台断线" not in lane


def test_a_level_on_row_head_and_timeline(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    assert 'class="level level-0" role="img" aria-label="未定级">?' in officer.get("/").text
    assert officer.act("grade", incident, level=2).json["say"] == "级别已记下。"
    assert 'aria-label="II级 重大">II' in officer.get("/").text
    assert "II级 重大" in head(officer, incident)
    assert "定级：II级 重大 张伟" in timeline(officer, incident)
    assert "级" not in row(officer, served.call(served.live.report, "board-02", "test"))


def test_what_was_said_on_another_day_has_its_date(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    pressed = day(served.live.now().wall)[5:]
    served.call(served.live.forward, DAY_MS // 1000)
    served.call(served.live.act_as, "张伟", "note", incident, text="第二天")
    pane = officer.get(f"/pane?incident={incident}").json["timeline"]
    times = re.findall(r"<time>(.*?)</time>", pane)
    assert re.fullmatch(rf"{pressed} \d\d:\d\d:\d\d", times[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d", times[-1])


def test_what_has_come_of_a_taken_one_is_seen(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    officer.act("take", incident)
    assert row(officer, incident).startswith("▶ 张伟")
    officer.act("note", incident, text="已致电")
    assert row(officer, incident).startswith("▶ 张伟")
    officer.act("outcome", incident, outcome="no_answer")
    assert row(officer, incident).startswith("… 张伟")


def test_an_administrator_sees_and_does_not_act(served: Served, administrator: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    page = administrator.get("/").text
    assert "管理员 王工（只看）" in page and f"row-{incident}" in page
    assert administrator.act("take", incident).status == 403
    administrator.here(shown=[incident])
    assert "shown" not in served.call(served.live.kinds)


def test_signs_of_life_reach_the_ledger(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    assert officer.here(shown=[incident]).status == 200
    (desk,) = served.call(lambda: served.live.db.execute("SELECT * FROM desks").fetchall())
    assert (desk["desk"], desk["actor"], desk["listening"]) == (DESK, "张伟", 1)
    officer.here(shown=[incident])
    assert served.call(served.live.kinds).count("shown") == 1
    assert "已在值班席显示并响铃 张伟" in timeline(officer, incident)
    officer.here(sound=False)
    assert served.call(served.live.kinds).count("desk") == 2


def test_malformed_requests_get_a_sentence(officer: Client) -> None:
    assert officer.post("/api/action", []).json == {
        "error": "请求的格式不对：body 应为 an object。"
    }
    assert officer.send("POST", "/api/here", b"{").status == 400
    assert officer.send("POST", "/api/action", b"\xff").status == 400
    assert officer.send("POST", "/api/action", b"x" * 20_000).status == 413
    assert officer.get("/pane?incident=none").status == 404
    assert officer.form("/language", language="fr").status == 400


def test_the_language_switch(officer: Client, stranger: Client) -> None:
    assert "待处理" in officer.get("/").text
    assert officer.form("/language", language="en").headers["Location"] == "/"
    assert "To be taken" in officer.get("/").text
    assert stranger.form("/language", language="en").headers["Location"] == "/login"
    assert 'lang="en"' in stranger.get("/login").text


def test_a_hub_that_does_not_answer_in_time(
    served: Served, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.desk.site.ACT_S", 0.1)
    incident = served.call(served.live.report, "board-01")
    served.call(served.live.hold)
    assert officer.act("take", incident, id_="cd" * 16).status == 503
    served.call(setattr, served.live, "held", None)
    assert officer.act("take", incident, id_="cd" * 16).json["code"] == "ok"


def test_the_settings_reach_the_page(served: Served, officer: Client) -> None:
    page = officer.get("/").text
    limits = Escalation()
    assert f"louder_s&#34;: {limits.louder_s}" in page
    assert PEOPLE[0][1] in page and "模拟" in page
    assert "本系统不得处理涉密信息" in page


def test_whom_else_one_may_call_there(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    text = head(officer, incident)
    assert "☎ 门卫 老周 0755-8600-01" in text and "另有 王校长 0755-8611 08:00-18:00" in text
    assert text.count("老周") == 1


@pytest.mark.parametrize("set_s", [-3600, 3600])
def test_a_clock_that_is_set_makes_no_call_younger_or_older(
    served: Served, officer: Client, set_s: int
) -> None:
    """The desk's sound grows by `since`, and a new press breaks its mute by `pressed`."""
    live = served.live

    def told(what: str) -> int:
        found = re.search(
            rf'<li id="row-{incident}"[^>]* data-{what}="(\d+)"', officer.get("/").text
        )
        assert found
        return int(found[1])

    def waited_s() -> float:
        return (served.call(lambda: live.house.now().wall) - told("since")) / 1000

    incident = served.call(live.report, "board-01")
    served.call(live.forward, 20)
    live.set_ms = set_s * 1000
    served.call(live.forward, 20)
    assert 39 <= waited_s() < 60
    before = told("pressed")
    served.call(live.report, "board-01")
    assert told("pressed") > before and 0 <= waited_s() < 60
