"""The morning's sound test, and the open incidents on paper."""

import json

import pytest

from tests.browser.conftest import Open
from tests.browser.test_desk import fill
from tests.browser.test_duty import RECORD
from tests.desk.fixture import Served

pytestmark = pytest.mark.browser


# each name that stands beside a sound while it plays, however short
NAMED = """() => {
  window.named = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.hasAttribute("aria-current")) window.named.push(target.innerText);
    }
  }).observe(
    document.querySelector("#sounds"), { subtree: true, attributeFilter: ["aria-current"] },
  );
}"""


def last_test(served: Served) -> dict[str, object]:
    row = served.live.db.execute(
        "SELECT body, actor FROM ledger WHERE kind = 'sound_tested' ORDER BY number DESC"
    ).fetchone()
    return {**json.loads(row["body"]), "who": row["actor"]}


def test_every_sound_is_played_with_its_name_and_asked_for(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    desk.page.evaluate(RECORD)
    desk.page.evaluate(NAMED)
    desk.press("s")
    desk.sees("#sounds-ask", "以上声音都听到了吗", 40_000)
    named = desk.page.evaluate("window.named")
    assert "报警：三短两高" in named[0] and any("失去联系" in each for each in named)
    heard = set(desk.page.evaluate("window.tones"))
    assert heard >= {880, 1175, 440, 523, 587, 660, 784, 1568, 220, 349}
    desk.press("Enter")
    desk.sees("#answer", "试音结果已记下")
    assert served.call(last_test, served)["heard"] is True
    assert served.call(last_test, served)["who"] == "张伟"
    desk.page.reload()
    desk.ready()
    desk.press(" ", "s")
    desk.sees("#sounds", "上次试音")
    desk.sees("#sounds", "张伟：都听到")
    desk.press("Escape")
    assert not desk.page.locator("#sounds").is_visible()
    assert desk.wrong == []


def test_the_citys_first_receipt_is_one_bell(open_desk: Open, served: Served) -> None:
    incident = served.call(served.live.report, "board-01")
    desk = open_desk()
    served.call(served.live.act_as, "李敏", "take", incident)
    desk.sees(f"#row-{incident}.taken")
    desk.page.evaluate(RECORD)
    served.call(served.live.city)
    desk.wait(f"document.querySelector('#row-{incident}').dataset.city === 'received'")
    desk.wait("window.tones.includes(1568)")
    served.call(served.live.act_as, "李敏", "outcome", incident, outcome="real")
    served.call(served.live.city)  # of the same incident, once more
    desk.sees("#pane-timeline", "回电")
    desk.page.wait_for_timeout(1200)
    assert desk.page.evaluate("window.tones").count(1568) == 1
    assert desk.wrong == []


def test_a_press_ends_the_sound_test(open_desk: Open, served: Served) -> None:
    desk = open_desk()
    desk.press("s")
    desk.sees("#sounds li[aria-current]")
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}")
    desk.wait("document.querySelector('#sounds').hidden")
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")  # takes, and answers no question
    desk.sees(f"#row-{incident}.taken")
    assert "sound_tested" not in served.call(served.live.kinds)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_open_incidents_on_a5(open_desk: Open, served: Served, locale: str) -> None:
    desk = open_desk(locale=locale)
    fill(desk, served)
    desk.page.evaluate("window.print = () => { window.printed = true; }")
    desk.press("p")
    desk.wait("window.printed === true")
    paper = desk.page.pdf(prefer_css_page_size=True)
    pages = paper.count(b"/Type /Page\n")
    assert 1 <= pages <= 2 and b"420" in paper  # A5 is 420 points wide
    desk.page.emulate_media(media="print")
    assert desk.page.locator("#first .row").count() == 5
    for hidden in ("#pane", "#strip", ".row.closed", "#mute"):
        assert not desk.page.locator(hidden).first.is_visible(), hidden
    wide = """() => [...document.querySelectorAll('.row .first, .row .second')].filter((each) =>
        each.scrollWidth > each.clientWidth + 1).length"""
    assert desk.page.evaluate(wide) == 0
