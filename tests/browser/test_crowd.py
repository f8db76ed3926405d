"""Two hundred incidents, a frozen tab, and the weight of each page."""

import json
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from hub.desk import views
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


EACH_S = 3  # two hundred in ten minutes
TOLD_S = 2  # the page looks each half second whether rows may move
STREETS = ("南山街道", "蛇口街道")
LOOK = """(selector) => {
    const found = [...document.querySelectorAll(selector)].filter((each) => each.offsetParent);
    return found.length > 0 && found.every((each) => {
        const box = each.getBoundingClientRect();
        const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight
            && box.right <= innerWidth && each.contains(over);
    });
}"""


class Officer:
    """One of two at their desks, who takes whatever is first, calls back and closes."""

    def __init__(self, desk: Desk, name: str, pictures: Path) -> None:
        self.desk = desk
        self.name = name
        self.pictures = pictures

    def has(self, selector: str) -> None:
        """Whole, on the first screen, with nothing over it."""
        if not self.desk.page.evaluate(LOOK, selector):
            self.picture("missing")
            raise AssertionError((self.name, selector))

    def picture(self, what: str) -> None:
        self.desk.page.screenshot(path=self.pictures / f"{self.name}-{what}.png")

    def hears(self, waiting: list[str]) -> None:
        """What the other has just taken has reached this page too: their number alone is the same
        when another call has come meanwhile."""
        self.desk.wait(f"document.querySelector('#untaken').textContent === '{len(waiting)}'")
        self.desk.wait(
            "[...document.querySelectorAll('.row.untaken')]"
            f".every((row) => {json.dumps(waiting)}.includes(row.dataset.id))"
        )

    def sees_what_is_first(self, first: str) -> None:
        """Its row, or the top bar that names it while the rows are held still."""
        within = time.monotonic() + TOLD_S
        while time.monotonic() < within:
            for selector in (f"#row-{first}", "#newcomer"):
                if self.desk.page.evaluate(LOOK, selector):
                    return
            self.desk.page.wait_for_timeout(100)
        self.has("#newcomer")

    def takes(self, first: str) -> None:
        self.desk.press("Home")
        self.desk.sees(f"#first > .row:first-child#row-{first}[aria-current]")
        self.desk.sees("#pane-keys [data-do=take]:enabled")
        self.has(f"#row-{first}")
        self.has("#pane-keys [data-do=take]")
        self.desk.page.wait_for_timeout(1050)  # Enter is inert in a row's first second
        self.desk.press("Enter")
        self.desk.sees(f"#row-{first}.taken", self.name)
        duress = self.desk.page.locator(f"#row-{first}.duress").count()
        for outcome in ("real", "false_press", *([] if duress else ["no_answer"])):
            self.desk.sees(f"#pane-keys [data-do={outcome}]:enabled")
            self.has(f"#pane-keys [data-do={outcome}]")

    def calls_back_and_closes(self, incident: str) -> None:
        self.desk.press("y")
        self.desk.sees("#pane-head", "属实")
        self.desk.press("c")
        self.has("#form-close button.main")
        self.desk.press("Enter")
        self.desk.sees(f"#row-{incident}.closed")


def untaken(live: Live) -> list[str]:
    """In the queue's own order."""
    return [each.id for each in views.lists(live.house.reader, live.now(), 0).queue]


@pytest.mark.parametrize(
    "count", [10, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_two_officers_in_a_blackout_always_see_what_is_next(
    open_desk: Open, served: Served, tmp_path: Path, count: int
) -> None:
    live = served.live
    live.registry.names.update(
        {f"crowd-{n:03d}": (f"第 {n} 小学", STREETS[n % 2]) for n in range(count)}
    )
    officers = (
        Officer(open_desk("zhangwei", size=SMALL), "张伟", tmp_path),
        Officer(open_desk("limin", size=LARGE), "李敏", tmp_path),
    )
    boards = [f"crowd-{n:03d}" for n in range(count)]
    surge, trickle = boards[: count // 2], boards[count // 2 :]
    served.call(lambda: [live.report(board) for board in surge])
    taken = 0
    while waiting := served.call(untaken, live):
        first, officer = waiting[0], officers[taken % 2]
        for each in officers:
            each.hears(waiting)
            each.desk.sees(f"#row-{first}.untaken")
            each.sees_what_is_first(first)
        officer.takes(first)
        taken += 1
        if taken % 5 == 0:
            officer.calls_back_and_closes(first)
        if taken in (2, count // 2, count - 1):
            for each in officers:
                each.picture(f"after {taken}")
        for board in trickle[:1]:
            trickle = trickle[1:]
            served.call(live.report, board, "duress" if len(trickle) % 4 == 2 else "alarm")
            served.call(live.forward, EACH_S)
    assert taken == count
    by = {row["taken_by"] for row in live_rows(served)}
    assert by == {"张伟", "李敏"}
    assert [officer.desk.wrong for officer in officers] == [[], []]


def live_rows(served: Served) -> list[sqlite3.Row]:
    def read() -> list[sqlite3.Row]:
        return served.live.db.execute("SELECT taken_by FROM incidents").fetchall()

    return served.call(read)


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
