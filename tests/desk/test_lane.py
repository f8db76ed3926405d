"""The equipment lane and the strip: every board once, storms folded, repairs not lost."""

import re
from datetime import timedelta

import pytest

from hub.city.feed import EPOCH
from hub.desk import lane
from hub.desk.lane import Board, Lane, storms
from hub.events import Action, DeskHere, Ticked
from tests.desk.client import Client
from tests.desk.fixture import Live, Served

MINUTE_MS = 60_000


def look(served: Served) -> Lane:
    live = served.live
    return served.call(lambda: lane.look(live.db, live.registry, live.now().wall))


def text(client: Client) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/").text))


def boards(*minutes: float, street: str = "南山街道") -> list[Board]:
    return [
        Board(f"board-{n}", f"学校 {n}", "", street, int(at * MINUTE_MS))
        for n, at in enumerate(minutes)
    ]


@pytest.mark.parametrize(
    ("minutes", "lines"),
    [
        ((0,), [1]),
        ((0, 1, 2, 3.9), [4]),  # a long storm is one
        ((0, 2.1), [1, 1]),
        ((0, 1, 60, 61, 62), [2, 3]),
    ],
)
def test_what_follows_within_two_minutes_is_one_line(
    minutes: tuple[float, ...], lines: list[int]
) -> None:
    assert [len(each.boards) for each in storms(boards(*minutes))] == lines


def test_streets_are_folded_apart() -> None:
    mixed = [*boards(0, 1), *boards(0.5, street="蛇口街道")]
    assert [(each.street, len(each.boards)) for each in storms(mixed)] == [
        ("南山街道", 2),
        ("蛇口街道", 1),
    ]


def outage(live: Live) -> None:
    """Boards of one street tell of their mains, and most of them fall silent."""
    street = [b for b in live.registry.boards() if live.registry.names[b][1] == "南山街道"]
    for board in live.registry.boards():
        live.heartbeat(board)
    for board in street[:4]:
        live.report(board, "status", code="mains_lost")
    live.forward(50)
    for board in (*street[3:4], *(b for b in live.registry.boards() if b not in street)):
        live.heartbeat(board)
    live.forward(40)


def test_an_outage_is_drawn_before_anyone_phones(served: Served, officer: Client) -> None:
    served.call(outage, served.live)
    page = text(officer)
    assert "南山街道 4 台断线，其中 3 台先报市电断" in page
    assert "南山街道 1 台市电断" in page and "mains_lost" not in page
    assert "● 10 正常" in page and "◇ 4 断线" in page and "▽ 1 市电断" in page
    counts = look(served).streets["南山街道"]
    assert (counts["lost"], counts["mains"], counts["here"]) == (4, 1, 0)


def test_case_and_battery_have_their_own_lines(served: Served, officer: Client) -> None:
    live = served.live
    served.call(live.heartbeat, "board-01")
    served.call(live.report, "board-01", "status", code="tamper")
    served.call(live.report, "board-01", "status", code="battery_low")
    served.call(live.report, "board-01", "status", code="fan", text="stuck")
    page = text(officer)
    assert "箱体被打开" in page and "电池电量低" in page and "终端报告：fan stuck" in page
    served.call(live.report, "board-01", "status", code="tamper_ended")
    assert "箱体被打开" not in text(officer)


def test_what_is_under_repair_is_not_lost_and_still_rings(served: Served, officer: Client) -> None:
    live = served.live
    served.call(live.heartbeat, "board-01")
    last = EPOCH + timedelta(milliseconds=live.now().wall) + timedelta(days=3)
    data = {"board": "board-01", "until": f"{last:%Y-%m-%d}", "reason": "换线"}
    served.call(live.do, Action("ef" * 8, "d" * 16, "张伟", "officer", "out_of_service", "", data))
    served.call(live.forward, 100)
    page = text(officer)
    assert f"▨ 1 检修至 {last:%m-%d}" in page and "断线" not in page
    incident = served.call(live.report, "board-01")
    assert f'id="row-{incident}"' in officer.get("/").text


def test_a_drill_window_shows_in_the_top_bar(served: Served, officer: Client) -> None:
    assert "演练中" not in text(officer)
    data = {"sites": "all", "purpose": "疏散演练", "minutes": 30}
    served.call(
        served.live.do, Action("ab" * 8, "d" * 16, "张伟", "officer", "open_drill", "", data)
    )
    for path in ("/", "/wall", "/leader"):
        assert "演练中" in officer.get(path).text


def test_all_well_and_roll_call_are_counted(served: Served, officer: Client) -> None:
    live = served.live
    assert "平安报" not in text(officer) and "点名" not in text(officer)
    data = {"sites": "all", "minutes": 10}
    served.call(live.do, Action("ba" * 8, "d" * 16, "张伟", "officer", "open_roll_call", "", data))
    assert f"点名 0/{len(live.registry.boards())}" in text(officer)


def test_who_can_be_reached_is_one_line_and_no_business_of_another_street(
    served: Served, officer: Client
) -> None:
    def reach() -> None:
        served.live.forward(20)
        served.live.do(DeskHere("d1", "张伟", "officer", True), Ticked())
        served.live.forward(20)

    served.call(reach)
    assert served.call(served.live.kinds).count("nobody_reachable") == 2
    kinds = [each.kind for each in look(served).troubles]
    assert [kind for kind in kinds if "reachable" in kind] == ["nobody_reachable"]
    clerk = Client(served)
    clerk.login("shekou")
    assert "南山街道" not in clerk.get("/").text
