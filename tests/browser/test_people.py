"""At the post: 还在岗, 离席, and who sits there, by keyboard alone."""

from dataclasses import replace

import pytest

from tests.browser.conftest import Open
from tests.desk.fixture import PASSWORD, Served

pytestmark = pytest.mark.browser


def wait(served: Served, ask_s: int = 1500, attended_s: int = 1800, away_s: int = 600) -> None:
    live = served.live
    times = {"ask_s": ask_s, "attended_s": attended_s, "away_s": away_s}
    live.settings = replace(live.settings, presence=replace(live.settings.presence, **times))
    live.house.settings = live.hub.settings = live.settings


def listening(served: Served) -> bool:
    db = served.live.db
    return bool(served.call(db.execute, "SELECT 1 FROM desks WHERE listening").fetchall())


def test_still_there(open_desk: Open, served: Served) -> None:
    wait(served, ask_s=2, attended_s=5)
    desk = open_desk()
    desk.sees("#post", "还在岗？")
    assert listening(served)
    desk.sees("#post.red", "已不值守")
    desk.page.wait_for_timeout(1500)
    assert not listening(served)
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}")
    desk.press("m")  # it answers, and mutes nothing
    desk.wait("document.querySelector('#post').hidden")
    desk.page.wait_for_timeout(1200)
    assert listening(served)
    desk.sees("#sound", "正常")
    assert desk.wrong == []


def test_away_until_a_hand_comes_back(open_desk: Open, served: Served) -> None:
    wait(served, away_s=8)
    desk = open_desk()
    desk.sees("#sound", "正常")  # the script runs
    desk.press("a")
    desk.sees("#post.red", "离席中")
    desk.page.wait_for_timeout(1200)
    assert not listening(served)
    desk.page.mouse.move(200, 300)  # a nudged table is nobody
    desk.sees("#post.red", "离席时间已到")
    assert not listening(served)
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}[aria-current]")
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")  # the one key that may do its work at once: it takes what calls
    desk.sees(f"#row-{incident}.taken")
    desk.wait("document.querySelector('#post').hidden")
    desk.page.wait_for_timeout(1200)
    kinds = served.call(served.live.kinds)
    assert [kind for kind in kinds if kind in ("away", "back")] == ["away", "back"]
    assert desk.wrong == []


def test_two_share_a_desk_and_the_second_takes_it_over(open_desk: Open, served: Served) -> None:
    desk = open_desk()

    def fill(first: str, *texts: str) -> None:
        desk.sees(f"{first}:focus")
        for text in texts[:-1]:
            desk.page.keyboard.type(text)
            desk.press("Tab")
        desk.page.keyboard.type(texts[-1])
        desk.press("Enter")

    desk.sees("#sound", "正常")
    desk.press("b")
    desk.sees("#relieve-user:focus")
    desk.press(*["Tab"] * 3)  # past the form of relief
    fill("#pin-password", PASSWORD, "1111")
    desk.sees("#people-answer", "PIN 已设定")
    desk.page.locator("#join-user").focus()
    fill("#join-user", "limin", PASSWORD, "2222")
    desk.sees("#officer", "张伟 · 李敏")
    desk.ready()
    desk.press(" ")
    desk.wait("document.querySelector('#sound-off').hidden")
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}[aria-current]")
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")
    fill("#pin-digits", "9999")
    desk.sees("#pin-why", "PIN 不对")
    assert desk.texts("#answer") == [""]  # nothing is on its way
    fill("#pin-digits", "2222")
    desk.sees(f"#row-{incident}.taken", "李敏")
    desk.press("y")
    desk.sees("#pin-digits:focus")
    desk.press("Escape")  # it was no one's: nothing is recorded
    desk.wait("document.querySelector('#pin').hidden")
    assert served.call(served.live.one, incident)["outcome"] is None
    desk.press("b")
    fill("#relieve-user", "limin", PASSWORD)
    desk.wait("document.querySelector('#officer')?.textContent.trim() === '值班 李敏'")
    assert served.call(served.live.kinds).count("relieved") == 1
    assert [each for each in desk.wrong if "403" not in each] == []


def test_relief_tells_what_is_in_hand_and_what_was_not_saved(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    duty = desk.page.context.new_page()
    duty.goto(f"{served.address}/duty")
    desk.page.bring_to_front()
    incident = served.call(served.live.report, "board-01")
    desk.sees(f"#row-{incident}[aria-current]")
    served.call(served.live.act_as, "张伟", "take", incident)
    desk.sees(f"#row-{incident}.taken")
    desk.press("n")
    desk.page.keyboard.type("还没写完")
    desk.press("Escape", "b")
    desk.sees("#relieve-user:focus")
    for text in ("limin", PASSWORD):
        desk.page.keyboard.type(text)
        desk.press("Tab" if text == "limin" else "Enter")
    desk.sees("#people-answer", "张伟 有 1 条记录还没保存")
    assert served.call(served.live.kinds).count("relieved") == 0
    desk.press("Enter")
    desk.sees("#answer", "您名下有已受理未办结 1 起")
    desk.sees(f"#row-{incident}", "李敏")
    duty.wait_for_selector("body[data-name=李敏]")  # the other page has noticed
    desk.page.reload()
    desk.ready()
    assert desk.texts("#answer") == [""]
    assert desk.wrong == []


def test_a_refused_form_of_the_second_stays_as_it_was_typed(
    open_desk: Open, served: Served
) -> None:
    desk = open_desk()
    page = desk.page
    token = page.evaluate("document.querySelector('meta[name=token]').content")

    def post(n: int, **fields: str) -> None:
        data = {"id": f"{n:032x}", "desk": "ab" * 8, **fields}
        reply = page.request.post(
            f"{served.address}/api/post",
            data=data,
            headers={"X-Qianshao-Token": token, "Origin": served.address},
        )
        assert reply.json()["code"] == "ok"

    post(1, do="pin", password=PASSWORD, pin="1111")
    post(2, do="join", user="limin", password=PASSWORD, pin="2222")
    page.goto(f"{served.address}/duty")
    page.locator("#drill summary").first.click()
    page.locator("#drill [name=purpose]").fill("疏散演练")
    page.locator("#drill .order [name=pin]").fill("2222")
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.method))
    page.locator("#drill .order button.main").click()  # no site is chosen
    desk.sees("#drill .answer.wrong")
    page.wait_for_timeout(5_000)
    assert sent.count("POST") == 1
    assert page.locator("#drill [name=purpose]").input_value() == "疏散演练"
