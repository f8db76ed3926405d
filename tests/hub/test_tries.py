"""Trying a way: a marked test that is no incident, and what came back of it."""

from typing import Any

import pytest

from hub.channels import tries
from hub.channels.tries import MANY, Tried
from hub.events import Action, Answer, NoticeEnded, Notify
from tests.hub.room import Room, to_boards
from tests.hub.test_notices import CALL, PAGER, person, room


def attempt(it: Room, who: str = "sun", place: Any = 0) -> Answer:
    it.number += 1
    data = {"person": who, "place": place}
    action = Action(f"try-{it.number}", "who", "张伟", "officer", "try_way", "", data)
    (answer,) = [each for each in it.do(action) if isinstance(each, Answer)]
    return answer


def last(it: Room, way: dict[str, str] = CALL) -> Tried:
    found = tries.last(it.db, "sun", way["channel"], way["address"])
    assert found
    return found


def test_a_try_is_sent_and_its_receipt_is_on_record() -> None:
    it = room(person("sun", CALL))
    assert attempt(it).code == "ok"
    (notice,) = [each.notice for each in it.said if isinstance(each, Notify)]
    assert last(it)[1:] == ("张伟", "due", "")
    it.do(NoticeEnded(notice, "failed", "2 busy"))
    assert last(it)[1:] == ("张伟", "failed", "2 busy")
    assert it.ledger_kinds()[-2:] == ["way_tried", "notice_receipt"]
    it.same_after_replay()


def test_it_is_marked_and_no_alarm_anywhere() -> None:
    it = room(person("sun", CALL))
    attempt(it)
    it.forward(600, desk=True)
    (row,) = it.db.execute("SELECT incident, words FROM notices")
    assert row["incident"] == "" and row["words"].startswith("【测试】")
    assert "不是报警" in row["words"]
    for table in ("incidents", "feed", "timeline", "alerts"):
        assert it.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
    assert set(tries.FACTS) >= {"kind", "id"} and tries.FACTS["kind"] == "test"


def test_who_reads_english_gets_it_in_english() -> None:
    it = room(person("sun", CALL, PAGER, language="en"))
    attempt(it)
    attempt(it, place=1)
    words = [row["words"] for row in it.db.execute("SELECT words FROM notices")]
    assert all(each.startswith("[TEST] ") and each.isascii() for each in [words[1]])
    assert "Not an alarm" in words[0]


def test_a_pager_board_is_asked_without_ringing_and_its_grey_key_is_the_answer() -> None:
    it = room(person("sun", PAGER))
    it.do(it.heartbeat("board-a2"))
    it.said.clear()
    attempt(it)
    (state,) = to_boards(it.said, "state")
    (ask,) = state["asks"]
    assert (ask["kind"], ask["left_ms"]) == ("text", tries.PAGER_MS)
    assert "【测试】" in ask["text"] and len(ask["text"]) <= 80
    assert state["alerts"] == [] and to_boards(it.said, "order") == []
    (notice,) = [each.notice for each in it.said if isinstance(each, Notify)]
    it.do(NoticeEnded(notice, "accepted", ""))
    it.do(it.report("board-a1", "answer", about=ask["id"], code="heard"))  # another board
    assert last(it, PAGER).state == "accepted"
    it.do(it.report("board-a2", "answer", about=ask["id"], code="heard"))
    assert last(it, PAGER).state == "answered"
    it.said.clear()
    it.do(it.heartbeat("board-a2"))
    assert "asks" not in to_boards(it.said, "state")[-1]
    it.same_after_replay()


def test_a_board_is_asked_for_two_minutes() -> None:
    it = room(person("sun", PAGER))
    attempt(it)
    it.forward(119, desk=True)
    assert tries.for_board(it.hub, "board-a2", it.now())
    it.forward(1, desk=True)
    assert tries.for_board(it.hub, "board-a2", it.now()) == []


def test_one_way_is_tried_once_a_minute() -> None:
    it = room(person("sun", CALL, PAGER), person("zhao", CALL))
    assert attempt(it).code == "ok"
    it.forward(59, desk=True)
    assert attempt(it) == Answer(f"try-{it.number}", "tried_lately", {"seconds": "1"})
    assert attempt(it, "zhao").code == "tried_lately"  # the same telephone
    assert attempt(it, place=1).code == "ok"
    it.forward(1, desk=True)
    assert attempt(it).code == "ok"


def test_all_ways_together_have_a_limit() -> None:
    ways = [{"channel": "command", "address": str(n)} for n in range(MANY + 1)]
    it = room(person("sun", *ways))
    assert {attempt(it, place=n).code for n in range(MANY)} == {"ok"}
    assert attempt(it, place=MANY).code == "tried_often"
    it.forward(600, desk=True)
    assert attempt(it, place=MANY).code == "ok"


@pytest.mark.parametrize(
    ("who", "place", "code"),
    [("nobody", 0, "no_person"), ("sun", 1, "bad_value"), ("sun", "0", "bad_value")],
)
def test_what_is_not_there_is_not_tried(who: str, place: Any, code: str) -> None:
    it = room(person("sun", CALL))
    assert attempt(it, who, place).code == code
    assert "way_tried" not in it.ledger_kinds()


def test_a_try_counts_for_nobodys_limit_and_is_due_again_after_a_crash() -> None:
    it = room(person("sun", CALL))
    attempt(it)
    it.said.clear()
    it.start()
    assert len([each for each in it.said if isinstance(each, Notify)]) == 1
    it.do(it.report("board-a1", "alarm"))
    it.forward(31, desk=True)
    (row,) = it.db.execute("SELECT words FROM notices WHERE incident <> ''")
    assert "另有" not in row["words"]
