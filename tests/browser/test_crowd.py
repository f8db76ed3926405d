"""Two hundred incidents, a frozen tab, and the weight of each page."""

import os
import signal
import time
from typing import Any

import pytest

from tests.browser.conftest import LARGE, SMALL, Desk, Open
from tests.desk.fixture import Live, Served

pytestmark = pytest.mark.browser
HEAVIEST = 150_000


def crowd(live: Live, count: int) -> list[str]:
    """So many boards, one press each, one transaction each."""
    live.registry.names.update(
        {f"crowd-{n:03d}": (f"第 {n} 小学", "南山街道") for n in range(count)}
    )
    return [live.report(f"crowd-{n:03d}") for n in range(count)]


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["1366", "1920"])
def test_the_next_step_is_in_sight_among_two_hundred(
    open_desk: Open, served: Served, size: dict[str, int]
) -> None:
    desk = open_desk(size=size)
    incidents = served.call(crowd, served.live, 200)
    desk.sees("#untaken", "200")
    desk.page.wait_for_timeout(1500)
    in_sight = """(selector) => [...document.querySelectorAll(selector)].every((each) => {
        const box = each.getBoundingClientRect();
        return box.width && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    })"""
    for selector in ("#first .row", "#pane-keys button", "#more", "#strip button", "footer"):
        assert desk.page.evaluate(in_sight, selector), selector
    desk.sees("#more", "还有 195 起")
    assert desk.chosen() == incidents[0]
    for place in (0, 1):  # take, then the next: by Enter and one arrow
        desk.press("Enter")
        desk.sees(f"#row-{incidents[place]}.taken", "张伟")
        desk.press("j")
        desk.page.wait_for_timeout(1200)
    assert desk.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def renderers(desk: Desk) -> list[int]:
    """The processes in which Chromium's tabs run."""
    browser = desk.page.context.browser
    assert browser
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [each["id"] for each in found if each["type"] == "renderer"]


def test_a_frozen_tab_vouches_for_nothing_and_catches_up(open_desk: Open, served: Served) -> None:
    live = served.live
    desk = open_desk()
    desk.page.wait_for_timeout(800)
    frozen = renderers(desk)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        first = served.call(live.report, "board-01")
        second = served.call(live.report, "board-02", "duress")
        third = served.call(live.report, "board-03")
        served.call(live.act_as, "李敏", "take", third)
        time.sleep(3)
        assert "shown" not in served.call(live.kinds)
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    for incident, words in ((first, "待受理"), (second, "静默求助"), (third, "李敏")):
        desk.sees(f"#row-{incident}", words, 15_000)

    def shown() -> bool:
        rows = live.db.execute("SELECT incident FROM shown").fetchall()
        return {row["incident"] for row in rows} == {first, second}

    for _ in range(100):
        if served.call(shown):
            break
        desk.page.wait_for_timeout(100)
    assert served.call(shown)
    assert desk.wrong == []


@pytest.mark.parametrize("path", ["/", "/wall", "/leader"])
def test_no_page_is_heavy(open_desk: Open, served: Served, path: str) -> None:
    desk = open_desk()
    weight: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if "/events" not in response.url:
            weight[response.url] = len(response.body())

    desk.page.on("response", weigh)
    served.call(crowd, served.live, 200)
    desk.page.goto(served.address + path)
    desk.page.wait_for_timeout(1500)
    assert len(weight) >= 4
    assert sum(weight.values()) < HEAVIEST, weight
