"""The demo's page in Chromium, by keyboard alone: eight steps through real processes."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from firmware.lamps import MOMENTS
from tests.browser.conftest import LARGE, SMALL
from tests.chain.conftest import running
from tests.chain.demo import Demo, until

pytestmark = [pytest.mark.browser, pytest.mark.chain]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OVER = {"zh-CN": "走完了", "en-US": "That was all"}
STEPS_WITHIN_S = 170
AGAIN_S = 8


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo") / "data") as started:
        yield started


class Visit:
    """One visitor. `wrong`: what the page's console said; a killed hub's lines apart."""

    def __init__(self, browser: Browser, demo: Demo, locale: str, size: dict[str, int]) -> None:
        self.context = browser.new_context(viewport=size, locale=locale)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.wrong.append(said.text) if said.type == "error" else None,
        )
        self.page.goto(demo.line("DEMO "))
        self.page.locator(".lit").wait_for()
        self.page.frame_locator("#desk").locator("body.desk").wait_for(timeout=15_000)

    def now(self) -> str:
        return self.page.locator("#now").inner_text()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sits(self) -> bool:
        return self.now().startswith(
            ("点一下右边的值班台", "Click the desk at the right: an officer")
        )

    def click_what_is_lit(self) -> None:
        """As a visitor with a mouse; the desk has the keys by itself once it is lit."""
        lit = self.page.locator(".lit").first
        if self.sits():
            lit.click(position={"x": 40, "y": 12})
        elif lit.get_attribute("id") == "desk":
            self.page.frame_locator("#desk").locator(".row.untaken").first.click()
            self.at_the_desk()
        elif lit.evaluate("node => node.tagName") == "BUTTON":
            lit.click()

    def do_what_is_lit(self) -> None:
        """N goes there; Enter presses it. In the desk: sound on, and the first one taken, or
        confirmed as a drill."""
        self.press("n")
        lit = self.page.locator(".lit").first
        if self.sits():
            self.press(" ")  # and the keys come back to the plate by themselves
        elif lit.get_attribute("id") == "desk":
            self.press("Home")
            self.at_the_desk()
            self.page.wait_for_timeout(700)
            self.page.evaluate("document.activeElement.blur()")
        elif lit.evaluate("node => node.tagName") == "BUTTON":
            self.press("Enter")

    def at_the_desk(self) -> None:
        self.page.wait_for_timeout(1500)  # Enter is inert in a row's first second
        drill = any(word in self.now() for word in ("这次演练", "that drill"))
        self.press(*["c"] * drill, "Enter")

    def end(self) -> None:
        self.context.close()


def walk(visit: Visit, act: Callable[[], None], over: str) -> None:
    """`act` once for each thing that the strip names, until it says that all is done."""
    began, done, at = time.monotonic(), "", 0.0
    while over not in visit.now():
        assert time.monotonic() - began < STEPS_WITHIN_S, visit.now()
        # a desk that is back from a killed hub may want a moment, as a visitor would give it
        again = visit.page.locator("#desk.lit").count() and time.monotonic() - at > AGAIN_S
        if (visit.now() != done or again) and visit.page.locator(".lit").count():
            done, at = visit.now(), time.monotonic()
            act()
        visit.page.wait_for_timeout(200)
    print(f"eight steps in {time.monotonic() - began:.0f} s")


@pytest.fixture(scope="module")
def walked(browser: Browser, demo: Demo) -> Iterator[Visit]:
    """All eight steps, as they light up."""
    visit = Visit(browser, demo, "zh-CN", SMALL)
    walk(visit, visit.do_what_is_lit, OVER["zh-CN"])
    yield visit
    visit.end()


def test_eight_steps_by_keyboard_tick_themselves(walked: Visit, demo: Demo) -> None:
    assert walked.page.locator("#steps .done").count() == 8
    assert demo.is_running("hub")
    lost = [said for said in walked.wrong if "Failed to load resource" not in said]
    assert lost == []  # while the hub was down, its own page could not load


@pytest.mark.long
def test_eight_steps_by_mouse_and_the_desk_follows(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "data") as demo:
        visit = Visit(browser, demo, "en-US", LARGE)
        lane = visit.page.frame_locator("#desk").locator("#part-equipment")

        def act() -> None:
            visit.click_what_is_lit()
            if visit.now().startswith("See ✕ flash slowly"):
                lane.get_by_text("told of a mains loss before").wait_for(timeout=15_000)

        walk(visit, act, OVER["en-US"])
        visit.press("Escape")
        assert visit.page.locator(".broken").count() == 0  # each has been mended again
        taken = [b for b in demo.boards().values() if b["lamps"]["taken"] == "on"]
        assert [each["display"] for each in taken] == ["值班员已接"] * 3
        assert visit.page.locator(".gloss", has_text="an officer has taken it").count() == 3
        visit.end()


def test_what_the_steps_left_behind(walked: Visit, demo: Demo) -> None:
    rows = walked.page.locator("#city-rows li")
    drilled = walked.page.locator("#city-rows li[data-feed=exercise]")
    assert drilled.count() >= 1 and rows.count() > drilled.count()
    assert all(code.startswith("demo-") for code in rows.locator("code").all_inner_texts())
    assert "first wrong press" in walked.page.locator("#result").inner_text()
    walked.press("Escape")
    assert walked.page.locator("#shown").is_hidden()
    first = rows.first.locator("button")
    first.focus()
    walked.press("Enter")
    walked.page.locator("#city-rows li button:disabled").first.wait_for()
    assert demo.press("donghu-metro-1") == 0
    walked.page.locator("#city-rows", has_text="地铁东湖站").wait_for()


def test_a_hub_killed_here_stays_down_and_one_killed_elsewhere_does_not(
    walked: Visit, demo: Demo
) -> None:
    walked.press("h")
    walked.page.locator("#do-hub.broken").wait_for()
    until(lambda: not demo.is_running("hub"), 30)
    time.sleep(2)
    assert not demo.is_running("hub")
    walked.press("h")
    until(lambda: demo.is_running("hub"), 30)
    before = demo.pid("hub")
    demo.send("hub", signal.SIGKILL)
    until(lambda: demo.pid("hub") not in (0, before), 30)


def test_power_and_frozen_broker_by_keyboard(walked: Visit, demo: Demo) -> None:
    chosen = walked.page.locator(".wall.chosen").get_attribute("id") or ""
    walked.press("8")
    until(lambda: not demo.boards()[chosen]["alive"], 30)
    walked.page.locator("#do-power.broken").wait_for()
    time.sleep(2)
    assert not demo.boards()[chosen]["alive"]  # nobody but the button powers it
    walked.press("8")
    until(lambda: demo.boards()[chosen]["alive"], 30)
    walked.press("f")
    walked.page.locator("#do-broker.broken").wait_for()
    walked.page.locator("#do-broker:not(.broken)").wait_for(timeout=12_000)  # by itself


def test_every_text_of_a_display_has_its_english(walked: Visit) -> None:
    texts = [line.split(None, 6)[6] for line in MOMENTS.strip().splitlines()]
    texts = [text.replace("%s", "8600") for text in texts]
    texts += [
        "已办结",
        "正常 · 上次验证 12 天前",
        "已请求撤回,请等回电",
        "未存,勿断电",
        "测试 呼叫中",
    ]
    texts += ["演练 已送达值班室", "值班员 Li 已接", "Lake School 求助 · 灰键:知道了 / 长按:我接"]
    script = "async (texts) => texts.map((await import('/display.js')).inEnglish)"
    english = walked.page.evaluate(script, texts)
    assert [each for each in english if re.search(r"[\u4e00-\u9fff]", each)] == []
    assert english[-1] == "Lake School calls for help · grey: heard / held: I take it"


@pytest.mark.parametrize(("locale", "size"), [("zh-CN", LARGE), ("en-US", SMALL)])
def test_axe_and_nothing_from_outside(
    browser: Browser, demo: Demo, locale: str, size: dict[str, int]
) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core: npm ci --ignore-scripts")
    visit = Visit(browser, demo, locale, size)
    went: list[str] = []
    visit.page.on("request", lambda request: went.append(request.url))
    visit.page.evaluate(AXE.read_text("utf-8"))
    found = visit.page.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] }).then((r) => r.violations)"
    )
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    width = visit.page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]
    visit.page.reload()
    visit.page.locator(".lit").wait_for()
    own = (demo.line("DEMO "), demo.line("READY "))
    assert [address for address in went if not address.startswith((*own, "data:"))] == []
    assert visit.wrong == []
    visit.end()


def test_a_mouse_held_on_the_red_key_holds_it(walked: Visit, demo: Demo) -> None:
    page = walked.page
    page.locator("#xiling-substation-1 .red").hover()
    page.mouse.down()
    calling = page.locator("#xiling-substation-1 [data-lamp=calling]")
    until(lambda: calling.get_attribute("data-pattern") in ("fast", "on"), 5)
    assert page.locator("#xiling-substation-1 .red.down").count() == 1
    page.wait_for_timeout(3300)
    page.mouse.up()
    page.locator("#outcome", has_text="按红键: 已存入终端").wait_for()
    row = page.frame_locator("#desk").locator(".row", has_text="西岭变电站")
    row.filter(has_text="长按").wait_for()
    assert page.locator("#xiling-substation-1 .red.down").count() == 0
    page.locator("#xiling-substation-1 .red").click()
    page.locator("#outcome", has_text="按红键: 已存入终端").wait_for()
    row.filter(has_text="再次按下 ×1").wait_for()  # one more press, and no second one by the click


def test_the_keys_that_a_board_has_are_those_that_can_be_pressed(
    walked: Visit, demo: Demo
) -> None:
    page = walked.page
    page.locator("#donghu-metro-1 .label").click()
    assert page.locator("#donghu-metro-1 .yellow").count() == 0
    assert page.locator("#fingers [data-key=duress]").is_visible()
    assert page.locator("#fingers [data-key=white-3]").is_hidden()
    page.locator("#donghu-hospital-1 .label").click()
    assert page.locator("#fingers [data-key=duress]").is_hidden()
    walked.press("y")
    page.locator("#outcome", has_text="黄键：异常: 已存入终端").wait_for()
    page.frame_locator("#desk").locator(".row", has_text="东湖人民医院").first.wait_for()
    page.locator("#donghu-hospital-1 .white").click()
    page.locator("#outcome", has_text="白键：平安: 已存入终端").wait_for()
