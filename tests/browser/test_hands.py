"""Hands at three in the morning: keys where they should not be, and what the page answers."""

import pytest
from playwright.sync_api import Route

from hub.events import Action
from tests.browser.conftest import Desk, Open
from tests.desk.fixture import Served

pytestmark = pytest.mark.browser


def in_the_pane(desk: Desk, incident: str) -> None:
    desk.wait(f"document.querySelector('#pane').dataset.incident === '{incident}'")


def taken(desk: Desk, served: Served, board: str = "board-01") -> str:
    """An incident that this desk has taken."""
    incident: str = served.call(served.live.report, board)
    desk.sees(f"#row-{incident}")
    desk.press("Home")
    in_the_pane(desk, incident)
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken")
    return incident


def answer(desk: Desk, text: str) -> None:
    desk.sees("#answer", text)


def test_from_a_closed_one_enter_leads_to_what_waits(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    first = taken(desk, served)
    desk.press("y", "c", "Enter")
    desk.sees(f"#row-{first}.closed")
    second = served.call(served.live.report, "board-02")
    desk.sees(f"#row-{second}.untaken")
    desk.press("Enter")
    desk.sees(f"#row-{second}[aria-current]")
    assert desk.state(second) == "untaken"  # only just chosen
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees(f"#row-{second}.taken")


def test_a_link_in_focus_does_not_keep_the_hands(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = served.call(served.live.report, "board-01")
    for leave in ("Escape", "Home", "ArrowUp"):
        desk.page.locator("a[href='/duty']").first.focus()
        desk.press(leave)
        desk.wait("document.activeElement === document.body")
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken")


def test_details_that_could_not_be_fetched_are_fetched_again(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    failing = [True]

    def fail(route: Route) -> None:
        if failing[0]:
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    desk.page.route("**/pane?*", fail)
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}[aria-current]")
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")
    answer(desk, "详情还没有取到")
    assert desk.state(incident) == "untaken"
    for key in ("y", "n"):  # what the page cannot do yet it says, whatever the key
        desk.page.evaluate("document.querySelector('#answer').textContent = ''")
        desk.press(key)
        answer(desk, "详情还没有取到")
    failing[0] = False
    desk.sees("#pane-head", "蛇口实验学校", 3000)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken")
    desk.wrong.clear()  # the refused request itself


def test_what_is_not_its_turn_is_said_before_a_form_opens(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = served.call(served.live.report, "board-01")
    desk.sees("#pane-head", "蛇口实验学校")
    for key in "tfc":
        desk.press(key)
        answer(desk, "请先受理。")
        assert desk.page.locator("#prompt").is_hidden()
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken")
    desk.press("y", "c", "Enter")
    desk.sees(f"#row-{incident}.closed")
    desk.sees("#pane-head .closed")
    for key in "ntgc":
        desk.press(key)
        answer(desk, "已办结，不能再记。")
        assert desk.page.locator("#prompt").is_hidden()


def test_a_drill_is_handed_on_to_nobody(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    data = {"sites": "all", "purpose": "季度演练", "minutes": 30}
    served.call(
        served.live.do, Action("ab" * 8, "d" * 16, "张伟", "officer", "open_drill", "", data)
    )
    taken(desk, served)
    desk.press("1")
    answer(desk, "这是演练，不转出")


def test_who_may_be_threatened_is_not_rung_back(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    served.call(served.live.report, "board-01", "duress")
    desk.sees("#pane-head", "静默求助")
    desk.press("d")
    desk.sees("#dial-duress", "不要回拨现场")
    desk.press("Escape")
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees("#pane-head .standing", "已受理 张伟")
    desk.sees("#pane-keys", "核实（勿回拨）：")
    assert desk.page.locator("[data-do=no_answer]").count() == 0
    desk.press("x")
    answer(desk, "静默求助，不回拨现场")
    desk.press("f")
    desk.sees("#form-false_press", "到场的人当面核实")
    assert "回电" not in desk.page.locator("#form-false_press").inner_text()
    desk.press("Escape", "y")
    desk.sees("#pane-timeline .called_back", "核实：属实")


def test_nothing_goes_to_110_on_record_by_one_stray_key(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = taken(desk, served)
    desk.press("2")
    desk.sees("#form-handed_on", "119")
    desk.press("Escape")
    desk.press("2", "3")  # a number typed on: it means something else
    answer(desk, "确认只用回车")
    assert desk.page.locator("#prompt").is_hidden()
    desk.press("3")
    desk.sees("#form-handed_on", "120")
    assert served.call(served.live.one, incident)["handed_on"] == "[]"
    desk.press("Enter")
    desk.sees("#pane-head", "已转120")


def test_what_was_written_outlives_escape_and_a_reload(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = taken(desk, served)
    desk.press("n", "Control+Enter")
    answer(desk, "还没有写内容")
    desk.page.keyboard.type("门卫说是烟感误报，")
    desk.press("Escape")
    answer(desk, "草稿已留着")
    second = taken(desk, served, "board-02")
    desk.press("n")
    assert desk.page.locator("#note").input_value() == ""  # another incident's
    desk.press("Escape")
    desk.page.goto(f"{served.address}/?incident={incident}")
    desk.ready()
    desk.press("t")
    desk.page.keyboard.type("+15")
    desk.press("Enter")  # another form of the same incident costs no draft
    desk.sees(f"#row-{incident}", "后再问")
    desk.press("n")
    assert desk.page.locator("#note").input_value() == "门卫说是烟感误报，"
    desk.page.keyboard.press("End")
    desk.page.keyboard.type("已去看。")
    desk.press("Control+Enter")
    desk.sees("#pane-timeline .noted", "门卫说是烟感误报，已去看。")
    desk.press("n")
    assert desk.page.locator("#note").input_value() == ""
    assert second != incident


def test_a_change_of_language_goes_on_with_what_is_being_written(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    first = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{first}[aria-current]")
    desk.wait("document.querySelector('#pane-keys').textContent.includes('受理')")
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees(f"#row-{first}.taken")
    served.call(served.live.report, "board-02")  # what a page that is drawn anew would choose
    desk.press("n")
    desk.sees("#note:focus")
    desk.page.keyboard.type("gate closed")
    desk.page.locator("#language").click()
    desk.sees("#language", "中文")
    desk.sees("#note:focus")
    assert desk.page.locator("#note").input_value() == "gate closed"
    assert desk.chosen() == first
    desk.press("Control+Enter")
    desk.sees("#pane-timeline", "gate closed")
    desk.page.reload()
    desk.ready()
    assert desk.page.locator("#prompt").is_hidden()


def test_a_street_is_told_who_does_what_it_may_not(open_desk: Open, served: Served) -> None:
    desk = open_desk("shekou")
    incident = served.call(served.live.report, "board-01")
    desk.sees("#pane-keys", "街道已派人")
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken")
    desk.sees("#pane-head .standing", "街道已派人 蛇口值班室")
    for key in "fgc":
        desk.press(key)
        answer(desk, "这一步由区值班室办理")
        assert desk.page.locator("#prompt").is_hidden()
    desk.press("?")
    desk.sees("#help", "误按、定级、办结由区值班室办理")
    assert "办结" not in desk.page.locator("#help dl").inner_text()


def test_what_is_typed_into_an_input_method_puts_nothing_down(
    open_desk: Open, served: Served
) -> None:
    """Somebody begins to write before pressing N: 有人 begins with a Y."""
    desk = open_desk()
    incident = taken(desk, served)
    composed = "new KeyboardEvent('keydown', { key: 'Process', code: 'Key%s', bubbles: true })"
    desk.page.evaluate(f"document.body.dispatchEvent({composed % 'Y'})")
    desk.sees("#form-outcome", "要写字请先按 N。记为 属实")
    assert served.call(served.live.one, incident)["outcome"] is None
    desk.press("Escape")
    desk.page.evaluate(f"document.body.dispatchEvent({composed % 'X'})")
    desk.sees("#form-outcome", "无人接听")
    desk.press("Enter")
    desk.sees("#pane-timeline .called_back", "无人接听")
    desk.press("y")
    desk.sees("#pane-timeline .called_back", "属实")


def test_enter_confirms_nothing_that_is_hidden(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = taken(desk, served)
    desk.press("f")
    desk.sees("#form-false_press", "确认误按")
    desk.press("?")  # not a letter that was meant for the form: it is put away
    assert desk.page.locator("#prompt").is_hidden()
    desk.press("c", "e", "s", "h", "i", "Enter")
    desk.page.wait_for_timeout(500)
    row = served.call(served.live.one, incident)
    assert (row["state"], row["outcome"]) == ("taken", None)


def test_with_a_call_waiting_one_key_does_not_leave_the_post(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    served.call(served.live.report, "board-01")
    desk.sees("#pane-head", "蛇口实验学校")
    desk.press("a")
    answer(desk, "还有 1 起待受理")
    assert desk.page.locator("#post").is_hidden()
    desk.press("a")
    desk.sees("#post", "离席")


def test_any_key_turns_the_sound_on(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    desk.page.reload()
    desk.ready()
    desk.press("ArrowDown")
    desk.wait("document.querySelector('#sound-off').hidden")


def test_the_newest_line_is_in_sight_from_the_first_look_on(
    open_desk: Open, served: Served
) -> None:
    incident = ""
    for _ in range(18):
        incident = served.call(served.live.report, "board-01")
    desk = open_desk()
    line = "document.querySelector('#pane-timeline')"
    at_end = f"{line}.scrollTop + {line}.clientHeight >= {line}.scrollHeight - 8"
    assert desk.page.evaluate(f"{line}.scrollHeight > {line}.clientHeight")
    desk.wait(at_end)
    desk.page.wait_for_timeout(1100)
    desk.press("Enter")
    desk.sees("#pane-timeline .taken")
    desk.wait(at_end)
    desk.press("n")  # a form makes the timeline lower
    desk.wait(at_end)
    desk.press("Escape")
    desk.page.reload()
    desk.ready()
    desk.press("Home")  # nothing waits: what is in hand
    desk.sees(f"#row-{incident}[aria-current]")


def test_a_reload_finds_what_is_in_hand_and_holds_no_new_call_back(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    mine = taken(desk, served)
    answer(desk, "已受理")
    desk.page.reload()
    desk.ready()
    assert desk.chosen() == mine
    desk.unattended()
    other = served.call(served.live.report, "board-02")
    desk.sees(f"#row-{other}[aria-current]")  # nobody had chosen the first one by hand
    desk.page.locator(f"#row-{mine}").click()
    in_the_pane(desk, mine)
    desk.press("n", "Escape")
    desk.press("y")
    answer(desk, "核实结果已记下")
    served.call(served.live.report, "board-01")  # pressed again: what was said of it is old
    desk.sees(f"#row-{mine}.untaken")
    desk.wait("document.querySelector('#answer').textContent === ''")
    assert desk.wrong == []


def test_enter_on_what_one_has_does_not_seem_to_take_what_waits(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    mine = taken(desk, served)
    answer(desk, "已受理")
    other = served.call(served.live.report, "board-02")
    desk.sees(f"#row-{other}.untaken")
    assert desk.chosen() == mine
    desk.press("Enter")
    answer(desk, "另有 1 起待处理，按 Home 到第一起")
    assert desk.state(other) == "untaken"


def test_whose_hands_may_not_act_hears_so(open_desk: Open, served: Served) -> None:
    incident = served.call(served.live.report, "board-01")
    desk = open_desk("shenjie")
    desk.sees(f"#row-{incident}[aria-current]")
    in_the_pane(desk, incident)
    for key in ("n", "c"):
        desk.page.evaluate("document.querySelector('#answer').textContent = ''")
        desk.press(key)
        answer(desk, "这一步由区值班室办理")
    assert desk.state(incident) == "untaken"


def test_what_came_of_a_duress_does_not_take_its_frame(open_desk: Open, served: Served) -> None:
    incident = served.call(served.live.report, "board-01", "duress")
    served.call(served.live.act_as, "张伟", "take", incident)
    served.call(served.live.act_as, "张伟", "outcome", incident, outcome="real")
    desk = open_desk()
    frame = f"getComputedStyle(document.querySelector('#row-{incident}.working')).border"
    desk.wait(f"{frame}.startsWith('6px double')")


def test_a_test_has_its_own_count(open_desk: Open, served: Served) -> None:
    served.call(served.live.report, "board-01", "test")
    desk = open_desk()
    desk.sees("#tests", "另有测试 1")
    assert desk.texts("#untaken") == ["0"]


def test_what_the_page_chose_itself_gives_way_to_what_is_graver(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    test = served.call(served.live.report, "board-01", "test")
    desk.sees(f"#row-{test}[aria-current]")
    first = served.call(served.live.report, "board-02")
    desk.unattended()
    desk.sees(f"#row-{first}[aria-current]")
    served.call(served.live.report, "board-03")  # as grave, and later
    desk.unattended()
    assert desk.chosen() == first
    desk.press("ArrowDown")
    chosen = desk.chosen()
    duress = served.call(served.live.report, "board-04", "duress")
    desk.unattended()
    assert desk.chosen() == chosen != duress  # a hand chose it
