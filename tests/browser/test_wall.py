"""The wall and the leader's sheet in Chromium."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Desk, Open
from tests.browser.test_desk import AXE
from tests.browser.test_duty import RECORD
from tests.desk.fixture import Served

pytestmark = pytest.mark.browser
WALL = {"width": 1920, "height": 1080}
SHEET = {"width": 640, "height": 900}
SMALLEST = """(least) => [...document.querySelectorAll('body *')].filter((each) =>
    each.innerText && parseFloat(getComputedStyle(each).fontSize) < least
).map((each) => each.outerHTML)"""


def go(desk: Desk, path: str) -> Page:
    desk.page.goto(desk.served.address + path)
    desk.sees("#part-wall" if path == "/wall" else "#part-leader")
    return desk.page


def fill(served: Served) -> list[str]:
    def everything() -> list[str]:
        live = served.live
        incidents = [live.report(f"board-{n:02d}") for n in range(1, 11)]
        for level in (1, 2, 3, 4):
            live.act_as("张伟", "grade", incidents[level], level=level)
        live.act_as("张伟", "take", incidents[0])
        return incidents

    return served.call(everything)


def violations(page: Page, rules: str) -> list[object]:
    if not AXE.exists():
        pytest.skip("no axe-core: npm ci --ignore-scripts")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(f"axe.run({rules}).then((result) => result.violations)")
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_wall_is_large_and_high_in_contrast(
    open_desk: Open, served: Served, locale: str
) -> None:
    desk = open_desk(locale=locale, size=WALL)
    fill(served)
    page = go(desk, "/wall")
    assert page.evaluate(SMALLEST, 48) == []
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    cut = """() => [...document.querySelectorAll('main li, main p, footer')].filter((each) =>
        each.getBoundingClientRect().bottom > innerHeight).map((each) => each.outerHTML)"""
    assert page.evaluate(cut) == []
    every = "document, {rules: {'color-contrast-enhanced': {enabled: true}}}"  # 7:1
    assert violations(page, every) == []
    incident = served.call(served.live.report, "board-12")
    desk.sees(".more", "2 起" if locale == "zh-CN" else "2 more")
    assert incident not in page.content() and desk.wrong == []


def test_the_wall_says_when_its_picture_stopped(open_desk: Open, served: Served) -> None:
    desk = open_desk(size=WALL)
    page = go(desk, "/wall")
    page.wait_for_timeout(2500)
    assert not page.locator("#stopped").is_visible()
    served.freeze(9)
    desk.sees("body.stale #stopped", "画面停于", 7000)
    desk.wait("!document.body.classList.contains('stale')", 12_000)
    incident = served.call(served.live.report, "board-01")
    desk.sees("#part-wall", "蛇口实验学校", 3000)
    assert incident not in page.content()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_leaders_sheet_is_one_of_paper(open_desk: Open, served: Served, locale: str) -> None:
    desk = open_desk("chengang", locale=locale, size=SHEET)
    fill(served)
    page = go(desk, "/leader")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(SMALLEST, 16) == []
    assert violations(page, "document") == []
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1 and b"420" in paper  # ten open ones on one A5
    assert desk.wrong == []


def test_an_instruction_in_two_taps_rings_at_the_desk(open_desk: Open, served: Served) -> None:
    officer, leader = open_desk(), open_desk("chengang", size=SHEET)
    incident = served.call(served.live.report, "board-01")
    officer.sees(f"#row-{incident}")
    officer.page.evaluate(RECORD)
    page = go(leader, "/leader")
    page.locator("main summary").first.focus()
    leader.press("Enter", "Tab", "Enter")  # by keyboard what a finger does in two taps
    leader.sees("#answer", "批示已记下")
    officer.sees(f"#row-{incident}", "领导有批示")
    officer.wait("window.tones.includes(1568)")
    officer.sees("#pane-timeline .instructed", "领导批示：已阅，按预案处置，续报")
    page.locator("main summary").first.focus()
    leader.press("Enter")
    leader.sees("details[open]")
    served.call(served.live.report, "board-02")  # nothing is drawn over what is being written
    leader.sees("#stopped", "停在打开时的情况")  # and the page says so
    page.locator("input[name=text]").first.focus()
    leader.page.keyboard.type("我十分钟后到")
    page.wait_for_timeout(2500)
    leader.press("Enter")
    officer.sees("#pane-timeline", "我十分钟后到")
    leader.sees("#part-leader", "粤海人民医院")
    assert leader.wrong == officer.wrong == []


def test_others_may_look_and_not_instruct(open_desk: Open, served: Served) -> None:
    desk = open_desk(size=SHEET)
    served.call(served.live.report, "board-01")
    page = go(desk, "/leader")
    desk.sees("#part-leader", "蛇口实验学校")
    assert page.locator("main summary").count() == 0
