"""What the desk answers to a hand that may not do, or should look first."""

import pytest

from hub.events import Action
from tests.browser.conftest import Desk, Open
from tests.browser.test_hands import answer, taken
from tests.desk.fixture import Served

pytestmark = pytest.mark.browser


def lost(desk: Desk, served: Served) -> None:
    served.stop()
    desk.sees("#lost", "与值班主机失去联系")


def test_without_a_hub_the_page_stays_a_desk(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = taken(desk, served)
    lost(desk, served)
    for key in ("l", "1", "c", "a", "b", "y"):
        desk.press("Escape", key)
        answer(desk, "与主机失去联系")
        assert desk.page.locator("#prompt").is_hidden() and desk.page.locator("#post").is_hidden()
    desk.page.locator("#language").click()
    answer(desk, "与主机失去联系")
    desk.press("n")
    desk.page.keyboard.type("先记在这里")  # a draft is kept by the page itself
    desk.press("Escape", "d")
    desk.sees("#dial", "0755-8600-01")
    desk.press("Escape", "y")
    answer(desk, "与主机失去联系")
    served.start()
    desk.wait("document.querySelector('#lost').hidden", 15_000)
    answer(desk, "联系恢复了")
    desk.press("Escape", "l")
    desk.sees("#sound", "Sound")
    assert desk.chosen() == incident


def test_what_nobody_answered_is_not_closed_before_somebody_is_sent(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    incident = taken(desk, served)
    desk.page.wait_for_timeout(700)
    desk.press("c")
    answer(desk, "请先回电并记下结果")
    desk.press("x")
    desk.sees("#pane-head", "无人接听")
    desk.page.wait_for_timeout(700)
    desk.press("c")
    answer(desk, "无人接听按真警处理")
    assert desk.page.locator("#prompt").is_hidden()
    desk.press("1", "Enter")
    desk.sees("#pane-head", "已转110")
    desk.press("c")
    desk.sees("#form-close .about", "未核实 · 无人接听（按真警处理） · 已转110")
    desk.press("Enter")
    desk.sees(f"#row-{incident}.closed")
    assert desk.wrong == []


def test_a_confirmation_says_what_is_on_record(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = taken(desk, served)
    for verb, data in (("outcome", {"outcome": "real"}), ("handed_on", {"service": "110"})):
        served.call(served.live.act_as, "李敏", verb, incident, **data)
    desk.sees("#pane-head", "已转110")
    for key, form in (("f", "false_press"), ("1", "handed_on")):
        desk.press(key)
        desk.sees(f"#form-{form} .about", "已核实 · 属实 · 已转110")
        desk.press("Escape")
    assert desk.wrong == []


def test_enter_on_what_another_has_says_who(open_desk: Open, served: Served) -> None:
    incident = served.call(served.live.report, "board-01")
    served.call(served.live.act_as, "李敏", "take", incident)
    desk = open_desk()
    desk.sees("#pane-head", "蛇口实验学校")
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    answer(desk, "已由 李敏 受理")


def test_an_empty_time_and_an_unsaved_note(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    taken(desk, served)
    desk.press("t", "Enter")
    answer(desk, "请填时间")
    desk.press("Escape", "y")
    answer(desk, "核实结果已记下")
    desk.press("n")
    desk.page.keyboard.type("还没写完")
    desk.press("Escape", "c")
    answer(desk, "有一条记录还没保存")
    desk.press("n", "Control+Enter")
    answer(desk, "已记录")
    desk.press("c")
    desk.sees("#form-close")
    assert desk.texts("#answer") == [""]  # what was said before is not about this form
    assert desk.wrong == []


def test_nobody_logs_out_by_one_click_while_a_call_waits(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    served.call(served.live.report, "board-01")
    desk.sees("#untaken", "1")
    desk.page.locator("#logout").click()
    answer(desk, "还有 1 起待受理")
    desk.page.locator("#logout").click()
    desk.sees("#user:focus")


def test_what_was_just_taken_is_said_to_be_above(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    desk.sees("#others-none", "没有办理中的事件")
    taken(desk, served)
    desk.sees("#others-none", "刚受理的还在上面")
    desk.unattended()
    desk.wait("document.querySelector('#others-none').hidden")


def test_the_strip_does_not_vouch_for_boards_that_cannot_be_heard(
    open_desk: Open, served: Served
) -> None:
    served.call(served.live.heartbeat, "board-01")
    desk = open_desk()
    desk.sees("#part-streets", "● 1 正常")
    served.live.house.health.broker_up = False
    desk.sees("#part-streets", "✗ 消息通道中断，以下为断前")
    desk.sees(".banner.red", "消息通道中断：按钮的报警进不来")


def test_a_failed_self_test_is_no_pass(open_desk: Open, served: Served) -> None:
    desk, wall = open_desk(), open_desk("limin")
    wall.page.goto(f"{served.address}/wall")
    served.live.house.health.self_test_wall = served.live.now().wall - 900_000
    desk.sees("#part-self-test", "✗ 失败")
    wall.sees(".self-test", "✗ 失败")
    assert "通过" not in desk.texts("#part-self-test")[0].replace("上次通过", "")


def test_the_duty_page_stands_still_in_sight(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    desk.page.goto(f"{served.address}/duty")
    desk.page.wait_for_timeout(500)
    served.freeze(9)
    desk.wait("!document.querySelector('#stale').hidden", 5_500)
    desk.wait("document.querySelector('#stale').hidden", 12_000)


def test_a_street_that_has_sent_somebody_is_told_so(open_desk: Open, served: Served) -> None:
    incident = served.call(served.live.report, "board-01")
    desk = open_desk("shekou")
    desk.sees("#pane-head", "蛇口实验学校")
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    answer(desk, "街道已派人，已记下")
    desk.sees("#pane-timeline", "街道已派人")
    assert "南山街道" not in desk.texts("#strip")[0]
    wish = Action("ab" * 8, "d" * 16, "张伟", "officer", "note", incident, {"text": "去了"})
    served.call(served.live.do, wish)
    desk.sees("#pane-timeline", "去了")
