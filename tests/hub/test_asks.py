"""Roll calls and texts to read: who is asked, who has answered, who was late."""

from typing import Any

from hub.duty import asks
from hub.events import Action
from tests.hub.room import Room, to_boards

CALL = {"sites": "all", "minutes": 10}


def called(**more: Any) -> tuple[Room, str]:
    """A room in which a roll call was just opened. -> the room, the ask's id."""
    room = Room()
    room.registry.sites = {"board-a1": "school", "board-a2": "school"}
    assert room.act("open_roll_call", "", **{**CALL, **more}) == "ok"
    return room, room.db.execute("SELECT id FROM asks").fetchone()["id"]


def told(room: Room, board: str) -> list[dict[str, Any]]:
    (state,) = to_boards(room.do(room.heartbeat(board)), "state")
    asked: list[dict[str, Any]] = state.get("asks", [])
    return asked


def replies(room: Room, kind: str = "roll_call") -> dict[str, tuple[str, bool]]:
    (ask,) = asks.latest(room.db, kind)
    return {each.site: (each.who, each.late) for each in ask.replies if each.answered}


def test_boards_are_told_at_once_and_with_each_heartbeat() -> None:
    room = Room()
    action = Action("x1", "d1", "张伟", "officer", "open_roll_call", "", dict(CALL))
    states = to_boards(room.do(action), "state")
    assert [state["asks"][0]["left_ms"] for state in states] == [600_000] * 3
    room.forward(60)
    (ask,) = told(room, "board-a2")
    assert (ask["kind"], ask["text"], ask["left_ms"]) == ("roll_call", "", 540_000)
    assert len(ask["id"]) <= 40


def test_any_board_answers_for_its_site_and_the_others_are_told() -> None:
    room, ask = called()
    effects = room.do(room.report("board-a2", "answer", about=ask, code="heard"))
    assert to_boards(effects, "receipt")[0]["answer"] == "stored"
    assert "asks" not in to_boards(effects, "state")[0]
    assert told(room, "board-a1") == told(room, "board-a2") == []
    assert [each["id"] for each in told(room, "board-a3")] == [ask]
    room.do(room.report("board-a1", "answer", about=ask, code="heard"))
    assert replies(room) == {"school": ("board-a2", False)}
    (only,) = asks.latest(room.db, "roll_call")
    assert [each.site for each in only.missing] == ["site-board-a3"]


def test_a_roll_call_ends_with_its_last_answer() -> None:
    room, ask = called()
    room.do(room.report("board-a2", "answer", about=ask))
    room.do(room.report("board-a3", "answer", about=ask))
    room.forward(1)
    (only,) = asks.latest(room.db, "roll_call")
    assert only.ended is not None and only.missing == []
    assert room.troubles("roll_call_missing") == []


def test_it_ends_with_its_time_and_says_who_is_missing() -> None:
    room, ask = called(minutes=1)
    room.do(room.report("board-a1", "answer", about=ask))
    room.forward(61)
    assert told(room, "board-a3") == []
    assert room.troubles("roll_call_missing") == ["1"]
    room.forward(30)
    room.do(room.report("board-a3", "answer", about=ask))
    assert replies(room)["site-board-a3"] == ("board-a3", True)
    assert room.ledger_kinds().count("ask_ended") == 1


def test_what_was_pressed_in_time_and_came_later_is_not_late() -> None:
    room, ask = called(minutes=1)
    room.forward(90)
    room.do(room.report("board-a3", "answer", about=ask, age_ms=60_000))
    assert replies(room)["site-board-a3"] == ("board-a3", False)


def test_only_whom_it_is_for_is_asked_and_counts() -> None:
    room, ask = called(sites=["school"])
    assert told(room, "board-a3") == []
    room.do(room.report("board-a3", "answer", about=ask))
    room.do(room.report("board-a1", "answer", about=ask, code="busy"))
    room.do(room.report("board-a1", "answer", about="ask-00000000-7"))
    assert replies(room) == {}
    assert room.incidents() == []


def test_a_text_is_read() -> None:
    room = Room()
    assert room.act("send_text", "", sites="all", minutes=60, text=" 今晚暴雨,请值守 ") == "ok"
    (ask,) = told(room, "board-a1")
    assert (ask["kind"], ask["text"]) == ("text", "今晚暴雨,请值守")
    room.do(room.report("board-a1", "answer", about=ask["id"], code="heard"))
    assert replies(room, "text") == {"site-board-a1": ("board-a1", False)}
    room.forward(3601)
    assert room.troubles("roll_call_missing") == []


def test_an_officer_records_who_answered_the_telephone() -> None:
    room, ask = called()
    assert room.act("answer_for", "", ask=ask, site="school", name=" ") == "no_name"
    assert room.act("answer_for", "", ask=ask, site="nowhere", name="周大海") == "gone"
    assert room.act("answer_for", "", ask=ask, site="school", name="门卫 周大海") == "ok"
    assert room.act("answer_for", "", ask=ask, site="school", name="门卫 周大海") == "gone"
    assert replies(room) == {"school": ("门卫 周大海", False)}
    assert told(room, "board-a1") == []


def test_four_at_most_the_oldest_first() -> None:
    room, first = called()
    for number in range(5):
        room.act("send_text", "", sites=["school"], minutes=5, text=f"第 {number} 条")
    asked = told(room, "board-a1")
    assert [len(asked), asked[0]["id"]] == [4, first]
    room.do(room.report("board-a1", "answer", about=first))
    assert [each["text"] for each in told(room, "board-a1")] == [f"第 {n} 条" for n in range(4)]


def test_a_person_ends_it() -> None:
    room, ask = called()
    assert room.act("end_ask", "", ask="ask-00000000-1") == "gone"
    assert room.act("end_ask", "", ask=ask) == "ok"
    assert told(room, "board-a1") == []
    assert room.act("end_ask", "", ask=ask) == "gone"


def test_what_is_wrong_is_said() -> None:
    room = Room()
    good: dict[str, Any] = {"sites": "all", "minutes": 10, "text": "x"}
    for verb, wrong, code in (
        ("open_roll_call", {"sites": []}, "no_sites"),
        ("open_roll_call", {"minutes": 0}, "bad_minutes"),
        ("open_roll_call", {"minutes": 1441}, "bad_minutes"),
        ("open_roll_call", {"text": "长" * 81}, "bad_text"),
        ("open_roll_call", {"text": 5}, "bad_text"),
        ("send_text", {"text": " "}, "bad_text"),
    ):
        assert room.act(verb, "", **{**good, **wrong}) == code
    assert "ask_opened" not in room.ledger_kinds()


def test_a_replay_makes_the_same_tables() -> None:
    room, ask = called(minutes=1)
    room.do(room.report("board-a1", "answer", about=ask))
    room.forward(90)
    room.act("answer_for", "", ask=ask, site="site-board-a3", name="夜班")
    room.same_after_replay()
