"""Who sits at this PC: relief, the second officer, and whose act it is."""

import json
from typing import Any

import pytest

from tests.desk.client import DESK, Client, Reply
from tests.desk.fixture import PASSWORD, Served

PINS = {"张伟": "1111", "李敏": "2222"}


def post(client: Client, do: str, **fields: str) -> Reply:
    return client.post("/api/post", {"do": do, "id": "ab" * 8, "desk": DESK, **fields})


def code(client: Client, do: str, **fields: str) -> str:
    reply = post(client, do, **fields)
    assert reply.status == 200
    return str(reply.json["code"])


def facts(served: Served, kind: str) -> list[tuple[str, dict[str, Any]]]:
    def look() -> list[tuple[str, dict[str, Any]]]:
        rows = served.live.db.execute("SELECT actor, body FROM ledger WHERE kind = ?", (kind,))
        return [(row["actor"], json.loads(row["body"])) for row in rows]

    return served.call(look)


def join(client: Client, user: str = "limin", pin: str = "2222") -> str:
    assert code(client, "pin", password=PASSWORD, pin="1111") == "ok"
    return code(client, "join", user=user, password=PASSWORD, pin=pin)


def act(client: Client, incident: str, pin: str, verb: str = "take") -> Reply:
    value = {"id": pin * 4, "desk": DESK, "verb": verb, "incident": incident, "data": {}}
    return client.post("/api/action", value, {"X-Qianshao-Pin": pin})


def test_the_next_officer_takes_the_post(served: Served, officer: Client) -> None:
    tab = Client(served)
    tab.cookies = dict(officer.cookies)
    incident = served.call(served.live.report, "board-01")
    served.call(served.live.act_as, "张伟", "take", incident)
    assert code(officer, "relieve", user="limin", password=PASSWORD) == "ok"
    assert "值班 李敏" in officer.get("/").text
    assert tab.get("/").status == 303
    ((actor, body),) = facts(served, "relieved")
    assert (actor, body["before"], body["incidents"]) == ("李敏", ["张伟"], [incident])
    pane = officer.get(f"/pane?incident={incident}").json
    assert "起由 李敏 接手" in pane["head"] and "接班，这起由其接手" in pane["timeline"]


def test_another_window_of_the_same_login_keeps_nothing(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    served.call(served.live.act_as, "张伟", "take", incident)
    here = {"visible": True, "sound": True, "idle_ms": 0, "shown": [], "away": False}
    for desk in (DESK, "ab" * 8):
        assert officer.post("/api/here", {"desk": desk, **here}).status == 200
    assert code(officer, "relieve", user="limin", password=PASSWORD) == "ok"
    ((_, body),) = facts(served, "relieved")
    assert body["incidents"] == [incident]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"user": "limin", "password": "wrong"}, "wrong"),
        ({"user": "nobody", "password": PASSWORD}, "wrong"),
        ({"user": "zhangwei", "password": PASSWORD}, "same"),
        ({"user": "chengang", "password": PASSWORD}, "role"),
        ({"user": "shekou", "password": PASSWORD}, "role"),
    ],
)
def test_who_may_not_take_it(
    served: Served, officer: Client, fields: dict[str, str], why: str
) -> None:
    for do in ("relieve", "join"):
        assert code(officer, do, pin="2222", **fields) == why
    assert "值班 张伟" in officer.get("/").text
    assert facts(served, "relieved") == facts(served, "joined") == []


def test_a_relief_counts_as_a_try(officer: Client) -> None:
    codes = [code(officer, "relieve", user="limin", password="wrong") for _ in range(6)]
    assert codes == ["wrong"] * 5 + ["locked"]


def test_one_person_is_asked_nothing(served: Served, officer: Client) -> None:
    incident = served.call(served.live.report, "board-01")
    assert officer.act("take", incident).json["code"] == "ok"


def test_of_two_each_act_is_put_down_to_whose_pin_it_is(served: Served, officer: Client) -> None:
    assert join(officer) == "ok"
    assert "值班 张伟 · 李敏" in officer.get("/").text
    ((actor, body),) = facts(served, "joined")
    assert (actor, body["first"]) == ("李敏", "张伟")
    first, second = (served.call(served.live.report, board) for board in ("board-01", "board-02"))
    for refused in (officer.act("take", first), act(officer, first, "9999")):
        assert (refused.status, refused.json["code"]) == (403, "pin")
    assert served.call(served.live.one, first)["state"] == "untaken"
    for incident, name in ((first, "李敏"), (second, "张伟")):
        assert act(officer, incident, PINS[name]).json["code"] == "ok"
        assert served.call(served.live.one, incident)["taken_by"] == name


def test_the_duty_page_asks_too_and_keeps_what_was_typed(served: Served, officer: Client) -> None:
    assert join(officer) == "ok"
    page = officer.get("/duty").text
    assert 'name="pin"' in page
    fields = {
        "id": "cd" * 8,
        "section": "text",
        "verb": "send_text",
        "text": "今晚有雷雨",
        "minutes": "30",
        "where": "all",
    }
    for pin in ("", "9999"):
        reply = officer.form("/duty", None, pin=pin, **fields)
        assert (
            reply.status == 403 and "今晚有雷雨" in reply.text and 'value="9999"' not in reply.text
        )
    assert facts(served, "ask_opened") == []
    assert officer.form("/duty", None, pin="2222", **fields).status == 303
    ((actor, _body),) = facts(served, "ask_opened")
    assert actor == "李敏"


def test_pins_are_tried_five_times_and_a_password_still_helps(
    served: Served, officer: Client
) -> None:
    assert join(officer) == "ok"
    incident = served.call(served.live.report, "board-01")
    for n in range(5):
        assert "PIN 不对" in act(officer, incident, f"900{n}").json["error"]
    assert "用口令重新登录" in act(officer, incident, "1111").json["error"]
    officer.login("zhangwei")
    assert officer.act("take", incident).json["code"] == "ok"


def test_the_second_leaves_and_the_first_is_alone_again(served: Served, officer: Client) -> None:
    assert code(officer, "part", pin="1111") == "alone"
    assert join(officer) == "ok"
    assert code(officer, "join", user="limin", password=PASSWORD, pin="2222") == "shared"
    assert code(officer, "pin", password=PASSWORD, pin="3333") == "shared"
    assert code(officer, "part", pin="9999") == "wrong_pin"
    assert post(officer, "part", pin="1111", id="cd" * 8).json["code"] == "ok"
    ((actor, body),) = facts(served, "parted")
    assert (actor, body["second"]) == ("张伟", "李敏")
    incident = served.call(served.live.report, "board-01")
    assert officer.act("take", incident).json["code"] == "ok"


def test_the_second_may_stay_and_take_the_post(served: Served, officer: Client) -> None:
    assert join(officer) == "ok"
    given = {"id": "cd" * 8, "user": "limin", "password": PASSWORD}
    assert post(officer, "relieve", **given).json["code"] == "ok"
    ((actor, body),) = facts(served, "relieved")
    assert (actor, body["before"]) == ("李敏", ["张伟"])


def test_two_pins_differ_and_the_first_has_one(officer: Client) -> None:
    given = {"user": "limin", "password": PASSWORD}
    assert code(officer, "join", pin="2222", **given) == "first_pin"
    assert code(officer, "pin", password="wrong", pin="1111") == "wrong"
    assert code(officer, "pin", password=PASSWORD, pin="12") == "pin_form"
    assert code(officer, "pin", password=PASSWORD, pin="1111") == "ok"
    assert code(officer, "join", pin="1111", **given) == "same_pin"
    assert code(officer, "join", pin="22", **given) == "pin_form"
    assert code(officer, "join", pin="2222", **given) == "ok"


def test_a_leaders_session_is_not_shared(served: Served) -> None:
    leader = Client(served)
    leader.login("chengang")
    assert join(leader, "zhangwei") == "leader"
    assert 'data-post="join"' not in leader.get("/").text


def test_what_the_core_decides_of_people_no_page_may_say(officer: Client) -> None:
    for verb in ("relieve", "join", "part"):
        assert officer.act(verb, "", before=["李敏"], first="李敏").status == 400
