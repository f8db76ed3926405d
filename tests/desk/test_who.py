"""Who would be told now: what the page says is what would happen."""

import re
import secrets
from typing import Any

import pytest

from hub.channels.plan import Listener, OnDuty, Plan, Ring, Way
from hub.desk.who import gaps, steps
from hub.events import DeskHere, NoticeEnded
from hub.settings import Escalation, Settings
from tests.desk.client import Client, Reply
from tests.desk.fixture import Served

SETTINGS = Settings(district="nanshan", name="n")
RING = Ring("board-01", "街道办", "", False)
WORKS = Way("command", "8102", "", None)
PERSON = OnDuty("sun", "孙建国", "带班领导", "", (WORKS,))
WHOLE = Plan((Listener("张伟", "officer"),), (RING,), (PERSON,), 0, True, False)


def test_the_steps_are_those_of_the_settings() -> None:
    assert [(step.second, step.keys) for step in steps(WHOLE, SETTINGS)] == [
        (0, ("desks",)),
        (15, ("louder",)),
        (30, ("loudest", "rings", "command", "people")),
        (60, ("next_way", "again", "city")),
    ]
    late = Settings(district="d", name="n", escalation=Escalation(page_s=20, city_s=300))
    assert [step.second for step in steps(WHOLE, late)] == [0, 15, 20, 30, 50, 300]


def test_with_nobody_listening_all_of_it_is_at_once() -> None:
    first, second = steps(WHOLE._replace(listeners=()), SETTINGS)
    assert first == (0, ("deaf", "rings", "command", "people", "city"))
    assert second == (30, ("next_way", "again"))
    (only,) = steps(WHOLE._replace(listeners=(), people=(), command=False), SETTINGS)
    assert only.keys == ("deaf", "rings", "people", "city")


@pytest.mark.parametrize(
    ("plan", "contact", "missing"),
    [
        (WHOLE, None, []),
        (WHOLE, "门卫 1", []),
        (WHOLE, "", ["contact"]),
        (WHOLE._replace(listeners=()), None, ["desks"]),
        (WHOLE._replace(rings=()), None, ["rings"]),
        (WHOLE._replace(rings=(RING._replace(missing="board_lost"),)), None, ["rings_lost"]),
        (WHOLE._replace(people=()), None, ["people"]),
        (WHOLE._replace(people=(), off_duty=2), None, ["off_duty"]),
        (
            WHOLE._replace(people=(PERSON._replace(ways=(WORKS._replace(missing="x"),)),)),
            None,
            ["person"],
        ),
        (
            WHOLE._replace(people=(PERSON._replace(ways=(WORKS._replace(failed=("no", 1)),)),)),
            None,
            ["person"],
        ),
        (
            WHOLE._replace(listeners=(), rings=(), people=(), nobody=True),
            None,
            ["nobody", "desks", "rings", "people"],
        ),
    ],
)
def test_what_is_missing_is_said(plan: Plan, contact: str | None, missing: list[str]) -> None:
    assert [gap.key.removeprefix("who.gap.") for gap in gaps(plan, contact, "无街道")] == missing


# --- the page ---------------------------------------------------------------------------------


def person(name: str, channel: str, address: str, **more: Any) -> dict[str, Any]:
    way = {"channel": channel, "address": address}
    return {"id": name, "name": name, "post": "带班领导", "hours": [], "ways": [way], **more}


def text(client: Client, path: str = "/who") -> str:
    reply = client.send("GET", path)
    assert reply.status == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.text))


def test_an_empty_house_says_in_words_what_is_missing(served: Served, officer: Client) -> None:
    page = text(officer)
    for words in ("✕ 没有值班席在听", "✕ 没有自动响铃的呼叫终端", "✕ 没有登记要通知的人"):
        assert words in page
    assert "✕ 无人可通知" in page


def test_it_names_who_listens_which_boards_ring_and_each_way(
    served: Served, officer: Client
) -> None:
    live = served.live
    live.registry.pagers = lambda: ["board-01", "board-02"]  # type: ignore[method-assign]
    live.registry.told = [
        person("孙建国", "command", "8102"),
        person("李敏", "desk", "张伟"),
        person("赵敏", "pager", "board-02"),
    ]
    served.call(live.do, DeskHere("d1", "张伟", "officer", True))
    served.call(live.heartbeat, "board-01")
    page = text(officer)
    assert "● 张伟" in page and "无人可通知" not in page
    assert re.search(r"● \S+ board-01", page) and re.search(r"✕ \S+ board-02 终端从未联系", page)
    assert "带班领导 孙建国：没有一种方式可用" in page and "没有配置外接命令" in page
    assert "1 ● 值班席 张伟" in page
    assert "1 ✕ 呼叫终端 board-02 终端从未联系" in page


def test_streets_for_which_no_board_rings_are_named(served: Served, officer: Client) -> None:
    registry = served.live.registry
    registry.pagers = lambda: ["board-01"]  # type: ignore[method-assign]
    missing = "没有自动响铃的呼叫终端的街道"
    assert missing not in text(officer)  # it rings for all
    registry.offices = {"board-01"}
    registry.streets = lambda: ["", "南山街道"]  # type: ignore[method-assign]
    page = text(officer)
    assert f"{missing}：未分街道、南山街道" in page and "各环节都有人可通知" not in page


def test_a_site_has_its_streets_people_and_its_contact(served: Served, officer: Client) -> None:
    live = served.live
    live.registry.told = [
        person("孙建国", "webhook", "http://gate/", street="南山街道"),
        person("赵敏", "webhook", "http://gate/", street="蛇口街道"),
    ]
    page = text(officer, "/who?site=site-board-03")  # of 南山街道
    assert "孙建国" in page and "赵敏" not in page
    assert "0755-8600-03" in page and "本单位的终端不响" in page
    assert "赵敏" in text(officer)


def test_a_streets_page_is_about_its_street_and_gives_no_address(served: Served) -> None:
    live = served.live
    live.registry.told = [
        person("孙建国", "webhook", "http://gate/", street="南山街道"),
        person("赵敏", "webhook", "http://gate/", street="蛇口街道"),
    ]
    client = Client(served)
    client.login("shekou")
    page = text(client)
    assert "赵敏" in page and "孙建国" not in page and "http://gate/" not in page
    assert "蛇口街道任一单位" in page and "南山街道" not in page
    assert client.send("GET", "/who?site=site-board-03").status == 404
    served.call(live.forward, 20)
    assert "无人可通知：现在有人按下按钮" not in client.send("GET", "/").text  # 赵敏 would be told


def test_no_such_site_is_said(officer: Client) -> None:
    reply = officer.send("GET", "/who?site=nowhere")
    assert reply.status == 404 and "没有这个单位" in reply.text


def test_a_way_that_failed_lately_says_when_and_why(served: Served, officer: Client) -> None:
    live = served.live
    live.registry.told = [person("孙建国", "webhook", "http://gate/")]
    served.call(live.report, "board-03")
    served.call(live.forward, 1)
    (row,) = served.call(lambda: live.db.execute("SELECT row FROM notices").fetchall())
    served.call(live.do, NoticeEnded(row["row"], "failed", "HTTP 502"))
    assert "未成功：HTTP 502" in text(officer)


def test_in_english_and_for_an_administrator(served: Served) -> None:
    client = Client(served, "en")
    client.login("admin")
    page = text(client)
    assert "Nobody can be reached" in page and "No desk is listening" in page


def test_the_desk_leads_to_it_and_says_when_nobody_is_reachable(
    served: Served, officer: Client
) -> None:
    served.call(served.live.forward, 20)
    page = officer.send("GET", "/").text
    assert 'href="/who"' in page
    assert "无人可通知：现在有人按下按钮" in page  # the banner
    assert "无人可通知 " in page  # the equipment lane


# --- trying a way -----------------------------------------------------------------------------


def attempt(client: Client, who: str, place: str = "0", **more: str) -> Reply:
    fields = {"id": secrets.token_hex(16), "person": who, "place": place, "site": ""}
    return client.form("/who", None, token=client.token, **(fields | more))


def test_each_way_has_a_button_and_says_what_came_back(served: Served, officer: Client) -> None:
    live = served.live
    live.registry.told = [person("孙建国", "webhook", "http://gate/")]
    page = officer.get("/who").text
    assert 'aria-label="试一下：孙建国，网络接口"' in page
    reply = attempt(officer, "孙建国")
    assert reply.status == 303 and reply.headers["Location"].startswith("/who?site=#way-")
    assert "张伟 试过：已发出，等回执" in text(officer)
    (row,) = served.call(lambda: live.db.execute("SELECT row FROM notices").fetchall())
    served.call(live.do, NoticeEnded(row["row"], "failed", "HTTP 502"))
    page = text(officer)
    assert "张伟 试过：✕ 未成功 HTTP 502" in page
    assert "孙建国：没有一种方式可用" in page  # what failed is not counted on
    reply = attempt(officer, "孙建国")
    assert reply.status == 422 and "秒后可再试" in reply.text
    assert live.kinds().count("way_tried") == 1


def test_a_repeated_form_is_recorded_once(served: Served, officer: Client) -> None:
    served.live.registry.told = [person("孙建国", "webhook", "http://gate/")]
    for _ in range(2):
        assert attempt(officer, "孙建国", id="ab" * 16).status == 303
    assert served.live.kinds().count("way_tried") == 1


def test_a_street_tries_and_sees_only_its_own_people_and_boards(served: Served) -> None:
    live = served.live
    live.registry.told = [
        person("孙建国", "webhook", "http://gate/", street="南山街道"),
        person("赵敏", "webhook", "http://gate/", street="蛇口街道"),
        person("陈刚", "webhook", "http://gate/"),
    ]
    live.registry.pagers = lambda: ["board-01", "board-03"]  # type: ignore[method-assign]
    client = Client(served)
    client.login("shekou")
    page = text(client)
    assert "赵敏" in page and "孙建国" not in page and "陈刚" not in page
    assert "另有区值班室 1 人" in page
    assert "board-01" in page and "board-03" not in page and "另有其他街道的 1 台" in page
    for other in ("孙建国", "陈刚", "nobody"):
        assert attempt(client, other).status == 404
    assert attempt(client, "赵敏").status == 303
    assert live.kinds().count("way_tried") == 1


def test_an_auditor_looks_and_tries_nothing(served: Served) -> None:
    served.live.registry.told = [person("孙建国", "webhook", "http://gate/")]
    client = Client(served)
    client.login("shenjie")
    assert 'action="/who"><input' not in client.get("/who").text
    assert attempt(client, "孙建国").status == 403


def test_what_no_page_of_ours_sends_is_refused(served: Served, officer: Client) -> None:
    assert attempt(officer, "孙建国", place="x").status == 400
    assert attempt(officer, "孙建国", id="x").status == 400
    assert attempt(officer, "孙建国").status == 422
    assert officer.post("/api/action", {"verb": "try_way"}).status == 400


def test_who_is_held_back_is_said(served: Served, officer: Client) -> None:
    live = served.live
    live.registry.told = [person("孙建国", "webhook", "http://gate/")]
    for n in range(1, 16):
        served.call(live.report, f"board-{n:02d}")
    served.call(live.forward, 1)
    assert "10 分钟内已通知 12 次，另有 3 起稍后告知" in text(officer)


def test_the_incident_says_who_was_not_told_of_it_yet(served: Served, officer: Client) -> None:
    live = served.live
    live.registry.told = [person("孙建国", "webhook", "http://gate/")]
    ids = {served.call(live.report, f"board-{n:02d}") for n in range(1, 16)}
    served.call(live.forward, 1)
    told = {row["incident"] for row in live.db.execute("SELECT incident FROM notices")}
    panes = {id_: officer.get(f"/pane?incident={id_}").json["head"] for id_ in ids}
    assert {id_ for id_ in ids if "暂缓通知：孙建国" in panes[id_]} == ids - told
    assert len(told) == 12
    last = min(ids - told)
    assert officer.act("take", last).status == 200
    assert "暂缓通知" not in officer.get(f"/pane?incident={last}").json["head"]
