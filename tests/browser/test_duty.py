"""Drills, 异常 and storms at the desk: how they look and sound, and which keys they have."""

import pytest

from hub.events import Action
from tests.browser.conftest import Open
from tests.desk.fixture import Live, Served

pytestmark = pytest.mark.browser


def open_drill(live: Live, board: str) -> None:
    data = {"sites": [f"site-{board}"], "purpose": "疏散演练", "minutes": 30}
    live.do(Action("ab" * 8, "d" * 16, "张伟", "officer", "open_drill", "", data))


def test_a_drill_is_confirmed_or_made_real(open_desk: Open, served: Served) -> None:
    live = served.live
    desk = open_desk()
    served.call(open_drill, live, "board-01")
    drill = served.call(live.report, "board-01")
    desk.sees(f"#row-{drill}.drill", "演练")
    desk.sees("#pane-keys", "转为真警")
    desk.press("c")
    desk.sees("#form-confirm_drill", "确认这起是演练")
    desk.press("Enter")
    desk.sees(f"#row-{drill}.closed")
    assert served.call(live.one, drill)["outcome"] == "drill"
    second = served.call(live.report, "board-01")
    desk.sees(f"#row-{second}.drill")
    desk.press("Home")
    desk.sees("#pane-keys", "转为真警")
    desk.wait(f"document.querySelector('#pane').dataset.incident === '{second}'")
    desk.press("y", "Enter")
    desk.sees("#first .row.alarm", "待受理")
    assert served.call(live.one, second)["state"] == "closed"
    assert desk.wrong == []
