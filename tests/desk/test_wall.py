"""The wall says nothing that visitors may not know; the leader's sheet says what is open."""

import re
from typing import Any

import pytest

from hub.events import Action
from tests.desk.client import DESK, Client, Stream
from tests.desk.fixture import Served


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def wall(client: Client) -> str:
    return plain(client.get("/wall").text)


def test_neither_phones_nor_names(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    served.call(served.live.act_as, "李敏", "take", incident)
    served.call(served.live.report, "board-02")
    text = officer.get("/wall").text
    assert "蛇口实验学校" in text and "粤海人民医院" in text
    assert "已受理" in plain(text) and "待受理" in plain(text)
    assert "李敏" not in text and "老周" not in text and "0755-8600" not in text
    assert incident not in text


def test_silent_duress_is_on_no_wall(served: Served, officer: Client) -> None:
    served.call(served.live.report, "board-01", "duress")
    text = officer.get("/wall").text
    assert "蛇口实验学校" not in text and "静默" not in text
    assert "待处理 0" in wall(officer) and "没有待处理的报警" in text
    served.call(served.live.report, "board-01")
    assert "待处理 1" in wall(officer)


def test_restricted_sites_and_unknown_boards_are_on_no_wall(
    served: Served, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = served.live
    for name in ("board-01", "board-02"):
        served.call(live.report, name)
    assert "待处理 2" in wall(officer)
    board_of = live.registry.board

    def board(name: str) -> dict[str, object] | None:
        if name == "board-02":
            return None
        return {**(board_of(name) or {}), "restricted": name == "board-01"}

    monkeypatch.setattr(live.registry, "board", board)
    assert "待处理 0" in wall(officer) and "实验学校" not in wall(officer)
    assert "蛇口实验学校" in officer.get("/").text  # the desk has everything


def test_levels_are_counted_and_the_rest_is_a_number(served: Served, officer: Client) -> None:
    live = served.live
    incidents = [served.call(live.report, f"board-{n:02d}") for n in range(1, 11)]
    served.call(live.act_as, "张伟", "grade", incidents[0], level=1)
    served.call(live.act_as, "张伟", "grade", incidents[1], level=1)
    text = wall(officer)
    assert "I 2" in text and "? 未定级 8" in text and "还有 2 起待处理" in text
    served.call(live.act_as, "张伟", "take", incidents[0])
    assert "待处理 9 已受理 1" in wall(officer) and "还有 1 起待处理" in wall(officer)


def test_the_stream_brings_only_the_walls_part(served: Served, officer: Client) -> None:
    stream = Stream(officer, view="wall")
    kind, state = stream.next()
    assert kind == "state" and set(state["parts"]) == {"mode", "wall"}
    assert state["rows"] == {} and state["queue"] == []
    served.call(served.live.report, "board-01", "duress")
    served.call(served.live.report, "board-02")
    while "粤海人民医院" not in state["parts"].get("wall", ""):
        _, state = stream.next()
    assert state["untaken"] == 1 and state["rows"] == {}
    stream.close()
    assert officer.get(f"/events?desk={DESK}&view=kitchen").status == 400


def test_the_leaders_sheet(served: Served, officer: Client) -> None:
    live = served.live
    first = served.call(live.report, "board-01")
    second = served.call(live.report, "board-02")
    officer.act("take", first)
    sheet = plain(officer.get("/leader").text)
    assert sheet.index("粤海人民医院") < sheet.index("蛇口实验学校")  # the one that waits first
    officer.act("next_time", first, at="+15")
    officer.act("grade", first, level=2)
    officer.act("grade", second, level=1)
    text = plain(officer.get("/leader").text)
    assert "未办结 2" in text and "到时再问 1" in text
    assert text.index("粤海人民医院") < text.index("蛇口实验学校")  # the graded one first
    assert "I级 特别重大" in text and "已受理 张伟" in text and "后再问" in text
    served.call(
        live.do,
        Action("cd" * 8, DESK, "刘局", "leader", "instruct", second, {"text": "立即核实"}),
    )
    sheet = plain(officer.get("/leader").text)
    assert re.search(r"领导有批示 \d\d:\d\d 刘局：立即核实", sheet)
    assert "领导有批示" in plain(officer.get("/").text)


def test_both_say_that_no_press_comes_in(served: Served, officer: Client) -> None:
    assert "进不来" not in wall(officer) + plain(officer.get("/leader").text)
    stream = Stream(officer, view="wall")
    stream.next()
    served.live.house.health.broker_up = False
    state: Any = {"parts": {}}
    while "消息通道中断：报警进不来" not in state["parts"].get("wall", ""):
        _, state = stream.next()
    stream.close()
    shown = wall(officer)
    assert "● " not in shown  # nobody knows who is in contact
    assert "消息通道中断：按钮的报警进不来，请电话" in plain(officer.get("/leader").text)
