"""Drills, 异常 and storms at the desk: how they look and sound, and which keys they have."""

import pytest
from playwright.sync_api import Page

from hub.events import Action, DeskHere
from tests.browser.conftest import Desk, Open
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
    desk.sees("#pane-timeline", "演练 按下报警")
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


RECORD = """() => {
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    window.tones.push(Math.round(this.frequency.value));
    return start.call(this, at);
  };
}"""


def test_a_storm_is_one_soft_tone_and_a_press_rings_on_top(
    open_desk: Open, served: Served
) -> None:
    live = served.live
    desk = open_desk()

    def hear(boards: list[str]) -> None:
        for board in boards:
            live.heartbeat(board)

    every = live.registry.boards()
    served.call(hear, every)
    desk.sees("#part-streets", "15 正常")
    desk.page.evaluate(RECORD)

    def wait(seconds: int) -> None:  # somebody listens all the while
        for _ in range(seconds // 10):
            live.do(DeskHere("e" * 16, "李敏", "officer", True))
            live.forward(10)

    def fall(some: int) -> None:  # each a little later than those before
        wait(20)
        hear(every[some:])

    served.call(wait, 60)
    for fallen in (3, 6, 9, 12, 15):
        served.call(fall, fallen)
        desk.page.wait_for_timeout(250)
    for _ in range(4):
        served.call(wait, 20)
        desk.page.wait_for_timeout(250)
    desk.sees("#part-streets", "15 断线")
    desk.sees("#part-equipment", "台断线")
    desk.wait("window.tones.length > 0")
    incident = served.call(live.report, "board-05")
    desk.sees(f"#first #row-{incident}", "待受理")
    desk.wait("window.tones.includes(880)")
    assert desk.page.evaluate("window.tones.filter((hertz) => hertz === 220).length") == 1
    assert desk.page.locator("#part-equipment .lost").count() <= 3  # a line a street
    assert desk.wrong == []


def test_two_notes_five_minutes_before_a_next_time(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}[aria-current]")
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken")
    desk.page.evaluate(RECORD)

    def ask_again_in(minutes: int) -> None:
        desk.press("t")
        desk.sees("#next_time:focus")
        desk.page.keyboard.type(f"+{minutes}")
        desk.press("Enter")
        desk.wait("document.querySelector('#prompt').hidden")
        desk.page.wait_for_timeout(1200)

    ask_again_in(3)  # so soon that it needs no word before
    ask_again_in(7)
    notes = "window.tones.filter((each) => each !== 220)"  # its board falls silent meanwhile
    assert desk.page.evaluate(notes) == []
    served.call(served.live.forward, 180)
    desk.wait(f"{notes}.length === 2")
    desk.page.wait_for_timeout(1500)
    assert desk.page.evaluate(notes) == [587, 784]  # once
    assert desk.wrong == []


def begin_drill(desk: Desk) -> Page:
    """/duty with the form of a drill open, its purpose filled in."""
    page = desk.page
    page.goto(desk.served.address + "/duty")
    page.locator("#drill summary").first.click()
    page.locator("#drill [name=purpose]").fill("疏散演练")
    return page


def test_sending_one_form_empties_no_other(open_desk: Open) -> None:
    desk = open_desk()
    page = begin_drill(desk)
    site = page.locator("#drill [name=where][value=site-board-02]")
    street = page.locator("#drill .where details", has=page.locator("[value=site-board-02]"))
    street.locator("summary small").click()
    site.check()
    page.locator("#roll_call details.order summary").first.click()
    page.locator("#roll_call .order button.main").click()
    desk.sees("#roll_call .answer", "已")
    page.wait_for_load_state()  # what was typed is back once the page's script has run
    assert page.locator("#drill [name=purpose]").input_value() == "疏散演练"
    assert site.is_visible() and site.is_checked()  # nothing is chosen out of sight
    assert page.locator("#drill [name=where]:checked").count() == 1
    assert page.locator("#roll_call .order .main").is_hidden()  # what was sent is not kept
    page.locator("header [name=language]").click()
    desk.sees("h1", "Duty")
    page.wait_for_load_state()
    assert page.locator("#drill [name=purpose]").input_value() == "疏散演练"
    page.locator("#drill .order button.main").click()
    desk.sees("#drill .answer")
    desk.sees("#drill li.drilling", "疏散演练")
    page.wait_for_load_state()
    assert page.locator("#drill .order [name=purpose]").input_value() == ""
    page.locator("#text details.order summary").first.click()
    page.locator("#text .order [name=text]").fill("given up")
    page.goto(desk.served.address + "/")
    page.goto(desk.served.address + "/duty")
    assert page.locator("#text .order [name=text]").input_value() == ""
    assert desk.wrong == []


def test_what_a_form_no_longer_offers_comes_back_in_nothing_else(open_desk: Open) -> None:
    desk = open_desk()
    page = begin_drill(desk)
    gone = "each => { each.checked = true; each.value = 'site-gone'; }"
    page.locator("#drill [name=where][value=site-board-02]").evaluate(gone)
    page.locator("header [name=language]").click()
    desk.sees("h1", "Duty")
    page.wait_for_load_state()
    assert page.locator("#drill [name=where]:checked").count() == 0
    assert page.locator("#drill [name=purpose]").is_hidden()


def test_a_name_that_is_being_put_down_stops_no_facts(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    page = desk.page
    data = {"sites": "all", "minutes": 5, "text": ""}
    act = Action("cd" * 8, "d" * 16, "张伟", "officer", "open_roll_call", "", data)
    served.call(served.live.do, act)
    page.goto(desk.served.address + "/duty")
    line = page.locator("#roll_call .missing li", has=page.locator("[value=site-board-02]"))
    line.locator("[name=name]").fill("老李")
    line.locator("[name=name]").blur()
    desk.sees("#roll_call .count", "0/15")
    (ask,) = served.call(
        lambda: [row["id"] for row in served.live.db.execute("SELECT id FROM asks")]
    )
    name = {"ask": ask, "site": "site-board-01", "name": "老周"}
    act = Action("ce" * 8, "d" * 16, "张伟", "officer", "answer_for", "", name)
    served.call(served.live.do, act)
    desk.sees("#roll_call .count", "1/15")
    assert line.locator("[name=name]").input_value() == "老李"
    assert desk.wrong == []
