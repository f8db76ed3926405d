"""The quiet pages in Chromium, in both languages: accessible, small, and nothing from outside."""

from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.desk.fixture import Served

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGE_MOST = 150_000  # bytes
PAGES = {
    "admin": (
        "/admin",
        "/setup",
        "/admin/sites",
        "/admin/sites?new=1",
        "/admin/boards",
        "/admin/boards?ask=key&id=school-1",
        "/admin/people?new=1",
        "/admin/people?id=person-1",
        "/admin/settings",
        "/admin/users?new=1",
        "/admin/users?user=shekou",
        "/admin/changes",
    ),
    "shenjie": ("/ledger", "/ledger?incident={incident}", "/who", "/duty"),
}
FIT = "document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize("user", PAGES)
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_every_quiet_page_is_accessible(
    open_desk: Open, served: Served, locale: str, user: str
) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core: npm ci --ignore-scripts")
    school = {"id": "school", "name": "第一小学", "street": "南山街道", "contacts": []}
    night = {
        "id": "person-1", "name": "老周", "post": "夜班", "street": "南山街道",
        "hours": [{"from": 22, "until": 7, "days": [1, 2, 3, 4, 5]}],
        "ways": [{"channel": "desk", "address": "张伟"}],
    }  # fmt: skip
    key = {"id": "school-1", "site": "school", "simulated": False, "key_number": 1}
    entered = {"sites": [school], "boards": [key], "people": [night]}
    served.call(served.live.enter, "王工", entered, {})
    incident = served.call(served.live.report, "board-01")
    served.call(served.live.act_as, "张伟", "take", incident)
    desk = open_desk(user, locale=locale)
    page = desk.page
    for path in PAGES[user]:
        answer = page.goto(served.address + path.format(incident=incident))
        assert answer and answer.status == 200 and len(answer.body()) < PAGE_MOST, path
        assert page.evaluate(FIT), path
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run().then((result) => result.violations)")
        wrong = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
        assert (path, wrong) == (path, [])
    assert desk.wrong == []
    assert [each for each in desk.went if not each.startswith(served.address)] == []


def test_a_chain_is_verified_by_keyboard(open_desk: Open, served: Served) -> None:
    desk = open_desk("shenjie")
    desk.page.goto(served.address + "/ledger")
    desk.page.locator("#check form button").focus()
    desk.press("Enter")
    desk.sees("#check .done", "完整")
    desk.page.wait_for_load_state()  # its script is there
    desk.press("?")
    desk.sees("#about[open]", "一环扣一环")
    desk.press("Escape")
    desk.wait("!document.querySelector('#about').open")
    assert desk.wrong == []


def test_a_board_is_cut_off_by_keyboard_and_enter_alone_leaves_it(
    open_desk: Open, served: Served
) -> None:
    school = {"id": "school", "name": "第一小学", "street": "南山街道", "contacts": []}
    key = {"id": "school-1", "site": "school", "simulated": False, "key_number": 1}
    served.call(served.live.enter, "王工", {"sites": [school], "boards": [key]}, {})
    desk = open_desk("admin")
    for keys, number in ((("Enter",), 1), (("Tab", "Enter"), 2)):
        desk.page.goto(served.address + "/admin/boards")
        desk.page.locator('a[href$="ask=key&id=school-1"]').focus()
        desk.press("Enter")
        desk.sees("#asked", "换密钥")
        for each in keys:
            desk.press(each)
        desk.sees(".list", "school-1")
        assert served.live.file.tables["boards"]["school-1"]["key_number"] == number
    desk.sees(".secrets", "school-1")
    assert desk.wrong == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("path", ["/duty", "/who", "/leader"])
def test_each_page_says_what_it_is_for(open_desk: Open, path: str, locale: str) -> None:
    desk = open_desk("chengang", locale=locale)
    desk.page.goto(desk.served.address + path)
    desk.press("?")
    desk.sees("#about[open] div")
    box = desk.page.locator("#about div").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1366
    desk.press("Escape")
    desk.wait("!document.querySelector('#about').open")
