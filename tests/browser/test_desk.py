"""The duty desk in Chromium, by keyboard alone."""

import time
from pathlib import Path

import pytest

from hub.events import Action
from tests.browser.conftest import LARGE, SMALL, Desk, Open
from tests.conftest import Tell
from tests.desk.fixture import Served

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def test_from_press_to_close(open_desk: Open, served: Served) -> None:
    live = served.live
    desk = open_desk()
    desk.sees("#calm", "没有待处理的报警")
    incident = served.call(live.report, "board-01")
    desk.sees(f"#first #row-{incident}", "待受理", 3000)
    assert desk.page.title().startswith("(1) 前哨")
    desk.press("Enter")  # too early: it was only just chosen
    assert desk.state(incident) == "untaken"
    desk.page.wait_for_timeout(1300)
    desk.press("Enter")
    desk.sees(f"#row-{incident}.taken", "张伟")
    desk.sees("#pane-head", "已受理 张伟")
    desk.sees("#pane-head", "待推市级")
    served.call(live.city, receipt=False)
    desk.sees("#pane-head", "已推市级（未核实）", 2000)
    served.call(live.city)
    desk.sees("#pane-head", "市级已签收", 2000)
    assert desk.page.title().startswith("前哨")
    assert served.call(live.one, incident)["taken_by"] == "张伟"

    desk.press("n")
    desk.page.keyboard.type("已致电门卫")
    desk.press("Enter")  # inert in a field
    desk.page.keyboard.type("等待回复")
    desk.press("Control+Enter")
    desk.sees("#pane-timeline .noted", "等待回复")
    desk.press("t")
    desk.page.keyboard.type("+15")
    desk.press("Enter")
    desk.sees(f"#row-{incident}", "后再问")
    desk.press("1")
    desk.sees("#form-handed_on", "记为已转 110")
    desk.press("Enter")
    desk.sees("#pane-head", "已转110")
    desk.press("g")
    desk.sees("#form-grade", "特别重大")
    desk.press("2")
    desk.sees("#pane-head", "II级 重大")
    desk.sees(f"#row-{incident} .level-2", "II")
    desk.page.wait_for_timeout(700)  # while something is on its way the hub itself refuses it
    desk.press("c")
    desk.sees("#answer", "请先回电并记下结果")
    desk.press("f")
    desk.sees("#form-false_press", "确认误按")
    assert served.call(live.one, incident)["outcome"] is None
    desk.press("Escape", "f", "Enter")
    desk.sees("#pane-head", "误按（已核实）")
    desk.press("y")
    desk.sees("#pane-head", "属实")
    desk.press("c", "Enter")
    desk.sees(f"#row-{incident}.closed", "已办结")
    row = served.call(live.one, incident)
    assert (row["state"], row["outcome"], row["closed_by"]) == ("closed", "real", "张伟")
    kinds = served.call(live.kinds)
    assert kinds.count("taken") == 1 and kinds.count("shown") == 1
    assert all(address.startswith(served.address) for address in desk.went)
    assert desk.wrong == []


def test_two_officers_and_the_loser_is_told(open_desk: Open, served: Served) -> None:
    first, second = open_desk("zhangwei"), open_desk("limin")
    incident = served.call(served.live.report, "board-01")
    for desk in (first, second):
        desk.sees("#pane-head", "待受理")
    first.page.wait_for_timeout(1200)
    served.call(served.live.hold)  # both press before either can have seen the other
    first.press("Enter")
    second.press("Enter")
    first.page.wait_for_timeout(300)
    served.call(served.live.release)
    second.sees("#answer", "晚了一步：张伟 已受理")
    second.sees(f"#row-{incident}.taken", "张伟")
    first.sees("#answer", "已受理")
    assert served.call(served.live.one, incident)["taken_by"] == "张伟"


def test_the_same_action_is_repeated_until_it_is_answered(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    incident = served.call(served.live.report, "board-01")
    desk.sees("#pane-head", "待受理")
    desk.page.wait_for_timeout(1200)
    desk.page.route("**/api/action", lambda route: route.abort(), times=2)
    desk.press("Enter")
    desk.sees("#answer", "正在重发")
    desk.sees(f"#row-{incident}.taken", "张伟")
    assert len({action.id for action in served.live.acted}) == 1


def test_nothing_moves_under_the_finger(open_desk: Open, served: Served) -> None:
    live = served.live
    desk = open_desk()
    first = served.call(live.report, "board-01")
    second = served.call(live.report, "board-02")
    desk.sees(f"#row-{second}")
    desk.press("j")
    duress = served.call(live.report, "board-03", "duress")
    desk.sees(f"#row-{duress}")

    def order() -> list[str | None]:
        rows = desk.page.locator("#first .row, #rest .row").all()
        return [row.get_attribute("data-id") for row in rows]

    assert order() == [first, second, duress]
    desk.sees("#newcomer", "静默求助")
    served.call(live.act_as, "李敏", "take", first)
    desk.sees(f"#first #row-{first}.taken", "李敏")
    assert order() == [first, second, duress] and desk.chosen() == second
    desk.unattended()
    assert order() == [duress, second] and desk.chosen() == second
    desk.sees(f"#other-rows #row-{first}")
    assert not desk.page.locator("#newcomer").is_visible()
    desk.press("Home")
    assert desk.chosen() == duress


def test_no_contact_within_five_seconds_and_back(
    open_desk: Open, served: Served, tell: Tell
) -> None:
    desk = open_desk()
    desk.page.wait_for_timeout(500)
    start = time.monotonic()
    served.freeze(7)
    desk.sees("#lost", "与值班主机失去联系", 6500)
    tell(f"no contact: said after {time.monotonic() - start:.1f} s")
    desk.press("m")
    desk.wait("document.querySelector('#lost').hidden", 12_000)
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}")


def test_a_hub_that_comes_back_on_its_port(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    desk.page.wait_for_timeout(500)
    served.stop()
    desk.sees("#lost", "与值班主机失去联系", 5500)
    incident = served.call(served.live.report, "board-01")
    served.start()
    desk.sees(f"#row-{incident}", "待受理", 12_000)
    assert not desk.page.locator("#lost").is_visible()


def test_a_hidden_tab_still_watches(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    desk.page.context.new_page().bring_to_front()
    desk.page.evaluate("document.title")
    served.freeze(7)
    desk.wait("!document.querySelector('#lost').hidden", 5500)
    assert desk.page.title().startswith("✕ 前哨")
    desk.wait("document.querySelector('#lost').hidden", 8000)


def test_mute_counts_down_and_a_new_press_breaks_it(open_desk: Open, served: Served) -> None:
    live = served.live
    desk = open_desk()
    incident = served.call(live.report, "board-01")
    desk.sees(f"#row-{incident}")
    desk.press("m")
    desk.sees("#sound", "静音 5")
    live.set_ms = -3_600_000  # the clock is set back: no reason to stay mute
    assert desk.state(incident) == "untaken"
    desk.page.wait_for_timeout(1200)
    assert 55 <= int("".join(filter(str.isdigit, desk.texts("#sound")[0]))) < 60
    served.call(live.report, "board-01")
    desk.sees("#sound", "正常")
    desk.sees(f"#row-{incident}", "再次按下 ×1")


def test_sound_steps_and_shapes(open_desk: Open, served: Served) -> None:
    """What is played, told by the page's own oscillators."""
    live = served.live
    desk = open_desk()
    desk.page.evaluate(
        """() => {
          window.tones = [];
          const start = OscillatorNode.prototype.start;
          OscillatorNode.prototype.start = function (at) {
            window.tones.push([this.type, Math.round(this.frequency.value)]);
            return start.call(this, at);
          };
        }"""
    )

    def tones() -> list[tuple[str, int]]:
        return [tuple(tone) for tone in desk.page.evaluate("window.tones.splice(0)")]

    served.call(live.report, "board-01", "test")
    desk.wait("window.tones.length == 1")
    assert tones() == [("sine", 660)]
    served.call(live.report, "board-01", "duress")
    desk.wait("window.tones.length == 5")
    assert tones() == [("sine", 440)] * 3 + [("sine", 523)] * 2
    incident = served.call(live.report, "board-02")
    desk.wait("window.tones.length == 5")
    assert tones() == [("sine", 880)] * 3 + [("sine", 1175)] * 2
    served.call(live.forward, 31)
    served.call(live.report, "board-02", "hold")
    desk.wait("window.tones.length >= 5", 7000)
    assert ("square", 880) in tones()
    served.call(live.act_as, "张伟", "take", incident)
    desk.sees(f"#row-{incident}.taken")
    tones()
    desk.wait("window.tones.length >= 5", 7000)
    assert {hertz for _, hertz in tones()} == {440, 523}


def test_enter_never_takes_from_a_field_or_another_row(open_desk: Open, served: Served) -> None:
    live = served.live
    desk = open_desk()
    first = served.call(live.report, "board-01")
    second = served.call(live.report, "board-02")
    desk.sees(f"#row-{second}")
    desk.page.wait_for_timeout(1200)
    desk.press("n")
    desk.page.keyboard.type("x")
    desk.press("Enter", "Enter")
    desk.page.wait_for_timeout(300)
    assert desk.state(first) == desk.state(second) == "untaken"
    desk.press("Escape")
    desk.press("j", "Enter")
    desk.sees("#answer", "刚选中")
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")
    desk.sees(f"#row-{second}.taken")
    assert desk.state(first) == "untaken"


def test_dial_shows_the_number_of_this_hour(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    served.call(served.live.report, "board-01")
    desk.sees("#pane-head", "待受理")
    desk.press("d")
    desk.sees("#dial", "门卫 老周 0755-8600-01")
    assert desk.page.locator("#dial").get_attribute("href") == "tel:0755860001"


def test_language_help_and_logout(open_desk: Open) -> None:
    desk = open_desk()
    desk.press("?")
    desk.sees("#help", "无人接听")
    desk.press("Escape")
    assert not desk.page.locator("#help").is_visible()
    desk.press("l")
    desk.sees("#queue h2", "To be taken")
    desk.wait("document.querySelector('#sound').textContent == 'Sound on'")
    desk.page.locator("#logout").click()
    desk.page.wait_for_selector("body.login")
    assert desk.wrong == []


def test_a_session_that_ends_leads_to_the_login(open_desk: Open) -> None:
    desk = open_desk()
    other = desk.page.context.new_page()
    other.goto(desk.page.url)
    other.wait_for_selector("#logout")
    other.locator("#logout").click()
    desk.page.wait_for_url("**/login?over", timeout=8000)
    desk.sees(".problem", "登录已失效")


def fill(desk: Desk, served: Served) -> None:
    live = served.live

    def everything() -> None:
        for board in live.registry.boards()[:12]:
            live.heartbeat(board)
        incidents = [live.report(f"board-{n:02d}") for n in range(1, 10)]
        live.report("board-10", "duress")
        live.report("board-11", "test")
        live.report("board-01")
        live.report("board-02", "withdraw")
        live.act_as("李敏", "take", incidents[4])
        live.act_as("张伟", "take", incidents[5])
        live.act_as("张伟", "outcome", incidents[5], outcome="false_press")
        live.act_as("李敏", "take", incidents[6])
        live.act_as("李敏", "outcome", incidents[6], outcome="real")
        live.act_as("李敏", "close", incidents[6])
        live.report("board-12", "abnormal")
        for level in (1, 2, 3, 4):
            live.act_as("张伟", "grade", incidents[level - 1], level=level)
        live.act_as("陈刚", "instruct", incidents[0], text="速报")
        data = {"sites": ["site-board-13"], "purpose": "疏散演练", "minutes": 30}
        live.do(Action("ab" * 8, "d" * 16, "张伟", "officer", "open_drill", "", data))
        live.report("board-13")
        live.forward(90)

    served.call(everything)
    desk.sees(".row.duress")
    desk.page.wait_for_timeout(500)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["1366", "1920"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_page_fits_and_is_accessible(
    open_desk: Open, served: Served, size: dict[str, int], locale: str
) -> None:
    desk = open_desk(locale=locale, size=size)
    fill(desk, served)
    page = desk.page
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bottoms = """() => [...document.querySelectorAll('#first .row')].map((each) =>
        each.getBoundingClientRect().bottom)"""
    assert len(page.evaluate(bottoms)) == 5
    assert max(page.evaluate(bottoms)) < size["height"] - 82
    inside = """() => [...document.querySelectorAll(
        'header > *, #pane-keys > *, #strip > *, #first .row .waited')].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width && (box.right > innerWidth || box.bottom > innerHeight || box.top < 0);
    }).map((each) => each.outerHTML)"""
    assert page.evaluate(inside) == []
    small = """() => [...document.querySelectorAll('body *')].filter((each) =>
        each.innerText && !each.matches('kbd, small')
        && parseFloat(getComputedStyle(each).fontSize) < 16
    ).map((each) => each.outerHTML)"""
    assert page.evaluate(small) == []
    if not AXE.exists():
        pytest.skip("no axe-core: npm ci --ignore-scripts")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations)")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert desk.wrong == []


def test_without_a_script_the_page_still_says_what_is_open(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    incident = served.call(served.live.report, "board-01")
    other = served.call(served.live.report, "board-02")
    browser = desk.page.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain.add_cookies(desk.page.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(served.address)
    assert page.locator(f"#row-{incident}").is_visible()
    assert page.locator("noscript .banner").count() == 1
    page.locator(f"#row-{other} a").click()
    assert page.locator("#pane").get_attribute("data-incident") == other
    plain.close()
